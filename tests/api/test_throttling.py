"""Limits count every request once, tell when to come back, and never keep somebody out for a dead cache."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache.backends.locmem import LocMemCache
from django.test import override_settings
from pytest_django import Settings
from rest_framework.settings import api_settings
from rest_framework.test import APIClient, APIRequestFactory
from rest_framework.views import APIView

from api.throttling import AddressRateThrottle, BadRate, WriteRateThrottle, parse_rate
from tests.api.conftest import logged_in_api_client
from tests.people import NamedPeople


@pytest.fixture
def rates(settings: Settings) -> Iterator[dict[str, Any]]:
    """Let a test set the rates."""
    chosen = dict(api_settings.DEFAULT_THROTTLE_RATES)
    with override_settings(REST_FRAMEWORK={**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": chosen}):
        yield chosen


def test_an_account_that_asks_too_much_is_told_when_to_come_back(
    as_ana: APIClient, as_sam: APIClient, rates: dict[str, str]
) -> None:
    rates["account"] = "3/hour"
    assert [as_ana.get("/api/v1/steps").status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = as_ana.get("/api/v1/steps")
    assert answer.json()["code"] == "too_many"
    assert 1 <= int(answer["Retry-After"]) <= 3600
    assert as_sam.get("/api/v1/steps").status_code == 200


def test_changes_are_counted_more_strictly_than_looking(as_ana: APIClient, rates: dict[str, str]) -> None:
    rates["changes"] = "1/hour"
    assert as_ana.put("/api/v1/profile", {"country": "GB"}, format="json").status_code == 200
    assert as_ana.put("/api/v1/profile", {"country": "GB"}, format="json").status_code == 429
    assert as_ana.get("/api/v1/profile").status_code == 200


def test_an_address_is_counted_whoever_asks(as_nobody: APIClient, rates: dict[str, str]) -> None:
    rates["address"] = "2/hour"
    assert [as_nobody.get("/api/v1/traits").status_code for _ in range(3)] == [200, 200, 429]
    assert as_nobody.get("/api/v1/traits", REMOTE_ADDR="203.0.113.9").status_code == 200


def test_health_is_never_limited(as_nobody: APIClient, rates: dict[str, str]) -> None:
    rates["address"] = "1/hour"
    assert {as_nobody.get("/api/v1/health").status_code for _ in range(5)} == {200}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_one_household_counts_as_one_address(one: str, other: str, *, same: bool) -> None:
    def who(address: str) -> str | None:
        return AddressRateThrottle().client_key(
            APIView().initialize_request(APIRequestFactory().get("/", REMOTE_ADDR=address))
        )

    assert (who(one) == who(other)) is same


def test_requests_at_once_cannot_slip_past(people: NamedPeople, rates: dict[str, str]) -> None:
    rates["changes"] = "10/hour"
    request = APIView().initialize_request(APIRequestFactory().post("/"))
    request.user = people.ana
    allowed: list[bool] = []
    together = threading.Barrier(8)

    def ask() -> None:
        together.wait()
        for _ in range(5):
            allowed.append(WriteRateThrottle().allow_request(request, APIView()))  # noqa: PERF401  # one by one

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(allowed), sum(allowed)) == (40, 10)


def test_a_dead_cache_keeps_nobody_out(
    people: NamedPeople, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    dead = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": dead}
    assert logged_in_api_client(people.ana).get("/api/v1/steps").status_code == 200
    assert "requests are not counted" in caplog.text


@pytest.mark.parametrize("rate", ["", "60", "x/min", "0/min", "-1/min", "60/fortnight"])
def test_a_rate_that_says_nothing_is_refused(rate: str) -> None:
    with pytest.raises(BadRate):
        parse_rate(rate)


class Forgetful(LocMemCache):
    """A cache that is emptied right after every write."""

    def add(self, *args: Any, **named: Any) -> bool:
        added = super().add(*args, **named)
        self.clear()
        return added


def test_a_cache_that_is_emptied_in_between_keeps_nobody_out(as_ana: APIClient, settings: Settings) -> None:
    forgetful = {"BACKEND": f"{__name__}.Forgetful"}
    with override_settings(CACHES={"default": forgetful}):
        assert as_ana.get("/api/v1/steps").status_code == 200
