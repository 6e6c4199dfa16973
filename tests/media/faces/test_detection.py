"""Tests with a real face: it is detected and covered in all output, and processing fails closed without a detector.

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

_skimage = importlib.util.find_spec("skimage")
PORTRAIT = Path(_skimage.origin or "").parent / "data" / "astronaut.png" if _skimage else Path("/nowhere")
# Bounding box of the face in fractions of the portrait.
LEFT, TOP, WIDTH, HEIGHT = 0.36, 0.12, 0.165, 0.215

requires_detector = pytest.mark.skipif(
    not detection.is_face_detection_available() or not PORTRAIT.is_file(),
    reason="the optional dependencies `faces` or the portrait are not installed",
)


def portrait_video(
    recording_factory: RecordingFactory, name: str, *filters: str, seconds: float = 1.5
) -> Path:
    """Render a video of the portrait; filters may rotate, move or hide it."""
    filter_chain = ",".join(["scale=480:480", *filters, "format=yuv420p"])
    return recording_factory.render(
        name,
        *("-loop", "1", "-framerate", "30", "-t", str(seconds), "-i", str(PORTRAIT)),
        *("-f", "lavfi", "-i", f"{TONE_SOURCE}:duration={seconds}", "-vf", filter_chain),
        *("-c:v", "libx264", "-preset", "ultrafast", "-crf", "12", "-c:a", "aac"),
    )


def validate_and_encode(
    source: Path, folder: Path, *, hide_faces: bool = True
) -> tuple[ValidatedRecording, EncodedVideo]:
    run_folder = Path(tempfile.mkdtemp(dir=folder))
    for name in ("first", "rest"):
        (run_folder / name).mkdir()
    anonymisation = AnonymisationSettings(face_mask_path=run_folder / "faces" if hide_faces else None)
    recording = validation.validate_recording(
        source, out=run_folder / "first", is_cancelled=lambda: False, anonymisation=anonymisation
    )
    return recording, encode_higher_renditions(
        source, recording, out=run_folder / "rest", is_cancelled=lambda: False
    )


def concatenate_rendition(encoded_video: EncodedVideo, rendition_name: str, folder: Path) -> Path:
    joined = Path(tempfile.mkdtemp(dir=folder)) / f"{rendition_name}.mp4"
    paths = {file.name: file.path for file in encoded_video.files}
    segment_names = next(
        rendition for rendition in encoded_video.manifest.renditions if rendition.name == rendition_name
    ).file_names
    joined.write_bytes(b"".join(paths[name].read_bytes() for name in segment_names))
    return joined


def contains_face(source: Path, folder: Path) -> bool:
    try:
        run_folder = Path(tempfile.mkdtemp(dir=folder))
        (run_folder / "first").mkdir()
        validation.validate_recording(
            source,
            out=run_folder / "first",
            is_cancelled=lambda: False,
            anonymisation=AnonymisationSettings(face_mask_path=run_folder / "faces"),
        )
    except UnplayableRecording as error:
        if error.reason != str(detection.NO_FACE_FOUND):
            raise
        return False
    return True


def sharpness_at(source: Path, *, at: Sequence[float]) -> float:
    """Return the mean brightness difference of neighbouring pixels within an area of the last frame."""
    left, top, width, height = at
    crop = f"crop=iw*{width}:ih*{height}:iw*{left}:ih*{top},scale=64:64"
    command: list[str | Path] = [
        ffmpeg_path(),
        "-v",
        "error",
        "-sseof",
        "-0.2",
        "-i",
        source,
        "-frames:v",
        "1",
    ]
    command += ["-vf", crop, "-pix_fmt", "gray", "-f", "rawvideo", "-"]
    pixels = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    differences = [abs(pixel - next_pixel) for pixel, next_pixel in pairwise(pixels)]
    return sum(differences) / len(differences)


@requires_detector
def test_faces_are_covered_in_all_renditions_and_posters(
    recording_factory: RecordingFactory, tmp_path: Path
) -> None:
    source = portrait_video(recording_factory, "astronaut.mp4")
    recording, encoded_video = validate_and_encode(source, tmp_path)
    assert recording.is_intact
    assert recording.face_detection_percent == 100
    assert [rendition.name for rendition in encoded_video.manifest.video_renditions] == ["v480", "v240"]
    face = (LEFT, TOP, WIDTH, HEIGHT)
    assert sharpness_at(source, at=face) > 5
    for rendition_name in ("v480", "v240"):
        joined = concatenate_rendition(encoded_video, rendition_name, tmp_path)
        assert sharpness_at(joined, at=face) < 1.0
        assert not contains_face(joined, tmp_path)
    for file in encoded_video.files:
        if file.name.startswith("poster"):
            poster_video = recording_factory.render(
                f"poster-{tmp_path.name}.mp4",
                *("-loop", "1", "-framerate", "30", "-t", "1", "-i", str(file.path)),
                *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"),
            )
            assert not contains_face(poster_video, tmp_path)


@requires_detector
def test_areas_without_faces_stay_unchanged(recording_factory: RecordingFactory, tmp_path: Path) -> None:
    source = portrait_video(recording_factory, "astronaut.mp4")
    background = (0.62, 0.6, 0.3, 0.3)
    joined = concatenate_rendition(validate_and_encode(source, tmp_path)[1], "v480", tmp_path)
    assert sharpness_at(joined, at=background) == pytest.approx(sharpness_at(source, at=background), rel=0.3)


@requires_detector
def test_faces_are_detected_in_rotated_recordings(
    recording_factory: RecordingFactory, tmp_path: Path
) -> None:
    sideways = portrait_video(recording_factory, "sideways-portrait.mp4", "transpose=2")
    upright = recording_factory.render(
        "turned.mp4", "-display_rotation", "-90", "-i", str(sideways), "-c", "copy"
    )
    recording, encoded_video = validate_and_encode(upright, tmp_path)
    assert recording.face_detection_percent == 100
    assert not contains_face(concatenate_rendition(encoded_video, "v480", tmp_path), tmp_path)


@requires_detector
def test_briefly_hidden_face_stays_covered(recording_factory: RecordingFactory, tmp_path: Path) -> None:
    grey_box = "drawbox=x=iw*0.3:y=ih*0.05:w=iw*0.3:h=ih*0.35:color=gray:t=fill:enable='between(t,0.6,1.2)'"
    recording, encoded_video = validate_and_encode(
        portrait_video(recording_factory, "hidden.mp4", grey_box, seconds=2), tmp_path
    )
    assert 50 < (recording.face_detection_percent or 0) < 100
    assert not contains_face(concatenate_rendition(encoded_video, "v480", tmp_path), tmp_path)


@requires_detector
def test_recording_without_a_detected_face_is_rejected(
    recording_factory: RecordingFactory, tmp_path: Path
) -> None:
    with pytest.raises(UnplayableRecording) as error:
        validate_and_encode(recording_factory.video_with_tone(), tmp_path)
    assert error.value.reason == str(detection.NO_FACE_FOUND)


@requires_detector
def test_original_stream_is_never_copied_when_faces_are_hidden(
    recording_factory: RecordingFactory, tmp_path: Path
) -> None:
    recording, _ = validate_and_encode(portrait_video(recording_factory, "astronaut.mp4"), tmp_path)
    assert recording.plan.video is not None
    assert not recording.plan.video.copies_top


def test_missing_detector_fails_closed(
    recording_factory: RecordingFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(detection, "REQUIRED_PACKAGES", ("not_installed",))
    assert not detection.is_face_detection_available()
    with pytest.raises(FaceDetectionUnavailable):
        validate_and_encode(recording_factory.video_with_tone(), tmp_path)


def test_audio_only_recording_needs_no_face_detection(
    recording_factory: RecordingFactory, tmp_path: Path
) -> None:
    recording, encoded_video = validate_and_encode(recording_factory.audio_only(), tmp_path)
    assert recording.is_intact
    assert recording.face_detection_percent is None
    assert encoded_video.manifest.audio_rendition is not None
