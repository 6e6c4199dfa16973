import numpy as np

from matching.learning.training_set import ReportKind, TrainingExample, build_training_set
from matching.similarity import Contribution


def training_example(
    viewer: str, teller: str, value: float, *, work: float = 0.5, kind: ReportKind = ReportKind.LIKENESS
) -> TrainingExample:
    parts = [Contribution("work", work, 1.0, known=True)]
    return TrainingExample(viewer, teller, "speaking", kind, parts, value)


def test_reports_are_compared_within_one_viewer_only() -> None:
    strict = [training_example("ana", "bo", 1, work=0.2), training_example("ana", "cem", 3, work=0.4)]
    lenient = [training_example("sam", "bo", 8, work=0.2), training_example("sam", "cem", 10, work=0.4)]

    evidence = build_training_set([*strict, *lenient], traits=["work"])

    assert np.allclose(evidence.values, [-1, 1, -1, 1])
    assert np.allclose(evidence.contributions[:, 0], [-0.1, 0.1, -0.1, 0.1])


def test_a_single_report_has_nothing_to_be_compared_with() -> None:
    assert len(build_training_set([training_example("ana", "bo", 7)], traits=["work"])) == 0


def test_both_kinds_of_report_have_the_same_spread_whatever_their_scale() -> None:
    likeness = [training_example("ana", "bo", 2), training_example("ana", "cem", 8)]
    confidence = [
        training_example("ana", "bo", 0.5, kind=ReportKind.CONFIDENCE),
        training_example("ana", "cem", 0.7, kind=ReportKind.CONFIDENCE),
    ]

    evidence = build_training_set([*likeness, *confidence], traits=["work"])

    for kind in ReportKind:
        assert np.isclose(np.sqrt(np.mean(evidence.of_kind(kind).values ** 2)), 1)


def test_what_one_viewer_reports_of_two_parts_of_life_is_kept_apart() -> None:
    two = [
        training_example("ana", "bo", 2),
        TrainingExample("ana", "cem", "health", ReportKind.LIKENESS, [], 9),
    ]

    assert len(build_training_set(two, traits=["work"])) == 0


def test_the_order_in_which_reports_came_makes_no_difference() -> None:
    reports = [
        training_example(viewer, teller, len(viewer + teller))
        for viewer in ("ana", "sam")
        for teller in ("bo", "cem")
    ]

    one, other = (
        build_training_set(reports, traits=["work"]),
        build_training_set(reversed(reports), traits=["work"]),
    )

    assert sorted(zip(one.viewer_index, one.teller_index, one.values, strict=True)) == sorted(
        zip(other.viewer_index, other.teller_index, other.values, strict=True)
    )
