"""A web process starts without what only ranking needs, answers at once, and has the rest soon after."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
HEAVY_MODULES = "{'numba', 'llvmlite', 'scipy', 'sklearn'}"


def run_in_new_process(program: str) -> None:
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True, cwd=ROOT, env=SETTINGS)


def test_nothing_that_a_web_process_imports_at_start_is_heavy() -> None:
    run_in_new_process(
        "import sys, django\n"
        "django.setup()\n"
        "import config.urls, recommendations.slates, recommendations.index.warmup\n"
        f"found = {HEAVY_MODULES} & set(sys.modules)\n"
        "assert not found, found\n"
    )


def test_the_servers_entrance_does_not_wait_for_the_compiled_search() -> None:
    run_in_new_process(
        "import sys, threading, django\n"
        "django.setup()\n"
        "from recommendations.index import warmup\n"
        "warming.WORTH_COMPILING, warming.FIRST_ANSWERS = 0, 0.5\n"
        "import config.wsgi\n"
        "from matching.engines import searching\n"
        "at_first = searching.search_at_hand() is searching.PLAIN\n"
        "(warming,) = [one for one in threading.enumerate() if one.name == 'warming']\n"
        "warming.join()\n"
        "assert at_first\n"
        "assert searching.search_at_hand() == searching.load_search()\n"
    )


def test_among_few_stories_nothing_is_compiled() -> None:
    run_in_new_process(
        "import sys, django\n"
        "django.setup()\n"
        "from recommendations.index import warmup\n"
        "warmup.start_warmup().join()\n"
        f"found = {HEAVY_MODULES} & set(sys.modules)\n"
        "assert not found, found\n"
    )
