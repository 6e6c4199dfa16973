"""Readiness checks of the required services, and the health report for monitoring."""

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import psycopg
import redis
from django.conf import settings
from redis.exceptions import RedisError

from domain_errors.categories import UnavailableError
from media import storage
from media.health import PipelineHealth, latest_canary_report

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 2  # per service


class NotReady(UnavailableError):
    """`unresponsive` names the services that do not respond."""

    code = "not_ready"

    def __init__(self, unresponsive: Sequence[str]) -> None:
        super().__init__(f"no response from {', '.join(unresponsive)}")
        self.unresponsive = unresponsive


def check_readiness() -> None:
    """Check each service over a new connection. Raises NotReady."""
    unresponsive = [name for name, is_up in SERVICE_CHECKS.items() if not is_up()]
    if unresponsive:
        raise NotReady(unresponsive)


@dataclass(frozen=True)
class HealthReport:
    """`components` maps each component to its state."""

    ready: bool
    components: Mapping[str, str]


def check_health() -> HealthReport:
    """Check the services and the latest canary recording: services may respond while processing is broken."""
    is_up = {name: check() for name, check in SERVICE_CHECKS.items()}
    recordings = latest_canary_report().health if is_up["database"] else PipelineHealth.UNKNOWN
    services = {name: "ok" if up else "silent" for name, up in is_up.items()}
    return HealthReport(
        all(is_up.values()) and recordings.is_healthy, services | {"recordings": recordings.value}
    )


def _is_database_up() -> bool:
    database: Mapping[str, Any] = settings.DATABASES["default"]
    try:
        with psycopg.connect(
            host=database["HOST"],
            port=database["PORT"],
            dbname=database["NAME"],
            user=database["USER"],
            password=database["PASSWORD"],
            connect_timeout=TIMEOUT_SECONDS,
            options=f"-c statement_timeout={TIMEOUT_SECONDS * 1000}",
        ) as connection:
            connection.execute("select 1")
    except psycopg.Error:
        logger.warning("the database does not respond")
        return False
    return True


def _is_broker_up() -> bool:
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
    )
    try:
        client.ping()
    except RedisError:
        logger.warning("the broker does not respond")
        return False
    finally:
        client.close()
    return True


def _is_bucket_up() -> bool:
    """Check in a thread, because the S3 client retries for longer than the timeout."""
    try:
        return _bucket_check_executor.submit(_can_list_bucket).result(timeout=TIMEOUT_SECONDS)
    except TimeoutError:
        logger.warning("the object store does not respond in time")
        return False


def _can_list_bucket() -> bool:
    try:
        next(storage.list_keys("ready/"), None)
    except (storage.StoreUnreachable, storage.StoreRefused):
        logger.warning("the object store does not respond, or the bucket is not accessible")
        return False
    return True


_bucket_check_executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ready")
SERVICE_CHECKS: Mapping[str, Callable[[], bool]] = {
    "database": _is_database_up,
    "broker": _is_broker_up,
    "bucket": _is_bucket_up,
}
