"""Limit how often an address or a person may ask, with counters that concurrent requests cannot slip past."""

import ipaddress
import logging
import math
import time
from functools import cache as remember
from typing import TYPE_CHECKING

from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)

PERIOD_SECONDS = {"sec": 1, "min": 60, "hour": 3600, "day": 86_400}
IPV6_PREFIX_LENGTH = 64  # bits of an IPv6 address that a provider gives to one customer: RFC 6177


class BadRate(ValueError):
    """A rate in the settings is not of the form 600/min."""


@remember
def parse_rate(rate: str) -> tuple[int, int]:
    """Return how many requests in how many seconds. Raises BadRate."""
    number, _, period = rate.partition("/")
    if not number.isdecimal() or int(number) < 1 or period not in PERIOD_SECONDS:
        raise BadRate(f"“{rate}” is not a rate; write it like 600/min (sec, min, hour, day).")
    return int(number), PERIOD_SECONDS[period]


class _FixedWindowThrottle(BaseThrottle):
    """Count requests in fixed windows: one INCR a request, which Redis does one after another."""

    scope: str
    _wait: float | None = None

    def client_key(self, request: "Request") -> str | None:
        """Return whom to count, None for nobody."""
        raise NotImplementedError

    def allow_request(self, request: "Request", _view: "APIView") -> bool:
        who = self.client_key(request)
        if who is None:
            return True
        most, seconds = parse_rate(api_settings.DEFAULT_THROTTLE_RATES[self.scope] or "")
        now = time.time()
        window = math.floor(now / seconds)
        self._wait = (window + 1) * seconds - now
        return self._count_request(f"rate:{self.scope}:{who}:{window}", keep=2 * seconds) <= most

    def wait(self) -> float | None:
        return self._wait

    def _count_request(self, key: str, *, keep: int) -> int:
        try:
            return self._increment_counter(key, keep=keep)
        except RedisError:
            # Without its counters the site stays open: somebody in need matters more than the limit.
            logger.warning("the cache does not answer; requests are not counted")
            return 0

    def _increment_counter(self, key: str, *, keep: int) -> int:
        cache.add(key, 0, timeout=keep)
        try:
            return cache.incr(key)
        except ValueError:  # the cache was emptied between the two, and counts from the start
            return 1


class AddressRateThrottle(_FixedWindowThrottle):
    """Count by the address that the trusted proxy in front saw."""

    scope = "address"

    def client_key(self, request: "Request") -> str | None:
        told = self.get_ident(request) or ""
        try:
            address = ipaddress.ip_address(told)
        except ValueError:
            return "unknown"
        if isinstance(address, ipaddress.IPv6Address):
            return str(ipaddress.ip_network((address, IPV6_PREFIX_LENGTH), strict=False).network_address)
        return str(address)


class AccountRateThrottle(_FixedWindowThrottle):
    """Count by person, from wherever they ask."""

    scope = "account"

    def client_key(self, request: "Request") -> str | None:
        return str(request.user.pk) if request.user.is_authenticated else None


class WriteRateThrottle(AccountRateThrottle):
    """Count what changes something more strictly than what only looks."""

    scope = "changes"

    def client_key(self, request: "Request") -> str | None:
        return None if request.method in SAFE_METHODS else super().client_key(request)
