"""Real faces are found and gone from everything that is made; whoever wants that and cannot have it is not shown.

The portrait comes with scikit-image (Eileen Collins, NASA, in the public domain).
"""

import importlib.util
import subprocess
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from media.encoding.renditions import EncodedVideo, encode_higher_renditions
from media.faces import detection
from media.faces.detection import FaceDetectionUnavailable
from media.probing import validation
from media.probing.facts import UnplayableRecording
from media.probing.validation import AnonymisationSettings, ValidatedRecording
from media.programs import ffmpeg_path
from tests.media.sample_recordings import TONE_SOURCE, RecordingFactory

_pictures = importlib.util.find_spec("skimage")
PORTRAIT = Path(_pictures.origin or "").parent / "data" / "astronaut.png" if _pictures else Path("/nowhere")
# The face in the portrait, in parts of its sides.
LEFT, TOP, WIDTH, HEIGHT = 0.36, 0.12, 0.165, 0.215

needs_a_detector = pytest.mark.skipif(
    not detection.is_face_detection_available() or not PORTRAIT.is_file(),
    reason="the extra `faces` or the portrait is missing",
)


def portrait_video(
    recording_factory: RecordingFactory, name: str, *filters: str, seconds: float = 1.5
) -> Path:
    """Film the portrait; filters may turn, move or hide it."""
    steps = ",".join(["scale=480:480", *filters, "format=yuv420p"])
    return recording_factory.render(
        name,
        *("-loop", "1", "-framerate", "30", "-t", str(seconds), "-i", str(PORTRAIT)),
        *("-f", "lavfi", "-i", f"{TONE_SOURCE}:duration={seconds}", "-vf", steps),
        *("-c:v", "libx264", "-preset", "ultrafast", "-crf", "12", "-c:a", "aac"),
    )


def validate_and_encode(
    film: Path, folder: Path, *, hide: bool = True
) -> tuple[ValidatedRecording, EncodedVideo]:
    room = Path(tempfile.mkdtemp(dir=folder))
    for name in ("first", "rest"):
        (room / name).mkdir()
    disguise = AnonymisationSettings(face_mask_path=room / "faces" if hide else None)
    checked = validation.validate_recording(
        film, out=room / "first", is_cancelled=lambda: False, anonymisation=disguise
    )
    return checked, encode_higher_renditions(film, checked, out=room / "rest", is_cancelled=lambda: False)


def concatenate_rendition(outputs: EncodedVideo, rendition: str, folder: Path) -> Path:
    whole = Path(tempfile.mkdtemp(dir=folder)) / f"{rendition}.mp4"
    paths = {file.name: file.path for file in outputs.files}
    pieces = next(one for one in outputs.manifest.renditions if one.name == rendition).file_names
    whole.write_bytes(b"".join(paths[piece].read_bytes() for piece in pieces))
    return whole


def contains_face(film: Path, folder: Path) -> bool:
    """Whether the detector finds a face in a film."""
    try:
        room = Path(tempfile.mkdtemp(dir=folder))
        (room / "first").mkdir()
        validation.validate_recording(
            film,
            out=room / "first",
            is_cancelled=lambda: False,
            anonymisation=AnonymisationSettings(face_mask_path=room / "faces"),
        )
    except UnplayableRecording as refused:
        if refused.reason != detection.NO_FACE_FOUND:
            raise
        return False
    return True


def sharpness_at(film: Path, *, at: Sequence[float]) -> float:
    """Return how much the brightness differs within a part of the last frame: the mean step from point to point."""
    left, top, width, height = at
    crop = f"crop=iw*{width}:ih*{height}:iw*{left}:ih*{top},scale=64:64"
    command: list[str | Path] = [ffmpeg_path(), "-v", "error", "-sseof", "-0.2", "-i", film, "-frames:v", "1"]
    command += ["-vf", crop, "-pix_fmt", "gray", "-f", "rawvideo", "-"]
    grey = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    steps = [abs(one - other) for one, other in pairwise(grey)]
    return sum(steps) / len(steps)


