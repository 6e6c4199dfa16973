"""Template filters for times within a recording and for trait answers."""

from collections.abc import Mapping

from django import template
from django.utils.text import capfirst
from django.utils.translation import gettext

from accounts.traits.catalogue import TRAIT_CATALOGUE, parse_stored_answers
from accounts.traits.translation import translated_catalogue

register = template.Library()
SECONDS_PER_MINUTE = 60


@register.filter
def timecode(milliseconds: int | None) -> str:
    """Format a position: 92000 -> "1:32"."""
    minutes, seconds = divmod((milliseconds or 0) // 1000, SECONDS_PER_MINUTE)
    return f"{minutes}:{seconds:02}"


@register.filter
def duration(milliseconds: int | None) -> str:
    """Format a length: 92000 -> "1 min 32 s"."""
    minutes, seconds = divmod(round((milliseconds or 0) / 1000), SECONDS_PER_MINUTE)
    if not minutes:
        return gettext("%(seconds)s s") % {"seconds": seconds}
    if not seconds:
        return gettext("%(minutes)s min") % {"minutes": minutes}
    return gettext("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": seconds}


@register.filter
def trait_answer(answers: Mapping[str, object], key: str) -> str:
    """Return one stored answer as text; "" if it is not answered or the trait no longer exists."""
    known = parse_stored_answers({key: answers[key]}) if key in answers else {}
    return translated_catalogue()[key].format_answer(known[key]) if key in known else ""


@register.filter
def trait_label(key: str) -> str:
    return capfirst(translated_catalogue()[key].label) if key in TRAIT_CATALOGUE else ""
