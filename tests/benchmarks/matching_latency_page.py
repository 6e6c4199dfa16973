"""Put the figures that were kept into the page of how quick ranking is, between its marks, and draw the plot.

python -m tests.benchmarks.matching_latency_page FIGURES --page docs/benchmarks/matching.md --plot docs/plots/matching.svg
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

from tests.benchmarks.cpu_timing import BenchmarkResult, cpu_model, package_versions, print_line

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
TABLE_HEADER = """\
| stories | | median ms | least | 95th percentile | as quick as scikit-learn | recall | goal |
|---|---|---|---|---|---|---|---|"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the page of figures, and the plot.")
    parser.add_argument("figures", type=Path)
    parser.add_argument("--page", type=Path, required=True)
    parser.add_argument("--plot", type=Path, required=True)
    chosen = parser.parse_args()
    kept = json.loads(chosen.figures.read_text(encoding="utf-8"))
    figures = sorted((BenchmarkResult(**one) for one in kept["figures"]), key=lambda one: one.stories)
    page = chosen.page.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    made = f"{BEGIN}\n{kept['about']}\n\n{results_table(figures)}\n{END}"
    chosen.page.write_text(f"{before}{made}{after}", encoding="utf-8")
    if find_spec("matplotlib"):
        draw_plot(chosen.plot, figures)
    else:
        print_line("matplotlib is not installed, so the plot stays as it was")


def save_results(path: Path, results: Sequence[BenchmarkResult]) -> None:
    """Add figures to those in a file; of the same way in the same world, the new one counts."""
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"figures": []}
    newer = {(one.world, one.name) for one in results}
    older = [one for one in kept["figures"] if (one["world"], one["name"]) not in newer]
    rounded = [{**asdict(one), "spent": [round(spent, 4) for spent in one.spent]} for one in results]
    about = f"{cpu_model()}, Python {platform.python_version()}, {package_versions()}."
    text = json.dumps({"about": about, "figures": [*older, *rounded]})
    path.write_text(text.replace('{"world"', '\n{"world"') + "\n", encoding="utf-8")


def results_table(results: Sequence[BenchmarkResult]) -> str:
    return "\n".join([TABLE_HEADER, *(table_row(figure, results) for figure in results)])


def table_row(result: BenchmarkResult, among: Sequence[BenchmarkResult]) -> str:
    reference = [one for one in among if one.world == result.world and one.name == REFERENCE]
    ratio = f"{reference[0].median_ms / result.median_ms:,.1f}" if reference and not result.elapsed else ""
    recall = "" if result.recall is None else f"{result.recall:.3f}"
    goal = GOALS.get((result.world, result.name))
    asked = "" if goal is None else f"{goal:g}{'' if result.median_ms <= goal else ', not met'}"
    name = f"{result.name} (elapsed)" if result.elapsed else result.name
    times = f"{result.median_ms:.3f} | {result.minimum_ms:.3f} | {result.p95_ms:.3f}"
    return f"| {result.world} | {name} | {times} | {ratio} | {recall} | {asked} |"


def draw_plot(path: Path, results: Sequence[BenchmarkResult]) -> None:
    pyplot = import_module("matplotlib.pyplot")
    pyplot.rcParams["svg.hashsalt"] = "sameboat"
    picture, axes = pyplot.subplots(figsize=(8, 5))
    shown = [one for one in results if "pass" not in one.name and "threads" not in one.name]
    for name in dict.fromkeys(figure.name for figure in shown):
        points = sorted((one.stories, one.median_ms) for one in shown if one.name == name)
        axes.plot(*zip(*points, strict=True), marker="o", label=name)
    axes.set(xscale="log", yscale="log", xlabel="stories", ylabel="milliseconds a query (median)")
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend(fontsize=8)
    picture.tight_layout()
    picture.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
