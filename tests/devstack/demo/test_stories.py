"""The shipped demonstration stories against the challenge catalogue, the trait catalogue and the real gates."""

import tomllib
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from accounts.content_notes import ContentNote
from accounts.traits import catalogue
from challenges.loading import CATALOGUE_DIR
from devstack.demo.script import DemoStory, load_all_scripts
from matching.gates import exclusion_reason
from matching.records import RoleModelKind, StoryFacts, ViewerFacts
from matching.records import StoryOutcome as Ending
from stories.models import Outcome

CHALLENGES: Mapping[str, Mapping[str, Any]] = {
    challenge["slug"]: challenge
    for path in CATALOGUE_DIR.glob("*.toml")
    for challenge in tomllib.loads(path.read_text())["challenge"]
}
STORIES = tuple(load_all_scripts())
each_challenge = pytest.mark.parametrize("challenge", CHALLENGES)
each_story = pytest.mark.parametrize("story", STORIES, ids=lambda story: f"{story.challenge}/{story.handle}")


def stories_about(challenge: str) -> list[DemoStory]:
    return [story for story in STORIES if story.challenge == challenge]


def story_facts(story: DemoStory) -> StoryFacts:
    return StoryFacts(
        key=story.handle,
        teller=story.handle,
        challenge=story.challenge,
        start_rung=story.start_rung,
        end_rung=story.end_rung,
        model_kind=RoleModelKind(story.model_kind.value),
        outcome=Ending(story.outcome.value),
        language=story.language,
        content_notes=frozenset(story.content_notes),
    )


def stories_allowed_at_rung(rung: int, *, challenge: str, sure: int) -> list[StoryFacts]:
    """Stories that pass the gates for a viewer with the same confidence on every rung."""
    ladder = len(CHALLENGES[challenge]["rung"])
    viewer = ViewerFacts(
        person="ana",
        challenge=challenge,
        present_rung=rung,
        ladder_length=ladder,
        ratings=dict.fromkeys(range(1, ladder + 1), sure),
        languages=frozenset({"en"}),
    )
    return [
        story
        for story in map(story_facts, stories_about(challenge))
        if exclusion_reason(viewer, story) is None
    ]


def test_there_are_six_domains_with_two_challenges_each() -> None:
    domains = [tomllib.loads(path.read_text()) for path in CATALOGUE_DIR.glob("*.toml")]
    assert sorted(domain["domain"]["order"] for domain in domains) == [1, 2, 3, 4, 5, 6]
    for domain in domains:
        assert [challenge["order"] for challenge in domain["challenge"]] == [1, 2]


def test_the_first_challenge_is_the_conversation_i_keep_putting_off() -> None:
    first_domain = min(
        (tomllib.loads(path.read_text()) for path in CATALOGUE_DIR.glob("*.toml")),
        key=lambda domain: domain["domain"]["order"],
    )
    assert first_domain["challenge"][0]["title"] == "Have the conversation I keep putting off"


@each_challenge
def test_ladders_have_five_to_nine_consecutive_rungs(challenge: str) -> None:
    positions = [rung["position"] for rung in CHALLENGES[challenge]["rung"]]
    assert positions == list(range(1, len(positions) + 1))
    assert 5 <= len(positions) <= 9


@each_challenge
def test_challenges_have_four_to_eight_barriers_with_a_strategy_hint(challenge: str) -> None:
    barriers = CHALLENGES[challenge]["barrier"]
    assert 4 <= len({barrier["key"] for barrier in barriers}) == len(barriers) <= 8
    assert all(barrier["strategy_hint"].endswith(".") for barrier in barriers)


@each_challenge
def test_a_viewer_without_confidence_gets_two_coping_models_and_a_mastery_model(challenge: str) -> None:
    kinds = Counter(story.model_kind for story in stories_allowed_at_rung(0, challenge=challenge, sure=0))
    assert kinds[RoleModelKind.COPING] >= 2
    assert kinds[RoleModelKind.MASTERY] >= 1


@each_challenge
def test_a_viewer_on_a_higher_rung_gets_stories_that_go_further(challenge: str) -> None:
    eligible_stories = stories_allowed_at_rung(4, challenge=challenge, sure=80)
    assert max(story.end_rung for story in eligible_stories) >= 4


@each_challenge
def test_every_barrier_is_overcome_in_some_story(challenge: str) -> None:
    barrier_keys = {barrier["key"] for barrier in CHALLENGES[challenge]["barrier"]}
    overcome = {
        chapter.barrier for story in stories_about(challenge) for chapter in story.chapters if chapter.barrier
    }
    assert overcome == barrier_keys


@each_challenge
def test_stories_of_a_challenge_differ_in_strategies_and_voice(challenge: str) -> None:
    assert len({frozenset(story.strategies) for story in stories_about(challenge)}) == len(
        stories_about(challenge)
    )
    assert len({story.voice for story in stories_about(challenge)}) == len(stories_about(challenge))


@each_story
def test_the_end_rung_exists_on_the_ladder(story: DemoStory) -> None:
    assert story.end_rung <= len(CHALLENGES[story.challenge]["rung"])


@each_story
def test_then_self_answers_are_valid_in_the_trait_catalogue(story: DemoStory) -> None:
    answers = {
        key: list(value) if isinstance(value, tuple) else value for key, value in story.traits_then.items()
    }
    validated = catalogue.validate_answers(answers)
    assert validated.keys() == answers.keys()
    assert len(validated) >= 6


@each_story
def test_stories_never_show_an_identity_trait(story: DemoStory) -> None:
    identity = {trait.key for trait in catalogue.TRAIT_CATALOGUE if trait.identity}
    assert not identity & set(story.shown_traits)
    assert story.shown_traits


@each_story
def test_content_notes_are_known(story: DemoStory) -> None:
    assert set(story.content_notes) <= set(ContentNote.values)


@each_story
def test_stories_have_the_required_chapters(
    story: DemoStory,
) -> None:
    kinds = {chapter.kind.value for chapter in story.chapters}
    assert {"start", "strategy", "result", "message"} <= kinds
    if story.model_kind.value == "coping":
        assert {"doubt", "setback"} <= kinds


def test_tellers_are_unique() -> None:
    assert len({story.handle for story in STORIES}) == len({story.name for story in STORIES}) == len(STORIES)


def test_the_only_unresolved_story_is_never_shown_to_doubtful_viewers() -> None:
    (unresolved,) = [story for story in STORIES if story.outcome is Outcome.UNRESOLVED]
    eligible_stories = stories_allowed_at_rung(0, challenge=unresolved.challenge, sure=40)
    assert unresolved.handle not in {story.key for story in eligible_stories}


def test_about_one_film_in_six_is_in_portrait_format() -> None:
    assert len(STORIES) // 7 <= sum(story.portrait for story in STORIES) <= len(STORIES) // 5
