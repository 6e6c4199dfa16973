"""Separate processes that rank stories in the database of the test, as web servers do."""

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
RANKING_PROGRAM = """
import sys, django
django.setup()
from recommendations.index.story_index import RankingQuery, index_in_use
for challenge in sys.stdin:
    story_scores = index_in_use().score_stories(int(challenge), ranking_query=RankingQuery({"age": 30}, {}, {}))
    print(*map(str, story_scores.stories.keys), flush=True)
"""


class RankingProcess:
    """A process that prints the ranked stories of each challenge that it reads from its input."""

    def __init__(self, engine: str) -> None:
        url = urlsplit(os.environ[f"{PREFIX}DATABASE_URL"])
        database_url = url._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
        self._process = subprocess.Popen(
            [sys.executable, "-c", RANKING_PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "config.settings",
                f"{PREFIX}DATABASE_URL": database_url,
                f"{PREFIX}MATCHING_ENGINE": engine,
            },
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:
            if self._process.stdin is not None:
                self._process.stdin.close()

    def ranked_story_ids(self, challenge: Challenge) -> set[str]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{challenge.pk}\n")
        self._process.stdin.flush()
        return set(self._process.stdout.readline().split())
