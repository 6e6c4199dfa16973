"""Changes a voice with ffmpeg filters, with random parameters for each recording.

Pitch and vocal tract resonances are scaled together, a frequency shift makes the tones inharmonic, a slight vibrato is
added, and everything outside the telephone band is removed. The parameters are drawn on each processing run and never
stored. This keeps acquaintances from recognising the voice at once; it does not stop someone with time and the right
tools from trying all parameters.
"""

import secrets
from dataclasses import dataclass

SAMPLE_RATE = 48000
# Factors closer to 1 leave the voice recognisable.
LOWER_PITCH_FACTORS, HIGHER_PITCH_FACTORS = (0.78, 0.86), (1.17, 1.28)
FREQUENCY_SHIFT_HZ = (25.0, 60.0)  # a larger shift makes speech hard to understand
VIBRATO_HZ = (3.0, 6.0)
VIBRATO_DEPTH = (0.04, 0.10)
PASS_BAND_HZ = (160, 3800)


@dataclass(frozen=True)
class VoiceChange:
    """`pitch_factor` scales pitch and resonances; `shift_hz` is added to every frequency."""

    pitch_factor: float
    shift_hz: float
    vibrato_hz: float
    vibrato_depth: float

    def ffmpeg_filters(self) -> str:
        """Return a filter chain that keeps the duration."""
        lowest, highest = PASS_BAND_HZ
        return (
            f"aresample={SAMPLE_RATE}:async=1:first_pts=0,asetrate={SAMPLE_RATE * self.pitch_factor:.0f},"
            f"aresample={SAMPLE_RATE},atempo={1 / self.pitch_factor:.6f},afreqshift=shift={self.shift_hz:.2f},"
            f"vibrato=f={self.vibrato_hz:.3f}:d={self.vibrato_depth:.4f},"
            f"highpass=f={lowest},lowpass=f={highest},lowpass=f={highest}"
        )


def random_voice_change() -> VoiceChange:
    # Predictable parameters could be reversed.
    random = secrets.SystemRandom()
    return VoiceChange(
        pitch_factor=random.uniform(*random.choice((LOWER_PITCH_FACTORS, HIGHER_PITCH_FACTORS))),
        shift_hz=random.choice((-1, 1)) * random.uniform(*FREQUENCY_SHIFT_HZ),
        vibrato_hz=random.uniform(*VIBRATO_HZ),
        vibrato_depth=random.uniform(*VIBRATO_DEPTH),
    )
