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


def validated(film: Path, out: Path) -> ValidatedRecording:
    (out / "first").mkdir()
    return validation.validate_recording(film, out=out / "first", is_cancelled=never_cancelled)


def encoded_video(film: Path, out: Path) -> EncodedVideo:
    return encode_higher_renditions(film, validated(film, out), out=out, is_cancelled=never_cancelled)


def concatenate_rendition(outputs: EncodedVideo, rendition: str, out: Path) -> Path:
    """Return a rendition as one file, as a player would put it together."""
    whole = out.parent / f"{rendition}.mp4"
    pieces = next(one for one in outputs.manifest.renditions if one.name == rendition).file_names
    paths = {file.name: file.path for file in outputs.files}
    whole.write_bytes(b"".join(paths[piece].read_bytes() for piece in pieces))
    return whole


def rgb_at(film: Path, spot: str) -> bytes:
    """Return red, green and blue of one spot of the first picture."""
    command: list[str | Path] = [
        ffmpeg_path(),
        "-v",
        "error",
        "-i",
        film,
        "-vf",
        f"crop=8:8:{spot},scale=1:1",
        "-frames:v",
        "1",
    ]
    return subprocess.run(
        [*command, "-pix_fmt", "rgb24", "-f", "rawvideo", "-"], capture_output=True, check=True, timeout=60
    ).stdout


def test_a_recording_comes_out_in_its_sizes_with_sound_beside_and_a_poster(
    recording_factory: RecordingFactory, out: Path
) -> None:
    outputs = encoded_video(recording_factory.video_with_tone(seconds=6, size="960x540"), out)
    assert [one.name for one in outputs.manifest.renditions] == ["v540", "v240", "a"]
    film, small, sound = outputs.manifest.renditions
    assert (film.width, film.height, film.codecs[:7], film.frame_rate) == (960, 540, "avc1.64", 30)
    assert film.durations == small.durations == (4.0, 2.0)
    assert sound.codecs == "mp4a.40.2"
    assert sound.seconds == pytest.approx(6, abs=0.1)
    assert film.average_bps <= film.peak_bps
    assert {file.name for file in outputs.files} == set(outputs.manifest.file_names)


