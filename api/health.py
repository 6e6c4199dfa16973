"""Can we work? One quick question to each server that we lean on, and what became of the last canary."""

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

TIMEOUT_SECONDS = 2  # seconds for each


class NotReady(UnavailableError):
    """`unresponsive` names the services that do not respond."""

    code = "not_ready"

    def __init__(self, unresponsive: Sequence[str]) -> None:
        super().__init__(f"no response from {', '.join(unresponsive)}")
        self.unresponsive = unresponsive


def check_readiness() -> None:
    """Ask each of our servers on a fresh connection, so that nothing is assumed. Raises NotReady."""
    silent = [name for name, answers in SERVICE_CHECKS.items() if not answers()]
    if silent:
        raise NotReady(silent)


@dataclass(frozen=True)
class HealthReport:
    """How the whole house is; each part in one word."""

    ready: bool
    components: Mapping[str, str]


def check_health() -> HealthReport:
    """Ask our servers, and whether a recording got through lately: a server may answer and nothing work."""
    answers = {name: asked() for name, asked in SERVICE_CHECKS.items()}
    recordings = latest_canary_report().health if answers["database"] else PipelineHealth.UNKNOWN
    parts = {name: "ok" if well else "silent" for name, well in answers.items()}
    return HealthReport(
        all(answers.values()) and recordings.is_healthy, parts | {"recordings": recordings.value}
    )


def _is_database_up() -> bool:
    asked: Mapping[str, Any] = settings.DATABASES["default"]
    try:
        with psycopg.connect(
            host=asked["HOST"],
            port=asked["PORT"],
            dbname=asked["NAME"],
            user=asked["USER"],
            password=asked["PASSWORD"],
            connect_timeout=TIMEOUT_SECONDS,
            options=f"-c statement_timeout={TIMEOUT_SECONDS * 1000}",
        ) as connection:
            connection.execute("select 1")
    except psycopg.Error:
        logger.warning("the database does not answer")
        return False
    return True


def _is_broker_up() -> bool:
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
    )
    try:
        client.ping()
    except RedisError:
        logger.warning("the broker does not answer")
        return False
    finally:
        client.close()
    return True


def _is_bucket_up() -> bool:
    """Ask in a thread of its own: the store's client is patient and tries again, and we do not wait for that."""
    try:
        return _bucket_check_executor.submit(_can_list_bucket).result(timeout=TIMEOUT_SECONDS)
    except TimeoutError:
        logger.warning("the object store does not answer in time")
        return False


def _can_list_bucket() -> bool:
    try:
        next(storage.list_keys("ready/"), None)
    except (storage.StoreUnreachable, storage.StoreRefused):
        logger.warning("the object store does not answer, or has no bucket for us")
        return False
    return True


_bucket_check_executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ready")
SERVICE_CHECKS: Mapping[str, Callable[[], bool]] = {
    "database": _is_database_up,
    "broker": _is_broker_up,
    "bucket": _is_bucket_up,
}
