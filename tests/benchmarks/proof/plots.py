"""Draw what was found, as SVG without date or chance, so that the same figures give the same file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matching.evaluation.intervals import Estimate
from matching.evaluation.robustness import Robustness
from matching.learning import POOLED
from tests.benchmarks.proof.simulated import PLANTED, TRAITS, Loop

INK, QUIET, WARM = "#1f4e5f", "#9bb4bd", "#c96f3b"
NEEDED = {"all known but theirs": 0.60, "the viewer's hidden, too": 0.29}


def weights(loop: Loop, folder: Path) -> None:
    """Learned beside planted, both as multiples of the mean."""
    figure, axes = _canvas(height=4.6)
    learned = loop.trial.weights[POOLED]
    mean = sum(PLANTED.values()) / len(TRAITS)
    names = sorted(TRAITS, key=lambda key: (PLANTED.get(key, 0), learned[key]))
    axes.barh(names, [learned[name] for name in names], color=QUIET, label="learned")
    axes.plot([PLANTED.get(name, 0) / mean for name in names], names, "o", color=WARM, label="planted")
    axes.set_xlabel("weight (1 = mean over traits)")
    axes.legend(frameon=False)
    _save(figure, folder / "weights.svg")


def lift(planted: Loop, quiet: Loop, folder: Path) -> None:
    """Matched less random as people come, where likeness helps and where it does not."""
    figure, axes = _canvas()
    for loop, colour, words, shift in (
        (planted, INK, "likeness helps", 0.97),
        (quiet, WARM, "likeness does nothing", 1.03),
    ):
        axes.axhline(loop.true_lift, color=colour, linestyle=":", linewidth=1)
        people = [size * shift for size in loop.by_people]
        _whiskers(axes, people, [one.lift_snips for one in loop.by_people.values()], colour, words)
    axes.set_xscale("log")
    axes.set_xticks(list(planted.by_people), [f"{size:,}" for size in planted.by_people])
    axes.minorticks_off()
    axes.set_xlabel("people, one random list in ten")
    axes.set_ylabel("lift in spreads (SNIPS, 95 %)\ndotted: the truth")
    axes.legend(frameon=False)
    _save(figure, folder / "lift.svg")


def meetings(found: Mapping[str, Estimate], folder: Path) -> None:
    """How well each score foretells how much people felt to have in common."""
    figure, axes = _canvas(height=2.4)
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
    axes.axvline(0, color=QUIET, linewidth=1)
    axes.set_xlabel("Spearman within each person, evenings left out (95 %)")
    _save(figure, folder / "meetings.svg")


def open_questions(by_share: Mapping[float, Robustness], folder: Path) -> None:
    """Precision as more answers are hidden."""
    figure, axes = _canvas()
    shares = [round(share * 100) for share in by_share]
    for colour, words, values in (
        (INK, "all known but theirs", [one.tellers_hidden for one in by_share.values()]),
        (WARM, "the viewer's hidden, too", [one.both_hidden for one in by_share.values()]),
    ):
        axes.plot(shares, values, "o-", color=colour, label=words)
        axes.plot(40, NEEDED[words], "_", color=colour, markersize=18)
    axes.set_ylim(0, 1)
    axes.set_xlabel("answers hidden, %")
    axes.set_ylabel("of the shown 20, truly among the best 100\n(bars at 40 %: what is asked)")
    axes.legend(frameon=False)
    _save(figure, folder / "open_questions.svg")


def _whiskers(axes: Any, at: Sequence[float], found: Sequence[Estimate], colour: str, words: str) -> None:
    values = [one.value for one in found]
    below, above = [one.value - one.low for one in found], [one.high - one.value for one in found]
    axes.errorbar(at, values, yerr=[below, above], fmt="o", color=colour, capsize=3, label=words)


def _canvas(*, height: float = 3.4) -> tuple[Any, Any]:
    # Drawing is the only thing that needs it: figures can be had without.
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams.update({"svg.hashsalt": "sameboat", "svg.fonttype": "none", "font.size": 9})
    figure = Figure(figsize=(6.4, height), layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _save(figure: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
