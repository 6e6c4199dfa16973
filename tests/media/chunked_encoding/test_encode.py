"""Tests that chunked encoding gives the same result as encoding a recording as a whole."""

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
# Bit rates too high for the original stream to be copied.
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
    "fragmented.mp4": (*H264_ARGS, "-movflags", "frag_keyframe+empty_moov+default_base_moof"),
    "browser.webm": (*VP8_ARGS, "-f", "webm", "-live", "1"),
    "variable-rate-browser.webm": (*VARIABLE_FRAME_RATE_ARGS, *VP8_ARGS, "-f", "webm", "-live", "1"),
    "variable-rate.mp4": (*VARIABLE_FRAME_RATE_ARGS, *H264_ARGS),
    "phone.mov": (*HEVC_ARGS, "-x265-params", "log-level=none:open-gop=1:keyint=90", "-pix_fmt", "yuv420p", "-c:a", "aac"),
    "open-gop.mkv": (*H264_ARGS, "-x264-params", "open-gop=1:bframes=3:keyint=100"),
    "sixty.mp4": ("-r", "60", *H264_ARGS),
}  # fmt: skip
MIN_SSIM = 0.97  # per frame; neighbouring frames of these recordings reach 0.95 at most


@pytest.fixture(autouse=True)
def _small_chunks(settings: Settings) -> None:
    settings.SPLIT_FROM_SECONDS = 8  # makes chunks of four seconds


def process_in_chunks(video: Video) -> Video:
    process_and_record(video)
    assert video.status == Video.Status.PROCESSING
    for chunk in video.splitting.chunks.all():
        encode_and_save_chunk(chunk)
    join_all_chunks(video)
    return video


def encode_and_save_chunk(chunk: Chunk, recorder: ProgressRecorder | None = None) -> None:
    recorder = recorder or ProgressRecorder()
    encoded_chunk = encode.encode_chunk(chunk, report=recorder.report, is_cancelled=recorder.is_cancelled)
    split.save_encoded_chunk(chunk, encoded_chunk)


def join_all_chunks(video: Video, recorder: ProgressRecorder | None = None) -> None:
    recorder = recorder or ProgressRecorder()
    video.refresh_from_db()
    splitting = Splitting.objects.get(video=video)
    join.join_chunks(splitting, report=recorder.report, is_cancelled=recorder.is_cancelled)
    video.refresh_from_db()


def process_unsplit(owner: User, source: Path, settings: Settings) -> Video:
    settings.SPLIT_FROM_SECONDS = 0
    video = create_uploaded_video(owner, source)
    process_and_record(video)
    settings.SPLIT_FROM_SECONDS = 8
    return video


def concatenate_rendition(video: Video, rendition_name: str, folder: Path) -> Path:
    """Join a rendition's segments into one file, as a player does."""
    joined = folder / f"{video.pk}-{rendition_name}.mp4"
    segment_names = next(
        rendition
        for rendition in manifest_from_json(video.master).renditions
        if rendition.name == rendition_name
    ).file_names
    joined.write_bytes(b"".join(storage.read_object(video.prefix + name) for name in segment_names))
    return joined


def ssim_per_frame(first: Path, second: Path) -> list[float]:
    """Return the structural similarity (SSIM) of each pair of frames."""
    command: list[str | Path] = [ffmpeg_path(), "-v", "error", "-nostdin", "-i", first, "-i", second]
    command += ["-filter_complex", "ssim=stats_file=-", "-an", "-f", "null", "-"]
    output = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    return [float(value) for value in re.findall(r"All:(\d\.\d+)", output)]


def packet_times(source: Path) -> list[int]:
    """Return the decoding timestamp of each video packet."""
    command: list[str | Path] = [ffmpeg_path(), "-v", "error", "-nostdin", "-i", source]
    command += ["-map", "0:v", "-c", "copy", "-copyts", "-f", "framecrc", "-"]
    output = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    return [int(line.split(",")[1]) for line in output.splitlines() if not line.startswith("#")]


