from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from challenges import loading
from challenges.models import Barrier, Challenge, Domain, Rung
from challenges.translation import extract_messages

pytestmark = pytest.mark.django_db

TEXT_FIELDS = {
    Domain: ("name", "summary"),
    Challenge: ("title", "summary", "step_hint", "body_cue"),
    Rung: ("text",),
    Barrier: ("text", "strategy_hint"),
}


def stored_texts() -> Iterator[str]:
    for model, fields in TEXT_FIELDS.items():
        for row in model._default_manager.values_list(*fields):
            yield from (text for text in row if text)


def test_extracted_messages_are_exactly_the_stored_texts() -> None:
    loading.load_catalogue()
    extracted = {
        message for path in loading.CATALOGUE_DIR.glob("*.toml") for message in extract_messages(path)
    }

    assert extracted == set(stored_texts())


def test_keys_slugs_and_numbers_are_not_extracted(tmp_path: Path) -> None:
    path = tmp_path / "speaking.toml"
    path.write_text('[domain]\nslug = "speaking"\nname = " Speaking "\nsummary = ""\norder = 1\n')

    assert list(extract_messages(path)) == ["Speaking"]


def test_every_text_field_has_a_translated_attribute() -> None:
    loading.load_catalogue()

    for model, fields in TEXT_FIELDS.items():
        row = model._default_manager.first()
        for field in fields:
            assert getattr(row, f"translated_{field}") == getattr(row, field)


def test_texts_are_translated_into_the_active_language() -> None:
    # Django's own message catalogues translate the argument of the `yesno` filter.
    challenge = Challenge(title="yes,no,maybe", summary="")

    with translation.override("de"):
        assert challenge.translated_title == "Ja,Nein,Vielleicht"
        assert challenge.translated_summary == ""
    assert challenge.title == "yes,no,maybe"
