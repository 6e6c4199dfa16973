"""Walk the three journeys on the Sameboat that runs on this machine: `python -m tests.journeys`."""

import sys

from tests.journeys.browser import watch_in_a_browser
from tests.journeys.installation import already_running
from tests.journeys.three_people import walk


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sameboat = already_running()
    walked = walk(sameboat, say=say)
    seen = watch_in_a_browser(sameboat.address, walked.ana, walked.story)
    say(f"In Chromium the recording plays: {seen}")
