from tests.benchmarks.matching_evaluation.robustness import measure_robustness
from tests.matching.random_people import CATALOGUE, random_people


def test_without_hidden_answers_precision_is_1() -> None:
    robustness = measure_robustness(
        CATALOGUE, random_people(400, seed=0, missing=0), viewers=30, missing_share=0
    )
    assert robustness.precision_teller_answers_hidden == robustness.precision_both_answers_hidden == 1


def test_hidden_answers_of_viewers_lower_precision_further() -> None:
    robustness = measure_robustness(CATALOGUE, random_people(1_200, seed=0, missing=0), viewers=60)
    assert 0.25 < robustness.precision_both_answers_hidden < robustness.precision_teller_answers_hidden < 1


def test_no_teller_dominates_by_leaving_questions_open() -> None:
    robustness = measure_robustness(CATALOGUE, random_people(1_200, seed=0, missing=0), viewers=100)
    assert robustness.most_shown_share < 0.3
