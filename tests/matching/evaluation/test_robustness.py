from matching.evaluation.robustness import robustness
from tests.matching.worlds import CATALOGUE, everyone


def test_with_all_answers_known_the_shown_are_the_right_ones() -> None:
    found = robustness(CATALOGUE, everyone(400, seed=0, missing=0), viewers=30, missing=0)
    assert found.tellers_hidden == found.both_hidden == 1


def test_open_questions_cost_some_and_open_questions_on_both_sides_more() -> None:
    found = robustness(CATALOGUE, everyone(1_200, seed=0, missing=0), viewers=60)
    assert 0.25 < found.both_hidden < found.tellers_hidden < 1


def test_nobody_is_pushed_to_the_front_by_saying_little() -> None:
    found = robustness(CATALOGUE, everyone(1_200, seed=0, missing=0), viewers=100)
    assert found.most_shown < 0.3
