"""Recordings on their way through a Sameboat that is being disturbed, and how each of them ended."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis

from config.local.place import ROOT
from config.local.setup import look_up
from tests.installation import Installation, until
from tests.journeys.three_people import CHALLENGE
from tests.journeys.visitor import Visitor
from tests.processes import children, descendants, kill_with_children

ENDED = """
select video.status, video.reason, video.content_hash, job.attempts, job.state, job.reason,
       extract(epoch from job.finished_at), job.token
from stories_story story join media_video video on video.id = story.video_id
join jobs_job job on job.subject = story.id::text and job.kind = 'stories.prepare'
where story.id = %s order by job.created_at desc limit 1
"""


@dataclass(frozen=True)
class Ending:
    """How a recording and its job stand. `at` is when the job finished, in seconds as `time.time` counts them."""

    status: str
    reason: str
    content_hash: str
    attempts: int
    job: str
    job_reason: str
    at: float | None
    token: int

    @property
    def over(self) -> bool:
        return self.job in {"done", "quarantined", "cancelled"} and self.status not in {
            "stored",
            "processing",
        }


class Recordings:
    """Sends one film again and again, and sees what becomes of it."""

    def __init__(self, sameboat: Installation, bo: Visitor, film: Path) -> None:
        self.sameboat = sameboat
        self._bo = bo
        self._film = film

    def send(self) -> str:
        """Hand one in; return its story."""
        draft = self._bo.post("/stories", {"challenge": CHALLENGE, "title": "Disturbed", "end_rung": 2})
        upload = self._bo.send(self._film, content_type="video/mp4")
        self._bo.put(f"/stories/{draft['id']}/recording", {"seen": draft["version"], "upload": upload})
        return str(draft["id"])

    def ending(self, story: str) -> Ending:
        """Wait until one has ended."""
        assert until(lambda: self.now(story).over), self.now(story)
        return self.now(story)

    def now(self, story: str) -> Ending:
        with psycopg.connect(self.sameboat.database_url) as connection:
            row = connection.execute(ENDED, [story]).fetchone()
        assert row is not None
        status, reason, content_hash, attempts, job, job_reason, at, token = row
        return Ending(
            status, reason, content_hash, attempts, job, job_reason, None if at is None else float(at), token
        )

    def is_at(self, story: str, stage: str) -> bool:
        return bool(self._bo.get(f"/stories/{story}/progress")["stage"] == stage)

    def words_about(self, story: str) -> str:
        return str(self._bo.get(f"/stories/{story}/progress")["words"])

    def put_away(self, *stories: str) -> None:
        """Take stories back: nobody may have more than a score of drafts."""
        for story in stories:
            self._bo.post(f"/stories/{story}/withdraw")

    def worker(self) -> int:
        """Return the media worker, once there is one with a child at hand."""
        assert until(lambda: bool(children(self.sameboat.pid_of("media worker") or 0)))
        pid = self.sameboat.pid_of("media worker")
        assert pid is not None
        return pid

    def kill_something(self, chance: random.Random) -> str:
        """Kill the worker with all below it, or one of its children; say which."""
        worker = self.worker()
        if chance.random() < 1 / 2:
            kill_with_children(worker)
            return "worker"
        os.kill(chance.choice(children(worker)), signal.SIGKILL)
        return "child"

    def ring(self, times: int) -> None:
        """Let every ring be heard so many times more."""
        self.sameboat.manage(
            "shell",
            "-c",
            "from celery import current_app\n"
            f"for _ in range({times}): current_app.send_task('jobs.work_task', args=['media'], queue='media')",
        )

    def take_over(self, story: str) -> None:
        """Take the lease as another worker would whose clock says that the first one is gone."""
        self.sameboat.manage(
            "shell",
            "-c",
            "from jobs.leasing import take\nfrom jobs.models import Job\n"
            f"assert take(Job.objects.unfinished().get(subject='{story}').pk)",
        )

    def flush_broker(self) -> None:
        with redis.Redis.from_url(look_up(self.sameboat.place).servers.broker.url) as broker:
            broker.flushall()


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """Stop a process and all below it where they are, and let them go on afterwards."""
    tree = [pid, *descendants(pid)]
    for one in tree:
        os.kill(one, signal.SIGSTOP)
    try:
        yield
    finally:
        for one in reversed(tree):
            os.kill(one, signal.SIGCONT)


@contextmanager
def cramped_worker(sameboat: Installation, *, megabytes: int) -> Iterator[Path]:
    """A media worker of our own whose scratch space is a small disk; it is full while the file given is there.

    The disk exists in a name space of the worker's own, so that no rights are needed to make it.
    """
    setup = look_up(sameboat.place)
    scratch, full = sameboat.place.var / "scratch", sameboat.place.var / "full"
    scratch.mkdir(exist_ok=True)
    script = (
        f"mount -t tmpfs -o size={megabytes}m none {scratch} || exit 9\n"
        f"(while sleep 0.05; do if [ -e {full} ]; then cat /dev/zero >>{scratch}/filler 2>/dev/null;"
        f" else rm -f {scratch}/filler; fi; done) &\n"
        f"exec {sys.executable} -m celery -A config.celery:app worker --queues media --concurrency 1"
        " --hostname cramped@%h --without-gossip --without-mingle --without-heartbeat"
    )
    with (sameboat.place.logs / "cramped.log").open("wb") as log:
        worker = subprocess.Popen(
            ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script],  # noqa: S607
            cwd=ROOT,
            env=setup.environment(),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield full
    finally:
        kill_with_children(worker.pid)
        worker.wait()
        full.unlink(missing_ok=True)