@pytest.mark.parametrize("kind", RECORDING_KINDS)
def test_chunked_encode_equals_an_encode_of_the_whole_recording(
    kind: str, bo: User, recording_factory: RecordingFactory, settings: Settings, tmp_path: Path
) -> None:
    source = recording_factory.render(f"long-{kind}", *TEST_SOURCE_ARGS, *RECORDING_KINDS[kind])
    unsplit, chunked = (
        process_unsplit(bo, source, settings),
        process_in_chunks(create_uploaded_video(bo, source)),
    )
    assert (chunked.status, chunked.percent, chunked.duration_ms) == ("ready", 100, unsplit.duration_ms)
    unsplit_manifest, chunked_manifest = (
        manifest_from_json(unsplit.master),
        manifest_from_json(chunked.master),
    )
    assert [rendition.name for rendition in chunked_manifest.renditions] == ["v320", "v240", "a"]
    for rendition, chunked_rendition in zip(
        unsplit_manifest.renditions, chunked_manifest.renditions, strict=True
    ):
        assert (rendition.durations, rendition.codecs, rendition.width) == (
            chunked_rendition.durations,
            chunked_rendition.codecs,
            chunked_rendition.width,
        )
    joined_files = [concatenate_rendition(video, "v320", tmp_path) for video in (unsplit, chunked)]
    assert packet_times(joined_files[0]) == packet_times(joined_files[1])
    ssim = ssim_per_frame(*joined_files)
    assert len(ssim) == len(packet_times(joined_files[0]))
    assert min(ssim) > MIN_SSIM, f"frame {ssim.index(min(ssim))}"


def test_ssim_distinguishes_neighbouring_frames(
    bo: User, recording_factory: RecordingFactory, settings: Settings, tmp_path: Path
) -> None:
    """Guards the threshold of the comparison above."""
    source = recording_factory.render("long-camera.mp4", *TEST_SOURCE_ARGS, *RECORDING_KINDS["camera.mp4"])
    original = concatenate_rendition(process_unsplit(bo, source, settings), "v320", tmp_path)
    shifted = tmp_path / "shifted.mp4"
    command: list[str | Path] = [ffmpeg_path(), "-v", "error", "-nostdin", "-i", original]
    command += ["-vf", "select='gte(n,1)',setpts=N/FRAME_RATE/TB", "-c:v", "libx264", "-crf", "5", shifted]
    subprocess.run(command, check=True, timeout=120)
    ssim = ssim_per_frame(original, shifted)
    assert sum(ssim) / len(ssim) < MIN_SSIM - 0.02


@pytest.fixture
def video(bo: User, recording_factory: RecordingFactory) -> Video:
    """A video with a first version, whose higher renditions are split into four chunks."""
    source = recording_factory.render("long-camera.mp4", *TEST_SOURCE_ARGS, *RECORDING_KINDS["camera.mp4"])
    video = create_uploaded_video(bo, source)
    process_and_record(video)
    return video


def test_first_version_is_playable_while_chunks_are_encoded(video: Video) -> None:
    assert video.is_playable
    assert not video.is_processed
    chunks = [(chunk.first_segment, chunk.segment_count) for chunk in video.splitting.chunks.all()]
    assert chunks == [(0, 1), (1, 1), (2, 1), (3, 1)]


