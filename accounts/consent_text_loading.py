"""Loads the versions of the consent text for tellers; a published version never changes.

People consent to the English text, which is stored. Its paragraphs are the message ids of translations.
"""

from collections.abc import Iterator
from pathlib import Path

from accounts.models import ConsentText

TEXTS_DIR = Path(__file__).parent / "consent_text_versions"


class ConsentTextChanged(Exception):
    """A published text was edited; add a new version instead."""


def load_consent_texts(folder: Path = TEXTS_DIR) -> int:
    """Load missing versions and return the newest version number. Raises ConsentTextChanged."""
    newest = 0
    for path in sorted(folder.glob("*.txt"), key=lambda path: int(path.stem)):
        text = path.read_text(encoding="utf-8").strip()
        stored, _ = ConsentText.objects.get_or_create(version=int(path.stem), defaults={"text": text})
        if stored.text != text:
            raise ConsentTextChanged(path.name)
        newest = stored.version
    return newest


def extract_messages(path: Path) -> Iterator[str]:
    """Return the translatable paragraphs of one file."""
    yield from ConsentText(text=path.read_text(encoding="utf-8").strip()).paragraphs
