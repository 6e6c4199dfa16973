"""Rate limits by address and account, with atomic counters in the cache."""

import ipaddress
import logging
import math
import time
from functools import cache as memoize
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
IPV6_PREFIX_LENGTH = 64  # the part of an IPv6 address that identifies one customer: RFC 6177


class InvalidRate(ValueError):
    """A rate in the settings does not have the form 600/min."""


@memoize
def parse_rate(rate: str) -> tuple[int, int]:
    """Return the number of requests and the period in seconds. Raises InvalidRate."""
    number, _, period = rate.partition("/")
    if not number.isdecimal() or int(number) < 1 or period not in PERIOD_SECONDS:
        raise InvalidRate(f"“{rate}” is not a rate; use the form 600/min (sec, min, hour, day).")
    return int(number), PERIOD_SECONDS[period]


class _FixedWindowThrottle(BaseThrottle):
    """Counts requests in fixed windows with one atomic INCR per request."""

    scope: str
    _wait: float | None = None

    def client_key(self, request: "Request") -> str | None:
        """Return the key to count the request under; None leaves it uncounted."""
        raise NotImplementedError

    def allow_request(self, request: "Request", _view: "APIView") -> bool:
        client_key = self.client_key(request)
        if client_key is None:
            return True
        limit, seconds = parse_rate(api_settings.DEFAULT_THROTTLE_RATES[self.scope] or "")
        now = time.time()
        window = math.floor(now / seconds)
        self._wait = (window + 1) * seconds - now
        return self._count_request(f"rate:{self.scope}:{client_key}:{window}", timeout=2 * seconds) <= limit

    def wait(self) -> float | None:
        return self._wait

    def _count_request(self, key: str, *, timeout: int) -> int:
        try:
            return self._increment_counter(key, timeout=timeout)
        except RedisError:
            # Fail open: access for a person in need matters more than the limit.
            logger.warning("the cache does not respond; requests are not counted")
            return 0

    def _increment_counter(self, key: str, *, timeout: int) -> int:
        cache.add(key, 0, timeout=timeout)
        try:
            return cache.incr(key)
        except ValueError:  # the key was evicted after add()
            return 1


class AddressRateThrottle(_FixedWindowThrottle):
    """Uses the client address reported by the trusted proxy."""

    scope = "address"

    def client_key(self, request: "Request") -> str | None:
        identifier = self.get_ident(request) or ""
        try:
            address = ipaddress.ip_address(identifier)
        except ValueError:
            return "unknown"
        if isinstance(address, ipaddress.IPv6Address):
            return str(ipaddress.ip_network((address, IPV6_PREFIX_LENGTH), strict=False).network_address)
        return str(address)


class AccountRateThrottle(_FixedWindowThrottle):
    scope = "account"

    def client_key(self, request: "Request") -> str | None:
        return str(request.user.pk) if request.user.is_authenticated else None


class WriteRateThrottle(AccountRateThrottle):
    """A stricter limit for unsafe methods."""

    scope = "changes"

    def client_key(self, request: "Request") -> str | None:
        return None if request.method in SAFE_METHODS else super().client_key(request)
