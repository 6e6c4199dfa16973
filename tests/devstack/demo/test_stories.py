"""What the shipped demonstration must hold to: the catalogue, the traits, and the gates as they are."""

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
    """Whoever the gates let through for a viewer who is equally sure of every rung, at the closest match."""
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


def test_the_first_challenge_is_the_conversation_one_keeps_putting_off() -> None:
    first = min(
        (tomllib.loads(path.read_text()) for path in CATALOGUE_DIR.glob("*.toml")),
        key=lambda domain: domain["domain"]["order"],
    )
    assert first["challenge"][0]["title"] == "Have the conversation I keep putting off"


@each_challenge
def test_a_ladder_has_five_to_nine_rungs_without_gaps(challenge: str) -> None:
    positions = [rung["position"] for rung in CHALLENGES[challenge]["rung"]]
    assert positions == list(range(1, len(positions) + 1))
    assert 5 <= len(positions) <= 9


@each_challenge
def test_a_challenge_has_four_to_eight_barriers_each_with_a_way_past(challenge: str) -> None:
    barriers = CHALLENGES[challenge]["barrier"]
    assert 4 <= len({barrier["key"] for barrier in barriers}) == len(barriers) <= 8
    assert all(barrier["strategy_hint"].endswith(".") for barrier in barriers)


@each_challenge
def test_somebody_sure_of_nothing_is_shown_three_tellers_two_of_them_coping(challenge: str) -> None:
    kinds = Counter(story.model_kind for story in stories_allowed_at_rung(0, challenge=challenge, sure=0))
    assert kinds[RoleModelKind.COPING] >= 2
    assert kinds[RoleModelKind.MASTERY] >= 1


@each_challenge
def test_somebody_further_on_is_shown_how_it_goes_further(challenge: str) -> None:
    shown = stories_allowed_at_rung(4, challenge=challenge, sure=80)
    assert max(story.end_rung for story in shown) >= 4


@each_challenge
def test_every_barrier_is_got_past_in_some_story(challenge: str) -> None:
    listed = {barrier["key"] for barrier in CHALLENGES[challenge]["barrier"]}
    answered = {
        chapter.barrier for story in stories_about(challenge) for chapter in story.chapters if chapter.barrier
    }
    assert answered == listed


@each_challenge
def test_the_stories_of_a_challenge_do_not_all_go_the_same_way(challenge: str) -> None:
    assert len({frozenset(story.strategies) for story in stories_about(challenge)}) == len(
        stories_about(challenge)
    )
    assert len({story.voice for story in stories_about(challenge)}) == len(stories_about(challenge))


@each_story
def test_a_story_stays_on_the_ladder_of_its_challenge(story: DemoStory) -> None:
    assert story.end_rung <= len(CHALLENGES[story.challenge]["rung"])


@each_story
def test_a_then_self_answers_as_the_trait_catalogue_allows(story: DemoStory) -> None:
    answers = {
        key: list(value) if isinstance(value, tuple) else value for key, value in story.traits_then.items()
    }
    kept = catalogue.validate_answers(answers)
    assert kept.keys() == answers.keys()
    assert len(kept) >= 6


@each_story
def test_no_demonstration_shows_an_identity_trait(story: DemoStory) -> None:
    identity = {trait.key for trait in catalogue.TRAIT_CATALOGUE if trait.identity}
    assert not identity & set(story.shown_traits)
    assert story.shown_traits


@each_story
def test_a_content_note_is_one_of_the_fourteen(story: DemoStory) -> None:
    assert set(story.content_notes) <= set(ContentNote.values)


@each_story
def test_a_coping_story_tells_of_doubt_and_setback_and_every_story_of_a_change_and_a_result(
    story: DemoStory,
) -> None:
    kinds = {chapter.kind.value for chapter in story.chapters}
    assert {"start", "strategy", "result", "message"} <= kinds
    if story.model_kind.value == "coping":
        assert {"doubt", "setback"} <= kinds


def test_every_teller_is_somebody_else() -> None:
    assert len({story.handle for story in STORIES}) == len({story.name for story in STORIES}) == len(STORIES)


def test_at_most_one_story_is_left_unresolved_and_nobody_in_doubt_is_shown_it() -> None:
    (unresolved,) = [story for story in STORIES if story.outcome is Outcome.UNRESOLVED]
    shown = stories_allowed_at_rung(0, challenge=unresolved.challenge, sure=40)
    assert unresolved.handle not in {story.key for story in shown}


def test_about_one_film_in_six_is_upright() -> None:
    assert len(STORIES) // 7 <= sum(story.portrait for story in STORIES) <= len(STORIES) // 5
