import copy
import pickle
import subprocess
import sys

import pytest

from matching.traits import (
    CategoryTrait,
    InvalidAnswer,
    InvalidCatalogue,
    InvalidTemplate,
    NumericTrait,
    OrdinalTrait,
    SentenceTemplates,
    SetTrait,
    TraitCatalogue,
)

AGE = NumericTrait(key="age", label="age", question="How old are you?", minimum=16, maximum=96, unit="years")
HOURS = NumericTrait(
    key="sleep",
    label="sleep",
    question="Hours?",
    minimum=0,
    maximum=12,
    step=0.5,
    unit="hours",
    unit_singular="hour",
)
SUPPORT = OrdinalTrait(
    key="support",
    label="support",
    question="Who could you call?",
    levels=(("nobody", "nobody"), ("one", "one person"), ("many", "many people")),
)
WORK = CategoryTrait(
    key="work",
    label="working hours",
    question="When do you work?",
    levels=(("days", "days"), ("nights", "nights"), ("shifts", "shifts")),
    level_similarities={("nights", "shifts"): 0.5},
)
LIKES = SetTrait(
    key="likes",
    label="interests",
    question="What do you like?",
    levels=(("music", "music"), ("sport", "sport"), ("games", "games"), ("food", "food")),
)
CATALOGUE = TraitCatalogue([AGE, HOURS, SUPPORT, WORK, LIKES])


def test_clean_returns_answers_in_catalogue_order() -> None:
    answers = CATALOGUE.clean({"likes": ["sport", "music"], "work": "nights", "age": 34})
    assert answers == {"age": 34, "work": "nights", "likes": frozenset({"music", "sport"})}
    assert list(answers) == ["age", "work", "likes"]


def test_null_and_empty_lists_are_unanswered() -> None:
    assert CATALOGUE.clean({"age": None, "work": None, "likes": [], "support": None}) == {}


@pytest.mark.parametrize(
    ("answers", "trait_key"),
    [
        ({"shoe_size": 9}, "shoe_size"),
        ({"age": "34"}, "age"),
        ({"age": True}, "age"),
        ({"age": 15}, "age"),
        ({"age": float("nan")}, "age"),
        ({"age": float("inf")}, "age"),
        ({"age": 10**400}, "age"),
        ({"work": "weekends"}, "work"),
        ({"work": ["nights"]}, "work"),
        ({"work": {"nights": 1}}, "work"),
        ({"support": 1}, "support"),
        ({"likes": "music"}, "likes"),
        ({"likes": ["music", "chess"]}, "likes"),
        ({"likes": ["music", "music"]}, "likes"),
        ({"likes": [["music"]]}, "likes"),
        ({"likes": {"music": True}}, "likes"),
    ],
)
def test_a_bad_answer_names_the_trait_and_the_fix(answers: dict[str, object], trait_key: str) -> None:
    with pytest.raises(InvalidAnswer) as raised:
        CATALOGUE.clean(answers)
    assert raised.value.trait_key == trait_key
    assert raised.value.problem
    assert "leave it out" in raised.value.fix.lower() or "once" in raised.value.fix


@pytest.mark.parametrize(
    ("value", "rounded"), [(7.2, 7), (7.25, 7.5), (7.3, 7.5), (0, 0), (12, 12), (11.9, 12), (0.1, 0)]
)
def test_a_number_is_rounded_to_the_nearest_step(value: float, rounded: float) -> None:
    assert HOURS.clean(value) == rounded


def test_every_value_of_a_numeric_trait_is_clean() -> None:
    assert len(HOURS.values) == 25
    assert [HOURS.clean(value) for value in HOURS.values] == list(HOURS.values)


def test_answers_survive_a_round_trip_through_json() -> None:
    answers = CATALOGUE.clean({"age": 34, "sleep": 7.5, "likes": ["games", "food"], "support": "one"})
    assert CATALOGUE.answers_to_json(answers)["likes"] == ["food", "games"]
    assert CATALOGUE.clean(dict(CATALOGUE.answers_to_json(answers))) == answers


def test_similarity_of_numbers_falls_linearly_over_the_range() -> None:
    assert AGE.similarity(30, 30) == 1
    assert AGE.similarity(30, 38) == pytest.approx(0.9)
    assert AGE.similarity(16, 96) == 0


def test_similarity_of_ordered_levels_falls_linearly() -> None:
    assert SUPPORT.similarity("nobody", "one") == 0.5
    assert SUPPORT.similarity("many", "nobody") == 0


def test_similarity_of_categories_is_equality_or_the_declared_table() -> None:
    assert WORK.similarity("days", "days") == 1
    assert WORK.similarity("days", "nights") == 0
    assert WORK.similarity("nights", "shifts") == WORK.similarity("shifts", "nights") == 0.5


def test_similarity_of_sets_is_jaccard() -> None:
    first, second = frozenset({"music", "sport", "food"}), frozenset({"music", "games"})
    assert LIKES.similarity(first, second) == pytest.approx(1 / 4)
    assert LIKES.similarity(first, first) == 1


