from matching.evaluation.robustness import measure_robustness
from tests.matching.random_people import CATALOGUE, random_people


def test_with_all_answers_known_the_shown_are_the_right_ones() -> None:
    found = measure_robustness(CATALOGUE, random_people(400, seed=0, missing=0), viewers=30, missing_share=0)
    assert found.precision_teller_answers_hidden == found.precision_both_answers_hidden == 1


def test_open_questions_cost_some_and_open_questions_on_both_sides_more() -> None:
    found = measure_robustness(CATALOGUE, random_people(1_200, seed=0, missing=0), viewers=60)
    assert 0.25 < found.precision_both_answers_hidden < found.precision_teller_answers_hidden < 1


def test_nobody_is_pushed_to_the_front_by_saying_little() -> None:
    found = measure_robustness(CATALOGUE, random_people(1_200, seed=0, missing=0), viewers=100)
    assert found.most_shown_share < 0.3
