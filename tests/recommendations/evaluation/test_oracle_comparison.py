from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest
from pytest_django import Settings

from accounts.models import User
from challenges.models import Challenge
from matching.engine import InMemoryEngine
from matching.engine_contract import Floats
from practice.models import ExperimentArm
from recommendations.evaluation import evaluate, evaluation_report
from recommendations.evaluation.oracle_comparison import OracleComparison, compare_with_oracle
from tests.recommendations.report_factories import (
    NOW,
    create_viewer,
    publish_research_stories,
    watch_slate_and_rate,
)

pytestmark = pytest.mark.django_db

AFTER: dict[str, int] = dict.fromkeys(ExperimentArm.values, 40)
LATER = NOW + timedelta(hours=2)


@pytest.fixture
def two_slates(mo: User, the_conversation: Challenge) -> None:
    publish_research_stories(the_conversation, 6, by=mo)
    for number in range(2):
        watch_slate_and_rate(create_viewer(number), the_conversation, before=30, after=AFTER, at=NOW)


@pytest.mark.parametrize("engine", ["memory", "postgres"])
def test_both_engines_agree_with_the_oracle(two_slates: None, settings: Settings, engine: str) -> None:
    settings.MATCHING_ENGINE = engine
    assert compare_with_oracle(now=LATER) == OracleComparison(slates=2, stories=12, differing_stories=0)


def test_only_slates_of_the_last_day_are_compared(two_slates: None) -> None:
    assert compare_with_oracle(now=NOW + timedelta(days=3)) == OracleComparison(0, 0, 0)


def raise_one_score(scores: Floats) -> Floats:
    raised: Floats = scores + 1e-6 * (np.arange(len(scores)) == 2)
    return raised


def swap_two_scores(scores: Floats) -> Floats:
    swapped: Floats = scores[[1, 0, *range(2, len(scores))]]
    return swapped


@pytest.mark.parametrize(("distort", "differing"), [(raise_one_score, 2), (swap_two_scores, 4)])
def test_the_operator_sees_the_scores_of_a_wrong_engine(
    two_slates: None, monkeypatch: pytest.MonkeyPatch, distort: Callable[[Floats], Floats], differing: int
) -> None:
    correct = InMemoryEngine.scores
    monkeypatch.setattr(InMemoryEngine, "scores", lambda *args, **options: distort(correct(*args, **options)))

    evaluation_run = evaluate.run_evaluation(now=LATER)

    sections = {section.title: section for section in evaluation_report.report_sections(evaluation_run)}
    rows = {row.name: row.value for row in sections["Matching compared with scikit-learn"].rows}
    assert rows == {"Slates": "2", "Scores": "12", "Different scores (should be 0)": str(differing)}


def test_an_evaluation_from_before_the_comparison_can_still_be_shown(two_slates: None) -> None:
    evaluation_run = evaluate.run_evaluation(now=LATER)
    del evaluation_run.figures["oracle"]
    assert [section.title for section in evaluation_report.report_sections(evaluation_run)][
        -1
    ] == "Matching compared with scikit-learn"
