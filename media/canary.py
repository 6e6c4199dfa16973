"""End-to-end check of media processing: periodically processes a generated clip and plays it back.

Running processes are no proof that they work. The canary runs as an ordinary job, so it exercises the broker, a worker,
the database, the sandbox, validation, encoding and the object store. The job's result reports the outcome; all files
are deleted afterwards.
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
from media.playback.playlists import MASTER_PLAYLIST, Manifest, Rendition
from media.probing import client
from media.probing.facts import UnplayableRecording
from media.probing.validation import validate_recording
from media.programs import ffmpeg_path
from media.sandbox import RunCancelled

CANARY_KIND = "media.canary"
CANARY_SUBJECT = "canary"
CANARY_PREFIX = "canary/"
CLIP_SECONDS = 2
STORE_TIMEOUT_SECONDS = 20  # per segment
CLIP_FFMPEG_ARGS = (
    *("-hide_banner", "-loglevel", "error", "-nostdin"),
    *("-f", "lavfi", "-i", f"testsrc2=size=640x480:rate=30:duration={CLIP_SECONDS}"),
    *("-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={CLIP_SECONDS}"),
    *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"),
)


class CanaryFailed(Exception):
    """A component did not work; the message names it."""


def enqueue_canary() -> Job:
    """Enqueue a canary job, or return the unfinished one."""
    return queue.enqueue_job(CANARY_KIND, CANARY_SUBJECT, queue=Queue.MEDIA, urgency=Urgency.URGENT)


def run_canary(run: JobRun) -> None:
    """Process and play back a clip. Raises CanaryFailed, and the exceptions of missing components."""
    storage.delete_prefix(CANARY_PREFIX)  # files of a killed run
    with _scratch_folder() as folder, _temporary_prefix() as prefix:
        try:
            run.report_progress("checking", 10)
            encoded_video = _encode_clip(folder, prefix, is_cancelled=lambda: run.lease_lost)
        except UnplayableRecording as error:
            raise CanaryFailed(f"validation rejected an intact recording: {error.reason}") from error
        except RunCancelled as error:
            raise LeaseLost(str(run.job_id)) from error
        run.report_progress("storing", 60)
        for file in encoded_video.files:
            storage.put_file(file.path, key=prefix + file.name, content_type=file.content_type)
        run.report_progress("playing", 80)
        _play_back(encoded_video, prefix, folder)


def _encode_clip(folder: Path, prefix: str, *, is_cancelled: Callable[[], bool]) -> EncodedVideo:
    clip, source = folder / "clip.mp4", folder / "source"
    result = subprocess.run(
        [ffmpeg_path(), *CLIP_FFMPEG_ARGS, clip], capture_output=True, timeout=60, check=False
    )
    if result.returncode != 0:
        raise CanaryFailed("ffmpeg could not encode the test clip")
    storage.put_file(clip, key=f"{prefix}source", content_type="video/mp4")
    if storage.download_object(f"{prefix}source", to=source) != hashlib.sha256(clip.read_bytes()).hexdigest():
        raise CanaryFailed("the object store returned different bytes than it received")
    first_out, higher_out = folder / "first", folder / "rest"
    first_out.mkdir()
    higher_out.mkdir()
    recording = validate_recording(source, out=first_out, is_cancelled=is_cancelled)
    if not recording.is_intact:
        raise CanaryFailed("validation reported an intact recording as damaged")
    return encode_higher_renditions(source, recording, out=higher_out, is_cancelled=is_cancelled)


def _play_back(encoded_video: EncodedVideo, prefix: str, folder: Path) -> None:
    """Do what a player does: follow the playlists, download all segments by signed URL, join and probe them."""
    sha256_by_name = {file.name: file.sha256 for file in encoded_video.files}
    for rendition in encoded_video.manifest.renditions:
        _check_playlists(encoded_video.manifest, rendition)
        joined = folder / f"{rendition.name}.mp4"
        with joined.open("wb") as file:
            for name in rendition.file_names:
                content = _download_by_signed_url(prefix + name)
                if hashlib.sha256(content).hexdigest() != sha256_by_name[name]:
                    raise CanaryFailed(f"the object store returned different bytes for {name}")
                file.write(content)
        client.probe_file(joined, is_cancelled=lambda: False)


def _check_playlists(manifest: Manifest, rendition: Rendition) -> None:
    """Check that the master playlist refers to the rendition, and its playlist to all segments."""
    playlist_name = f"{rendition.name}.m3u8"
    segment_names = rendition.file_names[1:]
    listed_names = [
        line for line in _playlist_lines(manifest.playlist_text(playlist_name)) if line in segment_names
    ]
    master_playlist = "".join(_playlist_lines(manifest.playlist_text(MASTER_PLAYLIST)))
    if listed_names != segment_names or playlist_name not in master_playlist:
        raise CanaryFailed(f"the playlists do not refer to {rendition.name}")


def _playlist_lines(playlist: str | None) -> list[str]:
    return (playlist or "").splitlines()


def _download_by_signed_url(key: str) -> bytes:
    """Download an object by its signed URL through the internal endpoint.

    The URL is signed for the host that browsers use, which a worker may be unable to reach.
    """
    signed_url = urlsplit(storage.presigned_url(key, seconds=STORE_TIMEOUT_SECONDS))
    endpoint = urlsplit(settings.S3_ENDPOINT)
    request = urllib.request.Request(  # noqa: S310 - our own store
        signed_url._replace(scheme=endpoint.scheme, netloc=endpoint.netloc).geturl(),
        headers={"Host": signed_url.netloc},
    )
    try:
        with urllib.request.urlopen(request, timeout=STORE_TIMEOUT_SECONDS) as response:  # noqa: S310 - as above
            content: bytes = response.read()
    except urllib.error.HTTPError as error:
        raise CanaryFailed(f"the object store rejected a signed URL ({error.code})") from error
    except OSError as error:
        raise CanaryFailed("the object store did not return a stored object") from error
    return content


@contextmanager
def _scratch_folder() -> Iterator[Path]:
    settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
    for leftover in settings.MEDIA_ROOT.glob("canary-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="canary-", dir=settings.MEDIA_ROOT) as folder:
        yield Path(folder)


@contextmanager
def _temporary_prefix() -> Iterator[str]:
    prefix = f"{CANARY_PREFIX}{secrets.token_urlsafe(24)}/"
    try:
        yield prefix
    finally:
        storage.delete_prefix(prefix)
