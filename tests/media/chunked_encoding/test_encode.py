"""A recording made in parts by several workers is the same as one made in one go, and has no seams."""

import re
import subprocess
import threading
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from accounts.models import User
from media import erasure, storage, video_status
from media.chunked_encoding import chunk_storage, encode, join, split
from media.encoding import fmp4
from media.models import Chunk, Splitting, Video
from media.pipeline import ProcessingCancelled
from media.playback.playlists import manifest_from_json
from media.programs import ffmpeg_path
from media.video_status import StaleVideo
from tests.media.recording_variants import HEVC_ARGS
from tests.media.sample_recordings import TONE_SOURCE, RecordingFactory
from tests.media.uploaded_videos import ProgressRecorder, create_uploaded_video, process_and_record

pytestmark = pytest.mark.usefixtures("bucket", "scratch_folder")

SECONDS = 13.5
TEST_SOURCE_ARGS = (
    *("-f", "lavfi", "-i", f"testsrc2=size=424x320:rate=30000/1001:duration={SECONDS}"),
    *("-f", "lavfi", "-i", f"{TONE_SOURCE}:duration={SECONDS}"),
)
# Rich enough that no stream is copied as it stands.
H264_ARGS = (
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
    "-bf",
    "2",
    "-qp",
    "8",
    "-pix_fmt",
    "yuv420p",
    "-c:a",
    "aac",
)
VP8_ARGS = ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-g", "100", "-c:a", "libopus")
VARIABLE_FRAME_RATE_ARGS = ("-vf", "select='gt(mod(n,7),2)*not(between(n,100,230))'", "-fps_mode", "vfr")

RECORDING_KINDS: dict[str, tuple[str, ...]] = {
    "camera.mp4": (*H264_ARGS, "-g", "150"),
    "pieces.mp4": (*H264_ARGS, "-movflags", "frag_keyframe+empty_moov+default_base_moof"),
    "browser.webm": (*VP8_ARGS, "-f", "webm", "-live", "1"),
    "uneven-browser.webm": (*VARIABLE_FRAME_RATE_ARGS, *VP8_ARGS, "-f", "webm", "-live", "1"),
    "uneven.mp4": (*VARIABLE_FRAME_RATE_ARGS, *H264_ARGS),
    "phone.mov": (*HEVC_ARGS, "-x265-params", "log-level=none:open-gop=1:keyint=90", "-pix_fmt", "yuv420p", "-c:a", "aac"),
    "open-groups.mkv": (*H264_ARGS, "-x264-params", "open-gop=1:bframes=3:keyint=100"),
    "sixty.mp4": ("-r", "60", *H264_ARGS),
}  # fmt: skip
MIN_SSIM = 0.97  # SSIM of each frame; two neighbouring frames of these films reach 0.95 at most


@pytest.fixture(autouse=True)
def _parted(settings: Settings) -> None:
    settings.SPLIT_FROM_SECONDS = 8  # so parts are of four seconds


def process_in_chunks(video: Video) -> Video:
    process_and_record(video)
    assert video.status == Video.Status.PROCESSING
    for chunk in video.splitting.chunks.all():
        encode_and_save_chunk(chunk)
    join_all_chunks(video)
    return video


def encode_and_save_chunk(chunk: Chunk, listener: ProgressRecorder | None = None) -> None:
    listener = listener or ProgressRecorder()
    made = encode.encode_chunk(chunk, report=listener.report, is_cancelled=listener.is_cancelled)
    split.save_encoded_chunk(chunk, made)


def join_all_chunks(video: Video, listener: ProgressRecorder | None = None) -> None:
    listener = listener or ProgressRecorder()
    video.refresh_from_db()
    splitting = Splitting.objects.get(video=video)
    join.join_chunks(splitting, report=listener.report, is_cancelled=listener.is_cancelled)
    video.refresh_from_db()


def process_unsplit(owner: User, film: Path, settings: Settings) -> Video:
    settings.SPLIT_FROM_SECONDS = 0
    video = create_uploaded_video(owner, film)
    process_and_record(video)
    settings.SPLIT_FROM_SECONDS = 8
    return video


def concatenate_rendition(video: Video, rendition: str, folder: Path) -> Path:
    """Put a rendition together as a player would."""
    whole = folder / f"{video.pk}-{rendition}.mp4"
    pieces = next(
        one for one in manifest_from_json(video.master).renditions if one.name == rendition
    ).file_names
    whole.write_bytes(b"".join(storage.read_object(video.prefix + piece) for piece in pieces))
    return whole


