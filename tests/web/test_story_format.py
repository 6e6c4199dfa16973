import pytest

from web.templatetags.story_format import duration, timecode, trait_answer, trait_label


@pytest.mark.parametrize(
    ("milliseconds", "formatted"),
    [(0, "0:00"), (999, "0:00"), (9_000, "0:09"), (92_000, "1:32"), (None, "0:00")],
)
def test_timecode_is_formatted_like_a_player(milliseconds: int | None, formatted: str) -> None:
    assert timecode(milliseconds) == formatted


@pytest.mark.parametrize(
    ("milliseconds", "formatted"),
    [(None, "0 s"), (32_000, "32 s"), (59_600, "1 min"), (60_000, "1 min"), (92_400, "1 min 32 s")],
)
def test_duration_is_formatted_in_minutes_and_seconds(milliseconds: int | None, formatted: str) -> None:
    assert duration(milliseconds) == formatted


def test_stored_answer_is_formatted_with_its_label() -> None:
    assert trait_answer({"age": 34}, "age") == "34 years"
    assert trait_answer({"interests": ["music", "food"]}, "interests") == "music and food"
    assert trait_label("work_pattern") == "Working hours"


def test_missing_answer_and_unknown_trait_are_empty() -> None:
    assert trait_answer({}, "age") == ""
    assert trait_answer({"shoe_size": 41}, "shoe_size") == ""
    assert trait_answer({"living": "in a tower"}, "living") == ""
    assert trait_label("shoe_size") == ""
