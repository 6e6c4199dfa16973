"""Put learned weights and their trial in words, for operators."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.traits.catalogue import TRAIT_CATALOGUE
from challenges.models import Domain
from recommendations.learning.weights import ALL_DOMAINS
from recommendations.models import WeightSet, WeightTrialVerdict

UNKNOWN_BOUND = "not known"
FIGURE_LABELS = {
    "present": "Weights in use",
    "learned": "Learned weights",
    "popularity": "Popularity, for comparison only",
    "gain": "Gain",
}
GAIN_LABELS = {"likeness": "Gain in “this person is like me”", "confidence": "Gain in confidence"}


@dataclass(frozen=True)
class FormattedEstimate:
    """One estimate in words."""

    name: str
    value: str
    interval: str

    def __str__(self) -> str:
        return f"{self.name}: {self.value} {self.interval}".rstrip()


@dataclass(frozen=True)
class TraitWeights:
    """How much one trait counts; 1 is what it counts under the prior."""

    label: str
    by_domain: tuple[float, ...]


@dataclass(frozen=True)
class WeightTable:
    """Weights of all traits in all domains that have their own."""

    domains: tuple[str, ...]
    rows: tuple[TraitWeights, ...]


def format_estimate(name: str, estimate: Mapping[str, Any]) -> FormattedEstimate:
    """Say an estimate as `+0.123 (95 %: +0.101 to +0.145)`; an open end is said to be so."""
    low, high = (
        UNKNOWN_BOUND if estimate[end] is None else f"{estimate[end]:+.3f}" for end in ("low", "high")
    )
    return FormattedEstimate(name, f"{estimate['value']:+.3f}", f"(95 %: {low} to {high})")


def trial_figures(learned: WeightSet) -> list[FormattedEstimate]:
    """Return how well scores agreed with what viewers reported (Spearman within each viewer)."""
    report = learned.report
    said = [format_estimate(words, report[name]) for name, words in FIGURE_LABELS.items() if name in report]
    by_kind = report.get("gain_by_kind", {})
    return said + [
        format_estimate(words, by_kind[name]) for name, words in GAIN_LABELS.items() if name in by_kind
    ]


def weight_table(learned: WeightSet) -> WeightTable:
    """Return the weights by trait, heaviest first."""
    names = dict(Domain.objects.values_list("slug", "name"))
    domains = sorted(learned.weights, key=lambda slug: (slug != ALL_DOMAINS, slug))
    rows = [
        TraitWeights(trait.label, tuple(learned.weights[domain].get(trait.key, 1.0) for domain in domains))
        for trait in TRAIT_CATALOGUE
    ]
    rows.sort(key=lambda row: -row.by_domain[0] if row.by_domain else 0)
    return WeightTable(tuple(names.get(slug, "All") for slug in domains), tuple(rows) if domains else ())


def report_lines(learned: WeightSet) -> Iterator[str]:
    """Yield a report for a terminal."""
    report = learned.report
    yield (
        f"{learned.version}: {WeightTrialVerdict(learned.verdict).label}. "
        f"{report['reports']:,} reports by {report['viewers']:,} viewers, compared with {report['compared_with']}."
    )
    for said in trial_figures(learned):
        yield f"  {said}"
    shown = weight_table(learned)
    if shown.rows:
        yield "  " + ", ".join(["weights", *shown.domains])
    for row in shown.rows:
        yield f"  {row.label:<28}" + "".join(f"{weight:8.2f}" for weight in row.by_domain)
    yield "In use from now on." if learned.promoted_at else "Nothing was changed."
