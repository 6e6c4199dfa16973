"""Measures what docs/matching.md reports about learning and evaluation: `make evaluation-benchmark`.

    python -m tests.benchmarks.matching_evaluation [--speed-dating PATH] [--profiles PATH] [--plots FOLDER]

The simulated worlds need no data. The two tables are described in speed_dating.py and okcupid_profiles.py; without them their
parts are skipped. Plots need the extra `bench`.
"""

import argparse
from pathlib import Path

from matching.learning.weight_trial import run_weight_trial
from matching.learning.weights import ALL_DOMAINS
from tests.benchmarks.matching_evaluation import okcupid_profiles, plots, simulated_worlds, speed_dating

VIEWER_COUNT = 1_000
WORLD_COUNT = 40


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure learning and evaluation.")
    parser.add_argument("--speed-dating", type=Path, help="the speed-dating table, CSV")
    parser.add_argument("--profiles", type=Path, help="the table of profiles, CSV or a zip of one")
    parser.add_argument("--plots", type=Path, help="a folder for the plots")
    options = parser.parse_args()
    report_simulated_worlds(options.plots)
    if options.speed_dating:
        report_speed_dating(options.speed_dating, options.plots)
    if options.profiles:
        report_missing_answers(options.profiles, options.plots)


def report_simulated_worlds(folder: Path | None) -> None:
    planted, null = (
        simulated_worlds.run_feedback_loop(simulated_worlds.PLANTED_WEIGHTS, seed=0),
        simulated_worlds.run_feedback_loop({}, seed=1),
    )
    for title, loop in (("similarity helps", planted), ("similarity does nothing", null)):
        print_line(f"World where {title}: {loop.trial.viewers:,} viewers, {loop.trial.reports:,} reports")
        print_line(f"  trial: {loop.trial.verdict}; gain {loop.trial.gain}")
        print_line(f"  prior {loop.trial.present}; learned {loop.trial.learned}")
        heaviest = sorted(loop.trial.weights[ALL_DOMAINS].items(), key=lambda item: -item[1])[:6]
        print_line("  heaviest: " + ", ".join(f"{key} {weight:.2f}" for key, weight in heaviest))
        print_line(
            f"  true lift {loop.true_lift:.3f} under the prior, {loop.true_lift_after:.3f} under learned weights"
        )
        for people, comparison in loop.by_people.items():
            print_line(
                f"  {people:>5,} people: SNIPS {comparison.lift_snips}; IPS {comparison.lift_ips}; still needed {comparison.people_still_needed}"
            )
    for title, weights in (("something", simulated_worlds.PLANTED_WEIGHTS), ("nothing", {})):
        tally = simulated_worlds.count_coverage(weights, worlds=WORLD_COUNT, viewers=300)
        print_line(
            f"Of {tally.worlds} worlds of 300 viewers with {title} to learn: called better in {tally.better_count}; "
            f"the interval contains the true lift in {tally.snips_covered_count} (SNIPS), {tally.ips_covered_count} (IPS)"
        )
    if folder:
        plots.plot_weights(planted, folder)
        plots.plot_lift(planted, null, folder)


def report_speed_dating(path: Path, folder: Path | None) -> None:
    training_set, evenings = speed_dating.load_training_set(path)
    trial = run_weight_trial(
        training_set, current_weights=speed_dating.equal_weights(training_set), fold_groups=evenings
    )
    if trial is None:
        return
    for line in speed_dating.report_lines(trial, speed_dating.gain_by_evening(training_set, evenings)):
        print_line(line)
    if folder:
        correlations = {
            "popularity": trial.popularity,
            "learned": trial.learned,
            "all traits equal": trial.present,
        }
        plots.plot_speed_dating(correlations, folder)


def report_missing_answers(path: Path, folder: Path | None) -> None:
    results = okcupid_profiles.evaluate_profiles(path, viewers=VIEWER_COUNT)
    print_line(
        f"{results.person_count:,} profiles, {results.dense_person_count:,} of them nearly complete; {VIEWER_COUNT:,} viewers"
    )
    for share, robustness in results.by_share.items():
        print_line(
            f"  {share:.0%} hidden: {robustness.precision_teller_answers_hidden:.3f}, both sides {robustness.precision_both_answers_hidden:.3f}; most shown {robustness.most_shown_share:.1%}"
        )
    print_line(f"  lists of all profiles: most shown {results.exposure.most_shown_share:.2%}, top 1 % {results.exposure.top_percent_share:.1%} of slots, "
        f"coverage {results.exposure.coverage:.1%}, Gini {results.exposure.gini:.2f}")  # fmt: skip
    if folder:
        plots.plot_missing_answers(results.by_share, folder)


def print_line(line: str) -> None:
    print(line, flush=True)  # noqa: T201  # a command-line program


if __name__ == "__main__":
    main()
