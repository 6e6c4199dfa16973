from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from audit.models import Event
from challenges.models import Challenge, ReadingMoment
from practice.models import ExperimentArm
from recommendations import slates
from recommendations.learning import weights
from recommendations.learning.weights import WeightsNotBetter, WeightsNotInUse
from recommendations.models import WeightSet, WeightTrialVerdict
from tests.recommendations.report_factories import NOW, create_viewer, publish_research_stories, take_reading

pytestmark = pytest.mark.django_db


def create_weight_set(
    by_domain: dict[str, dict[str, float]], verdict: WeightTrialVerdict = WeightTrialVerdict.BETTER
) -> WeightSet:
    return WeightSet.objects.create(weights=by_domain, verdict=verdict, report={}, learned_at=NOW)


def create_promoted_weight_set(by_domain: dict[str, dict[str, float]], *, hours: int = 0) -> WeightSet:
    learned = create_weight_set(by_domain)
    weights.promote_weights(learned, by="test", now=NOW + timedelta(hours=hours))
    return learned


def test_the_prior_is_in_use_until_a_promotion() -> None:
    create_weight_set({"": {"age": 2.0}})
    assert not WeightSet.objects.in_use().exists()


def test_rolling_back_returns_to_the_previous_set_and_finally_the_prior(mo: User) -> None:
    first, second = (
        create_promoted_weight_set({"": {"age": 2.0}}),
        create_promoted_weight_set({"": {"age": 3.0}}, hours=1),
    )
    assert list(WeightSet.objects.in_use()) == [second, first]

    weights.roll_back_weights(second, by=mo, now=NOW)
    assert WeightSet.objects.in_use().get() == first

    weights.roll_back_weights(first, by=mo, now=NOW)
    assert not WeightSet.objects.in_use().exists()
    assert Event.objects.filter(verb="weights.rolled_back", actor=str(mo.pk)).count() == 2


def test_only_the_set_in_use_can_be_rolled_back(mo: User) -> None:
    first, _ = (
        create_promoted_weight_set({"": {"age": 2.0}}),
        create_promoted_weight_set({"": {"age": 3.0}}, hours=1),
    )
    with pytest.raises(WeightsNotInUse):
        weights.roll_back_weights(first, by=mo, now=NOW)


@pytest.mark.parametrize("verdict", [WeightTrialVerdict.TOO_FEW, WeightTrialVerdict.NOT_BETTER])
def test_only_better_weights_can_be_promoted(verdict: WeightTrialVerdict) -> None:
    with pytest.raises(WeightsNotBetter):
        weights.promote_weights(create_weight_set({}, verdict), by="test", now=NOW)


def test_the_database_rejects_the_promotion_of_weights_that_are_not_better() -> None:
    learned = create_weight_set({}, WeightTrialVerdict.NOT_BETTER)
    with pytest.raises(IntegrityError, match="only_weights_found_better"), transaction.atomic():
        WeightSet.objects.filter(pk=learned.pk).update(promoted_at=NOW)


def test_a_domain_without_its_own_weights_uses_those_of_all_domains() -> None:
    pk = create_promoted_weight_set({"": {"age": 2.0}, "health": {"age": 3.0}}).pk
    assert weights.base_weights(pk, domain="health") == {"age": 3.0}
    assert weights.base_weights(pk, domain="speaking") == {"age": 2.0}


def test_weights_of_removed_traits_are_ignored() -> None:
    pk = create_promoted_weight_set({"": {"age": 2.0, "shoe_size": 9.0}}).pk
    assert weights.base_weights(pk, domain="") == {"age": 2.0}


class TestWeightsInSlates:
    @pytest.fixture
    def ana_rated(self, mo: User, the_conversation: Challenge) -> User:
        publish_research_stories(the_conversation, 9, by=mo)
        ana = create_viewer(0)  # works days, lives in a rural place, is 20
        take_reading(ana, the_conversation, 30, moment=ReadingMoment.BEFORE, at=NOW)
        return ana

    def test_a_slate_stores_its_weights_version(self, ana_rated: User, the_conversation: Challenge) -> None:
        before = slates.get_or_create_slate(
            slates.reading_for_slate(ana_rated, the_conversation.slug), now=NOW
        )
        learned = create_promoted_weight_set({"": {"work_pattern": 5.0}})

        after = slates.get_or_create_slate(
            slates.reading_for_slate(ana_rated, the_conversation.slug), now=NOW
        )

        assert before.weights_version == "prior-1"
        assert after.weights_version == learned.version

    def test_a_rollback_restores_the_previous_slate(
        self, mo: User, ana_rated: User, the_conversation: Challenge
    ) -> None:
        before = slates.get_or_create_slate(
            slates.reading_for_slate(ana_rated, the_conversation.slug), now=NOW
        )
        learned = create_promoted_weight_set({"": {"work_pattern": 5.0}})
        weights.roll_back_weights(learned, by=mo, now=NOW)

        assert (
            slates.get_or_create_slate(slates.reading_for_slate(ana_rated, the_conversation.slug), now=NOW)
            == before
        )

    def test_the_heaviest_trait_decides_the_first_story(
        self, ana_rated: User, the_conversation: Challenge
    ) -> None:
        first_teller_by_trait: dict[str, str] = {}
        for trait in ("work_pattern", "place"):
            others = {"age": 0.1, "work_pattern": 0.1, "place": 0.1}
            create_promoted_weight_set(
                {"relationships": {**others, trait: 10.0}, "": {}}, hours=len(first_teller_by_trait)
            )
            day = NOW
            while (
                slate := slates.get_or_create_slate(
                    slates.reading_for_slate(ana_rated, the_conversation.slug), now=day
                )
            ).arm != ExperimentArm.MATCHED:
                day += timedelta(days=1)
            first = slate.items.select_related("story").order_by("-score")[0]
            first_teller_by_trait[trait] = first.story.traits_then[trait]

        assert first_teller_by_trait == {"work_pattern": "days", "place": "rural"}
