import time

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from tests.people import NamedPeople


def logged_in_api_client(person: User, *, second_factor: bool = False) -> APIClient:
    """Return a client with a session of this person, in which a second factor was used or not."""
    client = APIClient(raise_request_exception=False)
    client.force_login(person)
    if second_factor:
        session = client.session
        session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": time.time()}]
        session["account_authentication_methods_user"] = str(person.pk)
        session.save()
    return client


@pytest.fixture
def as_nobody(db: None) -> APIClient:
    return APIClient(raise_request_exception=False)


@pytest.fixture
def as_ana(people: NamedPeople) -> APIClient:
    return logged_in_api_client(people.ana)


@pytest.fixture
def as_bo(people: NamedPeople) -> APIClient:
    return logged_in_api_client(people.bo)


@pytest.fixture
def as_mo(people: NamedPeople) -> APIClient:
    return logged_in_api_client(people.mo, second_factor=True)


@pytest.fixture
def as_sam(people: NamedPeople) -> APIClient:
    return logged_in_api_client(people.sam)
