"""Draw what was found, as SVG without date or chance, so that the same figures give the same file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matching.evaluation.intervals import Estimate
from matching.learning.weights import ALL_DOMAINS
from tests.benchmarks.matching_evaluation.robustness import Robustness
from tests.benchmarks.matching_evaluation.simulated_worlds import PLANTED_WEIGHTS, TRAIT_KEYS, FeedbackLoop

INK, MUTED, ACCENT = "#1f4e5f", "#9bb4bd", "#c96f3b"
PRECISION_GOALS = {"all known but theirs": 0.60, "the viewer's hidden, too": 0.29}


def plot_weights(loop: FeedbackLoop, folder: Path) -> None:
    """Learned beside planted, both as multiples of the mean."""
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


def plot_lift(planted: FeedbackLoop, quiet: FeedbackLoop, folder: Path) -> None:
    """Matched less random as people come, where likeness helps and where it does not."""
    figure, axes = _new_figure()
    for loop, colour, words, shift in (
        (planted, INK, "likeness helps", 0.97),
        (quiet, ACCENT, "likeness does nothing", 1.03),
    ):
        axes.axhline(loop.true_lift, color=colour, linestyle=":", linewidth=1)
        people = [size * shift for size in loop.by_people]
        _draw_intervals(axes, people, [one.lift_snips for one in loop.by_people.values()], colour, words)
    axes.set_xscale("log")
    axes.set_xticks(list(planted.by_people), [f"{size:,}" for size in planted.by_people])
    axes.minorticks_off()
    axes.set_xlabel("people, one random list in ten")
    axes.set_ylabel("lift in spreads (SNIPS, 95 %)\ndotted: the truth")
    axes.legend(frameon=False)
    _save_figure(figure, folder / "lift.svg")


def plot_speed_dating(found: Mapping[str, Estimate], folder: Path) -> None:
    """How well each score foretells how much people felt to have in common."""
    figure, axes = _new_figure(height=2.4)
    for place, (_, estimate) in enumerate(found.items()):
        axes.errorbar(
            estimate.value,
            place,
            xerr=[[estimate.value - estimate.low], [estimate.high - estimate.value]],
            fmt="o",
            color=INK,
            capsize=3,
        )
    axes.set_yticks(range(len(found)), list(found))
    axes.set_ylim(-0.5, len(found) - 0.5)
    axes.axvline(0, color=MUTED, linewidth=1)
    axes.set_xlabel("Spearman within each person, evenings left out (95 %)")
    _save_figure(figure, folder / "meetings.svg")


def plot_missing_answers(by_share: Mapping[float, Robustness], folder: Path) -> None:
    """Precision as more answers are hidden."""
    figure, axes = _new_figure()
    shares = [round(share * 100) for share in by_share]
    for colour, words, values in (
        (INK, "all known but theirs", [one.precision_teller_answers_hidden for one in by_share.values()]),
        (
            ACCENT,
            "the viewer's hidden, too",
            [one.precision_both_answers_hidden for one in by_share.values()],
        ),
    ):
        axes.plot(shares, values, "o-", color=colour, label=words)
        axes.plot(40, PRECISION_GOALS[words], "_", color=colour, markersize=18)
    axes.set_ylim(0, 1)
    axes.set_xlabel("answers hidden, %")
    axes.set_ylabel("of the shown 20, truly among the best 100\n(bars at 40 %: what is asked)")
    axes.legend(frameon=False)
    _save_figure(figure, folder / "open_questions.svg")


def _draw_intervals(
    axes: Any, at: Sequence[float], found: Sequence[Estimate], colour: str, words: str
) -> None:
    values = [one.value for one in found]
    below, above = [one.value - one.low for one in found], [one.high - one.value for one in found]
    axes.errorbar(at, values, yerr=[below, above], fmt="o", color=colour, capsize=3, label=words)


def _new_figure(*, height: float = 3.4) -> tuple[Any, Any]:
    # Drawing is the only thing that needs it: figures can be had without.
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
