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

SECONDS = {"sec": 1, "min": 60, "hour": 3600, "day": 86_400}
ONE_HOUSEHOLD = 64  # bits of an IPv6 address that a provider gives to one customer: RFC 6177


class BadRate(ValueError):
    """A rate in the settings is not of the form 600/min."""


@remember
def read_rate(rate: str) -> tuple[int, int]:
    """Return how many requests in how many seconds. Raises BadRate."""
    number, _, period = rate.partition("/")
    if not number.isdecimal() or int(number) < 1 or period not in SECONDS:
        raise BadRate(f"“{rate}” is not a rate; write it like 600/min (sec, min, hour, day).")
    return int(number), SECONDS[period]


class _Counting(BaseThrottle):
    """Count requests in fixed windows: one INCR a request, which Redis does one after another."""

    scope: str
    _wait: float | None = None

    def who(self, request: "Request") -> str | None:
        """Return whom to count, None for nobody."""
        raise NotImplementedError

    def allow_request(self, request: "Request", _view: "APIView") -> bool:
        who = self.who(request)
        if who is None:
            return True
        most, seconds = read_rate(api_settings.DEFAULT_THROTTLE_RATES[self.scope] or "")
        now = time.time()
        window = math.floor(now / seconds)
        self._wait = (window + 1) * seconds - now
        return self._count(f"rate:{self.scope}:{who}:{window}", keep=2 * seconds) <= most

    def wait(self) -> float | None:
        return self._wait

    def _count(self, key: str, *, keep: int) -> int:
        try:
            return self._one_more(key, keep=keep)
        except RedisError:
            # Without its counters the site stays open: somebody in need matters more than the limit.
            logger.warning("the cache does not answer; requests are not counted")
            return 0

    def _one_more(self, key: str, *, keep: int) -> int:
        cache.add(key, 0, timeout=keep)
        try:
            return cache.incr(key)
        except ValueError:  # the cache was emptied between the two, and counts from the start
            return 1


class PerAddress(_Counting):
    """Count by the address that the trusted proxy in front saw."""

    scope = "address"

    def who(self, request: "Request") -> str | None:
        told = self.get_ident(request) or ""
        try:
            address = ipaddress.ip_address(told)
        except ValueError:
            return "unknown"
        if isinstance(address, ipaddress.IPv6Address):
            return str(ipaddress.ip_network((address, ONE_HOUSEHOLD), strict=False).network_address)
        return str(address)


class PerAccount(_Counting):
    """Count by person, from wherever they ask."""

    scope = "account"

    def who(self, request: "Request") -> str | None:
        return str(request.user.pk) if request.user.is_authenticated else None


class Changes(PerAccount):
    """Count what changes something more strictly than what only looks."""

    scope = "changes"

    def who(self, request: "Request") -> str | None:
        return None if request.method in SAFE_METHODS else super().who(request)
