import pytest

from media.gate import to_nobody
from media.listening import BARS, Heard, bars, listen
from tests.media.films import TONE, Studio


def heard_in(studio: Studio, name: str, filters: str) -> Heard:
    film = studio.shoot(name, "-f", "lavfi", "-i", f"{TONE}:duration=4,{filters}", "-c:a", "aac")
    return listen(film, 0, at_most=60, cancelled=lambda: False, reached=to_nobody)


def test_it_is_heard_how_loud_a_recording_is_and_where(studio: Studio) -> None:
    heard = heard_in(studio, "half.m4a", "volume='if(lt(t,2),1,0)':eval=frame")
    assert heard.loudness is not None
    assert -30 < heard.loudness < -15
    quarter = len(heard.levels) // 4
    assert min(heard.levels[5:quarter]) > 40
    assert max(heard.levels[-quarter:]) == 0


def test_silence_has_no_loudness_to_speak_of(studio: Studio) -> None:
    heard = heard_in(studio, "silence.m4a", "volume=0")
    assert heard.loudness is None or heard.loudness <= -60
    assert set(heard.levels) == {0}


def test_the_time_heard_is_told_on_the_way(studio: Studio) -> None:
    told: list[float] = []
    listen(studio.talk(), 1, at_most=60, cancelled=lambda: False, reached=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(2, abs=0.2)


@pytest.mark.parametrize("count", [0, 1, BARS - 1, BARS, 12 * BARS + 7])
def test_there_are_never_more_bars_than_fit(count: int) -> None:
    assert len(bars([-20.0] * count)) == min(count, BARS)


@pytest.mark.parametrize(("lufs", "height"), [(-120.0, 0), (-50.0, 0), (-29.0, 50), (-8.0, 100), (0.0, 100)])
def test_a_bar_is_as_high_as_its_moment_is_loud(lufs: float, height: int) -> None:
    assert bars([lufs]) == (height,)


def test_a_bar_is_as_high_as_the_loudest_of_its_share() -> None:
    moments = [-50.0] * (2 * BARS)
    moments[3] = -8.0
    assert bars(moments)[:3] == (0, 100, 0)