def test_a_declared_table_raises_the_similarity_of_sets() -> None:
    soft = SetTrait(
        key="likes", label="", question="", levels=LIKES.levels, level_similarities={("sport", "games"): 0.5}
    )
    sport, games = frozenset({"sport"}), frozenset({"games"})
    assert soft.similarity(sport, games) == pytest.approx(0.5 / 1.5)
    assert soft.similarity(sport, sport | games) == soft.similarity(sport | games, sport)
    assert 0.5 < soft.similarity(sport, sport | games) < 1


@pytest.mark.parametrize(
    "build",
    [
        lambda: TraitCatalogue([AGE, AGE]),
        lambda: TraitCatalogue([]),
        lambda: NumericTrait(key="x", label="", question="", minimum=5, maximum=5, unit=""),
        lambda: NumericTrait(key="x", label="", question="", minimum=0, maximum=1, step=0.3, unit=""),
        lambda: NumericTrait(key="x", label="", question="", minimum=0, maximum=5_000, unit=""),
        lambda: OrdinalTrait(key="x", label="", question="", levels=(("a", "A"),)),
        lambda: OrdinalTrait(key="x", label="", question="", levels=(("a", "A"), ("a", "B"))),
        lambda: CategoryTrait(
            key="x",
            label="",
            question="",
            levels=(("a", "A"), ("b", "B")),
            level_similarities={("a", "c"): 0.5},
        ),
        lambda: CategoryTrait(
            key="x",
            label="",
            question="",
            levels=(("a", "A"), ("b", "B")),
            level_similarities={("a", "b"): 1.5},
        ),
        lambda: CategoryTrait(
            key="x",
            label="",
            question="",
            levels=(("a", "A"), ("b", "B")),
            level_similarities={("a", "b"): 0.5, ("b", "a"): 0.4},
        ),
        lambda: SetTrait(
            key="x", label="", question="", levels=tuple((str(number), "") for number in range(17))
        ),
        lambda: CategoryTrait(
            key="x",
            label="",
            question="",
            levels=(("a", "A"), ("b", "B")),
            templates=SentenceTemplates(shared_by_level={"c": "You both C."}),
        ),
    ],
)
def test_a_contradictory_catalogue_is_refused(build: object) -> None:
    assert callable(build)
    with pytest.raises(InvalidCatalogue):
        build()


@pytest.mark.parametrize(
    "template",
    [{"shared": "Both {vlaue}."}, {"more": "Older by {years}."}, {"differs_by_level": {"a": "{theirs}"}}],
)
def test_a_template_with_an_unknown_placeholder_is_refused(template: dict[str, str]) -> None:
    with pytest.raises(InvalidTemplate):
        SentenceTemplates(**template)  # type: ignore[arg-type]  # one case is a mapping, the other fields are strings


def test_answers_are_formatted_as_text() -> None:
    assert HOURS.format_answer(1) == "1 hour"
    assert HOURS.format_answer(7.5) == "7.5 hours"
    assert SUPPORT.format_answer("one") == "one person"
    assert LIKES.format_answer(frozenset({"food", "music", "games"})) == "music, games and food"
    assert LIKES.format_answer(frozenset({"food"})) == "food"


def test_the_traits_import_neither_numpy_nor_scikit_learn() -> None:
    program = "import sys, matching.traits; print(sorted({'sklearn', 'numpy', 'scipy'} & set(sys.modules)))"
    completed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert completed.stdout.strip() == "[]"


def test_a_catalogue_can_be_copied_and_pickled() -> None:
    for twin in (copy.deepcopy(CATALOGUE), pickle.loads(pickle.dumps(CATALOGUE))):  # noqa: S301  # our own bytes
        assert list(twin) == list(CATALOGUE)


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"shoe": 9}, "shoe: There is no such question. Leave it out."),
        ({"age": "34"}, "age: This is not a number. Give a number from 16 to 96, or leave it out."),
        ({"age": 15}, "age: This number is out of range. Give a number from 16 to 96, or leave it out."),
    ],
)
def test_the_message_of_a_bad_answer(answers: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidAnswer) as raised:
        CATALOGUE.clean(answers)
    assert str(raised.value) == message


def test_traits_at_the_limits_are_accepted() -> None:
    levels = (("a", "A"), ("b", "B"))
    for similarity in (0, 1):
        CategoryTrait(
            key="x", label="", question="", levels=levels, level_similarities={("a", "b"): similarity}
        )
    NumericTrait(key="x", label="", question="", minimum=0, maximum=4_094, unit="")
    SetTrait(key="x", label="", question="", levels=tuple((str(number), "") for number in range(16)))


@pytest.mark.parametrize(("maximum", "step"), [(4_095, 1), (1, 0), (1, -1), (0, 1), (-1, 1), (1, 2)])
def test_numeric_traits_beyond_the_limits_are_refused(maximum: float, step: float) -> None:
    with pytest.raises(InvalidCatalogue, match=r"^x: "):
        NumericTrait(key="x", label="", question="", minimum=0, maximum=maximum, step=step, unit="")


def test_a_number_without_a_unit_is_formatted_alone() -> None:
    trait = NumericTrait(key="x", label="", question="", minimum=0, maximum=4, unit="")
    assert trait.format_answer(3) == "3"
