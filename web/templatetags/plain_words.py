"""Times and answers as people say them."""

from collections.abc import Mapping

from django import template

from accounts.traits import CATALOGUE, read

register = template.Library()
SECONDS_A_MINUTE = 60


@register.filter
def clock(milliseconds: int | None) -> str:
    """Return a time within a recording: 92000 -> "1:32"."""
    minutes, seconds = divmod((milliseconds or 0) // 1000, SECONDS_A_MINUTE)
    return f"{minutes}:{seconds:02}"


@register.filter
def duration(milliseconds: int | None) -> str:
    """Return how long a recording is: 92000 -> "1 min 32 s"."""
    minutes, seconds = divmod(round((milliseconds or 0) / 1000), SECONDS_A_MINUTE)
    if not minutes:
        return f"{seconds} s"
    return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"


@register.filter
def said(answers: Mapping[str, object], key: str) -> str:
    """Return one stored answer in words; "" if the question is open or no longer asked."""
    known = read({key: answers[key]}) if key in answers else {}
    return CATALOGUE[key].say(known[key]) if key in known else ""


@register.filter
def asked(key: str) -> str:
    """Return what a trait is about, in a few words."""
    return CATALOGUE[key].label.capitalize() if key in CATALOGUE else ""
