"""Change how a voice sounds, differently for each recording. Values in, words for ffmpeg out.

Pitch and the resonances of mouth and throat move together, tones are shifted off their harmonics and waver a little,
and what is below and above the telephone's band is gone for good. How much of each is drawn anew whenever a recording
is prepared, and is written down nowhere. It keeps people who know the voice from recognising it at once; it does not
keep somebody with time and the right tools from trying every setting.
"""

import secrets
from dataclasses import dataclass

SAMPLE_RATE = 48000
LOWER_PITCH_FACTORS, HIGHER_PITCH_FACTORS = (
    (0.78, 0.86),
    (1.17, 1.28),
)  # nearer to 1 it is the same person with a cold
FREQUENCY_SHIFT_HZ = (25.0, 60.0)  # Hz; more makes words hard to follow
VIBRATO_HZ = (3.0, 6.0)  # times a second
VIBRATO_DEPTH = (0.04, 0.10)
PASS_BAND_HZ = (160, 3800)  # Hz


@dataclass(frozen=True)
class VoiceChange:
    """`factor` is what pitch and resonances are multiplied by, `shift` what is added to every tone, in Hz."""

    pitch_factor: float
    shift_hz: float
    vibrato_hz: float
    vibrato_depth: float

    def ffmpeg_filters(self) -> str:
        """Return the filters that change the voice and leave its length as it is."""
        return (
            f"aresample={SAMPLE_RATE}:async=1:first_pts=0,asetrate={SAMPLE_RATE * self.pitch_factor:.0f},"
            f"aresample={SAMPLE_RATE},atempo={1 / self.pitch_factor:.6f},afreqshift=shift={self.shift_hz:.2f},"
            f"vibrato=f={self.vibrato_hz:.3f}:d={self.vibrato_depth:.4f},highpass=f={PASS_BAND_HZ[0]},lowpass=f={PASS_BAND_HZ[1]},lowpass=f={PASS_BAND_HZ[1]}"
        )


def random_voice_change() -> VoiceChange:
    """Draw a change that nobody can tell from the outside."""
    random = secrets.SystemRandom()
    return VoiceChange(
        pitch_factor=random.uniform(*random.choice((LOWER_PITCH_FACTORS, HIGHER_PITCH_FACTORS))),
        shift_hz=random.choice((-1, 1)) * random.uniform(*FREQUENCY_SHIFT_HZ),
        vibrato_hz=random.uniform(*VIBRATO_HZ),
        vibrato_depth=random.uniform(*VIBRATO_DEPTH),
    )
