from collections import Counter
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from matching.gates import ExclusionReason
from matching.records import Candidate, RoleModelKind, StoryFacts, StoryOutcome, ViewerFacts
from matching.slate_policy import ComposedSlate, Shortlist, SlateArm, SlatePolicy, slate_seed
from matching.story_table import ScoredStoryTable, StoryTable
from tests.matching.random_people import CATALOGUE, random_people

ANA = ViewerFacts(
    person="ana", challenge="talk", present_rung=2, ladder_length=7, ratings={1: 90, 2: 70, 3: 40, 4: 20}
)
POLICY = SlatePolicy(CATALOGUE)
MATCHED = SlatePolicy(CATALOGUE, exploration=0)
RANDOM = SlatePolicy(CATALOGUE, exploration=1)
STRATEGIES = ("rehearse", "ask", "small_steps", "reward")


def story_facts(key: str, *, teller: str, kind: RoleModelKind = RoleModelKind.COPING) -> StoryFacts:
    return StoryFacts(
        key=key,
        teller=teller,
        challenge="talk",
        start_rung=2,
        end_rung=4,
        model_kind=kind,
        outcome=StoryOutcome.REACHED,
        language="en",
    )


def random_candidates(count: int = 40, *, seed: int = 5) -> list[Candidate]:
    """Return stories by fewer tellers than stories, one in four mastery, some excluded by the gates."""
    rng = np.random.default_rng(seed)
    people = random_people(count, seed=seed)
    return [
        Candidate(
            replace(
                story_facts(f"s{number:02}", teller=f"t{rng.integers(count * 2 // 3):02}"),
                model_kind=RoleModelKind.MASTERY if rng.random() < 0.25 else RoleModelKind.COPING,
                outcome=StoryOutcome.UNRESOLVED if rng.random() < 0.1 else StoryOutcome.REACHED,
                start_rung=int(rng.integers(0, 5)),
                end_rung=int(rng.integers(2, 6)),
                strategies=frozenset({STRATEGIES[int(rng.integers(4))]}),
            ),
            float(rng.random()),
            people[number],
        )
        for number in range(count)
    ]


def shortlist_of(
    policy: SlatePolicy, candidates: list[Candidate], *, seed: int, viewer: ViewerFacts = ANA
) -> Shortlist:
    by_key = sorted(candidates, key=lambda candidate: candidate.story.key)
    story_table = StoryTable.from_stories(candidate.story for candidate in by_key)
    similarity = np.array([candidate.similarity for candidate in by_key])
    return policy.build_shortlist(ScoredStoryTable(story_table, similarity), viewer=viewer, seed=seed)


def compose_slate(
    policy: SlatePolicy, candidates: list[Candidate], *, seed: int = 1, viewer: ViewerFacts = ANA
) -> ComposedSlate:
    shortlist = shortlist_of(policy, candidates, seed=seed, viewer=viewer)
    by_key = sorted(candidates, key=lambda candidate: candidate.story.key)
    return policy.compose_slate(shortlist, [by_key[row] for row in shortlist.rows])


def shown_stories(slate: ComposedSlate, candidates: list[Candidate]) -> list[StoryFacts]:
    stories = {candidate.story.key: candidate.story for candidate in candidates}
    return [stories[item.key] for item in slate.items]


@pytest.mark.parametrize("policy", [MATCHED, RANDOM])
def test_a_slate_has_several_tellers_coping_first_and_mastery_last(policy: SlatePolicy) -> None:
    for seed in range(30):
        candidates = random_candidates(seed=seed)
        stories = shown_stories(compose_slate(policy, candidates, seed=seed), candidates)
        assert 3 <= len(stories) <= 4
        assert len({story.teller for story in stories}) == len(stories)
        assert [story.model_kind for story in stories[:2]] == [RoleModelKind.COPING] * 2
        assert all(story.model_kind == RoleModelKind.COPING for story in stories[:-1])


