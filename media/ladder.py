"""Which sizes and frame rate a recording is offered in: plain arithmetic about upright pictures."""

from dataclasses import dataclass
from fractions import Fraction

RUNGS = (1080, 720, 480, 240)  # lengths of the shorter side
STEP_DOWN = 0.75  # a rung nearer to the one above it than this would cost an encode and show no difference
SEGMENT_SECONDS = 4
FASTEST = 30
# Frame rates that cameras and recorders mean, exactly. A phone's "29.83 on average" is one of them with jitter.
USUAL_RATES = (Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30))
JITTER = 0.015
SLOWEST = 5

# The most that a viewer's line has to carry, by the shorter side: kilobits per second at 30 frames.
CEILINGS = {1080: 4500, 720: 2500, 480: 1200, 240: 400}


@dataclass(frozen=True)
class Rung:
    """One size; both sides are even, because half-size colour planes need it."""

    name: str
    width: int
    height: int
    ceiling_kbps: int


def ladder(width: int, height: int) -> list[Rung]:
    """Return the rungs for an upright picture, largest first and never larger than the picture."""
    short = min(width, height)
    top = min(short, RUNGS[0])
    sides = [top]
    for side in RUNGS:
        if side <= sides[-1] * STEP_DOWN:
            sides.append(side)
    return [_rung(width, height, side) for side in sides]


def _rung(width: int, height: int, side: int) -> Rung:
    scale = Fraction(side, min(width, height))
    even_side = max(2, side - side % 2)
    return Rung(
        name=f"v{even_side}",
        width=_even(width * scale, most=width),
        height=_even(height * scale, most=height),
        ceiling_kbps=_ceiling(side),
    )


def _even(length: Fraction, *, most: int) -> int:
    return max(2, min(2 * round(length / 2), most - most % 2))


def _ceiling(side: int) -> int:
    """Return the ceiling of the smallest known rung that is at least this large."""
    return min((kbps for known, kbps in CEILINGS.items() if known >= side), default=CEILINGS[RUNGS[0]])


def frame_rate(measured: Fraction | None) -> Fraction:
    """Return the constant rate to give out: the recording's own where it is a usual one, at most 30.

    Recorders in browsers announce nonsense such as 1000 frames a second; those get 30.
    """
    if measured is None or not SLOWEST / 2 <= measured <= 8 * FASTEST:
        return Fraction(FASTEST)
    rate = measured
    while rate > FASTEST * (1 + JITTER):
        rate /= 2
    nearest = min(USUAL_RATES, key=lambda usual: abs(rate - usual))
    if abs(rate / nearest - 1) <= JITTER:
        return nearest
    return Fraction(min(FASTEST, max(SLOWEST, round(rate))))


def frames_per_segment(rate: Fraction) -> int:
    """Return how many frames lie between two keyframes, so that every rung can be cut at the same places."""
    return -(-SEGMENT_SECONDS * rate.numerator // rate.denominator)
