"""The name that others see: chosen freely, and never an address."""

import re
import unicodedata

from accounts.models import User
from domain_errors.categories import FieldError

MAX_LENGTH = 40
CONTACT_DETAILS_PATTERN = re.compile(r"@|://|www\.|\d[\d\s().-]{5,}\d", re.IGNORECASE)


class BadDisplayName(FieldError):
    def __init__(self, problem: str, fix: str) -> None:
        super().__init__("handle", problem, fix)


def set_display_name(person: User, handle: str) -> User:
    """Keep the name that others see beside one's stories; an empty one makes it “Somebody”. Raises BadHandle."""
    name = " ".join(unicodedata.normalize("NFC", handle).split())
    if len(name) > MAX_LENGTH:
        raise BadDisplayName(f"This is longer than {MAX_LENGTH} characters.", "Choose a shorter name.")
    if any(unicodedata.category(letter) in {"Cc", "Cf", "Co", "Cs"} for letter in name):
        raise BadDisplayName("This has signs in it that cannot be seen.", "Type the name anew.")
    if CONTACT_DETAILS_PATTERN.search(name):
        raise BadDisplayName(
            "This looks like an address or a number.", "Choose a name by which nobody can reach you."
        )
    person.handle = name
    person.save(update_fields=["handle"])
    return person
