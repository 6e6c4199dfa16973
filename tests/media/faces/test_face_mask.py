from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as some

from media.faces import face_mask
from media.faces.face_mask import Face, MaskGrid

MASK_GRID = MaskGrid(96, 54)
RATE = Fraction(30)
COORDINATES = some.floats(-0.2, 1.2)
FACES = some.builds(Face, COORDINATES, COORDINATES, some.floats(0.001, 0.9), some.floats(0.001, 0.9))


def is_covered(frame: bytes, x: float, y: float, mask: MaskGrid = MASK_GRID) -> bool:
    """Whether a point, in parts of the picture, is covered."""
    column, row = int(x * mask.width), int(y * mask.height)
    return frame[row * mask.width + column] == 0xFF


@settings(deadline=None)  # a busy machine is no failure
@given(face=FACES, across=some.floats(0, 1), down=some.floats(0, 1))
def test_all_of_a_face_is_covered(face: Face, across: float, down: float) -> None:
    (frame, *_) = face_mask.mask_frames([[face]], MASK_GRID, rate=RATE)
    x, y = face.left + across * face.width, face.top + down * face.height
    if 0 <= x < 1 and 0 <= y < 1:
        assert is_covered(frame, x, y)


def test_hair_and_chin_are_covered_too_and_the_rest_is_not() -> None:
    (frame, *_) = face_mask.mask_frames([[Face(0.4, 0.4, 0.1, 0.2)]], MASK_GRID, rate=RATE)
    assert is_covered(frame, 0.45, 0.33)
    assert is_covered(frame, 0.45, 0.67)
    assert not is_covered(frame, 0.1, 0.1)
    assert not is_covered(frame, 0.9, 0.9)


def test_a_face_that_is_missed_for_a_moment_stays_covered() -> None:
    face = Face(0.4, 0.4, 0.1, 0.2)
    looks = [[face], *([[]] * 15), [face], *([[]] * 30)]
    frames = list(face_mask.mask_frames(looks, MASK_GRID, rate=RATE))
    apart = face_mask.detection_frame_interval(RATE)
    seen = [is_covered(frames[apart * number], 0.45, 0.5) for number in range(len(looks))]
    assert all(seen[:27])
    assert not any(seen[28:])


def test_a_face_that_appears_is_covered_before_it_is_found() -> None:
    looks = [*([[]] * 12), [Face(0.4, 0.4, 0.1, 0.2)]]
    frames = list(face_mask.mask_frames(looks, MASK_GRID, rate=RATE))
    assert is_covered(frames[3 * 3], 0.45, 0.5)
    assert not is_covered(frames[0], 0.45, 0.5)


@settings(deadline=None)  # a busy machine is no failure
@given(count=some.integers(1, 40), rate=some.sampled_from([Fraction(5), Fraction(24000, 1001), Fraction(30)]))
def test_there_is_a_mask_for_every_frame(count: int, rate: Fraction) -> None:
    frames = list(face_mask.mask_frames([[]] * count, MASK_GRID, rate=rate))
    assert len(frames) == count * face_mask.detection_frame_interval(rate)
    assert {len(frame) for frame in frames} == {MASK_GRID.width * MASK_GRID.height}


def test_an_upright_picture_has_an_upright_mask() -> None:
    assert face_mask.mask_grid_for(1080, 1920) == MaskGrid(54, 96)


def test_how_often_a_face_was_found_is_told_in_percent() -> None:
    face = Face(0, 0, 1, 1)
    assert face_mask.detection_rate_percent([[face], [], [face, face], [face]]) == 75
    assert face_mask.detection_rate_percent([]) == 0
