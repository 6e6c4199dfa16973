import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_liveness() -> None:
    response = Client().get("/api/v1/health")
    assert response.status_code == 200
    assert response.json() == {"status": "alive"}
