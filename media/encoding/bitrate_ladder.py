"""Builds the bitrate ladder: the sizes, bit rates and frame rate a recording is offered in.

Width and height are those of the upright picture, after rotation.
"""

from dataclasses import dataclass
from fractions import Fraction

SHORT_SIDES = (1080, 720, 480, 240)  # lengths of the shorter side in pixels
MAX_STEP_RATIO = 0.75  # a smaller step costs an encode without a visible difference
SEGMENT_SECONDS = 4
MAX_FRAME_RATE = 30
# Exact nominal rates of cameras and recorders; a phone's average of 29.83 is one of them with jitter.
STANDARD_FRAME_RATES = (
    Fraction(24000, 1001),
    Fraction(24),
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(30),
)
FRAME_RATE_TOLERANCE = 0.015
MIN_FRAME_RATE = 5

# Peak bit rate in kbit/s at 30 frames per second, by the length of the shorter side.
MAX_KBPS_BY_SHORT_SIDE = {1080: 4500, 720: 2500, 480: 1200, 240: 400}


@dataclass(frozen=True)
class RenditionSpec:
    """Both sides are even, as 4:2:0 chroma subsampling requires."""

    name: str
    width: int
    height: int
    ceiling_kbps: int


def build_bitrate_ladder(width: int, height: int) -> list[RenditionSpec]:
    """Return the renditions, largest first; none is larger than the original."""
    sides = [min(width, height, SHORT_SIDES[0])]
    for side in SHORT_SIDES:
        if side <= sides[-1] * MAX_STEP_RATIO:
            sides.append(side)
    return [_rendition_spec(width, height, side) for side in sides]


def _rendition_spec(width: int, height: int, side: int) -> RenditionSpec:
    scale = Fraction(side, min(width, height))
    even_side = max(2, side - side % 2)
    return RenditionSpec(
        name=f"v{even_side}",
        width=_even_length(width * scale, at_most=width),
        height=_even_length(height * scale, at_most=height),
        ceiling_kbps=_max_kbps(side),
    )


def _even_length(length: Fraction, *, at_most: int) -> int:
    return max(2, min(2 * round(length / 2), at_most - at_most % 2))


def _max_kbps(side: int) -> int:
    """Return the peak bit rate of the smallest standard size that is at least this large."""
    return min(
        (kbps for short_side, kbps in MAX_KBPS_BY_SHORT_SIDE.items() if short_side >= side),
        default=MAX_KBPS_BY_SHORT_SIDE[SHORT_SIDES[0]],
    )


def output_frame_rate(measured: Fraction | None) -> Fraction:
    """Return the constant output rate: the standard rate closest to the recording's own, at most 30.

    Implausible rates, such as the 1000 frames per second that some browsers declare, become 30.
    """
    if measured is None or not MIN_FRAME_RATE / 2 <= measured <= 8 * MAX_FRAME_RATE:
        return Fraction(MAX_FRAME_RATE)
    rate = measured
    while rate > MAX_FRAME_RATE * (1 + FRAME_RATE_TOLERANCE):
        rate /= 2
    nearest = min(STANDARD_FRAME_RATES, key=lambda standard: abs(rate - standard))
    if abs(rate / nearest - 1) <= FRAME_RATE_TOLERANCE:
        return nearest
    return Fraction(min(MAX_FRAME_RATE, max(MIN_FRAME_RATE, round(rate))))


def frames_per_segment(rate: Fraction) -> int:
    """Return the keyframe interval in frames, the same for all renditions so that their segments are aligned."""
    return -(-SEGMENT_SECONDS * rate.numerator // rate.denominator)
