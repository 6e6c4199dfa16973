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

from jobs import desk
from jobs.leasing import LeaseLost, Run
from jobs.models import Job, Queue, Urgency
from media import inspecting, storage
from media.encoding import Outputs, encode
from media.gate import check
from media.playlists import MASTER
from media.probe import Unplayable
from media.programs import ffmpeg_path
from media.sandbox import RunCancelled

CANARY = "media.canary"
SUBJECT = "canary"
HOME = "canary/"
SECONDS = 2
PATIENCE = 20  # seconds for the store to hand out one piece
FILM = (
    *("-hide_banner", "-loglevel", "error", "-nostdin"),
    *("-f", "lavfi", "-i", f"testsrc2=size=640x480:rate=30:duration={SECONDS}"),
    *("-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={SECONDS}"),
    *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"),
)


class CanaryFell(Exception):
    """A part of the way did not do what it is there for; the message says which."""


def order() -> Job:
    """Hand in one; while one is under way it is that one."""
    return desk.enqueue(CANARY, SUBJECT, queue=Queue.MEDIA, urgency=Urgency.AT_ONCE)


def send(run: Run) -> None:
    """Send a recording all the way. Raises CanaryFell, and whatever the parts raise that are not there at all."""
    storage.delete_prefix(HOME)  # of one that was killed
    with _workplace() as room, _place_in_bucket() as prefix:
        try:
            run.report("checking", 10)
            outputs = _prepare(room, prefix, cancelled=lambda: run.lost)
        except Unplayable as refusal:
            raise CanaryFell(f"a sound recording was refused: {refusal.reason}") from refusal
        except RunCancelled as stopped:
            raise LeaseLost(str(run.job_id)) from stopped
        run.report("storing", 60)
        for file in outputs.files:
            storage.store(file.path, key=prefix + file.name, content_type=file.content_type)
        run.report("playing", 80)
        _play(outputs, prefix, room)


def _prepare(room: Path, prefix: str, *, cancelled: Callable[[], bool]) -> Outputs:
    film, source = room / "film.mp4", room / "source"
    made = subprocess.run([ffmpeg_path(), *FILM, film], capture_output=True, timeout=60, check=False)
    if made.returncode != 0:
        raise CanaryFell("ffmpeg does not make a film")
    storage.store(film, key=f"{prefix}source", content_type="video/mp4")
    if storage.fetch(f"{prefix}source", to=source) != hashlib.sha256(film.read_bytes()).hexdigest():
        raise CanaryFell("the store gives back other bytes than it was given")
    first, rest = room / "first", room / "rest"
    first.mkdir()
    rest.mkdir()
    checked = check(source, out=first, cancelled=cancelled)
    if not checked.sound:
        raise CanaryFell("the gate takes a sound recording for a damaged one")
    return encode(source, checked, out=rest, cancelled=cancelled)


def _play(outputs: Outputs, prefix: str, room: Path) -> None:
    """Do what a player does: follow the playlists, get each piece by a signed address, put them together, look."""
    master = outputs.master
    hashes = {file.name: file.sha256 for file in outputs.files}
    for rendition in master.renditions:
        listed = [line for line in _lines(master.playlist(f"{rendition.name}.m3u8")) if line in hashes]
        if listed != rendition.pieces[1:] or f"{rendition.name}.m3u8" not in "".join(
            _lines(master.playlist(MASTER))
        ):
            raise CanaryFell(f"the playlists do not lead to {rendition.name}")
        whole = room / f"{rendition.name}.mp4"
        with whole.open("wb") as film:
            for piece in rendition.pieces:
                got = _get(prefix + piece)
                if hashlib.sha256(got).hexdigest() != hashes[piece]:
                    raise CanaryFell(f"{piece} came back as something else")
                film.write(got)
        inspecting.look(whole, cancelled=lambda: False)


def _lines(playlist: str | None) -> list[str]:
    return (playlist or "").splitlines()


def _get(key: str) -> bytes:
    """Get an object by a signed address, along the way that leads to the store from here.

    The address is signed for the host that browsers use, which a worker need not be able to reach.
    """
    signed = urlsplit(storage.sign(key, seconds=PATIENCE))
    inside = urlsplit(settings.S3_ENDPOINT)
    request = urllib.request.Request(  # noqa: S310 - our own store
        signed._replace(scheme=inside.scheme, netloc=inside.netloc).geturl(), headers={"Host": signed.netloc}
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - as above
            content: bytes = answer.read()
    except urllib.error.HTTPError as refused:
        raise CanaryFell(f"the store refuses a signed address ({refused.code})") from refused
    except OSError as error:
        raise CanaryFell("the store does not hand out what was put there") from error
    return content


@contextmanager
def _workplace() -> Iterator[Path]:
    settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
    for left in settings.MEDIA_ROOT.glob("canary-*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="canary-", dir=settings.MEDIA_ROOT) as folder:
        yield Path(folder)


@contextmanager
def _place_in_bucket() -> Iterator[str]:
    prefix = f"{HOME}{secrets.token_urlsafe(24)}/"
    try:
        yield prefix
    finally:
        storage.delete_prefix(prefix)
