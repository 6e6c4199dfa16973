import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from media.encoding.loudness import measure_loudness
from media.encoding.renditions import EncodedVideo, encode_higher_renditions, encoded_first_version
from media.encoding.runner import ignore_progress
from media.probing import validation
from media.probing.facts import UnplayableRecording
from media.probing.validation import ValidatedRecording
from media.programs import ffmpeg_path
from tests.media.sample_recordings import RecordingFactory


def never_cancelled() -> bool:
    return False


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def validated(source: Path, out: Path) -> ValidatedRecording:
    (out / "first").mkdir()
    return validation.validate_recording(source, out=out / "first", is_cancelled=never_cancelled)


def encode_video(source: Path, out: Path) -> EncodedVideo:
    return encode_higher_renditions(source, validated(source, out), out=out, is_cancelled=never_cancelled)


def concatenate_rendition(encoded_video: EncodedVideo, rendition_name: str, out: Path) -> Path:
    """Join a rendition's segments into one file, as a player does."""
    joined = out.parent / f"{rendition_name}.mp4"
    segment_names = next(
        rendition for rendition in encoded_video.manifest.renditions if rendition.name == rendition_name
    ).file_names
    paths = {file.name: file.path for file in encoded_video.files}
    joined.write_bytes(b"".join(paths[name].read_bytes() for name in segment_names))
    return joined


def rgb_at(source: Path, spot: str) -> bytes:
    """Return the mean RGB colour of 8 by 8 pixels of the first frame."""
    command: list[str | Path] = [
        ffmpeg_path(),
        "-v",
        "error",
        "-i",
        source,
        "-vf",
        f"crop=8:8:{spot},scale=1:1",
        "-frames:v",
        "1",
    ]
    return subprocess.run(
        [*command, "-pix_fmt", "rgb24", "-f", "rawvideo", "-"], capture_output=True, check=True, timeout=60
    ).stdout


def test_encoded_video_has_all_renditions_of_the_ladder_and_audio(
    recording_factory: RecordingFactory, out: Path
) -> None:
    encoded_video = encode_video(recording_factory.video_with_tone(seconds=6, size="960x540"), out)
    assert [rendition.name for rendition in encoded_video.manifest.renditions] == ["v540", "v240", "a"]
    largest, smallest, audio = encoded_video.manifest.renditions
    assert (largest.width, largest.height, largest.codecs[:7], largest.frame_rate) == (
        960,
        540,
        "avc1.64",
        30,
    )
    assert largest.durations == smallest.durations == (4.0, 2.0)
    assert audio.codecs == "mp4a.40.2"
    assert audio.seconds == pytest.approx(6, abs=0.1)
    assert largest.average_bps <= largest.peak_bps
    assert {file.name for file in encoded_video.files} == set(encoded_video.manifest.file_names)


