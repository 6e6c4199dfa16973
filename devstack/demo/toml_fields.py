"""Strict access to a TOML table: missing, mistyped and unknown keys raise an error that names the key."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

EnumT = TypeVar("EnumT", bound=Enum)


class InvalidScript(ValueError):
    """`location` names the file and the table of the problem."""

    def __init__(self, location: str, problem: str) -> None:
        super().__init__(f"{location}: {problem}")
        self.location = location
        self.problem = problem


class TomlFields:
    """Each key can be read once; `reject_unread_keys` then raises if any key was not read."""

    def __init__(self, table: Mapping[str, object], *, location: str) -> None:
        self.location = location
        self._unread = dict(table)

    def get_text(self, name: str) -> str:
        value = self._pop(name)
        if not isinstance(value, str) or not value.strip():
            raise InvalidScript(self.location, f"{name} must be a non-empty string")
        return value.strip()

    def get_int(self, name: str) -> int:
        value = self._pop(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise InvalidScript(self.location, f"{name} must be an integer")
        return value

    def get_bool(self, name: str) -> bool:
        value = self._pop(name)
        if not isinstance(value, bool):
            raise InvalidScript(self.location, f"{name} must be true or false")
        return value

    def get_optional_text(self, name: str) -> str | None:
        return self.get_text(name) if name in self._unread else None

    def get_optional_int(self, name: str) -> int | None:
        return self.get_int(name) if name in self._unread else None

    def get_choice(self, name: str, choices: type[EnumT]) -> EnumT:
        value = self.get_text(name)
        try:
            return choices(value)
        except ValueError:
            known = ", ".join(str(choice.value) for choice in choices)
            raise InvalidScript(self.location, f"{name} is {value!r}; must be one of {known}") from None

    def get_text_list(self, name: str) -> tuple[str, ...]:
        value = self._pop(name)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise InvalidScript(self.location, f"{name} must be a list of strings")
        if len(set(value)) < len(value):
            raise InvalidScript(self.location, f"{name} contains duplicates")
        return tuple(value)

    def get_table(self, name: str) -> dict[str, object]:
        value = self._pop(name)
        if not isinstance(value, dict):
            raise InvalidScript(self.location, f"{name} must be a table")
        return value

    def get_tables(self, name: str) -> list[dict[str, object]]:
        value = self._pop(name)
        if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
            raise InvalidScript(self.location, f"{name} must be a non-empty array of tables")
        return value

    def reject_unread_keys(self) -> None:
        if self._unread:
            raise InvalidScript(self.location, f"unknown keys: {', '.join(sorted(self._unread))}")

    def _pop(self, name: str) -> object:
        if name not in self._unread:
            raise InvalidScript(self.location, f"{name} is missing")
        return self._unread.pop(name)
