import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from media.encoding.bitrate_ladder import RenditionSpec
from media.encoding.passthrough import passthrough_cuts
from media.encoding.renditions import encode_higher_renditions
from media.probing import validation
from media.probing.facts import GOPStructure
from media.programs import ffmpeg_path
from tests.media.sample_recordings import RecordingFactory

RATE = Fraction(25)
FRAME_SECONDS = 0.04
RENDITION_SPEC = RenditionSpec("v480", 854, 480, 1200)
# Ten seconds with a keyframe every second, at 800 kbit/s.
ONE_SECOND_GOPS = GOPStructure(
    tuple(float(n) for n in range(10)), (100_000,) * 10, FRAME_SECONDS, FRAME_SECONDS, 10.0
)


def cuts_at_25_fps(gops: GOPStructure, *, size: tuple[int, int] = (854, 480)) -> tuple[float, ...] | None:
    return passthrough_cuts(gops, size=size, rendition=RENDITION_SPEC, rate=RATE)


def test_regular_keyframes_are_cut_at_the_nominal_segment_length() -> None:
    assert cuts_at_25_fps(ONE_SECOND_GOPS) == (0.0, 4.0, 8.0)


def test_segments_start_at_the_first_keyframe_after_each_multiple_of_their_length() -> None:
    starts = (0.0, 3.0, 6.0, 9.0, 12.0, 15.0)
    assert cuts_at_25_fps(
        replace(ONE_SECOND_GOPS, keyframe_times=starts, gop_bytes=(100_000,) * 6, seconds=17.0)
    ) == (0.0, 6.0, 9.0, 12.0)


@pytest.mark.parametrize(
    "changes",
    [
        {"keyframe_times": (0.0, 9.0), "gop_bytes": (1000, 1000)},  # a long segment delays playback
        {
            "keyframe_times": (0.0, 7.5, 8.2),
            "gop_bytes": (1000, 1000, 1000),
        },  # a short segment costs a request
        {"shortest_frame_seconds": FRAME_SECONDS / 2},  # variable frame rate
        {"longest_frame_seconds": 3 * FRAME_SECONDS},
        {"gop_bytes": (100_000,) * 4 + (160_000,) * 4 + (100_000,) * 2},  # exceeds the peak bit rate
    ],
    ids=["too long", "too short", "shorter frames", "longer frames", "too many bits"],
)
def test_unsuitable_gop_structure_is_encoded(changes: dict[str, object]) -> None:
    assert cuts_at_25_fps(replace(ONE_SECOND_GOPS, **changes)) is None  # type: ignore[arg-type] # each key is a field of GOPStructure


def test_stream_of_another_size_is_encoded() -> None:
    assert cuts_at_25_fps(ONE_SECOND_GOPS, size=(852, 480)) is None


class EncodingRun:
    """Validates and encodes one recording."""

    def __init__(self, source: Path, folder: Path) -> None:
        for name in ("first", "rest"):
            (folder / name).mkdir()
        self.folder = folder
        self.recording = validation.validate_recording(
            source, out=folder / "first", is_cancelled=never_cancelled
        )
        self.encoded_video = encode_higher_renditions(
            source, self.recording, out=folder / "rest", is_cancelled=never_cancelled
        )

    @property
    def has_passthrough(self) -> bool:
        return (self.folder / "rest" / "copied").exists()

    def frame_hashes(self, rendition_name: str) -> list[str]:
        """Return the MD5 of each decoded frame of a rendition."""
        paths = {file.name: file.path for file in self.encoded_video.files}
        segment_names = next(
            rendition
            for rendition in self.encoded_video.manifest.renditions
            if rendition.name == rendition_name
        ).file_names
        joined = self.folder / "joined.mp4"
        joined.write_bytes(b"".join(paths[name].read_bytes() for name in segment_names))
        return decoded_frame_hashes(joined)


def never_cancelled() -> bool:
    return False


