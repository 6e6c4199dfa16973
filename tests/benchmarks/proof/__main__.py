"""What docs/matching.md says about learning and proof, measured: `make proof`.

    python -m tests.benchmarks.proof [--meetings PATH] [--profiles PATH] [--plots FOLDER]

The made-up worlds need nothing. The two tables are described in meetings.py and profiles.py; without them their parts are left out. Plots need the
extra `bench`.
"""

import argparse
from pathlib import Path

from matching.learning import POOLED, hold_trial
from tests.benchmarks.proof import meetings, plots, profiles, simulated

VIEWERS = 1_000
WORLDS = 40


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what the docs say about learning and proof.")
    parser.add_argument("--meetings", type=Path, help="the speed-dating table, CSV")
    parser.add_argument("--profiles", type=Path, help="the table of profiles, CSV or a zip of it")
    parser.add_argument("--plots", type=Path, help="draw into this folder")
    chosen = parser.parse_args()
    worlds(chosen.plots)
    if chosen.meetings:
        met(chosen.meetings, chosen.plots)
    if chosen.profiles:
        left_open(chosen.profiles, chosen.plots)


def worlds(folder: Path | None) -> None:
    planted, quiet = simulated.go_round(simulated.PLANTED, seed=0), simulated.go_round({}, seed=1)
    for title, loop in (("likeness helps", planted), ("likeness does nothing", quiet)):
        say(f"World where {title}: {loop.trial.viewers:,} viewers, {loop.trial.reports:,} reports")
        say(f"  trial: {loop.trial.verdict}; gain {loop.trial.gain}")
        say(f"  prior {loop.trial.present}; learned {loop.trial.learned}")
        heaviest = sorted(loop.trial.weights[POOLED].items(), key=lambda one: -one[1])[:6]
        say("  heaviest: " + ", ".join(f"{key} {weight:.2f}" for key, weight in heaviest))
        say(
            f"  true lift {loop.true_lift:.3f} under the prior, {loop.true_lift_after:.3f} under what was learned"
        )
        for people, found in loop.by_people.items():
            say(
                f"  {people:>5,} people: SNIPS {found.lift_snips}; IPS {found.lift_ips}; still {found.still_needed}"
            )
    for title, weights in (("something", simulated.PLANTED), ("nothing", {})):
        one = simulated.tally(weights, worlds=WORLDS, viewers=300)
        say(
            f"Of {one.worlds} worlds of 300 viewers with {title} to be learned: found better in {one.better}; "
            f"the lift's interval held the truth in {one.held_snips} (SNIPS), {one.held_ips} (IPS)"
        )
    if folder:
        plots.weights(planted, folder)
        plots.lift(planted, quiet, folder)


def met(path: Path, folder: Path | None) -> None:
    evidence, evenings = meetings.read(path)
    trial = hold_trial(evidence, present=meetings.even(evidence), left_out_together=evenings)
    if trial is None:
        return
    for line in meetings.lines(trial, meetings.by_evening(evidence, evenings)):
        say(line)
    if folder:
        found = {"popularity": trial.popularity, "learned": trial.learned, "all traits alike": trial.present}
        plots.meetings(found, folder)


def left_open(path: Path, folder: Path | None) -> None:
    found = profiles.find(path, viewers=VIEWERS)
    say(f"{found.people:,} profiles, {found.dense:,} of them nearly complete; {VIEWERS:,} viewers")
    for share, one in found.by_share.items():
        say(
            f"  {share:.0%} hidden: {one.tellers_hidden:.3f}, both sides {one.both_hidden:.3f}; most shown {one.most_shown:.1%}"
        )
    say(f"  lists of all: most shown {found.lists.most_shown:.2%}, top hundredth {found.lists.top_percent:.1%} of places, "
        f"coverage {found.lists.coverage:.1%}, Gini {found.lists.gini:.2f}")  # fmt: skip
    if folder:
        plots.open_questions(found.by_share, folder)


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  # a command that reports to a terminal


if __name__ == "__main__":
    main()
