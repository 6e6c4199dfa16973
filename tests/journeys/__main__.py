"""Run the three journeys on the running local installation: `python -m tests.journeys`."""

import sys

from tests.chromium import launch_chromium
from tests.installation import running_installation
from tests.journeys.browser_playback import play_story
from tests.journeys.tell_review_find import run_all_journeys


def print_line(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sameboat = running_installation()
    journeys = run_all_journeys(sameboat, print_line=print_line)
    with launch_chromium() as browser:
        playback = play_story(browser, sameboat.address, journeys.ana, journeys.story)
    print_line(f"Playback in Chromium: {playback}")