def test_the_same_recording_becomes_the_same_bytes_each_time(
    recording_factory: RecordingFactory, tmp_path: Path
) -> None:
    film = recording_factory.render(
        "restless.mp4",
        *("-f", "lavfi", "-i", "testsrc2=size=854x480:rate=30:duration=3,noise=alls=40:allf=t"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"),
    )
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    assert (
        encoded_video(film, first).content_version.content_hash
        == encoded_video(film, second).content_version.content_hash
    )


def test_a_phones_recording_comes_out_upright_and_says_nothing_of_its_place(
    recording_factory: RecordingFactory, out: Path
) -> None:
    outputs = encoded_video(recording_factory.portrait_phone_video(), out)
    film = outputs.manifest.video_renditions[0]
    assert (film.width, film.height) == (360, 640)
    whole = concatenate_rendition(outputs, film.name, out)
    assert rgb_at(whole, "176:620")[2] > 200, "the left third came out at the bottom"
    assert rgb_at(whole, "176:20")[0] > 200
    for file in outputs.files:
        content = file.path.read_bytes()
        assert b"51.5334" not in content
        assert b"Bo at home" not in content


def mp4_boxes(content: bytes, wanted: bytes) -> list[bytes]:
    """Return what the boxes of this kind hold, however deep they lie (ISO/IEC 14496-12, section 4.2)."""
    found, at = [], 0
    while at + 8 <= len(content):
        size, kind = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        inside = content[at + 8 : at + size]
        if kind == wanted:
            found.append(inside)
        elif kind in {b"moov", b"trak", b"edts", b"moof", b"traf"}:
            found += mp4_boxes(inside, wanted)
        at += max(8, size)
    return found


def test_sound_and_picture_begin_at_nought_without_the_edit_lists_that_players_ignore(
    recording_factory: RecordingFactory, out: Path
) -> None:
    encoded_video(recording_factory.video_with_tone(seconds=2), out)
    out = out / "first"
    for name in ("v240", "a"):
        assert mp4_boxes((out / f"{name}_init.mp4").read_bytes(), b"elst") == []
        first = (out / f"{name}_00000.m4s").read_bytes()
        assert int.from_bytes(mp4_boxes(first, b"tfdt")[0][4:]) == 0
    # Flags 0xa05: offset, first sample's flags, then size and composition offset of each sample.
    run = mp4_boxes((out / "v240_00000.m4s").read_bytes(), b"trun")[0]
    assert run[:4] == b"\x01\x00\x0a\x05"
    assert int.from_bytes(run[20:24], signed=True) == 0


def test_sound_alone_becomes_sound_with_a_picture_to_show(
    recording_factory: RecordingFactory, out: Path
) -> None:
    outputs = encoded_video(recording_factory.audio_only(), out)
    assert [one.kind for one in outputs.manifest.renditions] == ["audio"]
    assert (out / "first" / "poster_0.jpg").stat().st_size > 1000
    assert outputs.manifest.storyboard is None
    assert len(outputs.manifest.levels) > 10


def test_a_silent_recording_has_no_sound(recording_factory: RecordingFactory, out: Path) -> None:
    assert encoded_video(recording_factory.silent_video(), out).manifest.audio_rendition is None


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
def test_odd_recordings_come_out_whole_and_plain(
    recording_factory: RecordingFactory,
    out: Path,
    kind: Callable[[RecordingFactory], Path],
    size: tuple[int, int],
) -> None:
    film = kind(recording_factory)
    facts = validated(film, out)
    outputs = encode_higher_renditions(film, facts, out=out, is_cancelled=never_cancelled)
    largest = outputs.manifest.video_renditions[0]
    assert (largest.width, largest.height) == size
    assert outputs.manifest.seconds == pytest.approx(facts.seconds, abs=0.2)
    description = subprocess.run(
        [ffmpeg_path(), "-hide_banner", "-i", concatenate_rendition(outputs, largest.name, out), "-f", "null", "-"],
        capture_output=True, text=True, check=True, timeout=60,
    ).stderr  # fmt: skip
    assert "yuv420p" in description
    assert "yuv420p10" not in description


def test_the_last_picture_stays_while_the_words_go_on(recording_factory: RecordingFactory, out: Path) -> None:
    outputs = encoded_video(recording_factory.audio_longer_than_video(), out)
    assert outputs.manifest.video_renditions[0].seconds == pytest.approx(4, abs=0.2)


def test_a_quiet_recording_is_made_louder(recording_factory: RecordingFactory, out: Path) -> None:
    quiet = recording_factory.render(
        "quiet.m4a", "-i", str(recording_factory.audio_only()), "-af", "volume=-15dB", "-c:a", "aac"
    )
    outputs = encoded_video(quiet, out)
    before, after = (
        measure_loudness(
            film, 0, max_seconds=60, is_cancelled=never_cancelled, on_progress=ignore_progress
        ).integrated_lufs
        for film in (quiet, concatenate_rendition(outputs, "a", out))
    )
    assert before is not None
    assert after is not None
    assert after == pytest.approx(-18, abs=1.5)
    assert before < after - 5


def test_the_hash_names_every_byte(recording_factory: RecordingFactory, out: Path) -> None:
    outputs = encoded_video(recording_factory.video_with_tone(seconds=2), out)
    assert len(outputs.content_version.content_hash) == 64
    for file in outputs.files:
        others = tuple(one for one in outputs.files if one != file)
        changed = replace(file, sha256="0" * 64)
        assert (
            replace(outputs, files=(*others, changed)).content_version.content_hash
            != outputs.content_version.content_hash
        )
        assert (
            replace(outputs, files=others).content_version.content_hash
            != outputs.content_version.content_hash
        )


def test_the_part_done_is_told_on_the_way(recording_factory: RecordingFactory, out: Path) -> None:
    film = recording_factory.video_with_tone(seconds=6, size="640x480")
    parts: list[float] = []
    encode_higher_renditions(
        film, validated(film, out), out=out, is_cancelled=never_cancelled, on_progress=parts.append
    )
    assert parts[-1] == pytest.approx(1, abs=0.1)


def test_a_file_that_changed_since_the_gate_is_unplayable(
    recording_factory: RecordingFactory, out: Path
) -> None:
    film = recording_factory.write_file(
        "changing.mp4", recording_factory.video_with_tone(size="640x480").read_bytes()
    )
    facts = validated(film, out)
    film.write_bytes(b"gone")
    with pytest.raises(UnplayableRecording):
        encode_higher_renditions(film, facts, out=out, is_cancelled=never_cancelled)


def test_a_shorter_file_in_the_place_of_the_one_that_was_checked_is_noticed(
    recording_factory: RecordingFactory, out: Path
) -> None:
    film = recording_factory.write_file(
        "shrinking.mp4", recording_factory.video_with_tone(seconds=6, size="640x480").read_bytes()
    )
    facts = validated(film, out)
    film.write_bytes(recording_factory.video_with_tone(seconds=2, size="640x480").read_bytes())
    with pytest.raises(UnplayableRecording):
        encode_higher_renditions(film, facts, out=out, is_cancelled=never_cancelled)


def test_the_first_version_is_whole_and_part_of_the_full_one(
    recording_factory: RecordingFactory, out: Path
) -> None:
    film = recording_factory.video_with_tone(seconds=6, size="960x540")
    facts = validated(film, out)
    first = encoded_first_version(facts)
    full = encode_higher_renditions(film, facts, out=out, is_cancelled=never_cancelled)
    assert [one.name for one in first.manifest.renditions] == ["v240", "a"]
    assert first.manifest.seconds == full.manifest.seconds == pytest.approx(6, abs=0.1)
    assert set(first.files) < set(full.files)
    assert first.content_version.content_hash != full.content_version.content_hash


def test_a_small_recording_has_no_other_sizes(recording_factory: RecordingFactory, out: Path) -> None:
    film = recording_factory.video_with_tone(seconds=2)
    facts = validated(film, out)
    assert encode_higher_renditions(
        film, facts, out=out, is_cancelled=never_cancelled
    ) == encoded_first_version(facts)


def test_there_are_three_pictures_to_choose_from_and_a_sheet_of_small_ones(
    recording_factory: RecordingFactory, out: Path
) -> None:
    outputs = encoded_video(recording_factory.video_with_tone(seconds=6, size="640x480"), out)
    names = [file.name for file in outputs.files if file.content_type == "image/jpeg"]
    assert sorted(names) == ["poster_0.jpg", "poster_1.jpg", "poster_2.jpg", "storyboard.jpg"]
    posters = [file.sha256 for file in outputs.files if file.name.startswith("poster")]
    assert len(set(posters)) == 3
    board = outputs.manifest.storyboard
    assert board is not None
    assert image_size(out / "first" / "storyboard.jpg") == (
        board.columns * board.width,
        board.rows * board.height,
    )
    assert image_size(out / "first" / "poster_1.jpg") == (640, 480)


def image_size(picture: Path) -> tuple[int, int]:
    """Return the sides of a JPEG from its start-of-frame segment (ITU-T T.81, B.2.2)."""
    content, at = picture.read_bytes(), 2
    while content[at + 1] not in {0xC0, 0xC1, 0xC2}:
        at += 2 + int.from_bytes(content[at + 2 : at + 4])
    return int.from_bytes(content[at + 7 : at + 9]), int.from_bytes(content[at + 5 : at + 7])