@pytest.mark.parametrize("policy", [MATCHED, RANDOM])
def test_excluded_stories_are_never_shown(policy: SlatePolicy) -> None:
    for seed in range(30):
        candidates = random_candidates(seed=seed)
        slate = compose_slate(policy, candidates, seed=seed)
        assert all(story.end_rung <= 4 for story in shown_stories(slate, candidates))
        assert slate.eligible_count + sum(slate.excluded_counts.values()) == 40
        assert slate.excluded_counts[ExclusionReason.TOO_FAR_AHEAD] == sum(
            candidate.story.end_rung > 4 for candidate in candidates
        )


def test_the_most_similar_teller_comes_first_in_a_matched_slate() -> None:
    most_similar = Candidate(story_facts("near", teller="near"), 0.99)
    slate = compose_slate(MATCHED, [*random_candidates(), most_similar])
    assert slate.items[0].key == "near"
    assert slate.items[0].similarity == 0.99
    assert {adjustment.name for adjustment in slate.items[0].adjustments} == {"start", "coping", "fresh"}


def test_a_matched_slate_does_not_depend_on_the_order_of_candidates() -> None:
    candidates = random_candidates()
    forward = compose_slate(MATCHED, candidates)
    backward = compose_slate(MATCHED, candidates[::-1])
    assert forward.items == backward.items


def test_the_same_seed_gives_the_same_slate() -> None:
    for seed in range(20):
        assert compose_slate(POLICY, random_candidates(), seed=seed) == compose_slate(
            POLICY, random_candidates(), seed=seed
        )


def test_each_propensity_is_the_share_of_seeds_that_show_the_story() -> None:
    candidates = random_candidates(18)
    policy = SlatePolicy(CATALOGUE, exploration=0.5)
    slates = [compose_slate(policy, candidates, seed=seed) for seed in range(1_500)]
    counts = Counter(item.key for slate in slates for item in slate.items)
    propensity_by_key = {item.key: item.propensity for slate in slates for item in slate.items}
    assert len({(item.key, item.propensity) for slate in slates for item in slate.items}) == len(
        propensity_by_key
    )
    for key, propensity in propensity_by_key.items():
        allowed = 5 * (propensity * (1 - propensity) / len(slates)) ** 0.5
        assert counts[key] / len(slates) == pytest.approx(propensity, abs=allowed)


def test_one_slate_in_ten_is_random() -> None:
    candidates = random_candidates()
    arms = Counter(
        compose_slate(POLICY, candidates, seed=slate_seed(person, "talk", date(2030, 1, 2))).arm
        for person in range(800)
    )
    assert set(arms) == {SlateArm.MATCHED, SlateArm.RANDOM}
    assert arms[SlateArm.RANDOM] / 800 == pytest.approx(0.1, abs=0.05)


def test_inverse_propensities_recover_the_true_mean_from_a_mixed_log() -> None:
    candidates = random_candidates(18)
    policy = SlatePolicy(CATALOGUE, exploration=0.5)
    value_by_key = {candidate.story.key: number for number, candidate in enumerate(candidates)}
    first_slate = compose_slate(policy, candidates, seed=0)
    shown_keys = {
        item.key for seed in range(200) for item in compose_slate(policy, candidates, seed=seed).items
    }
    assert len(shown_keys) == first_slate.eligible_count
    slates = [compose_slate(policy, candidates, seed=seed) for seed in range(1_200)]
    estimate = sum(
        value_by_key[item.key] / item.propensity for slate in slates for item in slate.items
    ) / len(slates)
    assert estimate == pytest.approx(sum(value_by_key[key] for key in shown_keys), rel=0.08)


# When few are there


def test_two_tellers_give_a_scarce_slate_with_both() -> None:
    candidates = [
        Candidate(story_facts("a1", teller="a"), 0.9),
        Candidate(story_facts("a2", teller="a"), 0.8),
        Candidate(story_facts("a3", teller="a"), 0.7),
        Candidate(story_facts("b1", teller="b", kind=RoleModelKind.MASTERY), 0.1),
    ]
    slate = compose_slate(POLICY, candidates)
    assert [item.key for item in slate.items] == ["a1", "a2", "b1"]
    assert slate.is_scarce
    assert slate.arm is SlateArm.SCARCE
    assert [item.propensity for item in slate.items] == [1, 1, 1]


