import pytest

from web.templatetags.story_format import duration, timecode, trait_answer, trait_label


@pytest.mark.parametrize(
    ("milliseconds", "words"), [(0, "0:00"), (999, "0:00"), (9_000, "0:09"), (92_000, "1:32"), (None, "0:00")]
)
def test_a_time_within_a_recording_reads_as_on_a_player(milliseconds: int | None, words: str) -> None:
    assert timecode(milliseconds) == words


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [(None, "0 s"), (32_000, "32 s"), (59_600, "1 min"), (60_000, "1 min"), (92_400, "1 min 32 s")],
)
def test_a_length_reads_as_people_say_it(milliseconds: int | None, words: str) -> None:
    assert duration(milliseconds) == words


def test_an_answer_is_said_in_the_words_of_its_question() -> None:
    assert trait_answer({"age": 34}, "age") == "34 years"
    assert trait_answer({"interests": ["music", "food"]}, "interests") == "music and food"
    assert trait_label("work_pattern") == "Working hours"


def test_an_open_or_unknown_question_says_nothing() -> None:
    assert trait_answer({}, "age") == ""
    assert trait_answer({"shoe_size": 41}, "shoe_size") == ""
    assert trait_answer({"living": "in a tower"}, "living") == ""
    assert trait_label("shoe_size") == ""
