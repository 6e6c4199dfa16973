import threading
import uuid
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts import profiles
from accounts.models import Profile, User
from accounts.profiles import ProfileChange
from accounts.traits.catalogue import TRAIT_CATALOGUE
from challenges import readings
from challenges.models import Challenge, Reading, ReadingMoment
from matching.slate_policy import ComposedSlate, SlatePolicy, slate_seed
from practice import negative_feedback, viewings
from practice.models import ExperimentArm, HiddenTeller, Slate
from recommendations import free_text, slates
from recommendations.index.story_index import index_in_use
from recommendations.inputs import SlateInputs, candidate_set_for, load_candidates, slate_inputs
from recommendations.slates import NoReadingYet, visible_slate_items
from stories import publishing
from stories.models import Story
from tests.people import create_person
from tests.recommendations.random_stories import publish_random_stories, random_viewer_answers
from tests.story_factories import create_challenge, create_published_story

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def todays_slate(viewer: User, challenge: Challenge, *, now: datetime) -> Slate:
    return slates.get_or_create_slate(slates.reading_for_slate(viewer, challenge.slug), now=now)


def rate_ladder(ana: User, challenge: Challenge, *, sure_up_to: int, at: datetime = NOW) -> None:
    ratings = {position: 80 if position <= sure_up_to else 30 for position in range(1, 8)}
    readings.record_reading(challenge, ratings, by=ana, moment=ReadingMoment.BEFORE, at=at)


@pytest.fixture
def tellers(db: None) -> list[User]:
    return [create_person(name) for name in ("bea", "cem", "dee", "eli", "fay")]


@pytest.fixture
def told(tellers: list[User], mo: User, the_conversation: Challenge) -> list[Story]:
    """Five stories by five tellers: four coping and a how-to, all within reach of the first rung."""
    kinds = ["coping", "coping", "coping", "coping", "mastery"]
    return [
        create_published_story(
            teller,
            the_conversation,
            by=mo,
            title=f"How {teller.handle} said it",
            model_kind=kind,
            start_rung=1,
            end_rung=2,
            traits_then={"age": 30 + 5 * number, "work_pattern": "nights"},
            shown_traits=["age"],
        )
        for number, (teller, kind) in enumerate(zip(tellers, kinds, strict=True))
    ]


