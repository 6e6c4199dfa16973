"""What docs/matching.md says about learning and proof, measured: `make proof`.

    python -m tests.benchmarks.matching_evaluation [--meetings PATH] [--profiles PATH] [--plots FOLDER]

The made-up worlds need nothing. The two tables are described in meetings.py and profiles.py; without them their parts are left out. Plots need the
extra `bench`.
"""

import argparse
from pathlib import Path

from matching.learning.weight_trial import run_weight_trial
from matching.learning.weights import ALL_DOMAINS
from tests.benchmarks.matching_evaluation import okcupid_profiles, plots, simulated_worlds, speed_dating

VIEWER_COUNT = 1_000
WORLD_COUNT = 40


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what the docs say about learning and proof.")
    parser.add_argument("--meetings", type=Path, help="the speed-dating table, CSV")
    parser.add_argument("--profiles", type=Path, help="the table of profiles, CSV or a zip of it")
    parser.add_argument("--plots", type=Path, help="draw into this folder")
    chosen = parser.parse_args()
    report_simulated_worlds(chosen.plots)
    if chosen.meetings:
        report_speed_dating(chosen.meetings, chosen.plots)
    if chosen.profiles:
        report_missing_answers(chosen.profiles, chosen.plots)


def report_simulated_worlds(folder: Path | None) -> None:
    planted, quiet = (
        simulated_worlds.run_feedback_loop(simulated_worlds.PLANTED_WEIGHTS, seed=0),
        simulated_worlds.run_feedback_loop({}, seed=1),
    )
    for title, loop in (("likeness helps", planted), ("likeness does nothing", quiet)):
        print_line(f"World where {title}: {loop.trial.viewers:,} viewers, {loop.trial.reports:,} reports")
        print_line(f"  trial: {loop.trial.verdict}; gain {loop.trial.gain}")
        print_line(f"  prior {loop.trial.present}; learned {loop.trial.learned}")
        heaviest = sorted(loop.trial.weights[ALL_DOMAINS].items(), key=lambda one: -one[1])[:6]
        print_line("  heaviest: " + ", ".join(f"{key} {weight:.2f}" for key, weight in heaviest))
        print_line(
            f"  true lift {loop.true_lift:.3f} under the prior, {loop.true_lift_after:.3f} under what was learned"
        )
        for people, found in loop.by_people.items():
            print_line(
                f"  {people:>5,} people: SNIPS {found.lift_snips}; IPS {found.lift_ips}; still {found.people_still_needed}"
            )
    for title, weights in (("something", simulated_worlds.PLANTED_WEIGHTS), ("nothing", {})):
        one = simulated_worlds.count_coverage(weights, worlds=WORLD_COUNT, viewers=300)
        print_line(
            f"Of {one.worlds} worlds of 300 viewers with {title} to be learned: found better in {one.better_count}; "
            f"the lift's interval held the truth in {one.snips_covered_count} (SNIPS), {one.ips_covered_count} (IPS)"
        )
    if folder:
        plots.plot_weights(planted, folder)
        plots.plot_lift(planted, quiet, folder)


def report_speed_dating(path: Path, folder: Path | None) -> None:
    evidence, evenings = speed_dating.load_training_set(path)
    trial = run_weight_trial(
        evidence, current_weights=speed_dating.equal_weights(evidence), fold_groups=evenings
    )
    if trial is None:
        return
    for line in speed_dating.report_lines(trial, speed_dating.gain_by_evening(evidence, evenings)):
        print_line(line)
    if folder:
        found = {"popularity": trial.popularity, "learned": trial.learned, "all traits alike": trial.present}
        plots.plot_speed_dating(found, folder)


def report_missing_answers(path: Path, folder: Path | None) -> None:
    found = okcupid_profiles.evaluate_profiles(path, viewers=VIEWER_COUNT)
    print_line(
        f"{found.person_count:,} profiles, {found.dense_person_count:,} of them nearly complete; {VIEWER_COUNT:,} viewers"
    )
    for share, one in found.by_share.items():
        print_line(
            f"  {share:.0%} hidden: {one.precision_teller_answers_hidden:.3f}, both sides {one.precision_both_answers_hidden:.3f}; most shown {one.most_shown_share:.1%}"
        )
    print_line(f"  lists of all: most shown {found.exposure.most_shown_share:.2%}, top hundredth {found.exposure.top_percent_share:.1%} of places, "
        f"coverage {found.exposure.coverage:.1%}, Gini {found.exposure.gini:.2f}")  # fmt: skip
    if folder:
        plots.plot_missing_answers(found.by_share, folder)


def print_line(line: str) -> None:
    print(line, flush=True)  # noqa: T201  # a command that reports to a terminal


if __name__ == "__main__":
    main()