@needs_a_detector
def test_a_face_is_gone_from_every_size_and_every_picture(
    recording_factory: RecordingFactory, tmp_path: Path
) -> None:
    film = portrait_video(recording_factory, "astronaut.mp4")
    checked, outputs = validate_and_encode(film, tmp_path)
    assert checked.is_intact
    assert checked.face_detection_percent == 100
    assert [one.name for one in outputs.manifest.video_renditions] == ["v480", "v240"]
    face = (LEFT, TOP, WIDTH, HEIGHT)
    assert sharpness_at(film, at=face) > 5
    for rendition in ("v480", "v240"):
        made = concatenate_rendition(outputs, rendition, tmp_path)
        assert sharpness_at(made, at=face) < 1.0
        assert not contains_face(made, tmp_path)
    for file in outputs.files:
        if file.name.startswith("poster"):
            shown = recording_factory.render(
                f"shown-{tmp_path.name}.mp4",
                *("-loop", "1", "-framerate", "30", "-t", "1", "-i", str(file.path)),
                *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"),
            )
            assert not contains_face(shown, tmp_path)


@needs_a_detector
def test_what_is_not_a_face_stays_as_it_is(recording_factory: RecordingFactory, tmp_path: Path) -> None:
    film = portrait_video(recording_factory, "astronaut.mp4")
    beside = (0.62, 0.6, 0.3, 0.3)
    made = concatenate_rendition(validate_and_encode(film, tmp_path)[1], "v480", tmp_path)
    assert sharpness_at(made, at=beside) == pytest.approx(sharpness_at(film, at=beside), rel=0.3)


@needs_a_detector
def test_a_face_in_a_recording_that_lies_on_its_side_is_found(
    recording_factory: RecordingFactory, tmp_path: Path
) -> None:
    lying = portrait_video(recording_factory, "lying-portrait.mp4", "transpose=2")
    upright = recording_factory.render(
        "turned.mp4", "-display_rotation", "-90", "-i", str(lying), "-c", "copy"
    )
    checked, outputs = validate_and_encode(upright, tmp_path)
    assert checked.face_detection_percent == 100
    assert not contains_face(concatenate_rendition(outputs, "v480", tmp_path), tmp_path)


@needs_a_detector
def test_a_face_that_is_away_for_a_moment_is_covered_all_the_time(
    recording_factory: RecordingFactory, tmp_path: Path
) -> None:
    away = "drawbox=x=iw*0.3:y=ih*0.05:w=iw*0.3:h=ih*0.35:color=gray:t=fill:enable='between(t,0.6,1.2)'"
    checked, outputs = validate_and_encode(
        portrait_video(recording_factory, "away.mp4", away, seconds=2), tmp_path
    )
    assert 50 < (checked.face_detection_percent or 0) < 100
    assert not contains_face(concatenate_rendition(outputs, "v480", tmp_path), tmp_path)


@needs_a_detector
def test_a_recording_in_which_no_face_is_found_is_not_taken(
    recording_factory: RecordingFactory, tmp_path: Path
) -> None:
    with pytest.raises(UnplayableRecording) as refused:
        validate_and_encode(recording_factory.video_with_tone(), tmp_path)
    assert refused.value.reason == detection.NO_FACE_FOUND


@needs_a_detector
def test_a_stream_that_could_be_passed_on_as_it_is_is_not(
    recording_factory: RecordingFactory, tmp_path: Path
) -> None:
    checked, _ = validate_and_encode(portrait_video(recording_factory, "astronaut.mp4"), tmp_path)
    assert checked.plan.video is not None
    assert not checked.plan.video.copies_top


def test_where_there_is_no_detector_nothing_is_made_of_it(
    recording_factory: RecordingFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(detection, "REQUIRED_PACKAGES", ("a_package_that_nobody_has",))
    assert not detection.is_face_detection_available()
    with pytest.raises(FaceDetectionUnavailable):
        validate_and_encode(recording_factory.video_with_tone(), tmp_path)


def test_a_story_of_sound_has_no_face_to_hide(recording_factory: RecordingFactory, tmp_path: Path) -> None:
    checked, outputs = validate_and_encode(recording_factory.audio_only(), tmp_path)
    assert checked.is_intact
    assert checked.face_detection_percent is None
    assert outputs.manifest.audio_rendition is not None