@pytest.mark.django_db
class TestComposition:
    def test_a_slate_needs_to_know_how_sure_the_viewer_is(
        self, ana: User, the_conversation: Challenge
    ) -> None:
        with pytest.raises(NoReadingYet):
            todays_slate(ana, the_conversation, now=NOW)

    def test_a_slate_has_three_or_more_people_coping_first_and_how_to_last(
        self, ana: User, the_conversation: Challenge, told: list[Story]
    ) -> None:
        rate_ladder(ana, the_conversation, sure_up_to=1)

        items = visible_slate_items(todays_slate(ana, the_conversation, now=NOW), viewer=ana)

        assert len({item.story.teller_id for item in items}) == len(items) >= 3
        assert [item.story.model_kind for item in items][-1] == "mastery"
        assert {item.story.model_kind for item in items[:-1]} == {"coping"}

    def test_asking_again_gives_the_same_slate(
        self, ana: User, the_conversation: Challenge, told: list[Story]
    ) -> None:
        rate_ladder(ana, the_conversation, sure_up_to=1)

        first = todays_slate(ana, the_conversation, now=NOW)
        again = todays_slate(ana, the_conversation, now=NOW + timedelta(hours=2))

        assert first == again

    def test_a_new_answer_about_oneself_gives_a_new_slate(
        self, ana: User, the_conversation: Challenge, told: list[Story]
    ) -> None:
        rate_ladder(ana, the_conversation, sure_up_to=1)
        first = todays_slate(ana, the_conversation, now=NOW)
        profiles.update_profile(ana, ProfileChange(traits={"age": 50}))

        assert todays_slate(ana, the_conversation, now=NOW) != first

    def test_the_most_alike_tellers_come_first_into_a_matched_slate(
        self, ana: User, the_conversation: Challenge, told: list[Story]
    ) -> None:
        profiles.update_profile(ana, ProfileChange(traits={"age": 30}, matters={"age": 4}))
        rate_ladder(ana, the_conversation, sure_up_to=1)
        day = NOW
        while (slate := todays_slate(ana, the_conversation, now=day)).arm != ExperimentArm.MATCHED:
            day += timedelta(days=1)

        assert visible_slate_items(slate, viewer=ana)[0].story == told[0]

    def test_reasons_say_only_what_the_teller_agreed_to_show(
        self, ana: User, the_conversation: Challenge, told: list[Story]
    ) -> None:
        profiles.update_profile(ana, ProfileChange(traits={"age": 30, "work_pattern": "nights"}))
        rate_ladder(ana, the_conversation, sure_up_to=1)

        items = visible_slate_items(todays_slate(ana, the_conversation, now=NOW), viewer=ana)

        said = " ".join(sentence for item in items for sentence in [*item.shared, *item.differs])
        assert "Started where you are now." in said
        assert "older than you" in said
        assert "night" not in said

    def test_what_is_muted_hidden_or_out_of_reach_is_not_chosen(
        self, ana: User, the_conversation: Challenge, told: list[Story], tellers: list[User], mo: User
    ) -> None:
        far = create_published_story(create_person("gil"), the_conversation, by=mo, start_rung=1, end_rung=6)
        muted = create_published_story(create_person("hal"), the_conversation, by=mo, content_notes=["death"])
        HiddenTeller.objects.create(person=ana, teller=tellers[0], hidden_at=NOW)
        profiles.update_profile(ana, ProfileChange(muted=["death"]))
        rate_ladder(ana, the_conversation, sure_up_to=1)

        slate = todays_slate(ana, the_conversation, now=NOW)

        chosen = {item.story_id for item in slate.items.all()}
        assert not chosen & {far.pk, muted.pk, told[0].pk}
        assert slate.refused == {"too_far_ahead": 1, "muted_content": 1, "hidden_teller": 1}

    @pytest.mark.parametrize(("days", "refused"), [(0, 1), (90, 1), (91, 0)])
    def test_a_story_watched_within_90_days_is_not_chosen_again(
        self, ana: User, the_conversation: Challenge, told: list[Story], days: int, refused: int
    ) -> None:
        viewings.start_viewing(told[0], by=ana, slate=None, now=NOW - timedelta(days=days))
        rate_ladder(ana, the_conversation, sure_up_to=1)

        slate = todays_slate(ana, the_conversation, now=NOW)

        assert slate.refused.get("seen_recently", 0) == refused
        assert slate.eligible == 5 - refused

    def test_a_saved_story_is_chosen_again_although_it_was_watched(
        self, ana: User, the_conversation: Challenge, told: list[Story]
    ) -> None:
        viewings.start_viewing(told[0], by=ana, slate=None, now=NOW)
        viewings.save_story(told[0], by=ana, now=NOW)
        rate_ladder(ana, the_conversation, sure_up_to=1)

        assert todays_slate(ana, the_conversation, now=NOW).refused == {}

    def test_the_history_of_another_viewer_does_not_count(
        self, ana: User, sam: User, the_conversation: Challenge, told: list[Story]
    ) -> None:
        viewings.start_viewing(told[0], by=sam, slate=None, now=NOW)
        negative_feedback.add_less_like(told[1], by=sam, now=NOW)
        negative_feedback.hide_teller(told[2].teller, by=sam, now=NOW)
        rate_ladder(ana, the_conversation, sure_up_to=1)

        assert todays_slate(ana, the_conversation, now=NOW).refused == {}

    def test_one_slate_in_about_ten_is_random_and_every_story_has_a_chance(
        self, ana: User, the_conversation: Challenge, told: list[Story]
    ) -> None:
        rate_ladder(ana, the_conversation, sure_up_to=1)

        drawn = [todays_slate(ana, the_conversation, now=NOW + timedelta(days=day)) for day in range(80)]

        arms = Counter(slate.arm for slate in drawn)
        assert 2 <= arms[ExperimentArm.RANDOM] <= 20
        assert set(arms) == {ExperimentArm.MATCHED, ExperimentArm.RANDOM}
        assert all(0 < item.propensity <= 1 for slate in drawn for item in slate.items.all())

    def test_few_stories_are_shown_honestly_and_more_as_soon_as_there_are(
        self, ana: User, bo: User, mo: User, the_conversation: Challenge, tellers: list[User]
    ) -> None:
        create_published_story(bo, the_conversation, by=mo, start_rung=1)
        rate_ladder(ana, the_conversation, sure_up_to=1)
        scarce = todays_slate(ana, the_conversation, now=NOW)
        assert scarce.arm == ExperimentArm.SCARCE
        assert todays_slate(ana, the_conversation, now=NOW) == scarce

        for teller in tellers:
            create_published_story(teller, the_conversation, by=mo, start_rung=1)

        assert todays_slate(ana, the_conversation, now=NOW).arm != ExperimentArm.SCARCE


