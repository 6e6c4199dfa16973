"""Change how a voice sounds, differently for each recording. Values in, words for ffmpeg out.

Pitch and the resonances of mouth and throat move together, tones are shifted off their harmonics and waver a little,
and what is below and above the telephone's band is gone for good. How much of each is drawn anew whenever a recording
is prepared, and is written down nowhere. It keeps people who know the voice from recognising it at once; it does not
keep somebody with time and the right tools from trying every setting.
"""

import secrets
from dataclasses import dataclass

SAMPLE_RATE = 48000
DEEPER, HIGHER = (0.78, 0.86), (1.17, 1.28)  # nearer to 1 it is the same person with a cold
OFF_HARMONICS = (25.0, 60.0)  # Hz; more makes words hard to follow
WAVERS = (3.0, 6.0)  # times a second
WAVER_DEPTH = (0.04, 0.10)
BAND = (160, 3800)  # Hz


@dataclass(frozen=True)
class VoiceChange:
    """`factor` is what pitch and resonances are multiplied by, `shift` what is added to every tone, in Hz."""

    factor: float
    shift: float
    wavers: float
    depth: float

    def filters(self) -> str:
        """Return the filters that change the voice and leave its length as it is."""
        return (
            f"aresample={SAMPLE_RATE}:async=1:first_pts=0,asetrate={SAMPLE_RATE * self.factor:.0f},"
            f"aresample={SAMPLE_RATE},atempo={1 / self.factor:.6f},afreqshift=shift={self.shift:.2f},"
            f"vibrato=f={self.wavers:.3f}:d={self.depth:.4f},highpass=f={BAND[0]},lowpass=f={BAND[1]},lowpass=f={BAND[1]}"
        )


def draw() -> VoiceChange:
    """Draw a change that nobody can tell from the outside."""
    random = secrets.SystemRandom()
    return VoiceChange(
        factor=random.uniform(*random.choice((DEEPER, HIGHER))),
        shift=random.choice((-1, 1)) * random.uniform(*OFF_HARMONICS),
        wavers=random.uniform(*WAVERS),
        depth=random.uniform(*WAVER_DEPTH),
    )
