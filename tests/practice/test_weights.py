from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from audit.models import Event
from challenges.models import Challenge, Moment
from practice import slates, weights
from practice.models import Arm, Verdict, WeightSet
from practice.weights import NotInUse, NotProven
from tests.practice.reported import NOW, rate, told, viewer

pytestmark = pytest.mark.django_db


def kept(by_domain: dict[str, dict[str, float]], verdict: Verdict = Verdict.BETTER) -> WeightSet:
    return WeightSet.objects.create(weights=by_domain, verdict=verdict, report={}, learned_at=NOW)


def promoted(by_domain: dict[str, dict[str, float]], *, hours: int = 0) -> WeightSet:
    learned = kept(by_domain)
    weights.promote(learned, by="test", now=NOW + timedelta(hours=hours))
    return learned


def test_until_something_is_promoted_the_prior_is_in_use() -> None:
    kept({"": {"age": 2.0}})
    assert not WeightSet.objects.in_use().exists()


def test_rolling_back_brings_back_the_one_before_and_at_last_the_prior(mo: User) -> None:
    first, second = promoted({"": {"age": 2.0}}), promoted({"": {"age": 3.0}}, hours=1)
    assert list(WeightSet.objects.in_use()) == [second, first]

    weights.roll_back(second, by=mo, now=NOW)
    assert WeightSet.objects.in_use().get() == first

    weights.roll_back(first, by=mo, now=NOW)
    assert not WeightSet.objects.in_use().exists()
    assert Event.objects.filter(verb="weights.rolled_back", actor=str(mo.pk)).count() == 2


def test_what_is_not_in_use_cannot_be_rolled_back(mo: User) -> None:
    first, _ = promoted({"": {"age": 2.0}}), promoted({"": {"age": 3.0}}, hours=1)
    with pytest.raises(NotInUse):
        weights.roll_back(first, by=mo, now=NOW)


@pytest.mark.parametrize("verdict", [Verdict.TOO_FEW, Verdict.NOT_BETTER])
def test_what_did_not_prove_better_cannot_be_promoted(verdict: Verdict) -> None:
    with pytest.raises(NotProven):
        weights.promote(kept({}, verdict), by="test", now=NOW)


def test_the_database_knows_that_rule_too() -> None:
    learned = kept({}, Verdict.NOT_BETTER)
    with pytest.raises(IntegrityError, match="only_weights_found_better"), transaction.atomic():
        WeightSet.objects.filter(pk=learned.pk).update(promoted_at=NOW)


def test_a_domain_has_its_own_weights_or_those_of_all() -> None:
    pk = promoted({"": {"age": 2.0}, "health": {"age": 3.0}}).pk
    assert weights.base_weights(pk, domain="health") == {"age": 3.0}
    assert weights.base_weights(pk, domain="speaking") == {"age": 2.0}


def test_questions_that_are_no_longer_asked_weigh_nothing() -> None:
    pk = promoted({"": {"age": 2.0, "shoe_size": 9.0}}).pk
    assert weights.base_weights(pk, domain="") == {"age": 2.0}


class TestInSlates:
    @pytest.fixture
    def ana_rated(self, mo: User, the_conversation: Challenge) -> User:
        told(the_conversation, 9, by=mo)
        ana = viewer(0)  # works days, lives in the country, is 20
        rate(ana, the_conversation, 30, moment=Moment.BEFORE, at=NOW)
        return ana

    def test_a_slate_says_which_weights_chose_it(self, ana_rated: User, the_conversation: Challenge) -> None:
        before = slates.slate_for(slates.standing(ana_rated, the_conversation.slug), now=NOW)
        learned = promoted({"": {"work_pattern": 5.0}})

        after = slates.slate_for(slates.standing(ana_rated, the_conversation.slug), now=NOW)

        assert before.weights_version == "prior-1"
        assert after.weights_version == learned.version

    def test_rolled_back_weights_give_the_slate_there_was(
        self, mo: User, ana_rated: User, the_conversation: Challenge
    ) -> None:
        before = slates.slate_for(slates.standing(ana_rated, the_conversation.slug), now=NOW)
        learned = promoted({"": {"work_pattern": 5.0}})
        weights.roll_back(learned, by=mo, now=NOW)

        assert slates.slate_for(slates.standing(ana_rated, the_conversation.slug), now=NOW) == before

    def test_what_counts_most_decides_who_comes_first(
        self, ana_rated: User, the_conversation: Challenge
    ) -> None:
        first_by: dict[str, str] = {}
        for trait in ("work_pattern", "place"):
            others = {"age": 0.1, "work_pattern": 0.1, "place": 0.1}
            promoted({"relationships": {**others, trait: 10.0}, "": {}}, hours=len(first_by))
            day = NOW
            while (
                slate := slates.slate_for(slates.standing(ana_rated, the_conversation.slug), now=day)
            ).arm != Arm.MATCHED:
                day += timedelta(days=1)
            first = slate.items.select_related("story").order_by("-score")[0]
            first_by[trait] = first.story.traits_then[trait]

        assert first_by == {"work_pattern": "days", "place": "rural"}