def test_a_single_coping_story_is_shown() -> None:
    slate = compose_slate(POLICY, [Candidate(story_facts("a", teller="a"), 0.3)])
    assert [item.key for item in slate.items] == ["a"]
    assert slate.is_scarce


def test_mastery_stories_by_a_single_teller_are_not_shown() -> None:
    stories = [story_facts(key, teller="a", kind=RoleModelKind.MASTERY) for key in ("a1", "a2")]
    for count in (1, 2):
        slate = compose_slate(POLICY, [Candidate(story, 0.9) for story in stories[:count]])
        assert slate.items == ()
        assert slate.is_scarce
        assert slate.eligible_count == count


def test_mastery_stories_by_two_tellers_are_shown() -> None:
    candidates = [Candidate(story_facts(key, teller=key, kind=RoleModelKind.MASTERY), 0.9) for key in "ab"]
    assert {item.key for item in compose_slate(POLICY, candidates).items} == {"a", "b"}


def test_without_stories_the_slate_is_empty_and_scarce() -> None:
    slate = compose_slate(POLICY, [])
    assert slate.items == ()
    assert slate.is_scarce


@pytest.mark.parametrize(("coping", "mastery"), [(3, 0), (2, 1), (1, 2), (0, 3), (5, 0)])
def test_three_tellers_of_any_kind_give_a_full_slate(coping: int, mastery: int) -> None:
    candidates = [Candidate(story_facts(f"c{number}", teller=f"c{number}"), 0.5) for number in range(coping)]
    candidates += [
        Candidate(story_facts(f"m{number}", teller=f"m{number}", kind=RoleModelKind.MASTERY), 0.9)
        for number in range(mastery)
    ]
    for policy in (MATCHED, RANDOM):
        slate = compose_slate(policy, candidates)
        assert len(slate.items) >= 3
        assert not slate.is_scarce
        assert all(item.propensity == pytest.approx(1) for item in slate.items) or coping == 5


def test_a_teller_with_sixty_stories_does_not_crowd_out_the_others() -> None:
    story_table = [Candidate(story_facts(f"a{number:02}", teller="a"), 0.9) for number in range(70)]
    others = [Candidate(story_facts(key, teller=key), 0.1) for key in "bc"]
    slate = compose_slate(MATCHED, [*story_table, *others])
    assert {item.key[0] for item in slate.items} == {"a", "b", "c"}


# Seeds and settings


def test_seeds_depend_on_viewer_challenge_and_day_only() -> None:
    day = date(2030, 1, 2)
    seeds = {
        slate_seed("ana", "talk", day),
        slate_seed("bo", "talk", day),
        slate_seed("ana", "run", day),
        slate_seed("ana", "talk", date(2030, 1, 3)),
    }
    assert len(seeds) == 4
    assert slate_seed("ana", "talk", day) == slate_seed("ana", "talk", day) < 2**63


def test_the_version_contains_every_setting() -> None:
    versions = {
        SlatePolicy(CATALOGUE, size=size, exploration=share, diversity=diversity).version
        for size in (4, 5)
        for share in (0.1, 0.2)
        for diversity in (0.3, 0.4)
    }
    assert len(versions) == 8
    assert compose_slate(POLICY, random_candidates()).version == POLICY.version


def test_the_default_settings() -> None:
    assert SlatePolicy(CATALOGUE).version == "slate-3 size=4 exploration=0.1 diversity=0.3"


@pytest.mark.parametrize("size", [4, 5, 6])
@pytest.mark.parametrize("share", [0, 0.5, 1])
def test_settings_at_the_ends_of_their_range_are_accepted(size: int, share: float) -> None:
    policy = SlatePolicy(CATALOGUE, size=size, exploration=share, diversity=share)
    assert (policy.size, policy.exploration, policy.diversity) == (size, share, share)
    assert len(compose_slate(policy, random_candidates()).items) == size


@pytest.mark.parametrize(
    "setting",
    [
        {"size": 3},
        {"size": 7},
        {"exploration": -0.1},
        {"exploration": 1.1},
        {"diversity": -0.1},
        {"diversity": 1.1},
    ],
)
def test_settings_outside_their_range_are_refused(setting: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"^size must be 4 to 6, exploration and diversity 0 to 1$"):
        SlatePolicy(CATALOGUE, **setting)  # type: ignore[arg-type]  # one of them at a time


