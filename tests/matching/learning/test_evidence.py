import numpy as np

from matching.learning.evidence import Kind, Told, gather
from matching.similarity import Contribution


def told(viewer: str, teller: str, value: float, *, work: float = 0.5, kind: Kind = Kind.LIKENESS) -> Told:
    parts = [Contribution("work", work, 1.0, known=True)]
    return Told(viewer, teller, "speaking", kind, parts, value)


def test_reports_are_compared_within_one_viewer_only() -> None:
    strict = [told("ana", "bo", 1, work=0.2), told("ana", "cem", 3, work=0.4)]
    lenient = [told("sam", "bo", 8, work=0.2), told("sam", "cem", 10, work=0.4)]

    evidence = gather([*strict, *lenient], traits=["work"])

    assert np.allclose(evidence.values, [-1, 1, -1, 1])
    assert np.allclose(evidence.parts[:, 0], [-0.1, 0.1, -0.1, 0.1])


def test_a_single_report_has_nothing_to_be_compared_with() -> None:
    assert len(gather([told("ana", "bo", 7)], traits=["work"])) == 0


def test_both_kinds_of_report_have_the_same_spread_whatever_their_scale() -> None:
    likeness = [told("ana", "bo", 2), told("ana", "cem", 8)]
    confidence = [
        told("ana", "bo", 0.5, kind=Kind.CONFIDENCE),
        told("ana", "cem", 0.7, kind=Kind.CONFIDENCE),
    ]

    evidence = gather([*likeness, *confidence], traits=["work"])

    for kind in Kind:
        assert np.isclose(np.sqrt(np.mean(evidence.of_kind(kind).values ** 2)), 1)


def test_what_one_viewer_reports_of_two_parts_of_life_is_kept_apart() -> None:
    two = [told("ana", "bo", 2), Told("ana", "cem", "health", Kind.LIKENESS, [], 9)]

    assert len(gather(two, traits=["work"])) == 0


def test_the_order_in_which_reports_came_makes_no_difference() -> None:
    reports = [
        told(viewer, teller, len(viewer + teller)) for viewer in ("ana", "sam") for teller in ("bo", "cem")
    ]

    one, other = gather(reports, traits=["work"]), gather(reversed(reports), traits=["work"])

    assert sorted(zip(one.viewer, one.teller, one.values, strict=True)) == sorted(
        zip(other.viewer, other.teller, other.values, strict=True)
    )
