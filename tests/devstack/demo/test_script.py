from pathlib import Path

import pytest

from devstack.demo.script import SCRIPTS_DIR, DemoStory, load_all_scripts, load_script_file
from devstack.demo.toml_fields import InvalidScript
from stories.models import ChapterKind, ModelKind, Outcome, Strategy

HEAD = 'made_up = true\nchallenge = "ask-for-help"\n'
START = "I had carried the same heavy bags up the same four flights of stairs for years."
STORY = f"""
[[story]]
handle = "kim"
name = "Kim"
title = "Four flights"
language = "en"
model_kind = "coping"
outcome = "reached"
start_rung = 0
end_rung = 2
content_notes = []
strategies = ["small_steps", "ask_someone"]
palette = "sea"
scene = "boat"
portrait = false
shown_traits = ["age"]
traits_then = {{ age = 40, obstacles = ["time"] }}
voice = {{ name = "en+f3", pitch = 44, pace = 148 }}
[[story.chapter]]
kind = "start"
text = "{START}"
[[story.chapter]]
kind = "doubt"
text = "I was certain that anybody I asked would sigh. So I never asked anybody at all."
[[story.chapter]]
kind = "strategy"
text = "Then I made the favour so small that it would fit between two other things."
barrier = "being_a_burden"
[[story.chapter]]
kind = "step"
text = "I wrote to the man on the third floor. Would you hold the door for me on Friday?"
rung = 2
[[story.chapter]]
kind = "message"
text = "Make it small. People like to be asked for what they can give."
"""


def write_script(folder: Path, story: str = STORY, *, head: str = HEAD) -> Path:
    path = folder / "ask-for-help.toml"
    path.write_text(head + story)
    return path


def load_single_story(path: Path) -> DemoStory:
    (story,) = load_script_file(path)
    return story


def test_a_script_is_parsed_into_typed_values(tmp_path: Path) -> None:
    story = load_single_story(write_script(tmp_path))
    assert (story.challenge, story.handle, story.name) == ("ask-for-help", "kim", "Kim")
    assert (story.model_kind, story.outcome) == (ModelKind.COPING, Outcome.REACHED)
    assert story.strategies == (Strategy.SMALL_STEPS, Strategy.ASK_SOMEONE)
    assert story.traits_then == {"age": 40, "obstacles": ("time",)}
    assert (story.chapters[2].kind, story.chapters[2].barrier) == (ChapterKind.STRATEGY, "being_a_burden")
    assert story.chapters[3].rung == 2


def test_a_chapter_is_split_into_sentences(tmp_path: Path) -> None:
    step = load_single_story(write_script(tmp_path)).chapters[3]
    assert step.sentences == (
        "I wrote to the man on the third floor.",
        "Would you hold the door for me on Friday?",
    )


def test_traits_are_immutable(tmp_path: Path) -> None:
    answers = load_single_story(write_script(tmp_path)).traits_then
    with pytest.raises(TypeError):
        answers["age"] = 41  # type: ignore[index]  # intended


def test_all_files_are_loaded_in_order_of_their_names(tmp_path: Path) -> None:
    write_script(tmp_path)
    second_file = tmp_path / "walk-most-days.toml"
    second_file.write_text((HEAD + STORY).replace("ask-for-help", "walk-most-days"))
    assert [story.challenge for story in load_all_scripts(tmp_path)] == ["ask-for-help", "walk-most-days"]


def test_every_shipped_script_is_valid() -> None:
    assert {story.challenge for story in load_all_scripts()} == {
        path.stem for path in SCRIPTS_DIR.glob("*.toml")
    }


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('palette = "sea"', 'palette = "sea"\nhue = 3', "unknown keys: hue"),
        ('"ask_someone"]', '"luck"]', "strategies"),
        ('"age"]', '"faith"]', "shows a trait without an answer"),
        ("age = 40", "age = 1.5", "the answer to age"),
        ("end_rung = 2", "end_rung = 1", "a rung above its end rung"),
        ("start_rung = 0", "start_rung = 3", "ends lower than it starts"),
        ("start_rung = 0", "start_rung = 2", "claims an outcome"),
        ('kind = "doubt"', 'kind = "message"', "out of order"),
        (START, "Short.", "words"),
        (START, START[:-1] + ", and then for several more", "two-line caption"),
    ],
)
def test_an_invalid_script_raises(tmp_path: Path, old: str, new: str, reason: str) -> None:
    assert old in STORY
    with pytest.raises(InvalidScript, match=reason) as error:
        load_script_file(write_script(tmp_path, STORY.replace(old, new, 1)))
    assert error.value.location.startswith("ask-for-help/kim")


def test_a_story_without_progress_must_be_unresolved(tmp_path: Path) -> None:
    script = STORY.replace("start_rung = 0", "start_rung = 2").replace('"reached"', '"unresolved"')
    assert load_single_story(write_script(tmp_path, script)).outcome is Outcome.UNRESOLVED


def test_a_story_not_marked_as_made_up_raises(tmp_path: Path) -> None:
    with pytest.raises(InvalidScript, match="made_up must be true"):
        load_script_file(write_script(tmp_path, head=HEAD.replace("true", "false")))


def test_the_file_name_must_match_the_challenge(tmp_path: Path) -> None:
    with pytest.raises(InvalidScript, match="must match its challenge"):
        load_script_file(write_script(tmp_path, head=HEAD.replace("ask-for-help", "ask-for-more")))


def test_invalid_toml_raises_with_the_file_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidScript, match=r"ask-for-help\.toml"):
        load_script_file(write_script(tmp_path, head="made_up = perhaps\n"))
