"""Translation of catalogue texts: the database and the TOML files hold English, which is the message id."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self, overload

from django.db.models import Model
from django.utils.translation import gettext

TRANSLATED_KEYS = frozenset({"name", "title", "summary", "step_hint", "body_cue", "text", "strategy_hint"})


class TranslatedText:
    """Model attribute that returns the text of a field in the active language."""

    def __init__(self, field_name: str) -> None:
        self._field_name = field_name

    @overload
    def __get__(self, instance: None, owner: type[Model]) -> Self: ...

    @overload
    def __get__(self, instance: Model, owner: type[Model]) -> str: ...

    def __get__(self, instance: Model | None, owner: type[Model]) -> Self | str:
        if instance is None:
            return self
        text: str = getattr(instance, self._field_name)
        # An empty message must not reach gettext, which would return the header of the catalogue.
        return gettext(text) if text else ""


def extract_messages(path: Path) -> Iterator[str]:
    """Return the translatable texts of one TOML file, exactly as `challenges.loading` stores them."""
    yield from _translatable_texts(tomllib.loads(path.read_text(encoding="utf-8")))


def _translatable_texts(table: Mapping[str, Any]) -> Iterator[str]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _translatable_texts(value)
        elif isinstance(value, list):
            for entry in value:
                yield from _translatable_texts(entry)
        elif key in TRANSLATED_KEYS and value.strip():
            yield value.strip()
