"""Typed readers of the environment, the only place that knows it.

Each reader names the variable when it is missing or malformed, so that a wrong deployment stops at start and
not at the first visitor. What was asked for is kept, so that `.env.example` can be generated and compared.
"""

import os
from dataclasses import dataclass

PREFIX = "SAMEBOAT_"


class BadSetting(Exception):
    """A variable of the environment is missing or cannot be read."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{PREFIX}{name}: {problem}")
        self.name = name


@dataclass(frozen=True)
class EnvVariable:
    """One variable that the settings asked for."""

    name: str
    default: str | None
    help: str

    def as_dotenv_entry(self) -> str:
        value = "" if self.default is None else self.default
        need = "required" if self.default is None else "optional"
        return f"# {self.help} ({need})\n{PREFIX}{self.name}={value}\n"


env_variables: dict[str, EnvVariable] = {}


def get_str(name: str, *, default: str | None = None, explain: str) -> str:
    """Return the variable as it stands; without a default it has to be there."""
    env_variables[name] = EnvVariable(name, default, explain)
    value = os.environ.get(PREFIX + name, "").strip()
    if value:
        return value
    if default is None:
        raise BadSetting(name, f"is not set. {explain}.")
    return default


def get_bool(name: str, *, default: bool, explain: str) -> bool:
    value = get_str(name, default="true" if default else "false", explain=explain).lower()
    if value in {"true", "yes", "1", "on"}:
        return True
    if value in {"false", "no", "0", "off"}:
        return False
    raise BadSetting(name, f"is {value!r}; write true or false.")


def get_int(name: str, *, default: int, explain: str) -> int:
    value = get_str(name, default=str(default), explain=explain)
    try:
        return int(value)
    except ValueError:
        raise BadSetting(name, f"is {value!r}; write a whole number.") from None


def get_list(name: str, *, default: str, explain: str) -> list[str]:
    """Return a comma-separated list, empty entries left out."""
    return [
        part.strip() for part in get_str(name, default=default, explain=explain).split(",") if part.strip()
    ]


def get_choice(name: str, choices: tuple[str, ...], *, default: str, explain: str) -> str:
    value = get_str(name, default=default, explain=explain)
    if value not in choices:
        raise BadSetting(name, f"is {value!r}; choose one of {', '.join(choices)}.")
    return value


def render_env_example() -> str:
    """Return the whole `.env.example`, made from what was asked for."""
    head = "# Made by `python manage.py env_example`; edit config/settings.py instead.\n\n"
    return head + "\n".join(entry.as_dotenv_entry() for entry in env_variables.values())
