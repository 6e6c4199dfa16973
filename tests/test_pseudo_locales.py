"""The pseudo-translations keep what translators keep, and are found by Django like those of any language."""

from pathlib import Path

import pytest
from django.utils import translation
from pytest_django import Settings

from tests.pseudo_locales import (
    LEFT_TO_RIGHT,
    PSEUDO_LOCALES,
    RIGHT_TO_LEFT,
    PseudoLocale,
    write_pseudo_locales,
)


@pytest.mark.parametrize("locale", PSEUDO_LOCALES)
@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("Told by %(name)s", ["%(name)s"]),
        ("%(percent)s%% done", ["%(percent)s", "%%"]),
        ("%s of %d", ["%s", "%d"]),
        ("Line {number}", ["{number}"]),
        ('Call <a href="tel:988">988</a> now.', ['<a href="tel:988">', "988", "</a>"]),
        ("You &amp; me", ["&amp;"]),
    ],
)
def test_placeholders_tags_and_entities_stay_as_they_are(
    locale: PseudoLocale, message: str, kept: list[str]
) -> None:
    translated = locale.translate(message)
    assert translated != message
    assert all(part in translated for part in kept)


def test_a_message_is_accented_bracketed_and_forty_per_cent_longer() -> None:
    message = "Create account to save your stories"
    translated = LEFT_TO_RIGHT.translate(message)
    assert translated.startswith("[Çŕéåţé åçç")
    assert translated.endswith("]")
    assert len(translated) >= 1.4 * len(message)


def test_each_text_between_tags_has_brackets_of_its_own() -> None:
    assert LEFT_TO_RIGHT.translate("Read <b>all</b> now") == "[Ŕéåð ·] <b>[åļļ ·]</b> [ñöŵ ·]"


def test_right_to_left_text_is_marked_between_its_placeholders() -> None:
    assert RIGHT_TO_LEFT.translate("by %(name)s") == "[\u202ebý \u202c%(name)s ·]"


def test_text_without_letters_stays() -> None:
    assert LEFT_TO_RIGHT.translate("1 · 2") == "1 · 2"


@pytest.mark.parametrize("locale", PSEUDO_LOCALES)
def test_django_finds_them_with_the_direction_of_their_script(
    locale: PseudoLocale, tmp_path: Path, settings: Settings
) -> None:
    write_pseudo_locales(tmp_path)
    settings.LANGUAGES = [("en-gb", "English"), (locale.code, "Pseudo")]
    settings.LOCALE_PATHS = [tmp_path]
    with translation.override(locale.code):
        assert translation.gettext("Log in") == locale.translate("Log in")
        assert translation.get_language_bidi() is locale.right_to_left


def test_the_product_offers_none_of_them(settings: Settings) -> None:
    assert {code for code, _ in settings.LANGUAGES}.isdisjoint(locale.code for locale in PSEUDO_LOCALES)
