"""Display names: freely chosen, but never contact details."""

import re
import unicodedata

from django.utils.translation import gettext, ngettext

from accounts.models import User
from domain_errors.categories import FieldError

MAX_LENGTH = 40
CONTACT_DETAILS_PATTERN = re.compile(r"@|://|www\.|\d[\d\s().-]{5,}\d", re.IGNORECASE)


class InvalidDisplayName(FieldError):
    def __init__(self, problem: str, fix: str) -> None:
        super().__init__("handle", problem, fix)


def set_display_name(person: User, handle: str) -> User:
    """Save the name that others see; an empty name is shown as “Somebody”. Raises InvalidDisplayName."""
    name = " ".join(unicodedata.normalize("NFC", handle).split())
    if len(name) > MAX_LENGTH:
        raise InvalidDisplayName(
            ngettext(
                "The name is longer than %(limit)d character.",
                "The name is longer than %(limit)d characters.",
                MAX_LENGTH,
            )
            % {"limit": MAX_LENGTH},
            gettext("Choose a shorter name."),
        )
    if any(unicodedata.category(character) in {"Cc", "Cf", "Co", "Cs"} for character in name):
        raise InvalidDisplayName(
            gettext("The name contains invisible characters."), gettext("Type the name again.")
        )
    if CONTACT_DETAILS_PATTERN.search(name):
        raise InvalidDisplayName(
            gettext("The name looks like an address or a phone number."),
            gettext("Choose a name that does not contain contact details."),
        )
    person.handle = name
    person.save(update_fields=["handle"])
    return person