# Short lists


def test_the_short_list_has_every_needed_story_once() -> None:
    candidates = random_candidates(80)
    for seed in range(40):
        shortlist = shortlist_of(POLICY, candidates, seed=seed)
        assert len(set(shortlist.rows)) == len(shortlist.rows)
        assert set(shortlist.rows) == {
            *shortlist.coping_rows,
            *shortlist.mastery_rows,
            *(shortlist.random_rows or ()),
        }
        assert shortlist.arm == (SlateArm.MATCHED if shortlist.random_rows is None else SlateArm.RANDOM)
        kinds = [
            sorted(candidates, key=lambda candidate: candidate.story.key)[row].story.model_kind
            for row in shortlist.rows
        ]
        assert set(kinds[: len(shortlist.coping_rows)]) == {RoleModelKind.COPING}


def test_a_scarce_slate_breaks_ties_differently_for_different_viewers() -> None:
    candidates = [Candidate(story_facts(f"a{number}", teller="a"), 0.5) for number in range(6)]
    keys_by_viewer = {
        person: [
            item.key for item in compose_slate(POLICY, candidates, viewer=replace(ANA, person=person)).items
        ]
        for person in ("ana", "cleo", "dev", "eve")
    }
    assert all(len(keys) == 3 for keys in keys_by_viewer.values())
    assert len({tuple(keys) for keys in keys_by_viewer.values()}) > 1


def test_a_scarce_slate_shows_coping_before_mastery_and_the_best_match_first() -> None:
    candidates = [
        Candidate(story_facts("m", teller="a", kind=RoleModelKind.MASTERY), 0.9),
        Candidate(story_facts("low", teller="a"), 0.2),
        Candidate(story_facts("high", teller="b"), 0.8),
        Candidate(story_facts("middle", teller="b"), 0.5),
    ]
    assert [item.key for item in compose_slate(POLICY, candidates).items] == ["high", "middle", "low"]


def test_every_slate_has_its_seed_and_excluded_counts() -> None:
    too_far = Candidate(replace(story_facts("far", teller="z"), end_rung=7), 0.5)
    for candidates in (
        [Candidate(story_facts("a", teller="a"), 0.3), too_far],
        [*random_candidates(), too_far],
    ):
        slate = compose_slate(POLICY, candidates, seed=17)
        assert slate.seed == 17
        assert slate.excluded_counts[ExclusionReason.TOO_FAR_AHEAD] >= 1
        assert all(item.propensity <= 1 for item in slate.items)


def test_stories_similar_to_a_less_like_story_move_down_in_a_matched_slate() -> None:
    candidates = [Candidate(story_facts(key, teller=key), 0.5) for key in "abcde"]
    candidates[0] = replace(candidates[0], similarity=0.52)
    candidates[0] = replace(
        candidates[0],
        story=replace(candidates[0].story, strategies=frozenset({"ask"})),
        answers=random_people(1, seed=2, missing=0)[0],
    )
    disliked = replace(candidates[0], story=replace(candidates[0].story, key="u", teller="u"))
    shortlist = shortlist_of(MATCHED, candidates, seed=1)

    without_feedback = MATCHED.compose_slate(shortlist, candidates_in(shortlist, candidates)).items[0]
    with_feedback = MATCHED.compose_slate(
        shortlist, candidates_in(shortlist, candidates), less_like=[disliked]
    )

    assert without_feedback.key == "a"
    assert with_feedback.items[0].key != "a"


def test_composing_without_all_short_listed_stories_is_an_error() -> None:
    candidates = random_candidates()
    shortlist = shortlist_of(POLICY, candidates, seed=1)
    with pytest.raises(ValueError, match="shorter"):
        POLICY.compose_slate(shortlist, candidates_in(shortlist, candidates)[:-1])


def candidates_in(shortlist: Shortlist, candidates: list[Candidate]) -> list[Candidate]:
    by_key = sorted(candidates, key=lambda candidate: candidate.story.key)
    return [by_key[row] for row in shortlist.rows]
