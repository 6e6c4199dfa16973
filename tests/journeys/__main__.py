"""Walk the three journeys on the Sameboat that runs on this machine: `python -m tests.journeys`."""

import sys

from tests.chromium import chromium
from tests.installation import already_running
from tests.journeys.browser import watch
from tests.journeys.three_people import walk


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sameboat = already_running()
    walked = walk(sameboat, say=say)
    with chromium() as browser:
        seen = watch(browser, sameboat.address, walked.ana, walked.story)
    say(f"In Chromium the recording plays: {seen}")
