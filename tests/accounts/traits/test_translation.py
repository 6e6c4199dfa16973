from dataclasses import replace

import pytest
from django.conf import settings
from django.utils import translation

from accounts.traits import translation as trait_translation
from accounts.traits.catalogue import TRAIT_CATALOGUE
from accounts.traits.quantities import format_years
from accounts.traits.translation import translated_catalogue


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES] + ["en"])
def test_translated_templates_keep_their_placeholders(language: str) -> None:
    """Building the catalogue raises InvalidTemplate for an unknown placeholder."""
    with translation.override(language):
        assert [trait.key for trait in translated_catalogue()] == [trait.key for trait in TRAIT_CATALOGUE]


def test_english_catalogue_is_the_source() -> None:
    with translation.override("en"):
        translated = {trait.key: replace(trait) for trait in translated_catalogue()}

    assert translated == {trait.key: trait for trait in TRAIT_CATALOGUE}


def test_every_text_of_a_trait_is_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trait_translation, "gettext", lambda text: f"[{text}]")

    with translation.override("cy"):  # no other test caches the catalogue in this language
        catalogue = translated_catalogue()

    age, living, interests = catalogue["age"], catalogue["living"], catalogue["interests"]
    assert age.question == "[How old are you?]"
    assert age.label == "[age]"
    assert age.templates.more == "[{difference} older than you.]"
    assert living.format_answer("alone") == "[on my own]"
    assert living.templates.shared_by_level["alone"] == "[Lived alone too.]"
    assert interests.format_answer(frozenset({"music", "food"})) == "[[music] and [food]]"


@pytest.mark.parametrize(
    ("years", "text"), [(0.5, "0.5 years"), (1, "1 year"), (1.5, "1.5 years"), (2, "2 years"), (0, "0 years")]
)
def test_fractions_of_years_take_the_plural(years: float, text: str) -> None:
    assert format_years(years) == text
