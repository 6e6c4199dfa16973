"""Rules about the code itself, so that the house stays as it was built."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import current_app
from django.apps import apps
from django.conf import settings
from django.db.models import ForeignKey

from jobs.dispatch import JOB_KINDS, WORK_TASK_NAME

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "accounts api audit challenges config devstack jobs matching media moderation paging practice recommendations stories web".split()  # noqa: SIM905
)
LONGEST_FUNCTION = 40
LONGEST_FILE = 300


def iter_source_files() -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if not {"migrations", "node_modules"} & set(path.parts):
                yield path


def list_source_files() -> list[Path]:
    return list(iter_source_files())


def relative_name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", list_source_files(), ids=relative_name)
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


def test_a_function_can_be_seen_whole() -> None:
    long = [
        f"{relative_name(path)}:{node.lineno} {node.name}"
        for path in iter_source_files()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]
    assert long == []


def test_no_module_is_a_junk_drawer() -> None:
    drawers = {"utils", "helpers", "common", "misc", "services", "managers", "core"}
    assert [relative_name(path) for path in iter_source_files() if path.stem in drawers] == []


def test_work_is_handed_in_as_a_job_and_never_by_delay() -> None:
    calls = [
        f"{relative_name(path)}:{node.lineno}"
        for path in iter_source_files()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"delay", "apply_async", "delay_on_commit"}
    ]
    assert calls == []


def test_only_the_lifecycle_writes_a_storys_state() -> None:
    writers = {
        relative_name(path)
        for path in iter_source_files()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute)
        and target.attr == "state"
        and path.parts[-2] in {"stories", "moderation"}
    }
    assert writers == {"stories/lifecycle.py"}


def test_every_task_is_named_so_and_has_both_limits() -> None:
    current_app.loader.import_default_modules()
    ours = [task for name, task in current_app.tasks.items() if not name.startswith("celery.")]
    assert len(ours) >= 5
    for task in ours:
        assert task.__name__.endswith("_task"), task.name
        assert 0 < (task.soft_time_limit or 0) < (task.time_limit or 0), task.name


def test_every_kind_of_work_is_named_so_and_ends_before_the_task_that_does_it() -> None:
    current_app.loader.import_default_modules()
    longest = current_app.tasks[WORK_TASK_NAME].soft_time_limit
    ours = {name: kind for name, kind in JOB_KINDS.items() if not name.startswith("tests.")}
    assert len(ours) >= 4
    for name, kind in ours.items():
        assert kind.handler.__name__.endswith("_task"), name
        assert 0 < kind.soft_time_limit < kind.time_limit, name
        assert kind.soft_time_limit < (longest or 0), name


def test_every_foreign_key_can_be_followed_back_by_a_name_of_ours() -> None:
    ours = [
        model
        for name in PACKAGES
        if apps.is_installed(name)
        for model in apps.get_app_config(name).get_models()
    ]
    nameless = [
        f"{model.__name__}.{field.name}"
        for model in ours
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey) and not field.remote_field.related_name
    ]
    assert nameless == []


def test_working_files_never_lie_inside_the_media_package() -> None:
    assert ROOT / "media" not in [settings.MEDIA_ROOT, *settings.MEDIA_ROOT.parents]


def test_git_keeps_the_media_package() -> None:
    ignored = subprocess.run(
        ["git", "check-ignore", "media/storage.py"],  # noqa: S607  # the git on the path
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert ignored.returncode == 1
