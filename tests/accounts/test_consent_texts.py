from pathlib import Path

import pytest

from accounts import consent_texts
from accounts.consent_texts import ConsentTextChanged
from accounts.models import ConsentText

pytestmark = pytest.mark.django_db


def test_the_newest_text_is_the_current_one(tmp_path: Path) -> None:
    for version in (1, 2, 10):
        (tmp_path / f"{version}.txt").write_text(f"Words {version}")

    assert consent_texts.load_consent_texts(tmp_path) == 10
    assert ConsentText.objects.current().text == "Words 10"


def test_loading_again_changes_nothing() -> None:
    assert consent_texts.load_consent_texts() == consent_texts.load_consent_texts()


def test_words_that_people_agreed_to_are_never_edited(tmp_path: Path) -> None:
    (tmp_path / "1.txt").write_text("Your story is yours.")
    consent_texts.load_consent_texts(tmp_path)
    (tmp_path / "1.txt").write_text("Your story is ours.")

    with pytest.raises(ConsentTextChanged):
        consent_texts.load_consent_texts(tmp_path)
    assert ConsentText.objects.current().text == "Your story is yours."