def decoded_frame_hashes(source: Path) -> list[str]:
    command: list[str | Path] = [
        ffmpeg_path(),
        "-v",
        "error",
        "-i",
        source,
        "-map",
        "0:v",
        "-f",
        "framemd5",
        "-",
    ]
    output = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    return [line.rpartition(",")[2].strip() for line in output.splitlines() if not line.startswith("#")]


def test_suitable_recording_is_copied_without_changing_a_frame(
    recording_factory: RecordingFactory, tmp_path: Path
) -> None:
    source = recording_factory.edited_video()
    run = EncodingRun(source, tmp_path)
    assert run.has_passthrough
    largest, smallest, _ = run.encoded_video.manifest.renditions
    assert (largest.name, largest.durations) == ("v480", (4.0, 4.0, 1.0))
    assert smallest.durations == pytest.approx(largest.durations, abs=0.02)
    assert run.frame_hashes("v480") == decoded_frame_hashes(source)


def test_copied_stream_contains_no_encoder_settings_or_location(
    recording_factory: RecordingFactory, tmp_path: Path
) -> None:
    source = recording_factory.edited_video()
    assert b"x264 - core" in source.read_bytes()
    run = EncodingRun(source, tmp_path)
    copied_paths = [file.path for file in run.encoded_video.files if file.name.startswith("v480")]
    assert all(b"x264 - core" not in path.read_bytes() for path in copied_paths)
    assert all(b"51.5334" not in file.path.read_bytes() for file in run.encoded_video.files)


def test_encoded_renditions_are_aligned_with_the_copied_keyframes(
    recording_factory: RecordingFactory, tmp_path: Path
) -> None:
    run = EncodingRun(recording_factory.edited_video(name="every-five.mp4", keyframe_interval=150), tmp_path)
    assert run.has_passthrough
    assert [rendition.durations for rendition in run.encoded_video.manifest.video_renditions] == [
        (5.0, 4.0)
    ] * 2


@pytest.mark.parametrize(
    ("name", "ffmpeg_args", "keyframe_interval"),
    [
        ("single-gop.mp4", (), 300),
        ("rich.mp4", ("-pix_fmt", "yuv444p"), 30),
        ("wide-range.mp4", ("-color_range", "pc", "-vf", "scale=out_range=pc,format=yuvj420p"), 30),
        ("interlaced.mp4", ("-flags", "+ildct+cgop", "-x264-params", "tff=1"), 30),
        ("open.mp4", ("-x264-params", "open-gop=1:bframes=3"), 30),
        ("heavy.mp4", ("-crf", "8"), 30),
        ("fast.mp4", ("-r", "60"), 60),
    ],
)
def test_unsuitable_recording_is_encoded(
    recording_factory: RecordingFactory,
    tmp_path: Path,
    name: str,
    ffmpeg_args: tuple[str, ...],
    keyframe_interval: int,
) -> None:
    source = recording_factory.edited_video(*ffmpeg_args, name=name, keyframe_interval=keyframe_interval)
    recording = validation.validate_recording(source, out=tmp_path, is_cancelled=never_cancelled)
    assert recording.plan.video is not None
    assert not recording.plan.video.copies_top


def test_stream_is_encoded_if_copying_does_not_match_the_plan(
    recording_factory: RecordingFactory, tmp_path: Path
) -> None:
    """The file is replaced after validation by one with other keyframes."""
    source = recording_factory.write_file("exchanged.mp4", recording_factory.edited_video().read_bytes())
    for name in ("first", "rest"):
        (tmp_path / name).mkdir()
    recording = validation.validate_recording(source, out=tmp_path / "first", is_cancelled=never_cancelled)
    source.write_bytes(
        recording_factory.edited_video(name="single-gop.mp4", keyframe_interval=300).read_bytes()
    )
    encoded_video = encode_higher_renditions(
        source, recording, out=tmp_path / "rest", is_cancelled=never_cancelled
    )
    assert [path.name for path in sorted((tmp_path / "rest").iterdir())] == ["copied", "encoded"]
    assert [rendition.durations for rendition in encoded_video.manifest.video_renditions] == [
        (4.0, 4.0, 1.0)
    ] * 2
