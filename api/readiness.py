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

from media import storage
from media.health import Wellbeing, last_flight

logger = logging.getLogger(__name__)

PATIENCE = 2  # seconds for each


class NotReady(Exception):
    """Some of our servers do not answer; `silent` names them."""

    def __init__(self, silent: Sequence[str]) -> None:
        super().__init__(f"no answer from {', '.join(silent)}")
        self.silent = silent


def check() -> None:
    """Ask each of our servers on a fresh connection, so that nothing is assumed. Raises NotReady."""
    silent = [name for name, answers in CHECKS.items() if not answers()]
    if silent:
        raise NotReady(silent)


@dataclass(frozen=True)
class Whole:
    """How the whole house is; each part in one word."""

    ready: bool
    parts: Mapping[str, str]


def whole() -> Whole:
    """Ask our servers, and whether a recording got through lately: a server may answer and nothing work."""
    answers = {name: asked() for name, asked in CHECKS.items()}
    recordings = last_flight().being if answers["database"] else Wellbeing.UNKNOWN
    parts = {name: "ok" if well else "silent" for name, well in answers.items()}
    return Whole(all(answers.values()) and recordings.well, parts | {"recordings": recordings.value})


def _database() -> bool:
    asked: Mapping[str, Any] = settings.DATABASES["default"]
    try:
        with psycopg.connect(
            host=asked["HOST"],
            port=asked["PORT"],
            dbname=asked["NAME"],
            user=asked["USER"],
            password=asked["PASSWORD"],
            connect_timeout=PATIENCE,
            options=f"-c statement_timeout={PATIENCE * 1000}",
        ) as connection:
            connection.execute("select 1")
    except psycopg.Error:
        logger.warning("the database does not answer")
        return False
    return True


def _broker() -> bool:
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
    )
    try:
        client.ping()
    except RedisError:
        logger.warning("the broker does not answer")
        return False
    finally:
        client.close()
    return True


def _bucket() -> bool:
    """Ask in a thread of its own: the store's client is patient and tries again, and we do not wait for that."""
    try:
        return _asking.submit(_list_nothing).result(timeout=PATIENCE)
    except TimeoutError:
        logger.warning("the object store does not answer in time")
        return False


def _list_nothing() -> bool:
    try:
        next(storage.list_keys("ready/"), None)
    except (storage.StoreUnreachable, storage.StoreRefused):
        logger.warning("the object store does not answer, or has no bucket for us")
        return False
    return True


_asking = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ready")
CHECKS: Mapping[str, Callable[[], bool]] = {
    "database": _database,
    "broker": _broker,
    "bucket": _bucket,
}
