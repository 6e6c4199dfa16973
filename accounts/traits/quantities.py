"""Numbers with units, by the plural rules of the active language."""

import math

from django.utils.formats import number_format
from django.utils.translation import ngettext


def format_years(years: float) -> str:
    """Fractions take the plural: 0.5 years."""
    count = int(years) if years == int(years) else max(2, math.ceil(years))
    return ngettext("%(number)s year", "%(number)s years", count) % {"number": number_format(years)}
