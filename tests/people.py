"""The named people of the tests: ana views, bo tells, mo moderates, sam is a stranger."""

from dataclasses import dataclass

import pytest

from accounts.models import Role, RoleGrant, User

PASSWORD = "a quiet harbour at dusk"


def create_person(name: str, *roles: Role) -> User:
    """Let somebody sign up under `name`@example.test, with the roles given."""
    person = User.objects.create_user(f"{name}@example.test", PASSWORD, handle=name.capitalize())
    for role in roles:
        RoleGrant.objects.create(person=person, role=role)
    return person


@dataclass(frozen=True)
class NamedPeople:
    """Everybody at once, for tests in which all of them act."""

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
