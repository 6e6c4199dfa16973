import uuid
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from accounts.traits.catalogue import TRAIT_CATALOGUE
from challenges.models import Challenge
from matching.slate_policy import ComposedSlate, SlatePolicy, slate_seed
from recommendations import slates
from recommendations.inputs import build_candidate_set, collect_slate_inputs, load_candidates
from stories.models import Story
from tests.recommendations.slate_requests import NOW, rate_ladder, todays_slate
from tests.story_factories import create_challenge


@pytest.mark.django_db
class TestRandomness:
    def test_stored_propensities_equal_the_frequencies_of_20_000_slates(
        self, ana: User, the_conversation: Challenge, published_stories: list[Story]
    ) -> None:
        rate_ladder(ana, the_conversation, sure_up_to=1)
        # Matched and random slates have three of the four coping stories, and the mastery story.
        matched, other, mastery = 0.9 + 0.1 * 3 / 4, 0.1 * 3 / 4, 1.0
        stored: dict[uuid.UUID, float] = {}
        for day in range(200):
            items = todays_slate(ana, the_conversation, now=NOW + timedelta(days=day)).items
            stored |= dict(items.values_list("story_id", "propensity"))

        assert sorted(stored.values()) == pytest.approx([other, matched, matched, matched, mastery])

        inputs = collect_slate_inputs(slates.reading_for_slate(ana, the_conversation.slug), now=NOW)
        candidate_set = build_candidate_set(inputs)
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

    def test_stored_items_equal_those_of_the_policy(
        self,
        ana: User,
        the_conversation: Challenge,
        published_stories: list[Story],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        composed: list[ComposedSlate] = []

        class RecordingPolicy(SlatePolicy):
            def compose_slate(self, *args: Any, **kwargs: Any) -> ComposedSlate:
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

    def test_the_seed_depends_on_viewer_challenge_and_day_only(
        self, ana: User, sam: User, the_conversation: Challenge, published_stories: list[Story]
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
