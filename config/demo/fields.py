"""One table of a TOML file, read field by field: a wrong type, a gap or a stray key is refused by name."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

E = TypeVar("E", bound=Enum)


class ScriptBroken(ValueError):
    """A story script does not say what it must; carries the place, so that a writer finds it."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}")
        self.where = where
        self.what = what


class Fields:
    """Hands each field out once; `finish` then refuses whatever nobody asked for."""

    def __init__(self, table: Mapping[str, object], *, where: str) -> None:
        self.where = where
        self._left = dict(table)

    def text(self, name: str) -> str:
        value = self._take(name)
        if not isinstance(value, str) or not value.strip():
            raise ScriptBroken(self.where, f"{name} must be words")
        return value.strip()

    def whole(self, name: str) -> int:
        value = self._take(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise ScriptBroken(self.where, f"{name} must be a whole number")
        return value

    def flag(self, name: str) -> bool:
        value = self._take(name)
        if not isinstance(value, bool):
            raise ScriptBroken(self.where, f"{name} must be true or false")
        return value

    def text_if_any(self, name: str) -> str | None:
        return self.text(name) if name in self._left else None

    def whole_if_any(self, name: str) -> int | None:
        return self.whole(name) if name in self._left else None

    def one_of(self, name: str, choices: type[E]) -> E:
        value = self.text(name)
        try:
            return choices(value)
        except ValueError:
            known = ", ".join(str(choice.value) for choice in choices)
            raise ScriptBroken(self.where, f"{name} is {value!r}, which is none of {known}") from None

    def texts(self, name: str) -> tuple[str, ...]:
        value = self._take(name)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ScriptBroken(self.where, f"{name} must be a list of words")
        if len(set(value)) < len(value):
            raise ScriptBroken(self.where, f"{name} says something twice")
        return tuple(value)

    def table(self, name: str) -> dict[str, object]:
        value = self._take(name)
        if not isinstance(value, dict):
            raise ScriptBroken(self.where, f"{name} must be a table")
        return value

    def tables(self, name: str) -> list[dict[str, object]]:
        value = self._take(name)
        if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
            raise ScriptBroken(self.where, f"{name} must be one or more tables")
        return value

    def finish(self) -> None:
        if self._left:
            raise ScriptBroken(self.where, f"nobody reads {', '.join(sorted(self._left))}")

    def _take(self, name: str) -> object:
        if name not in self._left:
            raise ScriptBroken(self.where, f"{name} is missing")
        return self._left.pop(name)
