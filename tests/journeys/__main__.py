"""Walk the three journeys on the Sameboat that runs on this machine: `python -m tests.journeys`."""

import sys

from tests.chromium import launch_chromium
from tests.installation import running_installation
from tests.journeys.browser_playback import play_story
from tests.journeys.tell_review_find import run_all_journeys


def print_line(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sameboat = running_installation()
    walked = run_all_journeys(sameboat, print_line=print_line)
    with launch_chromium() as browser:
        seen = play_story(browser, sameboat.address, walked.ana, walked.story)
    print_line(f"In Chromium the recording plays: {seen}")
