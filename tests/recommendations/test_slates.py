import threading
import uuid
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from accounts import profiles
from accounts.models import Profile, User
from accounts.profiles import ProfileChange
from accounts.traits.catalogue import TRAIT_CATALOGUE
from challenges.models import Challenge, Reading
from matching.slate_policy import SlatePolicy
from practice import negative_feedback, viewings
from practice.models import ExperimentArm, HiddenTeller, Slate
from recommendations import slates
from recommendations.inputs import SlateInputs
from recommendations.slates import NoReadingYet, visible_slate_items
from stories import publishing
from stories.models import Story
from tests.people import create_person
from tests.recommendations.random_stories import publish_random_stories, random_viewer_answers
from tests.recommendations.slate_requests import NOW, rate_ladder, todays_slate
from tests.story_factories import create_published_story


@pytest.mark.django_db
class TestComposition:
    def test_a_slate_needs_a_reading(self, ana: User, the_conversation: Challenge) -> None:
        with pytest.raises(NoReadingYet):
            todays_slate(ana, the_conversation, now=NOW)

    def test_a_slate_has_at_least_three_tellers_and_ends_with_a_mastery_story(
        self, ana: User, the_conversation: Challenge, published_stories: list[Story]
    ) -> None:
        rate_ladder(ana, the_conversation, sure_up_to=1)

        items = visible_slate_items(todays_slate(ana, the_conversation, now=NOW), viewer=ana)

        assert len({item.story.teller_id for item in items}) == len(items) >= 3
        assert [item.story.model_kind for item in items][-1] == "mastery"
        assert {item.story.model_kind for item in items[:-1]} == {"coping"}

    def test_a_second_request_returns_the_same_slate(
        self, ana: User, the_conversation: Challenge, published_stories: list[Story]
    ) -> None:
        rate_ladder(ana, the_conversation, sure_up_to=1)

        first = todays_slate(ana, the_conversation, now=NOW)
        again = todays_slate(ana, the_conversation, now=NOW + timedelta(hours=2))

        assert first == again

    def test_a_changed_profile_gives_a_new_slate(
        self, ana: User, the_conversation: Challenge, published_stories: list[Story]
    ) -> None:
        rate_ladder(ana, the_conversation, sure_up_to=1)
        first = todays_slate(ana, the_conversation, now=NOW)
        profiles.update_profile(ana, ProfileChange(traits={"age": 50}))

        assert todays_slate(ana, the_conversation, now=NOW) != first

    def test_a_matched_slate_starts_with_the_most_similar_teller(
        self, ana: User, the_conversation: Challenge, published_stories: list[Story]
    ) -> None:
        profiles.update_profile(ana, ProfileChange(traits={"age": 30}, matters={"age": 4}))
        rate_ladder(ana, the_conversation, sure_up_to=1)
        day = NOW
        while (slate := todays_slate(ana, the_conversation, now=day)).arm != ExperimentArm.MATCHED:
            day += timedelta(days=1)

        assert visible_slate_items(slate, viewer=ana)[0].story == published_stories[0]

    def test_explanations_contain_only_shown_traits(
        self, ana: User, the_conversation: Challenge, published_stories: list[Story]
    ) -> None:
        profiles.update_profile(ana, ProfileChange(traits={"age": 30, "work_pattern": "nights"}))
        rate_ladder(ana, the_conversation, sure_up_to=1)

        items = visible_slate_items(todays_slate(ana, the_conversation, now=NOW), viewer=ana)

        sentences = " ".join(sentence for item in items for sentence in [*item.shared, *item.differs])
        assert "Started where you are now." in sentences
        assert "older than you" in sentences
        assert "night" not in sentences

    def test_muted_hidden_and_too_distant_stories_are_excluded(
        self,
        ana: User,
        the_conversation: Challenge,
        published_stories: list[Story],
        tellers: list[User],
        mo: User,
    ) -> None:
        far_ahead = create_published_story(
            create_person("gil"), the_conversation, by=mo, start_rung=1, end_rung=6
        )
        muted = create_published_story(create_person("hal"), the_conversation, by=mo, content_notes=["death"])
        HiddenTeller.objects.create(person=ana, teller=tellers[0], hidden_at=NOW)
        profiles.update_profile(ana, ProfileChange(muted=["death"]))
        rate_ladder(ana, the_conversation, sure_up_to=1)

        slate = todays_slate(ana, the_conversation, now=NOW)

        on_slate = {item.story_id for item in slate.items.all()}
        assert not on_slate & {far_ahead.pk, muted.pk, published_stories[0].pk}
        assert slate.refused == {"too_far_ahead": 1, "muted_content": 1, "hidden_teller": 1}

    @pytest.mark.parametrize(("days", "refused"), [(0, 1), (90, 1), (91, 0)])
    def test_a_story_watched_within_90_days_is_excluded(
        self, ana: User, the_conversation: Challenge, published_stories: list[Story], days: int, refused: int
    ) -> None:
        viewings.start_viewing(published_stories[0], by=ana, slate=None, now=NOW - timedelta(days=days))
        rate_ladder(ana, the_conversation, sure_up_to=1)

        slate = todays_slate(ana, the_conversation, now=NOW)

        assert slate.refused.get("seen_recently", 0) == refused
        assert slate.eligible == 5 - refused

    def test_a_watched_story_is_eligible_if_it_is_saved(
        self, ana: User, the_conversation: Challenge, published_stories: list[Story]
    ) -> None:
        viewings.start_viewing(published_stories[0], by=ana, slate=None, now=NOW)
        viewings.save_story(published_stories[0], by=ana, now=NOW)
        rate_ladder(ana, the_conversation, sure_up_to=1)

        assert todays_slate(ana, the_conversation, now=NOW).refused == {}

    def test_the_history_of_another_viewer_excludes_nothing(
        self, ana: User, sam: User, the_conversation: Challenge, published_stories: list[Story]
    ) -> None:
        viewings.start_viewing(published_stories[0], by=sam, slate=None, now=NOW)
        negative_feedback.add_less_like(published_stories[1], by=sam, now=NOW)
        negative_feedback.hide_teller(published_stories[2].teller, by=sam, now=NOW)
        rate_ladder(ana, the_conversation, sure_up_to=1)

        assert todays_slate(ana, the_conversation, now=NOW).refused == {}

    def test_about_one_slate_in_ten_is_random_and_all_propensities_are_positive(
        self, ana: User, the_conversation: Challenge, published_stories: list[Story]
    ) -> None:
        rate_ladder(ana, the_conversation, sure_up_to=1)

        slates_by_day = [
            todays_slate(ana, the_conversation, now=NOW + timedelta(days=day)) for day in range(80)
        ]

        arms = Counter(slate.arm for slate in slates_by_day)
        assert 2 <= arms[ExperimentArm.RANDOM] <= 20
        assert set(arms) == {ExperimentArm.MATCHED, ExperimentArm.RANDOM}
        assert all(0 < item.propensity <= 1 for slate in slates_by_day for item in slate.items.all())

    def test_a_scarce_slate_is_replaced_once_there_are_enough_stories(
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
def test_both_engines_give_the_same_slates(
    mo: User, the_conversation: Challenge, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slates, "POLICY", SlatePolicy(TRAIT_CATALOGUE, exploration=0.4))
    publish_random_stories([the_conversation], tellers=10, stories=24, by=mo, seed=3)
    arms = Counter[str]()
    for number in range(4):
        viewer = create_person(f"viewer{number}")
        change = ProfileChange(
            traits=random_viewer_answers(seed=number), matters={"age": 4}, muted=["death"][: number % 2]
        )
        profiles.update_profile(viewer, change)
        rate_ladder(viewer, the_conversation, sure_up_to=number % 3)
        for day in range(6):
            results = []
            for engine in ("memory", "postgres"):
                settings.MATCHING_ENGINE = engine
                slate = todays_slate(viewer, the_conversation, now=NOW + timedelta(days=day))
                items = slate.items.values_list(
                    "position", "story", "score", "propensity", "shared", "differs"
                )
                results.append((slate.arm, slate.eligible, slate.refused, slate.seed, [*items]))
                slate.delete()
            assert results[0] == results[1]
            arms[results[0][0]] += 1
    assert {ExperimentArm.MATCHED, ExperimentArm.RANDOM} <= set(arms)


@pytest.mark.django_db
class TestVisibility:
    def test_a_story_withdrawn_after_the_slate_was_composed_is_not_shown(
        self, ana: User, the_conversation: Challenge, published_stories: list[Story]
    ) -> None:
        rate_ladder(ana, the_conversation, sure_up_to=1)
        slate = todays_slate(ana, the_conversation, now=NOW)
        withdrawn = visible_slate_items(slate, viewer=ana)[0].story
        publishing.withdraw_story(withdrawn, by=withdrawn.teller)

        assert withdrawn not in [item.story for item in visible_slate_items(slate, viewer=ana)]

    def test_a_slate_is_visible_only_to_its_viewer(
        self, ana: User, sam: User, the_conversation: Challenge, published_stories: list[Story]
    ) -> None:
        rate_ladder(ana, the_conversation, sure_up_to=1)

        assert visible_slate_items(todays_slate(ana, the_conversation, now=NOW), viewer=sam) == []


@pytest.mark.django_db(transaction=True)
def test_concurrent_requests_store_and_return_one_slate(
    ana: User, the_conversation: Challenge, published_stories: list[Story]
) -> None:
    rate_ladder(ana, the_conversation, sure_up_to=1)
    start, slate_keys = threading.Barrier(6), []

    def request_slate() -> None:
        start.wait()
        slate_keys.append(todays_slate(ana, the_conversation, now=NOW).pk)
        connection.close()

    threads = [threading.Thread(target=request_slate) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(slate_keys) == 6
    assert len(set(slate_keys)) == 1
    assert Slate.objects.count() == 1


def test_the_digest_depends_on_every_input_and_nothing_else() -> None:
    inputs = SlateInputs(
        reading=Reading(pk=uuid.UUID(int=1)),
        profile=Profile(updated_at=NOW),
        weight_set=None,
        own_words="",
        catalogue_version=7,
        requested_at=NOW,
    )

    def digest(policy: str = "slate-3", catalogue: int = 0, **changes: Any) -> str:
        return replace(inputs, **changes).digest(policy=policy, catalogue=catalogue)

    digests = [
        digest(),
        digest(reading=Reading(pk=uuid.UUID(int=2))),
        digest(profile=Profile(updated_at=NOW + timedelta(seconds=1))),
        digest(weight_set=1),
        digest(own_words="I stumble"),
        digest(requested_at=NOW + timedelta(days=1)),
        digest(policy="slate-4"),
        digest(catalogue=7),
    ]
    assert len(set(digests)) == len(digests)
    assert {len(name) for name in digests} == {64}
    # The digest does not depend on the time of day or, unless the slate is scarce, on the catalogue.
    assert digest(requested_at=NOW + timedelta(hours=1)) == digest(catalogue_version=8) == digest()
