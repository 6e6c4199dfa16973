"""Put the figures that were kept into the page of how quick ranking is, between its marks, and draw the plot.

python -m tests.benchmarks.matching_page FIGURES --page docs/benchmarks/matching.md --plot docs/plots/matching.svg
"""

import argparse
import json
import platform
from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.benchmarks.measuring import Figure, processor, say, versions

REFERENCE = "scikit-learn, brute"
# What was asked for: world, way of ranking, milliseconds.
GOALS = {
    ("10,000", "scan, numba"): 0.06,
    ("59,946 real", "scan, numba"): 0.15,
    ("100,000", "scan, numba"): 0.25,
    ("1,000,000", "scan, numba"): 1.0,
    ("1,000,000", "scan, numpy"): 8.0,
}
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
HEAD = """\
| stories | | median ms | least | 95th percentile | as quick as scikit-learn | recall | goal |
|---|---|---|---|---|---|---|---|"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the page of figures, and the plot.")
    parser.add_argument("figures", type=Path)
    parser.add_argument("--page", type=Path, required=True)
    parser.add_argument("--plot", type=Path, required=True)
    chosen = parser.parse_args()
    kept = json.loads(chosen.figures.read_text(encoding="utf-8"))
    figures = sorted((Figure(**one) for one in kept["figures"]), key=lambda one: one.stories)
    page = chosen.page.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    made = f"{BEGIN}\n{kept['about']}\n\n{table(figures)}\n{END}"
    chosen.page.write_text(f"{before}{made}{after}", encoding="utf-8")
    if find_spec("matplotlib"):
        draw(chosen.plot, figures)
    else:
        say("matplotlib is not installed, so the plot stays as it was")


def keep(path: Path, figures: Sequence[Figure]) -> None:
    """Add figures to those in a file; of the same way in the same world, the new one counts."""
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"figures": []}
    newer = {(one.world, one.name) for one in figures}
    older = [one for one in kept["figures"] if (one["world"], one["name"]) not in newer]
    rounded = [{**asdict(one), "spent": [round(spent, 4) for spent in one.spent]} for one in figures]
    about = f"{processor()}, Python {platform.python_version()}, {versions()}."
    text = json.dumps({"about": about, "figures": [*older, *rounded]})
    path.write_text(text.replace('{"world"', '\n{"world"') + "\n", encoding="utf-8")


def table(figures: Sequence[Figure]) -> str:
    return "\n".join([HEAD, *(line(figure, figures) for figure in figures)])


def line(figure: Figure, among: Sequence[Figure]) -> str:
    reference = [one for one in among if one.world == figure.world and one.name == REFERENCE]
    ratio = f"{reference[0].median / figure.median:,.1f}" if reference and not figure.elapsed else ""
    recall = "" if figure.recall is None else f"{figure.recall:.3f}"
    goal = GOALS.get((figure.world, figure.name))
    asked = "" if goal is None else f"{goal:g}{'' if figure.median <= goal else ', not met'}"
    name = f"{figure.name} (elapsed)" if figure.elapsed else figure.name
    times = f"{figure.median:.3f} | {figure.least:.3f} | {figure.late:.3f}"
    return f"| {figure.world} | {name} | {times} | {ratio} | {recall} | {asked} |"


def draw(path: Path, figures: Sequence[Figure]) -> None:
    pyplot = import_module("matplotlib.pyplot")
    pyplot.rcParams["svg.hashsalt"] = "sameboat"
    picture, axes = pyplot.subplots(figsize=(8, 5))
    shown = [one for one in figures if "pass" not in one.name and "threads" not in one.name]
    for name in dict.fromkeys(figure.name for figure in shown):
        points = sorted((one.stories, one.median) for one in shown if one.name == name)
        axes.plot(*zip(*points, strict=True), marker="o", label=name)
    axes.set(xscale="log", yscale="log", xlabel="stories", ylabel="milliseconds a query (median)")
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend(fontsize=8)
    picture.tight_layout()
    picture.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
