"""Put the figures of an appraisal in words, for operators: what each is, and what it is good for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.traits import CATALOGUE
from challenges.models import Challenge
from practice.explaining import figure
from practice.models import Appraisal

NOTHING_YET = "Nothing to go by yet"


@dataclass(frozen=True)
class Row:
    """One figure."""

    name: str
    value: str


@dataclass(frozen=True)
class Section:
    """Figures that answer one question."""

    title: str
    words: str
    rows: Sequence[Row]


def sections(appraisal: Appraisal) -> Iterator[Section]:
    kept = appraisal.figures
    yield Section(
        "What was shown",
        "Lists of stories, and the people they were shown to.",
        [Row("Lists", f"{kept['lists']:,}"), Row("People", f"{kept['people']:,}")],
    )
    yield _lift(
        kept["confidence_lift"],
        "Confidence: matched against chance",
        "Points of 100 by which confidence moved after a list, when it was matched and when it was drawn by chance.",
    )
    yield _lift(
        kept["likeness_lift"],
        "Likeness: matched against chance",
        "“This person is like me” (0 to 10), for stories weighed by how likely each way of choosing was to show them.",
    )
    yield _foretold(kept["accuracy"], kept["precision"])
    yield _spread(kept["exposure"], kept["diversity"])
    yield _fair(kept["fairness"], kept["nearness"])
    yield _wanting(kept["unmet"])


def _lift(lift: Mapping[str, Any] | None, title: str, words: str) -> Section:
    if lift is None:
        return Section(title, words, [Row(NOTHING_YET, "lists of both kinds, with an answer, are needed")])
    large, small = lift["still_needed"]
    return Section(
        title,
        words,
        [
            _estimate("Matched", lift["matched"]),
            _estimate("By chance", lift["random"]),
            _estimate("Difference (SNIPS)", lift["snips"]),
            _estimate("Difference (IPS)", lift["ips"]),
            Row("In spreads of the outcome", f"{lift['effect']:+.2f}"),
            Row("People so far", f"{lift['people']:,}"),
            Row("Still needed for an effect of 0.19, of 0.14", f"{large:,}, {small:,} people"),
        ],
    )


def _foretold(accuracy: Mapping[str, float] | None, precision: Mapping[str, float] | None) -> Section:
    rows = []
    if accuracy:
        rows += [
            Row("Off by, on average", f"{accuracy['mean_error']:.2f} of 10"),
            Row("Root mean square", f"{accuracy['root_mean_square']:.2f}"),
            Row("The same without scores", f"{accuracy['without_scores']:.2f}"),
        ]
    if precision:
        rows += [
            Row("Of the best three, found like oneself (7 or more)", f"{precision['precision']:.0%}"),
            Row("NDCG at 3", f"{precision['ndcg']:.3f}"),
        ]
    words = "How well a score foretells what people then say of a story."
    return Section("Accuracy and precision", words, rows or [Row(NOTHING_YET, "nobody has answered")])


def _spread(exposure: Mapping[str, float] | None, diversity: float | None) -> Section:
    rows = []
    if exposure:
        rows += [
            Row("Tellers shown at least once", f"{exposure['coverage']:.0%}"),
            Row("The most-shown teller stands in", f"{exposure['most_shown']:.1%} of lists"),
            Row("The most-shown hundredth takes", f"{exposure['top_percent']:.1%} of places"),
            Row("Unevenness (Gini, 0 is even)", f"{exposure['gini']:.2f}"),
        ]
    if diversity is not None:
        rows.append(Row("Unlikeness within a list (0 to 1)", f"{diversity:.2f}"))
    words = "Whether many tellers are heard, and whether a list shows different people."
    return Section("Coverage and diversity", words, rows or [Row(NOTHING_YET, "nothing was shown")])


def _fair(fairness: Mapping[str, Any], nearness: Mapping[str, Any]) -> Section:
    rows = [
        Row(
            f"{_label(key)}: {' and '.join(found['between'])}",
            f"{found['value']:.2f} of 10, {found['absolute']:.2f} in size",
        )
        for key, found in fairness.items()
    ]
    rows += [
        _estimate(f"{_label(key)}: widest gap in likeness to those shown", found["widest"])
        for key, found in nearness.items()
    ]
    words = (
        "Whether answers are foretold as well for one group as for another, and whether each finds people as near. "
        "Groups of fewer than twenty are left out."
    )
    return Section("Fairness", words, rows or [Row(NOTHING_YET, "no two groups are large enough")])


def _wanting(unmet: Mapping[str, int]) -> Section:
    titles = dict(Challenge.objects.filter(slug__in=unmet).values_list("slug", "title"))
    rows = [
        Row(titles.get(slug, slug), f"{people:,} {'person' if people == 1 else 'people'}")
        for slug, people in sorted(unmet.items(), key=lambda one: -one[1])
    ]
    words = "Challenges for which fewer than three tellers were within the rules."
    return Section("Unmet demand", words, rows or [Row("None", "everybody was shown three tellers or more")])


def _estimate(name: str, estimate: Mapping[str, Any]) -> Row:
    said = figure(name, estimate)
    return Row(said.name, f"{said.value} {said.interval}")


def _label(key: str) -> str:
    return CATALOGUE[key].label.capitalize()