@pytest.mark.django_db
def test_slates_are_the_same_whichever_engine_ranks(
    mo: User, the_conversation: Challenge, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slates, "POLICY", SlatePolicy(TRAIT_CATALOGUE, exploration=0.4))
    publish_random_stories([the_conversation], tellers=10, stories=24, by=mo, seed=3)
    met = Counter[str]()
    for number in range(4):
        viewer = create_person(f"viewer{number}")
        facts = ProfileChange(
            traits=random_viewer_answers(seed=number), matters={"age": 4}, muted=["death"][: number % 2]
        )
        profiles.update_profile(viewer, facts)
        rate_ladder(viewer, the_conversation, sure_up_to=number % 3)
        for day in range(6):
            found = []
            for engine in ("memory", "postgres"):
                settings.MATCHING_ENGINE = engine
                slate = todays_slate(viewer, the_conversation, now=NOW + timedelta(days=day))
                items = slate.items.values_list(
                    "position", "story", "score", "propensity", "shared", "differs"
                )
                found.append((slate.arm, slate.eligible, slate.refused, slate.seed, [*items]))
                slate.delete()
            assert found[0] == found[1]
            met[found[0][0]] += 1
    assert {ExperimentArm.MATCHED, ExperimentArm.RANDOM} <= set(met)


@pytest.mark.django_db
class TestVisibility:
    def test_a_story_withdrawn_after_the_slate_was_made_is_not_shown(
        self, ana: User, the_conversation: Challenge, told: list[Story]
    ) -> None:
        rate_ladder(ana, the_conversation, sure_up_to=1)
        slate = todays_slate(ana, the_conversation, now=NOW)
        gone = visible_slate_items(slate, viewer=ana)[0].story
        publishing.withdraw_story(gone, by=gone.teller)

        assert gone not in [item.story for item in visible_slate_items(slate, viewer=ana)]

    def test_nobody_sees_somebody_elses_slate(
        self, ana: User, sam: User, the_conversation: Challenge, told: list[Story]
    ) -> None:
        rate_ladder(ana, the_conversation, sure_up_to=1)

        assert visible_slate_items(todays_slate(ana, the_conversation, now=NOW), viewer=sam) == []