def test_encoding_is_deterministic(recording_factory: RecordingFactory, tmp_path: Path) -> None:
    source = recording_factory.render(
        "noise.mp4",
        *("-f", "lavfi", "-i", "testsrc2=size=854x480:rate=30:duration=3,noise=alls=40:allf=t"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"),
    )
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    assert (
        encode_video(source, first).content_version.content_hash
        == encode_video(source, second).content_version.content_hash
    )


def test_phone_recording_is_rotated_and_loses_its_metadata(
    recording_factory: RecordingFactory, out: Path
) -> None:
    encoded_video = encode_video(recording_factory.portrait_phone_video(), out)
    largest = encoded_video.manifest.video_renditions[0]
    assert (largest.width, largest.height) == (360, 640)
    joined = concatenate_rendition(encoded_video, largest.name, out)
    assert rgb_at(joined, "176:620")[2] > 200, "the left third must be at the bottom"
    assert rgb_at(joined, "176:20")[0] > 200
    for file in encoded_video.files:
        content = file.path.read_bytes()
        assert b"51.5334" not in content
        assert b"Bo at home" not in content


def mp4_boxes(content: bytes, box_type: bytes) -> list[bytes]:
    """Return the contents of all boxes of a type at any depth (ISO/IEC 14496-12, section 4.2)."""
    contents, offset = [], 0
    while offset + 8 <= len(content):
        size, current_type = int.from_bytes(content[offset : offset + 4]), content[offset + 4 : offset + 8]
        box_content = content[offset + 8 : offset + size]
        if current_type == box_type:
            contents.append(box_content)
        elif current_type in {b"moov", b"trak", b"edts", b"moof", b"traf"}:
            contents += mp4_boxes(box_content, box_type)
        offset += max(8, size)
    return contents


def test_tracks_start_at_zero_without_edit_lists(recording_factory: RecordingFactory, out: Path) -> None:
    encode_video(recording_factory.video_with_tone(seconds=2), out)
    out = out / "first"
    for name in ("v240", "a"):
        assert mp4_boxes((out / f"{name}_init.mp4").read_bytes(), b"elst") == []
        first = (out / f"{name}_00000.m4s").read_bytes()
        assert int.from_bytes(mp4_boxes(first, b"tfdt")[0][4:]) == 0
    # Flags 0xa05: offset, first sample's flags, then size and composition offset of each sample.
    run = mp4_boxes((out / "v240_00000.m4s").read_bytes(), b"trun")[0]
    assert run[:4] == b"\x01\x00\x0a\x05"
    assert int.from_bytes(run[20:24], signed=True) == 0


def test_audio_only_recording_gets_a_waveform_poster(recording_factory: RecordingFactory, out: Path) -> None:
    encoded_video = encode_video(recording_factory.audio_only(), out)
    assert [rendition.kind for rendition in encoded_video.manifest.renditions] == ["audio"]
    assert (out / "first" / "poster_0.jpg").stat().st_size > 1000
    assert encoded_video.manifest.storyboard is None
    assert len(encoded_video.manifest.levels) > 10


def test_recording_without_audio_has_no_audio_rendition(
    recording_factory: RecordingFactory, out: Path
) -> None:
    assert encode_video(recording_factory.silent_video(), out).manifest.audio_rendition is None


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        (RecordingFactory.browser_recording, (320, 240)),
        (RecordingFactory.odd_dimensions, (320, 240)),
        (RecordingFactory.variable_frame_rate, (320, 240)),
        (RecordingFactory.resolution_change, (320, 240)),
        (RecordingFactory.fragmented_mp4, (320, 240)),
        (RecordingFactory.hdr_video, (320, 240)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_unusual_recordings_are_encoded_completely_as_8_bit_420(
    recording_factory: RecordingFactory,
    out: Path,
    kind: Callable[[RecordingFactory], Path],
    size: tuple[int, int],
) -> None:
    source = kind(recording_factory)
    recording = validated(source, out)
    encoded_video = encode_higher_renditions(source, recording, out=out, is_cancelled=never_cancelled)
    largest = encoded_video.manifest.video_renditions[0]
    assert (largest.width, largest.height) == size
    assert encoded_video.manifest.seconds == pytest.approx(recording.seconds, abs=0.2)
    description = subprocess.run(
        [ffmpeg_path(), "-hide_banner", "-i", concatenate_rendition(encoded_video, largest.name, out), "-f", "null", "-"],
        capture_output=True, text=True, check=True, timeout=60,
    ).stderr  # fmt: skip
    assert "yuv420p" in description
    assert "yuv420p10" not in description


def test_last_frame_is_held_until_the_audio_ends(recording_factory: RecordingFactory, out: Path) -> None:
    encoded_video = encode_video(recording_factory.audio_longer_than_video(), out)
    assert encoded_video.manifest.video_renditions[0].seconds == pytest.approx(4, abs=0.2)


def test_quiet_recording_is_normalised_to_the_target_loudness(
    recording_factory: RecordingFactory, out: Path
) -> None:
    quiet = recording_factory.render(
        "quiet.m4a", "-i", str(recording_factory.audio_only()), "-af", "volume=-15dB", "-c:a", "aac"
    )
    encoded_video = encode_video(quiet, out)
    before, after = (
        measure_loudness(
            source, 0, max_seconds=60, is_cancelled=never_cancelled, on_progress=ignore_progress
        ).integrated_lufs
        for source in (quiet, concatenate_rendition(encoded_video, "a", out))
    )
    assert before is not None
    assert after is not None
    assert after == pytest.approx(-18, abs=1.5)
    assert before < after - 5


def test_content_hash_depends_on_every_file(recording_factory: RecordingFactory, out: Path) -> None:
    encoded_video = encode_video(recording_factory.video_with_tone(seconds=2), out)
    assert len(encoded_video.content_version.content_hash) == 64
    for file in encoded_video.files:
        others = tuple(other for other in encoded_video.files if other != file)
        changed = replace(file, sha256="0" * 64)
        assert (
            replace(encoded_video, files=(*others, changed)).content_version.content_hash
            != encoded_video.content_version.content_hash
        )
        assert (
            replace(encoded_video, files=others).content_version.content_hash
            != encoded_video.content_version.content_hash
        )


def test_progress_reaches_one(recording_factory: RecordingFactory, out: Path) -> None:
    source = recording_factory.video_with_tone(seconds=6, size="640x480")
    progress: list[float] = []
    encode_higher_renditions(
        source, validated(source, out), out=out, is_cancelled=never_cancelled, on_progress=progress.append
    )
    assert progress[-1] == pytest.approx(1, abs=0.1)


def test_file_replaced_after_validation_is_unplayable(recording_factory: RecordingFactory, out: Path) -> None:
    source = recording_factory.write_file(
        "replaced.mp4", recording_factory.video_with_tone(size="640x480").read_bytes()
    )
    recording = validated(source, out)
    source.write_bytes(b"replaced")
    with pytest.raises(UnplayableRecording):
        encode_higher_renditions(source, recording, out=out, is_cancelled=never_cancelled)


def test_file_shortened_after_validation_is_unplayable(
    recording_factory: RecordingFactory, out: Path
) -> None:
    source = recording_factory.write_file(
        "shortened.mp4", recording_factory.video_with_tone(seconds=6, size="640x480").read_bytes()
    )
    recording = validated(source, out)
    source.write_bytes(recording_factory.video_with_tone(seconds=2, size="640x480").read_bytes())
    with pytest.raises(UnplayableRecording):
        encode_higher_renditions(source, recording, out=out, is_cancelled=never_cancelled)


def test_first_version_is_complete_and_part_of_the_encoded_video(
    recording_factory: RecordingFactory, out: Path
) -> None:
    source = recording_factory.video_with_tone(seconds=6, size="960x540")
    recording = validated(source, out)
    first_version = encoded_first_version(recording)
    encoded_video = encode_higher_renditions(source, recording, out=out, is_cancelled=never_cancelled)
    assert [rendition.name for rendition in first_version.manifest.renditions] == ["v240", "a"]
    assert first_version.manifest.seconds == encoded_video.manifest.seconds == pytest.approx(6, abs=0.1)
    assert set(first_version.files) < set(encoded_video.files)
    assert first_version.content_version.content_hash != encoded_video.content_version.content_hash


def test_small_recording_has_only_its_first_version(recording_factory: RecordingFactory, out: Path) -> None:
    source = recording_factory.video_with_tone(seconds=2)
    recording = validated(source, out)
    assert encode_higher_renditions(
        source, recording, out=out, is_cancelled=never_cancelled
    ) == encoded_first_version(recording)


def test_encoded_video_has_three_posters_and_a_storyboard(
    recording_factory: RecordingFactory, out: Path
) -> None:
    encoded_video = encode_video(recording_factory.video_with_tone(seconds=6, size="640x480"), out)
    names = [file.name for file in encoded_video.files if file.content_type == "image/jpeg"]
    assert sorted(names) == ["poster_0.jpg", "poster_1.jpg", "poster_2.jpg", "storyboard.jpg"]
    posters = [file.sha256 for file in encoded_video.files if file.name.startswith("poster")]
    assert len(set(posters)) == 3
    storyboard = encoded_video.manifest.storyboard
    assert storyboard is not None
    assert image_size(out / "first" / "storyboard.jpg") == (
        storyboard.columns * storyboard.width,
        storyboard.rows * storyboard.height,
    )
    assert image_size(out / "first" / "poster_1.jpg") == (640, 480)


def image_size(image: Path) -> tuple[int, int]:
    """Return width and height of a JPEG from its start-of-frame segment (ITU-T T.81, B.2.2)."""
    content, offset = image.read_bytes(), 2
    while content[offset + 1] not in {0xC0, 0xC1, 0xC2}:
        offset += 2 + int.from_bytes(content[offset + 2 : offset + 4])
    return int.from_bytes(content[offset + 7 : offset + 9]), int.from_bytes(content[offset + 5 : offset + 7])