def test_chunks_encoded_concurrently_in_any_order_are_joined(
    bo: User, transactional_db: None, recording_factory: RecordingFactory
) -> None:
    source = recording_factory.render("long-camera.mp4", *TEST_SOURCE_ARGS, *RECORDING_KINDS["camera.mp4"])
    video = create_uploaded_video(bo, source)
    process_and_record(video)
    chunks = list(video.splitting.chunks.order_by("-first_segment"))

    def encode_chunks(worker_chunks: list[Chunk]) -> None:
        for chunk in worker_chunks:
            encode_and_save_chunk(chunk)
        connection.close()

    threads = [threading.Thread(target=encode_chunks, args=[chunks[number::2]]) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    join_all_chunks(video)
    assert video.status == Video.Status.READY
    assert manifest_from_json(video.master).video_renditions[0].seconds == pytest.approx(SECONDS, abs=0.04)


def test_joining_stores_exactly_the_files_of_the_manifest_and_deletes_all_chunks(video: Video) -> None:
    for chunk in video.splitting.chunks.all():
        encode_and_save_chunk(chunk)
    join_all_chunks(video)
    files = manifest_from_json(video.master).file_names
    assert list(storage.list_keys(f"out/{video.pk}/")) == sorted(video.prefix + name for name in files)
    assert list(storage.list_keys(f"work/{video.pk}/")) == []
    assert not Chunk.objects.exists()


def test_encoding_a_chunk_updates_the_progress_of_chunk_and_video(video: Video) -> None:
    before, (first, *_) = video.percent, video.splitting.chunks.all()
    recorder = ProgressRecorder()
    encode_and_save_chunk(first, recorder)
    video.refresh_from_db()
    assert {stage for stage, _ in recorder.reports} == {"encoding"}
    assert before < video.percent < 90
    first.refresh_from_db()
    assert first.percent == 100


def test_cancelled_chunk_leaves_no_files(video: Video) -> None:
    (chunk, *_) = video.splitting.chunks.all()
    with pytest.raises(ProcessingCancelled):
        encode_and_save_chunk(chunk, ProgressRecorder(cancel_at="encoding"))
    assert list(storage.list_keys(f"work/{video.pk}/")) == []


def test_chunk_encoded_twice_is_joined_once(video: Video) -> None:
    for chunk in video.splitting.chunks.all():
        encode_and_save_chunk(chunk)
        encode_and_save_chunk(chunk)
    join_all_chunks(video)
    assert video.status == Video.Status.READY
    assert list(storage.list_keys(f"work/{video.pk}/")) == []


def test_chunks_with_different_codecs_are_not_joined(video: Video) -> None:
    chunks = list(video.splitting.chunks.all())
    for chunk in chunks:
        encode_and_save_chunk(chunk)
    encoded_chunk = chunk_storage.encoded_chunk_from_json(Chunk.objects.get(pk=chunks[1].pk).encoded)
    other_codec = replace(
        encoded_chunk,
        renditions=tuple(replace(rendition, codecs="avc1.42e01e") for rendition in encoded_chunk.renditions),
    )
    split.save_encoded_chunk(chunks[1], other_codec)
    with pytest.raises(encode.ChunkMismatch):
        join_all_chunks(video)
    video.refresh_from_db()
    assert video.status == Video.Status.PROCESSING


def test_chunk_of_a_replaced_recording_is_rejected(video: Video, recording_factory: RecordingFactory) -> None:
    storage.delete_prefix(f"raw/{video.upload_id}/")
    storage.put_file(recording_factory.video_with_tone(), key=video.upload.key, content_type="video/mp4")
    with pytest.raises(encode.ChunkMismatch):
        encode_and_save_chunk(video.splitting.chunks.all()[0])


def test_abandoned_splitting_is_encoded_as_a_whole(video: Video) -> None:
    split.abandon_splitting(video.splitting)
    process_and_record(video)
    assert video.status == Video.Status.READY
    assert manifest_from_json(video.master).video_renditions[0].name == "v320"


def test_chunks_of_a_video_that_was_processed_again_are_not_published(video: Video) -> None:
    for chunk in video.splitting.chunks.all():
        encode_and_save_chunk(chunk)
    Video.objects.filter(pk=video.pk).update(prefix=f"out/{video.pk}/another/")
    with pytest.raises(StaleVideo):
        join_all_chunks(video)


def test_erasing_a_video_deletes_its_chunks(video: Video) -> None:
    encode_and_save_chunk(video.splitting.chunks.all()[0])
    erasure.erase_video(video)
    assert list(storage.list_keys(f"work/{video.pk}/")) == []
    assert not Chunk.objects.exists()


def test_sweep_deletes_chunks_of_unplayable_videos_only(video: Video) -> None:
    encode_and_save_chunk(video.splitting.chunks.all()[0])
    assert chunk_storage.delete_abandoned_chunks() == 0
    video_status.mark_unplayable(video, "We tried three times.")
    assert chunk_storage.delete_abandoned_chunks() == 1
    assert list(storage.list_keys("work/")) == []


def read_stored_file(video: Video, name: str) -> bytes:
    return storage.read_object(video.prefix + name)


@pytest.mark.parametrize(
    "corrupt", [lambda segment: segment[:100], lambda _: b"", lambda segment: b"\x00" * len(segment)]
)
def test_shifting_a_malformed_segment_is_rejected(video: Video, corrupt: Callable[[bytes], bytes]) -> None:
    with pytest.raises(fmp4.UnexpectedBoxLayout):
        fmp4.shift_segment(
            corrupt(read_stored_file(video, "v240_00000.m4s")),
            preceding_segments=1,
            preceding_seconds=Fraction(4),
        )


def test_shifting_a_segment_back_and_forth_restores_it(video: Video) -> None:
    second_segment = read_stored_file(video, "v240_00001.m4s")
    seconds = Fraction(120 * 1001, 30000)
    shifted_back = fmp4.shift_segment(second_segment, preceding_segments=-1, preceding_seconds=-seconds)
    assert shifted_back != second_segment
    assert fmp4.shift_segment(shifted_back, preceding_segments=1, preceding_seconds=seconds) == second_segment
