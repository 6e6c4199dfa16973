"""Languages that a recording or its captions can be in."""

from django.conf import global_settings
from django.utils.translation import gettext


def language_choices() -> list[tuple[str, str]]:
    """Return every language that Django has a name for, sorted by name in the active language."""
    # The languages of the pages are settings.LANGUAGES; the names are translated in Django's own catalogues.
    choices = [(code, gettext(name)) for code, name in global_settings.LANGUAGES if "-" not in code]
    return sorted(choices, key=lambda choice: choice[1])
