"""Presents the figures of an evaluation run to operators."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, ngettext

from accounts.traits.catalogue import TRAIT_CATALOGUE
from challenges.models import Challenge
from recommendations.evaluation.weight_report import format_estimate
from recommendations.models import EvaluationRun


@dataclass(frozen=True)
class ReportRow:
    name: str
    value: str


@dataclass(frozen=True)
class ReportSection:
    """Figures that answer one question."""

    title: str
    description: str
    rows: Sequence[ReportRow]


def report_sections(evaluation_run: EvaluationRun) -> Iterator[ReportSection]:
    figures = evaluation_run.figures
    yield ReportSection(
        gettext("Slates shown"),
        gettext("How many slates we showed, and to how many people."),
        [
            ReportRow(gettext("Slates"), f"{figures['lists']:,}"),
            ReportRow(gettext("People"), f"{figures['people']:,}"),
        ],
    )
    yield _lift_section(
        figures["confidence_lift"],
        gettext("Confidence: matched and random slates"),
        gettext("Change in confidence after a slate, in points out of 100."),
    )
    yield _lift_section(
        figures["likeness_lift"],
        gettext("Likeness: matched and random slates"),
        gettext(
            "Answers to “this person is like me” (0 to 10), weighted by how likely each policy was to show the story."
        ),
    )
    yield _accuracy_section(figures["accuracy"], figures["precision"])
    yield _exposure_section(figures["exposure"], figures["diversity"])
    yield _fairness_section(figures["fairness"], figures["nearness"])
    yield _unmet_demand_section(figures["unmet"])
    yield _oracle_section(figures.get("oracle"))


def _no_data_row(reason: str) -> ReportRow:
    return ReportRow(gettext("No data yet"), reason)


def _lift_section(lift: Mapping[str, Any] | None, title: str, description: str) -> ReportSection:
    if lift is None:
        reason = gettext("We need answers about both matched and random slates.")
        return ReportSection(title, description, [_no_data_row(reason)])
    larger_sample, smaller_sample = lift["still_needed"]
    return ReportSection(
        title,
        description,
        [
            _estimate_row(gettext("Matched"), lift["matched"]),
            _estimate_row(gettext("Random"), lift["random"]),
            _estimate_row(gettext("Difference (SNIPS)"), lift["snips"]),
            _estimate_row(gettext("Difference (IPS)"), lift["ips"]),
            ReportRow(gettext("Effect size, in standard deviations"), f"{lift['effect']:+.2f}"),
            ReportRow(gettext("People so far"), f"{lift['people']:,}"),
            ReportRow(gettext("More people needed to detect an effect of 0.19"), f"{larger_sample:,}"),
            ReportRow(gettext("More people needed to detect an effect of 0.14"), f"{smaller_sample:,}"),
        ],
    )


def _accuracy_section(
    accuracy: Mapping[str, float] | None, precision: Mapping[str, float] | None
) -> ReportSection:
    rows = []
    if accuracy:
        rows += [
            ReportRow(gettext("Mean absolute error (0 to 10)"), f"{accuracy['mean_error']:.2f}"),
            ReportRow(gettext("Root mean square error"), f"{accuracy['root_mean_square']:.2f}"),
            ReportRow(gettext("Root mean square error without scores"), f"{accuracy['without_scores']:.2f}"),
        ]
    if precision:
        rows += [
            ReportRow(gettext("Precision at 3 (an answer of 7 or more)"), f"{precision['precision']:.0%}"),
            ReportRow(gettext("NDCG at 3"), f"{precision['ndcg']:.3f}"),
        ]
    return ReportSection(
        gettext("Accuracy and precision"),
        gettext("How well scores predict the answers to “this person is like me”."),
        rows or [_no_data_row(gettext("Nobody has answered."))],
    )


def _exposure_section(exposure: Mapping[str, float] | None, diversity: float | None) -> ReportSection:
    rows = []
    if exposure:
        rows += [
            ReportRow(gettext("Tellers shown at least once"), f"{exposure['coverage']:.0%}"),
            ReportRow(gettext("Slates with the most-shown teller"), f"{exposure['most_shown']:.1%}"),
            ReportRow(
                gettext("Places taken by the most-shown hundredth of tellers"),
                f"{exposure['top_percent']:.1%}",
            ),
            ReportRow(gettext("Inequality (Gini coefficient, 0 is equal)"), f"{exposure['gini']:.2f}"),
        ]
    if diversity is not None:
        rows.append(ReportRow(gettext("Dissimilarity within a slate (0 to 1)"), f"{diversity:.2f}"))
    return ReportSection(
        gettext("Coverage and diversity"),
        gettext("How many tellers we show, and how different the people on one slate are."),
        rows or [_no_data_row(gettext("No slate was shown."))],
    )


def _fairness_section(fairness: Mapping[str, Any], gaps: Mapping[str, Any]) -> ReportSection:
    rows = [_unfairness_row(trait_key, comparison) for trait_key, comparison in fairness.items()]
    rows += [
        _estimate_row(
            gettext("%(trait)s: largest gap in similarity to the tellers shown")
            % {"trait": _trait_label(trait_key)},
            gap["widest"],
        )
        for trait_key, gap in gaps.items()
    ]
    return ReportSection(
        gettext("Fairness"),
        gettext(
            "Whether scores predict the answers of different groups equally well, and whether every group is shown "
            "equally similar tellers. Groups of fewer than 20 people are left out."
        ),
        rows or [_no_data_row(gettext("No two groups are large enough."))],
    )


def _unfairness_row(trait_key: str, comparison: Mapping[str, Any]) -> ReportRow:
    group, other_group = comparison["between"]
    name = gettext("%(trait)s: difference between %(group)s and %(other_group)s") % {
        "trait": _trait_label(trait_key),
        "group": group,
        "other_group": other_group,
    }
    value = gettext("%(value)s (absolute: %(absolute)s)") % {
        "value": f"{comparison['value']:.2f}",
        "absolute": f"{comparison['absolute']:.2f}",
    }
    return ReportRow(name, value)


def _unmet_demand_section(unmet: Mapping[str, int]) -> ReportSection:
    titles = dict(Challenge.objects.filter(slug__in=unmet).values_list("slug", "title"))
    rows = [
        ReportRow(
            titles.get(slug, slug),
            ngettext("%(count)s person", "%(count)s people", people) % {"count": f"{people:,}"},
        )
        for slug, people in sorted(unmet.items(), key=lambda item: -item[1])
    ]
    return ReportSection(
        gettext("Unmet demand"),
        gettext("Challenges on which some people found fewer than three tellers."),
        rows or [ReportRow(gettext("None"), gettext("Everyone was shown three tellers or more."))],
    )


def _oracle_section(comparison: Mapping[str, int] | None) -> ReportSection:
    title = gettext("Matching compared with scikit-learn")
    description = gettext(
        "All scores behind a sample of recent slates, computed again by the reference engine."
    )
    if not comparison or not comparison["slates"]:
        return ReportSection(title, description, [_no_data_row(gettext("No slate in the last day."))])
    rows = [
        ReportRow(gettext("Slates"), f"{comparison['slates']:,}"),
        ReportRow(gettext("Scores"), f"{comparison['stories']:,}"),
        ReportRow(gettext("Different scores (should be 0)"), f"{comparison['differing_stories']:,}"),
    ]
    return ReportSection(title, description, rows)


def _estimate_row(name: str, estimate: Mapping[str, Any]) -> ReportRow:
    formatted = format_estimate(name, estimate)
    return ReportRow(formatted.name, f"{formatted.value} {formatted.interval}")


def _trait_label(key: str) -> str:
    return str(TRAIT_CATALOGUE[key].label).capitalize()
