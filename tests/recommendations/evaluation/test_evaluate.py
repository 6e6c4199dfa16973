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
def evenings(stories: list[Story], the_conversation: Challenge) -> list[Slate]:
    """People with one list each, until some lists came by chance; those help half as much."""
    shown: list[Slate] = []
    while len(shown) < 20 or ExperimentArm.RANDOM not in {slate.arm for slate in shown}:
        person = create_viewer(len(shown))
        shown.append(watch_slate_and_rate(person, the_conversation, before=30, after=AFTER, at=NOW))
    return shown


def test_matched_and_random_lists_are_compared_by_what_came_of_them(evenings: list[Slate]) -> None:
    found = evaluate.run_evaluation(now=NOW + timedelta(days=1)).figures["confidence_lift"]

    assert found["matched"]["value"] == pytest.approx(20)
    assert found["random"]["value"] == pytest.approx(10)
    assert found["snips"]["value"] == pytest.approx(10)
    assert found["people"] == len(evenings)
    assert found["still_needed"] == [2_416 - len(evenings), 4_450 - len(evenings)]


def test_what_was_shown_is_counted(evenings: list[Slate], stories: list[Story]) -> None:
    found = evaluate.run_evaluation(now=NOW + timedelta(days=1)).figures

    assert found["lists"] == found["people"] == len(evenings)
    assert 0 < found["exposure"]["coverage"] <= 1
    assert 1 / len(stories) <= found["exposure"]["most_shown"] <= 1
    assert 0 < found["diversity"] < 1
    assert found["precision"]["lists"] == len(evenings)
    assert found["unmet"] == {}


def test_groups_that_nobody_belongs_to_are_not_spoken_of(evenings: list[Slate]) -> None:
    found = evaluate.run_evaluation(now=NOW + timedelta(days=1)).figures

    assert "gender" not in {*found["fairness"], *found["nearness"]}  # which nobody gave


def test_people_for_whom_there_were_too_few_tellers_are_unmet_demand(
    bo: User, mo: User, the_conversation: Challenge
) -> None:
    publish_research_stories(the_conversation, 2, by=mo)
    watch_slate_and_rate(create_viewer(0), the_conversation, before=30, after=AFTER, at=NOW)

    found = evaluate.run_evaluation(now=NOW + timedelta(days=1)).figures

    assert found["unmet"] == {"the-conversation": 1}
    assert found["confidence_lift"] is None


def test_what_lies_further_back_is_left_out(evenings: list[Slate]) -> None:
    found = evaluate.run_evaluation(now=NOW + timedelta(days=2), since=NOW + timedelta(days=1)).figures
    assert found["lists"] == 0


def test_confidence_after_the_next_list_belongs_to_the_next_list(
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

    logged = impressions.confidence_observations(impressions.load_impressions(since=NOW - timedelta(days=1)))

    assert [one.outcome for one in logged] == [pytest.approx(10), pytest.approx(50)]


@pytest.mark.parametrize(
    ("propensity", "matched", "drawn"), [(0.95, 1, 0.5), (0.9, 1, 0), (0.05, 0, 0.5), (1.0, 1, 1)]
)
def test_a_propensity_is_taken_apart_into_its_two_chances(
    propensity: float, matched: float, drawn: float
) -> None:
    found = policy_propensities(propensity, exploration=0.1)
    assert found[0] == matched
    assert found[1] == pytest.approx(drawn)


def test_the_chances_of_real_slates_add_up(evenings: list[Slate]) -> None:
    for slate in evenings:
        for item in slate.items.all():
            matched, drawn = policy_propensities(item.propensity, exploration=0.1)
            assert 0.9 * matched + 0.1 * drawn == pytest.approx(item.propensity)
            assert matched == 1 or slate.arm == ExperimentArm.RANDOM


def test_before_anything_was_shown_that_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("evaluate")

    said = capsys.readouterr().out
    assert "Nothing to go by yet" in said
    assert EvaluationRun.objects.count() == 1


def test_the_command_prints_every_figure_with_its_interval(
    evenings: list[Slate], capsys: pytest.CaptureFixture[str]
) -> None:
    appraisal = evaluate.run_evaluation(now=NOW + timedelta(days=1))

    titles = {section.title: section for section in evaluation_report.report_sections(appraisal)}

    lift = {row.name: row.value for row in titles["Confidence: matched against chance"].rows}
    assert lift["Matched"].startswith("+20.000 (95 %: +20.000 to +20.000)")
    assert lift["People so far"] == str(len(evenings))
    assert all(section.description.endswith(".") for section in titles.values())
