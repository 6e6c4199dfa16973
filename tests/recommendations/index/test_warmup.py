"""A web process starts without heavy imports and loads the story index before the first request."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ENVIRONMENT = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}


def run(program: str) -> None:
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True, cwd=ROOT, env=ENVIRONMENT)


def test_starting_and_ranking_import_neither_scipy_nor_scikit_learn() -> None:
    run(
        "import sys, django\n"
        "django.setup()\n"
        "import config.urls, recommendations.slates\n"
        "from recommendations.index.warmup import start_warmup\n"
        "start_warmup().join()\n"
        "imported = {'scipy', 'sklearn'} & set(sys.modules)\n"
        "assert not imported, imported\n"
    )


def test_the_wsgi_entry_point_starts_the_warmup() -> None:
    run(
        "import threading, django\n"
        "started = []\n"
        "start = threading.Thread.start\n"
        "def record_start(thread):\n"
        "    started.append(thread.name)\n"
        "    start(thread)\n"
        "threading.Thread.start = record_start\n"
        "import config.wsgi\n"
        "assert 'index-warmup' in started, started\n"
    )


def test_an_unavailable_database_leaves_the_index_to_the_first_request() -> None:
    run(
        "import os\n"
        "os.environ['SAMEBOAT_DATABASE_URL'] = 'postgresql://nobody@127.0.0.1:1/none'\n"
        "import django\n"
        "django.setup()\n"
        "from recommendations.index import warmup\n"
        "warmup.load_index()\n"
        "from recommendations.index.story_index import in_memory_index\n"
        "assert len(in_memory_index) == 0\n"
    )
