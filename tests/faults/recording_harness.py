"""Submits recordings to an installation under fault injection and reads their outcomes."""

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

from devstack.paths import ROOT
from devstack.stack_config import load_stack_config
from tests.installation import Installation, wait_until
from tests.journeys.tell_review_find import CHALLENGE
from tests.journeys.visitor import Visitor
from tests.processes import child_pids, descendant_pids, kill_process_tree

OUTCOME_SQL = """
select video.status, video.reason, video.content_hash, job.attempts, job.state, job.reason,
       extract(epoch from job.finished_at), job.token
from stories_story story join media_video video on video.id = story.video_id
join jobs_job job on job.subject = story.id::text and job.kind = 'stories.prepare'
where story.id = %s order by job.created_at desc limit 1
"""


@dataclass(frozen=True)
class RecordingOutcome:
    """State of a recording and its job; `finished_at` is a Unix timestamp."""

    status: str
    reason: str
    content_hash: str
    attempts: int
    job_state: str
    job_reason: str
    finished_at: float | None
    token: int

    @property
    def is_final(self) -> bool:
        return self.job_state in {"done", "quarantined", "cancelled"} and self.status not in {
            "stored",
            "processing",
        }


class RecordingHarness:
    def __init__(self, sameboat: Installation, bo: Visitor, film: Path) -> None:
        self.sameboat = sameboat
        self._bo = bo
        self._film = film

    def submit_recording(self) -> str:
        """Returns the id of the new story."""
        draft = self._bo.post("/stories", {"challenge": CHALLENGE, "title": "Disturbed", "end_rung": 2})
        upload = self._bo.upload_file(self._film, content_type="video/mp4")
        self._bo.put(
            f"/stories/{draft['id']}/recording", {"expected_version": draft["version"], "upload": upload}
        )
        return str(draft["id"])

    def wait_for_outcome(self, story: str) -> RecordingOutcome:
        assert wait_until(lambda: self.current_outcome(story).is_final), self.current_outcome(story)
        return self.current_outcome(story)

    def current_outcome(self, story: str) -> RecordingOutcome:
        with psycopg.connect(self.sameboat.database_url) as connection:
            row = connection.execute(OUTCOME_SQL, [story]).fetchone()
        assert row is not None
        status, reason, content_hash, attempts, job_state, job_reason, finished_at, token = row
        return RecordingOutcome(
            status,
            reason,
            content_hash,
            attempts,
            job_state,
            job_reason,
            None if finished_at is None else float(finished_at),
            token,
        )

    def is_at_stage(self, story: str, stage: str) -> bool:
        return bool(self._bo.get(f"/stories/{story}/progress")["stage"] == stage)

    def progress_text(self, story: str) -> str:
        return str(self._bo.get(f"/stories/{story}/progress")["message"])

    def withdraw_stories(self, *stories: str) -> None:
        """Keeps bo below the limit of twenty drafts."""
        for story in stories:
            self._bo.post(f"/stories/{story}/withdraw")

    def wait_for_worker_pid(self) -> int:
        """Returns the pid of the media worker once it has a child process."""
        assert wait_until(lambda: bool(child_pids(self.sameboat.pid_of("media worker") or 0)))
        pid = self.sameboat.pid_of("media worker")
        assert pid is not None
        return pid

    def kill_worker_or_child(self, rng: random.Random) -> str:
        """Kill the worker's process tree, or one of its children; returns which."""
        worker = self.wait_for_worker_pid()
        if rng.random() < 1 / 2:
            kill_process_tree(worker)
            return "worker"
        os.kill(rng.choice(child_pids(worker)), signal.SIGKILL)
        return "child"

    def send_wake_ups(self, times: int) -> None:
        """Send additional wake-ups to the media queue."""
        self.sameboat.run_manage_command(
            "shell",
            "-c",
            "from celery import current_app\n"
            f"for _ in range({times}): current_app.send_task('jobs.work_task', args=['media'], queue='media')",
        )

    def take_over_lease(self, story: str) -> None:
        """Lease the job as another worker would after the lease of the first has expired."""
        self.sameboat.run_manage_command(
            "shell",
            "-c",
            "from jobs.leasing import acquire_lease\nfrom jobs.models import Job\n"
            f"assert acquire_lease(Job.objects.unfinished().get(subject='{story}').pk)",
        )

    def flush_broker(self) -> None:
        with redis.Redis.from_url(load_stack_config(self.sameboat.paths).servers.broker.url) as broker:
            broker.flushall()


@contextmanager
def paused_process_tree(pid: int) -> Iterator[None]:
    """SIGSTOP a process and its descendants; SIGCONT on exit."""
    pids = [pid, *descendant_pids(pid)]
    for member_pid in pids:
        os.kill(member_pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for member_pid in reversed(pids):
            os.kill(member_pid, signal.SIGCONT)


@contextmanager
def worker_with_small_disk(sameboat: Installation, *, megabytes: int) -> Iterator[Path]:
    """A media worker with a small tmpfs as scratch space; the disk is full while the yielded path exists.

    The tmpfs is mounted in the worker's own namespace, which needs no root rights.
    """
    config = load_stack_config(sameboat.paths)
    scratch, disk_full_flag = sameboat.paths.var / "scratch", sameboat.paths.var / "full"
    scratch.mkdir(exist_ok=True)
    script = (
        f"mount -t tmpfs -o size={megabytes}m none {scratch} || exit 9\n"
        f"(while sleep 0.05; do if [ -e {disk_full_flag} ]; then cat /dev/zero >>{scratch}/filler 2>/dev/null;"
        f" else rm -f {scratch}/filler; fi; done) &\n"
        f"exec {sys.executable} -m celery -A config.celery:app worker --queues media --concurrency 1"
        " --hostname cramped@%h --without-gossip --without-mingle --without-heartbeat"
    )
    with (sameboat.paths.log_dir / "cramped.log").open("wb") as log:
        worker = subprocess.Popen(
            ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script],  # noqa: S607
            cwd=ROOT,
            env=config.process_environment(),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield disk_full_flag
    finally:
        kill_process_tree(worker.pid)
        worker.wait()
        disk_full_flag.unlink(missing_ok=True)
