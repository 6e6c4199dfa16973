"""Put learned weights and their trial in words, for operators."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.traits import CATALOGUE
from challenges.models import Domain
from practice.models import Verdict, WeightSet
from practice.weights import ALL_DOMAINS

OPEN = "not known"
FIGURES = {
    "present": "Weights in use",
    "learned": "Learned weights",
    "popularity": "Popularity, for comparison only",
    "gain": "Gain",
}
KINDS = {"likeness": "Gain in “this person is like me”", "confidence": "Gain in confidence"}


@dataclass(frozen=True)
class Figure:
    """One estimate in words."""

    name: str
    value: str
    interval: str

    def __str__(self) -> str:
        return f"{self.name}: {self.value} {self.interval}".rstrip()


@dataclass(frozen=True)
class Weight:
    """How much one trait counts; 1 is what it counts under the prior."""

    label: str
    by_domain: tuple[float, ...]


@dataclass(frozen=True)
class Table:
    """Weights of all traits in all domains that have their own."""

    domains: tuple[str, ...]
    weights: tuple[Weight, ...]


def figure(name: str, estimate: Mapping[str, Any]) -> Figure:
    """Say an estimate as `+0.123 (95 %: +0.101 to +0.145)`; an open end is said to be so."""
    low, high = (OPEN if estimate[end] is None else f"{estimate[end]:+.3f}" for end in ("low", "high"))
    return Figure(name, f"{estimate['value']:+.3f}", f"(95 %: {low} to {high})")


def figures(learned: WeightSet) -> list[Figure]:
    """Return how well scores agreed with what viewers reported (Spearman within each viewer)."""
    report = learned.report
    said = [figure(words, report[name]) for name, words in FIGURES.items() if name in report]
    by_kind = report.get("gain_by_kind", {})
    return said + [figure(words, by_kind[name]) for name, words in KINDS.items() if name in by_kind]


def table(learned: WeightSet) -> Table:
    """Return the weights by trait, heaviest first."""
    names = dict(Domain.objects.values_list("slug", "name"))
    domains = sorted(learned.weights, key=lambda slug: (slug != ALL_DOMAINS, slug))
    rows = [
        Weight(trait.label, tuple(learned.weights[domain].get(trait.key, 1.0) for domain in domains))
        for trait in CATALOGUE
    ]
    rows.sort(key=lambda row: -row.by_domain[0] if row.by_domain else 0)
    return Table(tuple(names.get(slug, "All") for slug in domains), tuple(rows) if domains else ())


def lines(learned: WeightSet) -> Iterator[str]:
    """Yield a report for a terminal."""
    report = learned.report
    yield (
        f"{learned.version}: {Verdict(learned.verdict).label}. "
        f"{report['reports']:,} reports by {report['viewers']:,} viewers, compared with {report['compared_with']}."
    )
    for said in figures(learned):
        yield f"  {said}"
    shown = table(learned)
    if shown.weights:
        yield "  " + ", ".join(["weights", *shown.domains])
    for row in shown.weights:
        yield f"  {row.label:<28}" + "".join(f"{weight:8.2f}" for weight in row.by_domain)
    yield "In use from now on." if learned.promoted_at else "Nothing was changed."
