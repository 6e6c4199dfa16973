from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as some

from media import covering
from media.covering import Face, Mask

MASK = Mask(96, 54)
RATE = Fraction(30)
PART = some.floats(-0.2, 1.2)
FACES = some.builds(Face, PART, PART, some.floats(0.001, 0.9), some.floats(0.001, 0.9))


def covered(frame: bytes, x: float, y: float, mask: Mask = MASK) -> bool:
    """Whether a point, in parts of the picture, is covered."""
    column, row = int(x * mask.width), int(y * mask.height)
    return frame[row * mask.width + column] == 0xFF


@settings(deadline=None)  # a busy machine is no failure
@given(face=FACES, across=some.floats(0, 1), down=some.floats(0, 1))
def test_all_of_a_face_is_covered(face: Face, across: float, down: float) -> None:
    (frame, *_) = covering.frames([[face]], MASK, rate=RATE)
    x, y = face.left + across * face.width, face.top + down * face.height
    if 0 <= x < 1 and 0 <= y < 1:
        assert covered(frame, x, y)


def test_hair_and_chin_are_covered_too_and_the_rest_is_not() -> None:
    (frame, *_) = covering.frames([[Face(0.4, 0.4, 0.1, 0.2)]], MASK, rate=RATE)
    assert covered(frame, 0.45, 0.33)
    assert covered(frame, 0.45, 0.67)
    assert not covered(frame, 0.1, 0.1)
    assert not covered(frame, 0.9, 0.9)


def test_a_face_that_is_missed_for_a_moment_stays_covered() -> None:
    face = Face(0.4, 0.4, 0.1, 0.2)
    looks = [[face], *([[]] * 15), [face], *([[]] * 30)]
    frames = list(covering.frames(looks, MASK, rate=RATE))
    apart = covering.frames_between_looks(RATE)
    seen = [covered(frames[apart * number], 0.45, 0.5) for number in range(len(looks))]
    assert all(seen[:27])
    assert not any(seen[28:])


def test_a_face_that_appears_is_covered_before_it_is_found() -> None:
    looks = [*([[]] * 12), [Face(0.4, 0.4, 0.1, 0.2)]]
    frames = list(covering.frames(looks, MASK, rate=RATE))
    assert covered(frames[3 * 3], 0.45, 0.5)
    assert not covered(frames[0], 0.45, 0.5)


@settings(deadline=None)  # a busy machine is no failure
@given(count=some.integers(1, 40), rate=some.sampled_from([Fraction(5), Fraction(24000, 1001), Fraction(30)]))
def test_there_is_a_mask_for_every_frame(count: int, rate: Fraction) -> None:
    frames = list(covering.frames([[]] * count, MASK, rate=rate))
    assert len(frames) == count * covering.frames_between_looks(rate)
    assert {len(frame) for frame in frames} == {MASK.width * MASK.height}


def test_an_upright_picture_has_an_upright_mask() -> None:
    assert covering.mask_for(1080, 1920) == Mask(54, 96)


def test_how_often_a_face_was_found_is_told_in_percent() -> None:
    face = Face(0, 0, 1, 1)
    assert covering.found_in_percent([[face], [], [face, face], [face]]) == 75
    assert covering.found_in_percent([]) == 0
