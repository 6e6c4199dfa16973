import numpy as np

from matching.learning.training_set import ReportKind, TrainingExample, build_training_set
from matching.similarity import Contribution


def training_example(
    viewer: str, teller: str, value: float, *, work: float = 0.5, kind: ReportKind = ReportKind.LIKENESS
) -> TrainingExample:
    contributions = [Contribution("work", work, 1.0, known=True)]
    return TrainingExample(viewer, teller, "speaking", kind, contributions, value)


def test_values_and_contributions_are_centred_within_each_viewer() -> None:
    strict = [training_example("ana", "bo", 1, work=0.2), training_example("ana", "cem", 3, work=0.4)]
    lenient = [training_example("sam", "bo", 8, work=0.2), training_example("sam", "cem", 10, work=0.4)]

    training_set = build_training_set([*strict, *lenient], traits=["work"])

    assert np.allclose(training_set.values, [-1, 1, -1, 1])
    assert np.allclose(training_set.contributions[:, 0], [-0.1, 0.1, -0.1, 0.1])


def test_a_viewer_with_a_single_report_is_dropped() -> None:
    assert len(build_training_set([training_example("ana", "bo", 7)], traits=["work"])) == 0


def test_each_kind_of_report_is_scaled_to_a_root_mean_square_of_1() -> None:
    likeness = [training_example("ana", "bo", 2), training_example("ana", "cem", 8)]
    confidence = [
        training_example("ana", "bo", 0.5, kind=ReportKind.CONFIDENCE),
        training_example("ana", "cem", 0.7, kind=ReportKind.CONFIDENCE),
    ]

    training_set = build_training_set([*likeness, *confidence], traits=["work"])

    for kind in ReportKind:
        assert np.isclose(np.sqrt(np.mean(training_set.values[training_set.mask_of_kind(kind)] ** 2)), 1)


def test_reports_in_different_domains_are_not_compared() -> None:
    examples = [
        training_example("ana", "bo", 2),
        TrainingExample("ana", "cem", "health", ReportKind.LIKENESS, [], 9),
    ]

    assert len(build_training_set(examples, traits=["work"])) == 0


def test_the_order_of_reports_does_not_change_the_arrays() -> None:
    reports = [
        training_example(viewer, teller, len(viewer + teller))
        for viewer in ("ana", "sam")
        for teller in ("bo", "cem")
    ]

    forward, backward = (
        build_training_set(reports, traits=["work"]),
        build_training_set(reversed(reports), traits=["work"]),
    )

    assert sorted(zip(forward.viewer_index, forward.teller_index, forward.values, strict=True)) == sorted(
        zip(backward.viewer_index, backward.teller_index, backward.values, strict=True)
    )
