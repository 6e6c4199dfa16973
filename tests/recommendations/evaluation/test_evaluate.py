from datetime import timedelta

import pytest
from django.core.management import call_command

from accounts.models import User
from challenges.models import Challenge
from practice.models import ExperimentArm, Slate
from recommendations.evaluation import evaluate, evaluation_report, impressions
from recommendations.evaluation.impressions import policy_propensities
from recommendations.models import EvaluationRun
from stories.models import Story
from tests.recommendations.report_factories import (
    NOW,
    create_viewer,
    publish_research_stories,
    watch_slate_and_rate,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def stories(mo: User, the_conversation: Challenge) -> list[Story]:
    return publish_research_stories(the_conversation, 6, by=mo)


AFTER: dict[str, int] = {ExperimentArm.MATCHED: 50, ExperimentArm.RANDOM: 40, ExperimentArm.SCARCE: 30}


@pytest.fixture
def rated_slates(stories: list[Story], the_conversation: Challenge) -> list[Slate]:
    """One rated slate per viewer, until one of them is random; random slates raise confidence half as much."""
    shown: list[Slate] = []
    while len(shown) < 20 or ExperimentArm.RANDOM not in {slate.arm for slate in shown}:
        person = create_viewer(len(shown))
        shown.append(watch_slate_and_rate(person, the_conversation, before=30, after=AFTER, at=NOW))
    return shown


def test_matched_and_random_slates_are_compared_by_confidence(rated_slates: list[Slate]) -> None:
    lift = evaluate.run_evaluation(now=NOW + timedelta(days=1)).figures["confidence_lift"]

    assert lift["matched"]["value"] == pytest.approx(20)
    assert lift["random"]["value"] == pytest.approx(10)
    assert lift["snips"]["value"] == pytest.approx(10)
    assert lift["people"] == len(rated_slates)
    assert lift["still_needed"] == [2_416 - len(rated_slates), 4_450 - len(rated_slates)]


def test_impressions_exposure_and_diversity_are_counted(
    rated_slates: list[Slate], stories: list[Story]
) -> None:
    figures = evaluate.run_evaluation(now=NOW + timedelta(days=1)).figures

    assert figures["lists"] == figures["people"] == len(rated_slates)
    assert 0 < figures["exposure"]["coverage"] <= 1
    assert 1 / len(stories) <= figures["exposure"]["most_shown"] <= 1
    assert 0 < figures["diversity"] < 1
    assert figures["precision"]["lists"] == len(rated_slates)
    assert figures["unmet"] == {}


def test_traits_without_answers_are_left_out(rated_slates: list[Slate]) -> None:
    figures = evaluate.run_evaluation(now=NOW + timedelta(days=1)).figures

    assert "gender" not in {*figures["fairness"], *figures["nearness"]}  # nobody answered it


def test_viewers_of_scarce_slates_are_unmet_demand(bo: User, mo: User, the_conversation: Challenge) -> None:
    publish_research_stories(the_conversation, 2, by=mo)
    watch_slate_and_rate(create_viewer(0), the_conversation, before=30, after=AFTER, at=NOW)

    figures = evaluate.run_evaluation(now=NOW + timedelta(days=1)).figures

    assert figures["unmet"] == {"the-conversation": 1}
    assert figures["confidence_lift"] is None


def test_slates_before_the_window_are_left_out(rated_slates: list[Slate]) -> None:
    figures = evaluate.run_evaluation(now=NOW + timedelta(days=2), since=NOW + timedelta(days=1)).figures
    assert figures["lists"] == 0


def test_confidence_after_the_next_slate_belongs_to_the_next_slate(
    stories: list[Story], the_conversation: Challenge
) -> None:
    ana = create_viewer(0)
    watch_slate_and_rate(
        ana, the_conversation, before=30, after=dict.fromkeys(ExperimentArm.values, 40), at=NOW
    )
    later = NOW + timedelta(days=100)
    watch_slate_and_rate(
        ana, the_conversation, before=40, after=dict.fromkeys(ExperimentArm.values, 90), at=later
    )

    outcomes = impressions.confidence_observations(
        impressions.load_impressions(since=NOW - timedelta(days=1))
    )

    assert [outcome.outcome for outcome in outcomes] == [pytest.approx(10), pytest.approx(50)]


@pytest.mark.parametrize(
    ("propensity", "matched", "random"), [(0.95, 1, 0.5), (0.9, 1, 0), (0.05, 0, 0.5), (1.0, 1, 1)]
)
def test_a_propensity_is_split_by_policy(propensity: float, matched: float, random: float) -> None:
    propensities = policy_propensities(propensity, exploration=0.1)
    assert propensities[0] == matched
    assert propensities[1] == pytest.approx(random)


def test_the_policy_propensities_of_stored_slates_add_up(rated_slates: list[Slate]) -> None:
    for slate in rated_slates:
        for item in slate.items.all():
            matched, random = policy_propensities(item.propensity, exploration=0.1)
            assert 0.9 * matched + 0.1 * random == pytest.approx(item.propensity)
            assert matched == 1 or slate.arm == ExperimentArm.RANDOM


def test_the_command_reports_missing_data(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("evaluate")

    output = capsys.readouterr().out
    assert "No data yet" in output
    assert EvaluationRun.objects.count() == 1


def test_the_report_has_every_figure_with_its_interval(
    rated_slates: list[Slate], capsys: pytest.CaptureFixture[str]
) -> None:
    evaluation_run = evaluate.run_evaluation(now=NOW + timedelta(days=1))

    titles = {section.title: section for section in evaluation_report.report_sections(evaluation_run)}

    lift = {row.name: row.value for row in titles["Confidence: matched and random slates"].rows}
    assert lift["Matched"].startswith("+20.000 (95% interval: +20.000 to +20.000)")
    assert lift["People so far"] == str(len(rated_slates))
    assert all(section.description.endswith(".") for section in titles.values())
