"""Processes of their own that rank, as web servers do, on the database that this one uses."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from django.db import connection

from challenges.models import Challenge
from config.env import PREFIX

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys, django
django.setup()
from practice.index import Asked, index_in_use
for challenge in sys.stdin:
    found = index_in_use().likeness(int(challenge), asked=Asked({"age": 30}, {}, {}))
    print(*map(str, found.crowd.keys), flush=True)
"""


class Ranker:
    """A process of its own that says which stories of a challenge it would rank, whenever it is asked."""

    def __init__(self, engine: str) -> None:
        address = urlsplit(os.environ[f"{PREFIX}DATABASE_URL"])
        there = address._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
        self._at_work = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "config.settings",
                f"{PREFIX}DATABASE_URL": there,
                f"{PREFIX}MATCHING_ENGINE": engine,
            },
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._at_work:
            if self._at_work.stdin is not None:
                self._at_work.stdin.close()

    def stories(self, challenge: Challenge) -> set[str]:
        assert self._at_work.stdin is not None
        assert self._at_work.stdout is not None
        self._at_work.stdin.write(f"{challenge.pk}\n")
        self._at_work.stdin.flush()
        return set(self._at_work.stdout.readline().split())
