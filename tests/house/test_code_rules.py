"""Rules about the code itself."""

import ast
import subprocess
from collections import defaultdict
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
    "accounts api audit challenges config devstack domain_errors jobs matching media moderation paging practice recommendations stories web".split()  # noqa: SIM905
)
LONGEST_FUNCTION = 40
LONGEST_FILE = 300
FRAMEWORK_CLASS_NAMES = {"Command", "Media", "Meta"}
# Class names that still have two meanings; the set may only shrink.
DUPLICATE_CLASS_NAMES = {"Kind", "Shape"}


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
def test_files_have_at_most_300_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


def test_functions_have_at_most_40_lines() -> None:
    too_long = [
        f"{relative_name(path)}:{node.lineno} {node.name}"
        for path in iter_source_files()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]
    assert too_long == []


def test_no_module_has_a_catch_all_name() -> None:
    catch_all_names = {"utils", "helpers", "common", "misc", "services", "managers", "core"}
    assert [relative_name(path) for path in iter_source_files() if path.stem in catch_all_names] == []


def test_no_public_class_name_is_used_twice() -> None:
    locations = defaultdict[str, list[str]](list)
    for path in iter_source_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                locations[node.name].append(f"{relative_name(path)}:{node.lineno}")
    duplicates = {
        name: places
        for name, places in locations.items()
        if len(places) > 1 and name not in FRAMEWORK_CLASS_NAMES | DUPLICATE_CLASS_NAMES
    }
    assert duplicates == {}


def test_no_code_calls_celery_tasks_directly() -> None:
    calls = [
        f"{relative_name(path)}:{node.lineno}"
        for path in iter_source_files()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"delay", "apply_async", "delay_on_commit"}
    ]
    assert calls == []


def test_only_the_lifecycle_assigns_story_state() -> None:
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


def test_celery_tasks_are_named_after_their_function_and_have_both_time_limits() -> None:
    current_app.loader.import_default_modules()
    tasks = [task for name, task in current_app.tasks.items() if not name.startswith("celery.")]
    assert len(tasks) >= 5
    for task in tasks:
        assert task.__name__.endswith("_task"), task.name
        assert task.name == f"{task.__module__.partition('.')[0]}.{task.__name__}"
        assert 0 < (task.soft_time_limit or 0) < (task.time_limit or 0), task.name


def test_job_handlers_end_in_task_and_have_lower_limits_than_the_work_task() -> None:
    current_app.loader.import_default_modules()
    work_task_limit = current_app.tasks[WORK_TASK_NAME].soft_time_limit
    kinds = {name: kind for name, kind in JOB_KINDS.items() if not name.startswith("tests.")}
    assert len(kinds) >= 4
    for name, kind in kinds.items():
        assert kind.handler.__name__.endswith("_task"), name
        assert 0 < kind.soft_time_limit < kind.time_limit, name
        assert kind.soft_time_limit < (work_task_limit or 0), name


def test_every_foreign_key_has_a_related_name() -> None:
    models = [
        model
        for name in PACKAGES
        if apps.is_installed(name)
        for model in apps.get_app_config(name).get_models()
    ]
    without_related_name = [
        f"{model.__name__}.{field.name}"
        for model in models
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey) and not field.remote_field.related_name
    ]
    assert without_related_name == []


def test_media_root_is_outside_the_media_package() -> None:
    assert ROOT / "media" not in [settings.MEDIA_ROOT, *settings.MEDIA_ROOT.parents]


def test_git_does_not_ignore_the_media_package() -> None:
    ignored = subprocess.run(
        ["git", "check-ignore", "media/storage.py"],  # noqa: S607  # git from PATH
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert ignored.returncode == 1