@pytest.mark.django_db(transaction=True)
def test_of_many_requests_at_once_one_composes_and_all_get_the_same(
    ana: User, the_conversation: Challenge, told: list[Story]
) -> None:
    rate_ladder(ana, the_conversation, sure_up_to=1)
    start, got = threading.Barrier(6), []

    def ask() -> None:
        start.wait()
        got.append(todays_slate(ana, the_conversation, now=NOW).pk)
        connection.close()

    askers = [threading.Thread(target=ask) for _ in range(6)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()

    assert len(got) == 6
    assert len(set(got)) == 1
    assert Slate.objects.count() == 1


def statements_of_a_new_slate(viewer: User, challenge: Challenge, *, day: int) -> int:
    """Count from the viewer's reading to the stored slate, with an index that is up to date."""
    index_in_use().catalogue_version()
    with CaptureQueriesContext(connection) as queries:
        todays_slate(viewer, challenge, now=NOW + timedelta(days=day))
    return len(queries)


@pytest.mark.django_db
@pytest.mark.parametrize("own_words", ["", "I stumble over the first sentence"])
def test_a_new_slate_takes_at_most_ten_sql_statements_and_a_stored_one_two(
    ana: User, mo: User, the_conversation: Challenge, told: list[Story], own_words: str
) -> None:
    free_text.rebuild_text_index(now=NOW)
    free_text.save_free_text(the_conversation, own_words, by=ana)
    negative_feedback.add_less_like(told[0], by=ana, now=NOW)
    rate_ladder(ana, the_conversation, sure_up_to=1)
    statements_of_a_new_slate(ana, the_conversation, day=0)  # loads the index and the texts

    assert statements_of_a_new_slate(ana, the_conversation, day=1) <= 10
    assert statements_of_a_new_slate(ana, the_conversation, day=1) == 2


@pytest.mark.django_db
@pytest.mark.parametrize(("engine", "most"), [("memory", 10), ("postgres", 20)])
@pytest.mark.usefixtures("told")
def test_a_new_slate_takes_as_many_sql_statements_among_many_stories_as_among_few(
    ana: User,
    mo: User,
    the_conversation: Challenge,
    engine: str,
    most: int,
    settings: Settings,
) -> None:
    settings.MATCHING_ENGINE = engine
    rate_ladder(ana, the_conversation, sure_up_to=1)

    among_few = statements_of_a_new_slate(ana, the_conversation, day=0)
    publish_random_stories([the_conversation], tellers=9, stories=24, by=mo, seed=3)

    assert statements_of_a_new_slate(ana, the_conversation, day=1) <= among_few <= most


def test_the_digest_differs_by_every_input_and_by_nothing_else() -> None:
    inputs = SlateInputs(
        reading=Reading(pk=uuid.UUID(int=1)),
        profile=Profile(updated_at=NOW),
        weights=None,
        own_words="",
        catalogue_version=7,
        at=NOW,
    )

    def digest(policy: str = "slate-3", catalogue: int = 0, **changes: Any) -> str:
        return replace(inputs, **changes).digest(policy=policy, catalogue=catalogue)

    digests = [
        digest(),
        digest(reading=Reading(pk=uuid.UUID(int=2))),
        digest(profile=Profile(updated_at=NOW + timedelta(seconds=1))),
        digest(weights=1),
        digest(own_words="I stumble"),
        digest(at=NOW + timedelta(days=1)),
        digest(policy="slate-4"),
        digest(catalogue=7),
    ]
    assert len(set(digests)) == len(digests)
    assert {len(name) for name in digests} == {64}
    # The time of day and, for a slate that is not scarce, the catalogue make no difference.
    assert digest(at=NOW + timedelta(hours=1)) == digest(catalogue_version=8) == digest()


@pytest.mark.django_db
class TestRandomness:
    def test_stored_propensities_are_the_frequencies_of_20_000_draws(
        self, ana: User, the_conversation: Challenge, told: list[Story]
    ) -> None:
        rate_ladder(ana, the_conversation, sure_up_to=1)
        # A matched slate takes three of the four coping stories, and the mastery story. A random one does too.
        matched, other, mastery = 0.9 + 0.1 * 3 / 4, 0.1 * 3 / 4, 1.0
        stored: dict[uuid.UUID, float] = {}
        for day in range(200):
            items = todays_slate(ana, the_conversation, now=NOW + timedelta(days=day)).items
            stored |= dict(items.values_list("story_id", "propensity"))

        assert sorted(stored.values()) == pytest.approx([other, matched, matched, matched, mastery])

        inputs = slate_inputs(slates.reading_for_slate(ana, the_conversation.slug), now=NOW)
        candidate_set = candidate_set_for(inputs)
        frequencies = Counter[uuid.UUID]()
        details = dict(enumerate(load_candidates(candidate_set, range(5))[0]))
        for seed in range(20_000):
            shortlist = slates.POLICY.build_shortlist(
                candidate_set.candidates, viewer=candidate_set.viewer, seed=seed
            )
            composed = slates.POLICY.compose_slate(shortlist, [details[row] for row in shortlist.rows])
            frequencies.update(item.key for item in composed.items)
        for story, propensity in stored.items():
            standard_error = (propensity * (1 - propensity) / 20_000) ** 0.5
            assert frequencies[story] / 20_000 == pytest.approx(propensity, abs=5 * standard_error)

    def test_stored_items_are_those_of_the_policy(
        self, ana: User, the_conversation: Challenge, told: list[Story], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        composed: list[ComposedSlate] = []

        class RecordingPolicy(SlatePolicy):
            def compose(self, *args: Any, **kwargs: Any) -> ComposedSlate:
                composed.append(super().compose_slate(*args, **kwargs))
                return composed[-1]

        monkeypatch.setattr(slates, "POLICY", RecordingPolicy(TRAIT_CATALOGUE, exploration=0.5))
        rate_ladder(ana, the_conversation, sure_up_to=1)
        for day in range(12):
            slate = todays_slate(ana, the_conversation, now=NOW + timedelta(days=day))
            expected = composed[-1]
            stored = slate.items.values_list("position", "story_id", "score", "propensity")
            assert list(stored) == [
                (position, item.key, item.similarity, item.propensity)
                for position, item in enumerate(expected.items, start=1)
            ]
            assert (slate.arm, slate.eligible, slate.seed) == (
                expected.arm.value,
                expected.eligible_count,
                expected.seed,
            )
            assert slate.policy_version == "slate-3 size=4 exploration=0.5 diversity=0.3"
            assert slate.weights_version == "prior-1"
        assert {slate.arm.value for slate in composed} == {"matched", "random"}

    def test_the_seed_differs_by_viewer_challenge_and_day_and_stays_the_same_within_a_day(
        self, ana: User, sam: User, the_conversation: Challenge, told: list[Story]
    ) -> None:
        the_call = create_challenge("the-phone-call")
        for viewer, challenge in [(ana, the_conversation), (sam, the_conversation), (ana, the_call)]:
            rate_ladder(viewer, challenge, sure_up_to=1)
        first = todays_slate(ana, the_conversation, now=NOW)

        rate_ladder(ana, the_conversation, sure_up_to=1, at=NOW + timedelta(minutes=5))
        later_that_day = todays_slate(ana, the_conversation, now=NOW + timedelta(minutes=6))

        assert later_that_day != first
        assert later_that_day.seed == first.seed == slate_seed(ana.pk, the_conversation.pk, NOW.date())
        others = [
            todays_slate(sam, the_conversation, now=NOW),
            todays_slate(ana, the_call, now=NOW),
            todays_slate(ana, the_conversation, now=NOW + timedelta(days=1)),
        ]
        assert len({first.seed, *(slate.seed for slate in others)}) == 4
