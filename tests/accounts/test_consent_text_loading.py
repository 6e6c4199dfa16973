from pathlib import Path

import pytest
from django.utils import translation

from accounts import consent_text_loading
from accounts.consent_text_loading import ConsentTextChanged
from accounts.models import ConsentText

pytestmark = pytest.mark.django_db


def test_highest_version_is_the_current_text(tmp_path: Path) -> None:
    for version in (1, 2, 10):
        (tmp_path / f"{version}.txt").write_text(f"Text {version}")

    assert consent_text_loading.load_consent_texts(tmp_path) == 10
    assert ConsentText.objects.current().text == "Text 10"


def test_loading_is_idempotent() -> None:
    assert consent_text_loading.load_consent_texts() == consent_text_loading.load_consent_texts()


def test_edit_of_a_published_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "1.txt").write_text("Your story is yours.")
    consent_text_loading.load_consent_texts(tmp_path)
    (tmp_path / "1.txt").write_text("Your story is ours.")

    with pytest.raises(ConsentTextChanged):
        consent_text_loading.load_consent_texts(tmp_path)
    assert ConsentText.objects.current().text == "Your story is yours."


def test_extracted_messages_are_the_paragraphs_that_are_translated() -> None:
    consent_text_loading.load_consent_texts()
    (path,) = consent_text_loading.TEXTS_DIR.glob("*.txt")

    assert list(consent_text_loading.extract_messages(path)) == ConsentText.objects.current().paragraphs


def test_translated_text_keeps_the_paragraphs() -> None:
    text = ConsentText(version=1, text="yes,no,maybe\n\nUntranslated")  # Django translates the first one

    with translation.override("de"):
        assert text.translated_text == "Ja,Nein,Vielleicht\n\nUntranslated"
