from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as some

from media.faces import face_mask
from media.faces.face_mask import Face, MaskGrid

MASK_GRID = MaskGrid(96, 54)
RATE = Fraction(30)
COORDINATES = some.floats(-0.2, 1.2)
FACES = some.builds(Face, COORDINATES, COORDINATES, some.floats(0.001, 0.9), some.floats(0.001, 0.9))


def is_covered(frame: bytes, x: float, y: float, grid: MaskGrid = MASK_GRID) -> bool:
    """Whether a point, in fractions of the picture, is covered."""
    column, row = int(x * grid.width), int(y * grid.height)
    return frame[row * grid.width + column] == 0xFF


@settings(deadline=None)  # a slow machine must not fail the test
@given(face=FACES, across=some.floats(0, 1), down=some.floats(0, 1))
def test_every_point_of_a_face_is_covered(face: Face, across: float, down: float) -> None:
    (frame, *_) = face_mask.mask_frames([[face]], MASK_GRID, rate=RATE)
    x, y = face.left + across * face.width, face.top + down * face.height
    if 0 <= x < 1 and 0 <= y < 1:
        assert is_covered(frame, x, y)


def test_mask_covers_a_margin_around_the_face_only() -> None:
    (frame, *_) = face_mask.mask_frames([[Face(0.4, 0.4, 0.1, 0.2)]], MASK_GRID, rate=RATE)
    assert is_covered(frame, 0.45, 0.33)
    assert is_covered(frame, 0.45, 0.67)
    assert not is_covered(frame, 0.1, 0.1)
    assert not is_covered(frame, 0.9, 0.9)


def test_missed_detection_stays_covered() -> None:
    face = Face(0.4, 0.4, 0.1, 0.2)
    faces_by_detection = [[face], *([[]] * 15), [face], *([[]] * 30)]
    frames = list(face_mask.mask_frames(faces_by_detection, MASK_GRID, rate=RATE))
    interval = face_mask.detection_frame_interval(RATE)
    covered = [is_covered(frames[interval * number], 0.45, 0.5) for number in range(len(faces_by_detection))]
    assert all(covered[:27])
    assert not any(covered[28:])


def test_face_is_covered_before_its_first_detection() -> None:
    faces_by_detection = [*([[]] * 12), [Face(0.4, 0.4, 0.1, 0.2)]]
    frames = list(face_mask.mask_frames(faces_by_detection, MASK_GRID, rate=RATE))
    assert is_covered(frames[3 * 3], 0.45, 0.5)
    assert not is_covered(frames[0], 0.45, 0.5)


@settings(deadline=None)  # a slow machine must not fail the test
@given(count=some.integers(1, 40), rate=some.sampled_from([Fraction(5), Fraction(24000, 1001), Fraction(30)]))
def test_every_frame_has_a_mask(count: int, rate: Fraction) -> None:
    frames = list(face_mask.mask_frames([[]] * count, MASK_GRID, rate=rate))
    assert len(frames) == count * face_mask.detection_frame_interval(rate)
    assert {len(frame) for frame in frames} == {MASK_GRID.width * MASK_GRID.height}


def test_portrait_video_has_a_portrait_mask() -> None:
    assert face_mask.mask_grid_for(1080, 1920) == MaskGrid(54, 96)


def test_detection_rate_counts_detections_with_a_face() -> None:
    face = Face(0, 0, 1, 1)
    assert face_mask.detection_rate_percent([[face], [], [face, face], [face]]) == 75
    assert face_mask.detection_rate_percent([]) == 0
