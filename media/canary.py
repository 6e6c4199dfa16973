"""A recording of our own, sent all the way now and then: a process may be up while nothing it does works.

It is handed in as a job like any other, so that the broker, a worker, the database, the walls, the gate, the encoder and
the bucket all have to do their part. What becomes of it is told by its job; of the recording nothing is left.
"""

import hashlib
import secrets
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from jobs import queue
from jobs.leasing import JobRun, LeaseLost
from jobs.models import Job, Queue, Urgency
from media import storage
from media.encoding.renditions import EncodedVideo, encode_higher_renditions
from media.playback.playlists import MASTER_PLAYLIST
from media.probing import client
from media.probing.facts import UnplayableRecording
from media.probing.validation import validate_recording
from media.programs import ffmpeg_path
from media.sandbox import RunCancelled

CANARY_KIND = "media.canary"
CANARY_SUBJECT = "canary"
CANARY_PREFIX = "canary/"
CLIP_SECONDS = 2
STORE_TIMEOUT_SECONDS = 20  # seconds for the store to hand out one piece
CLIP_FFMPEG_ARGS = (
    *("-hide_banner", "-loglevel", "error", "-nostdin"),
    *("-f", "lavfi", "-i", f"testsrc2=size=640x480:rate=30:duration={CLIP_SECONDS}"),
    *("-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={CLIP_SECONDS}"),
    *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"),
)


class CanaryFailed(Exception):
    """A part of the way did not do what it is there for; the message says which."""


def enqueue_canary() -> Job:
    """Hand in one; while one is under way it is that one."""
    return queue.enqueue_job(CANARY_KIND, CANARY_SUBJECT, queue=Queue.MEDIA, urgency=Urgency.URGENT)


def run_canary(run: JobRun) -> None:
    """Send a recording all the way. Raises CanaryFell, and whatever the parts raise that are not there at all."""
    storage.delete_prefix(CANARY_PREFIX)  # of one that was killed
    with _scratch_folder() as room, _temporary_prefix() as prefix:
        try:
            run.report_progress("checking", 10)
            outputs = _encode_clip(room, prefix, is_cancelled=lambda: run.lease_lost)
        except UnplayableRecording as refusal:
            raise CanaryFailed(f"a sound recording was refused: {refusal.reason}") from refusal
        except RunCancelled as stopped:
            raise LeaseLost(str(run.job_id)) from stopped
        run.report_progress("storing", 60)
        for file in outputs.files:
            storage.put_file(file.path, key=prefix + file.name, content_type=file.content_type)
        run.report_progress("playing", 80)
        _play_back(outputs, prefix, room)


def _encode_clip(room: Path, prefix: str, *, is_cancelled: Callable[[], bool]) -> EncodedVideo:
    film, source = room / "film.mp4", room / "source"
    made = subprocess.run(
        [ffmpeg_path(), *CLIP_FFMPEG_ARGS, film], capture_output=True, timeout=60, check=False
    )
    if made.returncode != 0:
        raise CanaryFailed("ffmpeg does not make a film")
    storage.put_file(film, key=f"{prefix}source", content_type="video/mp4")
    if storage.download_object(f"{prefix}source", to=source) != hashlib.sha256(film.read_bytes()).hexdigest():
        raise CanaryFailed("the store gives back other bytes than it was given")
    first, rest = room / "first", room / "rest"
    first.mkdir()
    rest.mkdir()
    checked = validate_recording(source, out=first, is_cancelled=is_cancelled)
    if not checked.is_intact:
        raise CanaryFailed("the gate takes a sound recording for a damaged one")
    return encode_higher_renditions(source, checked, out=rest, is_cancelled=is_cancelled)


def _play_back(outputs: EncodedVideo, prefix: str, room: Path) -> None:
    """Do what a player does: follow the playlists, get each piece by a signed address, put them together, look."""
    master = outputs.manifest
    hashes = {file.name: file.sha256 for file in outputs.files}
    for rendition in master.renditions:
        listed = [
            line for line in _playlist_lines(master.playlist_text(f"{rendition.name}.m3u8")) if line in hashes
        ]
        if listed != rendition.file_names[1:] or f"{rendition.name}.m3u8" not in "".join(
            _playlist_lines(master.playlist_text(MASTER_PLAYLIST))
        ):
            raise CanaryFailed(f"the playlists do not lead to {rendition.name}")
        whole = room / f"{rendition.name}.mp4"
        with whole.open("wb") as film:
            for piece in rendition.file_names:
                got = _download_by_signed_url(prefix + piece)
                if hashlib.sha256(got).hexdigest() != hashes[piece]:
                    raise CanaryFailed(f"{piece} came back as something else")
                film.write(got)
        client.probe_file(whole, is_cancelled=lambda: False)


def _playlist_lines(playlist: str | None) -> list[str]:
    return (playlist or "").splitlines()


def _download_by_signed_url(key: str) -> bytes:
    """Get an object by a signed address, along the way that leads to the store from here.

    The address is signed for the host that browsers use, which a worker need not be able to reach.
    """
    signed = urlsplit(storage.presigned_url(key, seconds=STORE_TIMEOUT_SECONDS))
    inside = urlsplit(settings.S3_ENDPOINT)
    request = urllib.request.Request(  # noqa: S310 - our own store
        signed._replace(scheme=inside.scheme, netloc=inside.netloc).geturl(), headers={"Host": signed.netloc}
    )
    try:
        with urllib.request.urlopen(request, timeout=STORE_TIMEOUT_SECONDS) as answer:  # noqa: S310 - as above
            content: bytes = answer.read()
    except urllib.error.HTTPError as refused:
        raise CanaryFailed(f"the store refuses a signed address ({refused.code})") from refused
    except OSError as error:
        raise CanaryFailed("the store does not hand out what was put there") from error
    return content


@contextmanager
def _scratch_folder() -> Iterator[Path]:
    settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
    for left in settings.MEDIA_ROOT.glob("canary-*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="canary-", dir=settings.MEDIA_ROOT) as folder:
        yield Path(folder)


@contextmanager
def _temporary_prefix() -> Iterator[str]:
    prefix = f"{CANARY_PREFIX}{secrets.token_urlsafe(24)}/"
    try:
        yield prefix
    finally:
        storage.delete_prefix(prefix)
