"""The users of the tests: ana views, bo tells, mo moderates, sam is a stranger."""

from dataclasses import dataclass

import pytest

from accounts.models import Role, RoleGrant, User

PASSWORD = "a quiet harbour at dusk"


def create_person(name: str, *roles: Role) -> User:
    """Create `<name>@example.test` with the given roles."""
    person = User.objects.create_user(f"{name}@example.test", PASSWORD, handle=name.capitalize())
    for role in roles:
        RoleGrant.objects.create(person=person, role=role)
    return person


@dataclass(frozen=True)
class NamedPeople:
    """All four, for tests that need all of them."""

    ana: User
    bo: User
    mo: User
    sam: User


@pytest.fixture
def ana(db: None) -> User:
    return create_person("ana")


@pytest.fixture
def bo(db: None) -> User:
    return create_person("bo")


@pytest.fixture
def mo(db: None) -> User:
    return create_person("mo", Role.MODERATOR)


@pytest.fixture
def sam(db: None) -> User:
    return create_person("sam")


@pytest.fixture
def people(ana: User, bo: User, mo: User, sam: User) -> NamedPeople:
    return NamedPeople(ana, bo, mo, sam)
