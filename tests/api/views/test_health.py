"""Is the house alive, and can it work?"""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_it_is_alive() -> None:
    answer = Client().get("/api/v1/health")
    assert answer.status_code == 200
    assert answer.json() == {"status": "alive"}
