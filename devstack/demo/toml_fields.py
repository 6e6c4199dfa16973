"""One table of a TOML file, read field by field: a wrong type, a gap or a stray key is refused by name."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

EnumT = TypeVar("EnumT", bound=Enum)


class InvalidScript(ValueError):
    """A story script does not say what it must; carries the place, so that a writer finds it."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}")
        self.location = where
        self.problem = what


class TomlFields:
    """Hands each field out once; `finish` then refuses whatever nobody asked for."""

    def __init__(self, table: Mapping[str, object], *, location: str) -> None:
        self.location = location
        self._left = dict(table)

    def get_text(self, name: str) -> str:
        value = self._pop(name)
        if not isinstance(value, str) or not value.strip():
            raise InvalidScript(self.location, f"{name} must be words")
        return value.strip()

    def get_int(self, name: str) -> int:
        value = self._pop(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise InvalidScript(self.location, f"{name} must be a whole number")
        return value

    def get_bool(self, name: str) -> bool:
        value = self._pop(name)
        if not isinstance(value, bool):
            raise InvalidScript(self.location, f"{name} must be true or false")
        return value

    def get_optional_text(self, name: str) -> str | None:
        return self.get_text(name) if name in self._left else None

    def get_optional_int(self, name: str) -> int | None:
        return self.get_int(name) if name in self._left else None

    def get_choice(self, name: str, choices: type[EnumT]) -> EnumT:
        value = self.get_text(name)
        try:
            return choices(value)
        except ValueError:
            known = ", ".join(str(choice.value) for choice in choices)
            raise InvalidScript(self.location, f"{name} is {value!r}, which is none of {known}") from None

    def get_text_list(self, name: str) -> tuple[str, ...]:
        value = self._pop(name)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise InvalidScript(self.location, f"{name} must be a list of words")
        if len(set(value)) < len(value):
            raise InvalidScript(self.location, f"{name} says something twice")
        return tuple(value)

    def get_table(self, name: str) -> dict[str, object]:
        value = self._pop(name)
        if not isinstance(value, dict):
            raise InvalidScript(self.location, f"{name} must be a table")
        return value

    def get_tables(self, name: str) -> list[dict[str, object]]:
        value = self._pop(name)
        if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
            raise InvalidScript(self.location, f"{name} must be one or more tables")
        return value

    def reject_unread_keys(self) -> None:
        if self._left:
            raise InvalidScript(self.location, f"nobody reads {', '.join(sorted(self._left))}")

    def _pop(self, name: str) -> object:
        if name not in self._left:
            raise InvalidScript(self.location, f"{name} is missing")
        return self._left.pop(name)
