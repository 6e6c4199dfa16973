"""Draws the results as SVG without dates or random ids, so that the same results give the same file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matching.evaluation.intervals import Estimate
from matching.learning.weights import ALL_DOMAINS
from tests.benchmarks.matching_evaluation.robustness import Robustness
from tests.benchmarks.matching_evaluation.simulated_worlds import PLANTED_WEIGHTS, TRAIT_KEYS, FeedbackLoop

INK, MUTED, ACCENT = "#1f4e5f", "#9bb4bd", "#c96f3b"
PRECISION_GOALS = {"tellers' answers hidden": 0.60, "viewers' answers hidden, too": 0.29}


def plot_weights(loop: FeedbackLoop, folder: Path) -> None:
    """Plot learned and planted weights as multiples of the mean."""
    figure, axes = _new_figure(height=4.6)
    learned = loop.trial.weights[ALL_DOMAINS]
    mean = sum(PLANTED_WEIGHTS.values()) / len(TRAIT_KEYS)
    names = sorted(TRAIT_KEYS, key=lambda key: (PLANTED_WEIGHTS.get(key, 0), learned[key]))
    axes.barh(names, [learned[name] for name in names], color=MUTED, label="learned")
    axes.plot(
        [PLANTED_WEIGHTS.get(name, 0) / mean for name in names], names, "o", color=ACCENT, label="planted"
    )
    axes.set_xlabel("weight (1 = mean over traits)")
    axes.legend(frameon=False)
    _save_figure(figure, folder / "weights.svg")


def plot_lift(planted: FeedbackLoop, null: FeedbackLoop, folder: Path) -> None:
    """Plot the lift of matched over random slates by number of people."""
    figure, axes = _new_figure()
    for loop, colour, label, shift in (
        (planted, INK, "similarity helps", 0.97),
        (null, ACCENT, "similarity does nothing", 1.03),
    ):
        axes.axhline(loop.true_lift, color=colour, linestyle=":", linewidth=1)
        people = [size * shift for size in loop.by_people]
        _draw_intervals(
            axes, people, [comparison.lift_snips for comparison in loop.by_people.values()], colour, label
        )
    axes.set_xscale("log")
    axes.set_xticks(list(planted.by_people), [f"{size:,}" for size in planted.by_people])
    axes.minorticks_off()
    axes.set_xlabel("people, one random slate in ten")
    axes.set_ylabel("lift in standard deviations (SNIPS, 95 %)\ndotted: the true lift")
    axes.legend(frameon=False)
    _save_figure(figure, folder / "lift.svg")


def plot_speed_dating(correlations: Mapping[str, Estimate], folder: Path) -> None:
    """Plot how well each score predicts reported common interests."""
    figure, axes = _new_figure(height=2.4)
    for row, estimate in enumerate(correlations.values()):
        axes.errorbar(
            estimate.value,
            row,
            xerr=[[estimate.value - estimate.low], [estimate.high - estimate.value]],
            fmt="o",
            color=INK,
            capsize=3,
        )
    axes.set_yticks(range(len(correlations)), list(correlations))
    axes.set_ylim(-0.5, len(correlations) - 0.5)
    axes.axvline(0, color=MUTED, linewidth=1)
    axes.set_xlabel("Spearman within each person, evenings left out (95 %)")
    _save_figure(figure, folder / "meetings.svg")


def plot_missing_answers(by_share: Mapping[float, Robustness], folder: Path) -> None:
    """Plot precision by the share of hidden answers."""
    figure, axes = _new_figure()
    shares = [round(share * 100) for share in by_share]
    for colour, label, values in (
        (
            INK,
            "tellers' answers hidden",
            [robustness.precision_teller_answers_hidden for robustness in by_share.values()],
        ),
        (
            ACCENT,
            "viewers' answers hidden, too",
            [robustness.precision_both_answers_hidden for robustness in by_share.values()],
        ),
    ):
        axes.plot(shares, values, "o-", color=colour, label=label)
        axes.plot(40, PRECISION_GOALS[label], "_", color=colour, markersize=18)
    axes.set_ylim(0, 1)
    axes.set_xlabel("answers hidden, %")
    axes.set_ylabel("share of the shown 20 in the true top 100\n(bars at 40 %: goals)")
    axes.legend(frameon=False)
    _save_figure(figure, folder / "open_questions.svg")


def _draw_intervals(
    axes: Any, positions: Sequence[float], estimates: Sequence[Estimate], colour: str, label: str
) -> None:
    values = [estimate.value for estimate in estimates]
    below = [estimate.value - estimate.low for estimate in estimates]
    above = [estimate.high - estimate.value for estimate in estimates]
    axes.errorbar(positions, values, yerr=[below, above], fmt="o", color=colour, capsize=3, label=label)


def _new_figure(*, height: float = 3.4) -> tuple[Any, Any]:
    # Imported here, because results can be printed without matplotlib.
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams.update({"svg.hashsalt": "sameboat", "svg.fonttype": "none", "font.size": 9})
    figure = Figure(figsize=(6.4, height), layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _save_figure(figure: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
