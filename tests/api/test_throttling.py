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

from api.throttling import AddressRateThrottle, InvalidRate, WriteRateThrottle, parse_rate
from tests.api.conftest import logged_in_api_client
from tests.people import NamedPeople


@pytest.fixture
def rates(settings: Settings) -> Iterator[dict[str, Any]]:
    """Rates that a test can change."""
    test_rates = dict(api_settings.DEFAULT_THROTTLE_RATES)
    with override_settings(REST_FRAMEWORK={**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": test_rates}):
        yield test_rates


def test_the_account_limit_responds_with_retry_after(
    as_ana: APIClient, as_sam: APIClient, rates: dict[str, str]
) -> None:
    rates["account"] = "3/hour"
    assert [as_ana.get("/api/v1/steps").status_code for _ in range(4)] == [200, 200, 200, 429]
    response = as_ana.get("/api/v1/steps")
    assert response.json()["code"] == "too_many"
    assert 1 <= int(response["Retry-After"]) <= 3600
    assert as_sam.get("/api/v1/steps").status_code == 200


def test_unsafe_methods_have_a_stricter_limit(as_ana: APIClient, rates: dict[str, str]) -> None:
    rates["changes"] = "1/hour"
    assert as_ana.put("/api/v1/profile", {"country": "GB"}, format="json").status_code == 200
    assert as_ana.put("/api/v1/profile", {"country": "GB"}, format="json").status_code == 429
    assert as_ana.get("/api/v1/profile").status_code == 200


def test_the_address_limit_applies_to_anonymous_requests(as_nobody: APIClient, rates: dict[str, str]) -> None:
    rates["address"] = "2/hour"
    assert [as_nobody.get("/api/v1/traits").status_code for _ in range(3)] == [200, 200, 429]
    assert as_nobody.get("/api/v1/traits", REMOTE_ADDR="203.0.113.9").status_code == 200


def test_health_checks_are_not_limited(as_nobody: APIClient, rates: dict[str, str]) -> None:
    rates["address"] = "1/hour"
    assert {as_nobody.get("/api/v1/health").status_code for _ in range(5)} == {200}


@pytest.mark.parametrize(
    ("first_address", "second_address", "share_a_limit"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_ipv6_addresses_of_one_customer_share_a_limit(
    first_address: str, second_address: str, *, share_a_limit: bool
) -> None:
    def client_key(address: str) -> str | None:
        return AddressRateThrottle().client_key(
            APIView().initialize_request(APIRequestFactory().get("/", REMOTE_ADDR=address))
        )

    assert (client_key(first_address) == client_key(second_address)) is share_a_limit


def test_concurrent_requests_cannot_exceed_the_limit(people: NamedPeople, rates: dict[str, str]) -> None:
    rates["changes"] = "10/hour"
    request = APIView().initialize_request(APIRequestFactory().post("/"))
    request.user = people.ana
    allowed: list[bool] = []
    barrier = threading.Barrier(8)

    def send_requests() -> None:
        barrier.wait()
        for _ in range(5):
            allowed.append(WriteRateThrottle().allow_request(request, APIView()))  # noqa: PERF401  # each call counts

    threads = [threading.Thread(target=send_requests) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(allowed), sum(allowed)) == (40, 10)


def test_requests_are_allowed_without_the_cache(
    people: NamedPeople, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    unreachable_cache = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://127.0.0.1:1/0",
    }
    settings.CACHES = {"default": unreachable_cache}
    assert logged_in_api_client(people.ana).get("/api/v1/steps").status_code == 200
    assert "requests are not counted" in caplog.text


@pytest.mark.parametrize("rate", ["", "60", "x/min", "0/min", "-1/min", "60/fortnight"])
def test_an_invalid_rate_is_rejected(rate: str) -> None:
    with pytest.raises(InvalidRate):
        parse_rate(rate)


class EvictingCache(LocMemCache):
    """Evicts every key right after it was added."""

    def add(self, *args: Any, **named: Any) -> bool:
        added = super().add(*args, **named)
        self.clear()
        return added


def test_requests_are_allowed_when_the_counter_is_evicted(as_ana: APIClient, settings: Settings) -> None:
    evicting = {"BACKEND": f"{__name__}.EvictingCache"}
    with override_settings(CACHES={"default": evicting}):
        assert as_ana.get("/api/v1/steps").status_code == 200
