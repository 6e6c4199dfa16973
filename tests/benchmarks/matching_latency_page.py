"""Writes saved results into the page on ranking performance, between its markers, and draws the plot.

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
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
TABLE_HEADER = """\
| stories | | median ms | least | 95th percentile | times as fast as scikit-learn | recall |
|---|---|---|---|---|---|---|"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the page of results, and the plot.")
    parser.add_argument("figures", type=Path)
    parser.add_argument("--page", type=Path, required=True)
    parser.add_argument("--plot", type=Path, required=True)
    options = parser.parse_args()
    stored = json.loads(options.figures.read_text(encoding="utf-8"))
    results = sorted((BenchmarkResult(**row) for row in stored["figures"]), key=lambda result: result.stories)
    page = options.page.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    section = f"{BEGIN}\n{stored['about']}\n\n{results_table(results)}\n{END}"
    options.page.write_text(f"{before}{section}{after}", encoding="utf-8")
    if find_spec("matplotlib"):
        draw_plot(options.plot, results)
    else:
        print_line("matplotlib is not installed, so the plot is unchanged")


def save_results(path: Path, results: Sequence[BenchmarkResult]) -> None:
    """Add results to a file; a result replaces an older one of the same name and world."""
    stored: dict[str, Any] = (
        json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"figures": []}
    )
    replaced = {(result.world, result.name) for result in results}
    kept = [row for row in stored["figures"] if (row["world"], row["name"]) not in replaced]
    rounded = [{**asdict(result), "spent": [round(spent, 4) for spent in result.spent]} for result in results]
    about = f"{cpu_model()}, Python {platform.python_version()}, {package_versions()}."
    text = json.dumps({"about": about, "figures": [*kept, *rounded]})
    path.write_text(text.replace('{"world"', '\n{"world"') + "\n", encoding="utf-8")


def results_table(results: Sequence[BenchmarkResult]) -> str:
    return "\n".join([TABLE_HEADER, *(table_row(result, results) for result in results)])


def table_row(result: BenchmarkResult, results: Sequence[BenchmarkResult]) -> str:
    reference = [other for other in results if other.world == result.world and other.name == REFERENCE]
    ratio = f"{reference[0].median_ms / result.median_ms:,.1f}" if reference and not result.elapsed else ""
    recall = "" if result.recall is None else f"{result.recall:.3f}"
    name = f"{result.name} (elapsed)" if result.elapsed else result.name
    times = f"{result.median_ms:.3f} | {result.minimum_ms:.3f} | {result.p95_ms:.3f}"
    return f"| {result.world} | {name} | {times} | {ratio} | {recall} |"


def draw_plot(path: Path, results: Sequence[BenchmarkResult]) -> None:
    pyplot = import_module("matplotlib.pyplot")
    pyplot.rcParams["svg.hashsalt"] = "sameboat"
    plot, axes = pyplot.subplots(figsize=(8, 5))
    shown = [result for result in results if "pass" not in result.name]
    for name in dict.fromkeys(result.name for result in shown):
        points = sorted((result.stories, result.median_ms) for result in shown if result.name == name)
        axes.plot(*zip(*points, strict=True), marker="o", label=name)
    axes.set(xscale="log", yscale="log", xlabel="stories", ylabel="milliseconds per query (median)")
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend(fontsize=8)
    plot.tight_layout()
    plot.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
