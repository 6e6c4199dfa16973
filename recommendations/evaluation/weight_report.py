"""Presents learned weights and their trial to operators."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.traits.translation import translated_catalogue
from challenges.models import Domain
from recommendations.learning.weights import ALL_DOMAINS
from recommendations.models import WeightSet, WeightTrialVerdict

FIGURE_LABELS = {
    "present": _("Weights in use"),
    "learned": _("Learned weights"),
    "popularity": _("Popularity, for comparison only"),
    "gain": _("Gain"),
}
GAIN_LABELS = {
    "likeness": _("Gain for “this person is like me”"),
    "confidence": _("Gain for confidence"),
}


@dataclass(frozen=True)
class FormattedEstimate:
    name: str
    value: str
    interval: str

    def __str__(self) -> str:
        return f"{self.name}: {self.value} {self.interval}".rstrip()


@dataclass(frozen=True)
class TraitWeights:
    """The weights of one trait, as multipliers of the prior."""

    label: str
    by_domain: tuple[float, ...]


@dataclass(frozen=True)
class WeightTable:
    """The weights of all traits in all domains that have their own weights."""

    domains: tuple[str, ...]
    rows: tuple[TraitWeights, ...]


def format_estimate(name: str, estimate: Mapping[str, Any]) -> FormattedEstimate:
    """Format an estimate as `+0.123 (95% interval: +0.101 to +0.145)`; a missing bound is "unknown"."""
    low, high = (
        gettext("unknown") if estimate[bound] is None else f"{estimate[bound]:+.3f}"
        for bound in ("low", "high")
    )
    interval = gettext("(95%% interval: %(low)s to %(high)s)") % {"low": low, "high": high}
    return FormattedEstimate(name, f"{estimate['value']:+.3f}", interval)


def trial_figures(learned: WeightSet) -> list[FormattedEstimate]:
    """Return the agreement of scores with viewers' reports (Spearman correlation within each viewer)."""
    report = learned.report
    gains = report.get("gain_by_kind", {})
    return [
        *(
            format_estimate(str(label), report[name])
            for name, label in FIGURE_LABELS.items()
            if name in report
        ),
        *(format_estimate(str(label), gains[name]) for name, label in GAIN_LABELS.items() if name in gains),
    ]


def weight_table(learned: WeightSet) -> WeightTable:
    """Return the weights by trait, heaviest first."""
    domain_names = {domain.slug: domain.translated_name for domain in Domain.objects.all()}
    domains = sorted(learned.weights, key=lambda slug: (slug != ALL_DOMAINS, slug))
    rows = [
        TraitWeights(
            str(trait.label), tuple(learned.weights[domain].get(trait.key, 1.0) for domain in domains)
        )
        for trait in translated_catalogue()
    ]
    rows.sort(key=lambda row: -row.by_domain[0] if row.by_domain else 0)
    return WeightTable(
        tuple(domain_names.get(slug, gettext("All domains")) for slug in domains),
        tuple(rows) if domains else (),
    )


def report_lines(learned: WeightSet) -> Iterator[str]:
    """Yield a report for a terminal."""
    report = learned.report
    yield f"{learned.version}: {WeightTrialVerdict(learned.verdict).label}"
    yield gettext("Reports: %(reports)s. Viewers: %(viewers)s. Compared with: %(baseline)s.") % {
        "reports": f"{report['reports']:,}",
        "viewers": f"{report['viewers']:,}",
        "baseline": report["compared_with"],
    }
    for figure in trial_figures(learned):
        yield f"  {figure}"
    table = weight_table(learned)
    if table.rows:
        yield "  " + ", ".join([gettext("Weights"), *table.domains])
    for row in table.rows:
        yield f"  {row.label:<28}" + "".join(f"{weight:8.2f}" for weight in row.by_domain)
    yield gettext("These weights are in use now.") if learned.promoted_at else gettext("Nothing was changed.")
