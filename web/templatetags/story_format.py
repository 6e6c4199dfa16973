"""Times and answers as people say them."""

from collections.abc import Mapping

from django import template

from accounts.traits.catalogue import TRAIT_CATALOGUE, parse_stored_answers
from accounts.traits.translation import translated_catalogue

register = template.Library()
SECONDS_PER_MINUTE = 60


@register.filter
def timecode(milliseconds: int | None) -> str:
    """Return a time within a recording: 92000 -> "1:32"."""
    minutes, seconds = divmod((milliseconds or 0) // 1000, SECONDS_PER_MINUTE)
    return f"{minutes}:{seconds:02}"


@register.filter
def duration(milliseconds: int | None) -> str:
    """Return how long a recording is: 92000 -> "1 min 32 s"."""
    minutes, seconds = divmod(round((milliseconds or 0) / 1000), SECONDS_PER_MINUTE)
    if not minutes:
        return f"{seconds} s"
    return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"


@register.filter
def trait_answer(answers: Mapping[str, object], key: str) -> str:
    """Return one stored answer in words; "" if the question is open or no longer asked."""
    known = parse_stored_answers({key: answers[key]}) if key in answers else {}
    return translated_catalogue()[key].format_answer(known[key]) if key in known else ""


@register.filter
def trait_label(key: str) -> str:
    """Return what a trait is about, in a few words."""
    return translated_catalogue()[key].label.capitalize() if key in TRAIT_CATALOGUE else ""
