import pytest

from media.encoding.loudness import (
    MAX_WAVEFORM_BARS,
    LoudnessMeasurement,
    measure_loudness,
    normalisation_gain,
    parse_integrated_loudness,
    waveform_bars,
)
from media.encoding.runner import ignore_progress
from tests.media.sample_recordings import TONE_SOURCE, RecordingFactory


def measure_loudness_of(recording_factory: RecordingFactory, name: str, filters: str) -> LoudnessMeasurement:
    source = recording_factory.render(
        name, "-f", "lavfi", "-i", f"{TONE_SOURCE}:duration=4,{filters}", "-c:a", "aac"
    )
    return measure_loudness(
        source, 0, max_seconds=60, is_cancelled=lambda: False, on_progress=ignore_progress
    )


def test_measurement_has_integrated_loudness_and_a_waveform(recording_factory: RecordingFactory) -> None:
    measurement = measure_loudness_of(recording_factory, "half.m4a", "volume='if(lt(t,2),1,0)':eval=frame")
    assert measurement.integrated_lufs is not None
    assert -30 < measurement.integrated_lufs < -15
    quarter = len(measurement.levels) // 4
    assert min(measurement.levels[5:quarter]) > 40
    assert max(measurement.levels[-quarter:]) == 0


def test_silence_has_no_loudness_and_a_flat_waveform(recording_factory: RecordingFactory) -> None:
    measurement = measure_loudness_of(recording_factory, "silence.m4a", "volume=0")
    assert measurement.integrated_lufs is None or measurement.integrated_lufs <= -60
    assert set(measurement.levels) == {0}


def test_progress_is_reported_in_seconds(recording_factory: RecordingFactory) -> None:
    progress: list[float] = []
    measure_loudness(
        recording_factory.video_with_tone(),
        1,
        max_seconds=60,
        is_cancelled=lambda: False,
        on_progress=progress.append,
    )
    assert progress == sorted(progress)
    assert progress[-1] == pytest.approx(2, abs=0.2)


@pytest.mark.parametrize(
    "count", [0, 1, MAX_WAVEFORM_BARS - 1, MAX_WAVEFORM_BARS, 12 * MAX_WAVEFORM_BARS + 7]
)
def test_number_of_waveform_bars_is_limited(count: int) -> None:
    assert len(waveform_bars([-20.0] * count)) == min(count, MAX_WAVEFORM_BARS)


@pytest.mark.parametrize(("lufs", "height"), [(-120.0, 0), (-50.0, 0), (-29.0, 50), (-8.0, 100), (0.0, 100)])
def test_bar_height_is_proportional_to_loudness(lufs: float, height: int) -> None:
    assert waveform_bars([lufs]) == (height,)


def test_bar_shows_the_maximum_of_its_interval() -> None:
    momentary_lufs = [-50.0] * (2 * MAX_WAVEFORM_BARS)
    momentary_lufs[3] = -8.0
    assert waveform_bars(momentary_lufs)[:3] == (0, 100, 0)


@pytest.mark.parametrize(
    ("loudness", "gain"),
    [(-18.0, 0.0), (-30.0, 12.0), (-6.0, -12.0), (-55.0, 20.0), (-70.0, 0.0), (None, 0.0)],
)
def test_gain_reaches_the_target_within_its_limit_and_leaves_silence_alone(
    loudness: float | None, gain: float
) -> None:
    assert normalisation_gain(loudness) == gain


def test_integrated_loudness_comes_from_the_last_summary() -> None:
    log = "    I:         -70.0 LUFS\n  Integrated loudness:\n    I:         -23.4 LUFS\n    Threshold: -33.6 LUFS\n"
    assert parse_integrated_loudness(log) == -23.4
    assert parse_integrated_loudness("no summary") is None