def ssim_per_frame(one: Path, other: Path) -> list[float]:
    """Return the structural similarity of each frame."""
    command: list[str | Path] = [ffmpeg_path(), "-v", "error", "-nostdin", "-i", one, "-i", other]
    command += ["-filter_complex", "ssim=stats_file=-", "-an", "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    return [float(found) for found in re.findall(r"All:(\d\.\d+)", said)]


def packet_times(film: Path) -> list[int]:
    """Return when each frame is decoded, as the file says."""
    command: list[str | Path] = [ffmpeg_path(), "-v", "error", "-nostdin", "-i", film]
    command += ["-map", "0:v", "-c", "copy", "-copyts", "-f", "framecrc", "-"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    return [int(line.split(",")[1]) for line in said.splitlines() if not line.startswith("#")]


@pytest.mark.parametrize("kind", RECORDING_KINDS)
def test_a_recording_made_in_parts_has_no_seams(
    kind: str, bo: User, recording_factory: RecordingFactory, settings: Settings, tmp_path: Path
) -> None:
    film = recording_factory.render(f"long-{kind}", *TEST_SOURCE_ARGS, *RECORDING_KINDS[kind])
    whole, parted = process_unsplit(bo, film, settings), process_in_chunks(create_uploaded_video(bo, film))
    assert (parted.status, parted.percent, parted.duration_ms) == ("ready", 100, whole.duration_ms)
    there, here = manifest_from_json(whole.master), manifest_from_json(parted.master)
    assert [one.name for one in here.renditions] == ["v320", "v240", "a"]
    for one, other in zip(there.renditions, here.renditions, strict=True):
        assert (one.durations, one.codecs, one.width) == (other.durations, other.codecs, other.width)
    sizes = [concatenate_rendition(video, "v320", tmp_path) for video in (whole, parted)]
    assert packet_times(sizes[0]) == packet_times(sizes[1])
    alike = ssim_per_frame(*sizes)
    assert len(alike) == len(packet_times(sizes[0]))
    assert min(alike) > MIN_SSIM, f"frame {alike.index(min(alike))}"


def test_neighbouring_frames_are_told_apart(
    bo: User, recording_factory: RecordingFactory, settings: Settings, tmp_path: Path
) -> None:
    """Otherwise nothing would be said by the test of the seams."""
    film = recording_factory.render("long-camera.mp4", *TEST_SOURCE_ARGS, *RECORDING_KINDS["camera.mp4"])
    whole = concatenate_rendition(process_unsplit(bo, film, settings), "v320", tmp_path)
    later = tmp_path / "later.mp4"
    command: list[str | Path] = [ffmpeg_path(), "-v", "error", "-nostdin", "-i", whole]
    command += ["-vf", "select='gte(n,1)',setpts=N/FRAME_RATE/TB", "-c:v", "libx264", "-crf", "5", later]
    subprocess.run(command, check=True, timeout=120)
    alike = ssim_per_frame(whole, later)
    assert sum(alike) / len(alike) < MIN_SSIM - 0.02


@pytest.fixture
def video(bo: User, recording_factory: RecordingFactory) -> Video:
    """Give a recording whose first version is there, and whose larger sizes are to be made in four parts."""
    film = recording_factory.render("long-camera.mp4", *TEST_SOURCE_ARGS, *RECORDING_KINDS["camera.mp4"])
    video = create_uploaded_video(bo, film)
    process_and_record(video)
    return video


def test_the_first_version_can_be_watched_while_the_parts_are_made(video: Video) -> None:
    assert video.is_playable
    assert not video.is_processed
    chunks = [(chunk.first_piece, chunk.pieces) for chunk in video.splitting.chunks.all()]
    assert chunks == [(0, 1), (1, 1), (2, 1), (3, 1)]


def test_parts_made_in_any_order_and_at_once_fit_together(
    bo: User, transactional_db: None, recording_factory: RecordingFactory
) -> None:
    film = recording_factory.render("long-camera.mp4", *TEST_SOURCE_ARGS, *RECORDING_KINDS["camera.mp4"])
    video = create_uploaded_video(bo, film)
    process_and_record(video)
    chunks = list(video.splitting.chunks.order_by("-first_piece"))

    def work(mine: list[Chunk]) -> None:
        for chunk in mine:
            encode_and_save_chunk(chunk)
        connection.close()

    workers = [threading.Thread(target=work, args=[chunks[number::2]]) for number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    join_all_chunks(video)
    assert video.status == Video.Status.READY
    assert manifest_from_json(video.master).video_renditions[0].seconds == pytest.approx(SECONDS, abs=0.04)


def test_the_whole_consists_of_what_its_hash_names_and_nothing_is_left(video: Video) -> None:
    for chunk in video.splitting.chunks.all():
        encode_and_save_chunk(chunk)
    join_all_chunks(video)
    files = manifest_from_json(video.master).file_names
    assert list(storage.list_keys(f"out/{video.pk}/")) == sorted(video.prefix + name for name in files)
    assert list(storage.list_keys(f"work/{video.pk}/")) == []
    assert not Chunk.objects.exists()


def test_how_far_all_parts_are_together_is_told(video: Video) -> None:
    before, (first, *_) = video.percent, video.splitting.chunks.all()
    listener = ProgressRecorder()
    encode_and_save_chunk(first, listener)
    video.refresh_from_db()
    assert {stage for stage, _ in listener.reports} == {"encoding"}
    assert before < video.percent < 90
    first.refresh_from_db()
    assert first.percent == 100


def test_an_attempt_at_a_part_that_is_called_off_leaves_nothing(video: Video) -> None:
    (chunk, *_) = video.splitting.chunks.all()
    with pytest.raises(ProcessingCancelled):
        encode_and_save_chunk(chunk, ProgressRecorder(cancel_at="encoding"))
    assert list(storage.list_keys(f"work/{video.pk}/")) == []


def test_a_part_that_was_made_twice_counts_once(video: Video) -> None:
    for chunk in video.splitting.chunks.all():
        encode_and_save_chunk(chunk)
        encode_and_save_chunk(chunk)
    join_all_chunks(video)
    assert video.status == Video.Status.READY
    assert list(storage.list_keys(f"work/{video.pk}/")) == []


def test_parts_of_another_recording_are_not_put_in_its_place(video: Video) -> None:
    chunks = list(video.splitting.chunks.all())
    for chunk in chunks:
        encode_and_save_chunk(chunk)
    stranger = chunk_storage.encoded_chunk_from_json(Chunk.objects.get(pk=chunks[1].pk).made)
    odd = replace(
        stranger, renditions=tuple(replace(one, codecs="avc1.42e01e") for one in stranger.renditions)
    )
    split.save_encoded_chunk(chunks[1], odd)
    with pytest.raises(encode.ChunkMismatch):
        join_all_chunks(video)
    video.refresh_from_db()
    assert video.status == Video.Status.PROCESSING


def test_a_recording_that_was_exchanged_meanwhile_is_not_made_in_parts(
    video: Video, recording_factory: RecordingFactory
) -> None:
    storage.delete_prefix(f"raw/{video.upload_id}/")
    storage.put_file(recording_factory.video_with_tone(), key=video.upload.key, content_type="video/mp4")
    with pytest.raises(encode.ChunkMismatch):
        encode_and_save_chunk(video.splitting.chunks.all()[0])


def test_a_recording_that_could_not_be_made_in_parts_is_made_in_one_go(video: Video) -> None:
    split.abandon_splitting(video.splitting)
    process_and_record(video)
    assert video.status == Video.Status.READY
    assert manifest_from_json(video.master).video_renditions[0].name == "v320"


def test_parts_of_a_video_that_was_prepared_again_meanwhile_are_not_published(video: Video) -> None:
    for chunk in video.splitting.chunks.all():
        encode_and_save_chunk(chunk)
    Video.objects.filter(pk=video.pk).update(prefix=f"out/{video.pk}/another/")
    with pytest.raises(StaleVideo):
        join_all_chunks(video)


def test_what_is_erased_takes_its_parts_along(video: Video) -> None:
    encode_and_save_chunk(video.splitting.chunks.all()[0])
    erasure.erase_video(video)
    assert list(storage.list_keys(f"work/{video.pk}/")) == []
    assert not Chunk.objects.exists()


def test_what_nobody_needs_any_more_is_swept(video: Video) -> None:
    encode_and_save_chunk(video.splitting.chunks.all()[0])
    assert chunk_storage.delete_abandoned_work() == 0
    video_status.mark_unplayable(video, "We tried three times.")
    assert chunk_storage.delete_abandoned_work() == 1
    assert list(storage.list_keys("work/")) == []


def read_output_file(video: Video, name: str) -> bytes:
    return storage.read_object(video.prefix + name)


@pytest.mark.parametrize(
    "harm", [lambda piece: piece[:100], lambda _: b"", lambda piece: b"\x00" * len(piece)]
)
def test_a_piece_of_another_shape_is_not_moved(video: Video, harm: Callable[[bytes], bytes]) -> None:
    with pytest.raises(fmp4.UnexpectedBoxLayout):
        fmp4.shift_segment(
            harm(read_output_file(video, "v240_00000.m4s")),
            preceding_segments=1,
            preceding_seconds=Fraction(4),
        )


def test_a_moved_piece_is_the_one_that_stands_there_in_the_whole(video: Video) -> None:
    """The second piece of the smallest size, counted from itself, and moved back to its place."""
    second = read_output_file(video, "v240_00001.m4s")
    length = Fraction(120 * 1001, 30000)
    alone = fmp4.shift_segment(second, preceding_segments=-1, preceding_seconds=-length)
    assert alone != second
    assert fmp4.shift_segment(alone, preceding_segments=1, preceding_seconds=length) == second
