"""Put the figures of an appraisal in words, for operators: what each is, and what it is good for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from accounts.traits.catalogue import TRAIT_CATALOGUE
from challenges.models import Challenge
from recommendations.evaluation.weight_report import format_estimate
from recommendations.models import EvaluationRun

NO_DATA_YET = "Nothing to go by yet"


@dataclass(frozen=True)
class ReportRow:
    """One figure."""

    name: str
    value: str


@dataclass(frozen=True)
class ReportSection:
    """Figures that answer one question."""

    title: str
    description: str
    rows: Sequence[ReportRow]


def report_sections(appraisal: EvaluationRun) -> Iterator[ReportSection]:
    kept = appraisal.figures
    yield ReportSection(
        "What was shown",
        "Lists of stories, and the people they were shown to.",
        [ReportRow("Lists", f"{kept['lists']:,}"), ReportRow("People", f"{kept['people']:,}")],
    )
    yield _lift_section(
        kept["confidence_lift"],
        "Confidence: matched against chance",
        "Points of 100 by which confidence moved after a list, when it was matched and when it was drawn by chance.",
    )
    yield _lift_section(
        kept["likeness_lift"],
        "Likeness: matched against chance",
        "“This person is like me” (0 to 10), for stories weighed by how likely each way of choosing was to show them.",
    )
    yield _accuracy_section(kept["accuracy"], kept["precision"])
    yield _exposure_section(kept["exposure"], kept["diversity"])
    yield _fairness_section(kept["fairness"], kept["nearness"])
    yield _unmet_demand_section(kept["unmet"])
    yield _oracle(kept.get("oracle"))


def _lift_section(lift: Mapping[str, Any] | None, title: str, words: str) -> ReportSection:
    if lift is None:
        return ReportSection(
            title, words, [ReportRow(NO_DATA_YET, "lists of both kinds, with an answer, are needed")]
        )
    large, small = lift["still_needed"]
    return ReportSection(
        title,
        words,
        [
            _estimate_row("Matched", lift["matched"]),
            _estimate_row("By chance", lift["random"]),
            _estimate_row("Difference (SNIPS)", lift["snips"]),
            _estimate_row("Difference (IPS)", lift["ips"]),
            ReportRow("In spreads of the outcome", f"{lift['effect']:+.2f}"),
            ReportRow("People so far", f"{lift['people']:,}"),
            ReportRow("Still needed for an effect of 0.19, of 0.14", f"{large:,}, {small:,} people"),
        ],
    )


def _accuracy_section(
    accuracy: Mapping[str, float] | None, precision: Mapping[str, float] | None
) -> ReportSection:
    rows = []
    if accuracy:
        rows += [
            ReportRow("Off by, on average", f"{accuracy['mean_error']:.2f} of 10"),
            ReportRow("Root mean square", f"{accuracy['root_mean_square']:.2f}"),
            ReportRow("The same without scores", f"{accuracy['without_scores']:.2f}"),
        ]
    if precision:
        rows += [
            ReportRow("Of the best three, found like oneself (7 or more)", f"{precision['precision']:.0%}"),
            ReportRow("NDCG at 3", f"{precision['ndcg']:.3f}"),
        ]
    words = "How well a score foretells what people then say of a story."
    return ReportSection(
        "Accuracy and precision", words, rows or [ReportRow(NO_DATA_YET, "nobody has answered")]
    )


def _exposure_section(exposure: Mapping[str, float] | None, diversity: float | None) -> ReportSection:
    rows = []
    if exposure:
        rows += [
            ReportRow("Tellers shown at least once", f"{exposure['coverage']:.0%}"),
            ReportRow("The most-shown teller stands in", f"{exposure['most_shown']:.1%} of lists"),
            ReportRow("The most-shown hundredth takes", f"{exposure['top_percent']:.1%} of places"),
            ReportRow("Unevenness (Gini, 0 is even)", f"{exposure['gini']:.2f}"),
        ]
    if diversity is not None:
        rows.append(ReportRow("Unlikeness within a list (0 to 1)", f"{diversity:.2f}"))
    words = "Whether many tellers are heard, and whether a list shows different people."
    return ReportSection(
        "Coverage and diversity", words, rows or [ReportRow(NO_DATA_YET, "nothing was shown")]
    )


def _fairness_section(fairness: Mapping[str, Any], nearness: Mapping[str, Any]) -> ReportSection:
    rows = [
        ReportRow(
            f"{_trait_label(key)}: {' and '.join(found['between'])}",
            f"{found['value']:.2f} of 10, {found['absolute']:.2f} in size",
        )
        for key, found in fairness.items()
    ]
    rows += [
        _estimate_row(f"{_trait_label(key)}: widest gap in likeness to those shown", found["widest"])
        for key, found in nearness.items()
    ]
    words = (
        "Whether answers are foretold as well for one group as for another, and whether each finds people as near. "
        "Groups of fewer than twenty are left out."
    )
    return ReportSection(
        "Fairness", words, rows or [ReportRow(NO_DATA_YET, "no two groups are large enough")]
    )


def _unmet_demand_section(unmet: Mapping[str, int]) -> ReportSection:
    titles = dict(Challenge.objects.filter(slug__in=unmet).values_list("slug", "title"))
    rows = [
        ReportRow(titles.get(slug, slug), f"{people:,} {'person' if people == 1 else 'people'}")
        for slug, people in sorted(unmet.items(), key=lambda one: -one[1])
    ]
    words = "Challenges for which fewer than three tellers were within the rules."
    return ReportSection(
        "Unmet demand", words, rows or [ReportRow("None", "everybody was shown three tellers or more")]
    )


def _oracle(comparison: Mapping[str, int] | None) -> ReportSection:
    title = gettext("Matching compared with scikit-learn")
    description = gettext(
        "All scores behind a sample of recent slates, computed again by the reference engine."
    )
    if not comparison or not comparison["slates"]:
        return ReportSection(
            title, description, [ReportRow(NO_DATA_YET, gettext("no slate in the last day"))]
        )
    rows = [
        ReportRow(gettext("Slates"), f"{comparison['slates']:,}"),
        ReportRow(gettext("Scores"), f"{comparison['stories']:,}"),
        ReportRow(gettext("Different scores (should be 0)"), f"{comparison['differing_stories']:,}"),
    ]
    return ReportSection(title, description, rows)


def _estimate_row(name: str, estimate: Mapping[str, Any]) -> ReportRow:
    said = format_estimate(name, estimate)
    return ReportRow(said.name, f"{said.value} {said.interval}")


def _trait_label(key: str) -> str:
    return TRAIT_CATALOGUE[key].label.capitalize()
