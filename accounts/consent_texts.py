"""The words that tellers agree to: each version is a file, kept for ever, and loaded once."""

from pathlib import Path

from accounts.models import ConsentText

TEXTS_DIR = Path(__file__).parent / "consent_text_versions"


class ConsentTextChanged(Exception):
    """A text that people have agreed to was edited; write a new version instead."""


def load_consent_texts(folder: Path = TEXTS_DIR) -> int:
    """Load every version that is not there yet; returns the newest. Raises ConsentTextChanged."""
    newest = 0
    for path in sorted(folder.glob("*.txt"), key=lambda path: int(path.stem)):
        words = path.read_text().strip()
        kept, _ = ConsentText.objects.get_or_create(version=int(path.stem), defaults={"text": words})
        if kept.text != words:
            raise ConsentTextChanged(path.name)
        newest = kept.version
    return newest
