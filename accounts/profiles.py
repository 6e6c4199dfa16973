"""Reads and updates the profile that matching uses."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext

from accounts.content_notes import ContentNote
from accounts.models import Profile, User
from accounts.traits.catalogue import TRAIT_CATALOGUE, InvalidTrait, validate_answers

ALLOWED_WEIGHTS = (0, 1, 2, 4)


@dataclass(frozen=True)
class ProfileChange:
    """None leaves a part unchanged; any other value replaces the whole part."""

    traits: Mapping[str, Any] | None = None
    matters: Mapping[str, int] | None = None
    muted: Sequence[str] | None = None
    languages: Sequence[str] | None = None
    country: str | None = None
    captions_only: bool | None = None

    def changed_fields(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}


def get_profile(person: User) -> Profile:
    """Return an empty unsaved profile for a person without one."""
    return Profile.objects.filter(person=person).first() or Profile(person=person)


def update_profile(person: User, changes: ProfileChange) -> Profile:
    """Replace the given parts of the profile. Raises InvalidTrait."""
    profile = get_profile(person)
    for field, value in changes.changed_fields().items():
        setattr(profile, field, value)
    profile.traits = validate_answers(profile.traits)
    for key, weight in profile.matters.items():
        if key not in TRAIT_CATALOGUE:
            raise InvalidTrait(
                f"trait_weights.{key}", gettext("This question does not exist."), gettext("Leave it out.")
            )
        if weight not in ALLOWED_WEIGHTS or isinstance(weight, bool):
            raise InvalidTrait(
                f"trait_weights.{key}", gettext("This is not a valid weight."), gettext("Use 0, 1, 2 or 4.")
            )
    for note in profile.muted:
        if note not in ContentNote.values:
            raise InvalidTrait(
                "muted_content_notes",
                gettext("“%(note)s” is not a content note.") % {"note": note},
                gettext("Use one of these: %(choices)s.") % {"choices": ", ".join(ContentNote.values)},
            )
    profile.muted = sorted(set(profile.muted))
    profile.save()
    return profile
