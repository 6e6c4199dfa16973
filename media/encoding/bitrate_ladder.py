"""Which sizes and frame rate a recording is offered in: plain arithmetic about upright pictures."""

from dataclasses import dataclass
from fractions import Fraction

SHORT_SIDES = (1080, 720, 480, 240)  # lengths of the shorter side
MAX_STEP_RATIO = (
    0.75  # a rung nearer to the one above it than this would cost an encode and show no difference
)
SEGMENT_SECONDS = 4
MAX_FRAME_RATE = 30
# Frame rates that cameras and recorders mean, exactly. A phone's "29.83 on average" is one of them with jitter.
STANDARD_FRAME_RATES = (
    Fraction(24000, 1001),
    Fraction(24),
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(30),
)
FRAME_RATE_TOLERANCE = 0.015
MIN_FRAME_RATE = 5

# The most that a viewer's line has to carry, by the shorter side: kilobits per second at 30 frames.
MAX_KBPS_BY_SHORT_SIDE = {1080: 4500, 720: 2500, 480: 1200, 240: 400}


@dataclass(frozen=True)
class RenditionSpec:
    """One size; both sides are even, because half-size colour planes need it."""

    name: str
    width: int
    height: int
    ceiling_kbps: int


def build_bitrate_ladder(width: int, height: int) -> list[RenditionSpec]:
    """Return the rungs for an upright picture, largest first and never larger than the picture."""
    short = min(width, height)
    top = min(short, SHORT_SIDES[0])
    sides = [top]
    for side in SHORT_SIDES:
        if side <= sides[-1] * MAX_STEP_RATIO:
            sides.append(side)
    return [_rendition_spec(width, height, side) for side in sides]


def _rendition_spec(width: int, height: int, side: int) -> RenditionSpec:
    scale = Fraction(side, min(width, height))
    even_side = max(2, side - side % 2)
    return RenditionSpec(
        name=f"v{even_side}",
        width=_even_length(width * scale, most=width),
        height=_even_length(height * scale, most=height),
        ceiling_kbps=_max_kbps(side),
    )


def _even_length(length: Fraction, *, most: int) -> int:
    return max(2, min(2 * round(length / 2), most - most % 2))


def _max_kbps(side: int) -> int:
    """Return the ceiling of the smallest known rung that is at least this large."""
    return min(
        (kbps for known, kbps in MAX_KBPS_BY_SHORT_SIDE.items() if known >= side),
        default=MAX_KBPS_BY_SHORT_SIDE[SHORT_SIDES[0]],
    )


def output_frame_rate(measured: Fraction | None) -> Fraction:
    """Return the constant rate to give out: the recording's own where it is a usual one, at most 30.

    Recorders in browsers announce nonsense such as 1000 frames a second; those get 30.
    """
    if measured is None or not MIN_FRAME_RATE / 2 <= measured <= 8 * MAX_FRAME_RATE:
        return Fraction(MAX_FRAME_RATE)
    rate = measured
    while rate > MAX_FRAME_RATE * (1 + FRAME_RATE_TOLERANCE):
        rate /= 2
    nearest = min(STANDARD_FRAME_RATES, key=lambda usual: abs(rate - usual))
    if abs(rate / nearest - 1) <= FRAME_RATE_TOLERANCE:
        return nearest
    return Fraction(min(MAX_FRAME_RATE, max(MIN_FRAME_RATE, round(rate))))


def frames_per_segment(rate: Fraction) -> int:
    """Return how many frames lie between two keyframes, so that every rung can be cut at the same places."""
    return -(-SEGMENT_SECONDS * rate.numerator // rate.denominator)
