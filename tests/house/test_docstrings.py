"""Docstrings refer only to names that exist."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.house.docstring_references import KnownNames, stale_references
from tests.house.test_code_rules import PACKAGES, ROOT, iter_source_files


@cache
def parsed_sources() -> dict[Path, ast.Module]:
    return {path.relative_to(ROOT): ast.parse(path.read_text()) for path in iter_source_files()}


@cache
def known_names() -> KnownNames:
    known = KnownNames()
    for path, tree in parsed_sources().items():
        known.add_module(path, tree)
    return known


@pytest.mark.parametrize("package", PACKAGES)
def test_docstrings_name_only_what_exists(package: str) -> None:
    stale = [
        f"{path}:{reference}"
        for path, tree in parsed_sources().items()
        if path.parts[0] == package
        for reference in stale_references(tree, known_names())
    ]
    assert stale == []


@pytest.mark.parametrize(
    ("docstring", "problem"),
    [
        ("Open it. Raises KeyError or NoSuchProblem.", "no exception NoSuchProblem"),
        (
            "Open it.\n\n    Raises\n    ------\n    GoneError\n        It is gone.\n    ",
            "no exception GoneError",
        ),
        ("Open it, see `jobs.queue.no_such_function`.", "no name jobs.queue.no_such_function"),
        ("Open it with `no_such_function()`.", "no name no_such_function"),
        ("See `no_such_file.py`.", "no name no_such_file.py"),
        (
            "Open.\n\n    Parameters\n    ----------\n    path, mode\n        What to open.\n    ",
            "no parameter mode",
        ),
    ],
)
def test_stale_references_are_found(docstring: str, problem: str) -> None:
    source = f'def open_file(path):\n    """{docstring}"""\n'
    assert list(stale_references(ast.parse(source), known_names())) == [f"1 open_file: {problem}"]


def test_existing_names_are_not_reported() -> None:
    source = '''
class Reader:
    """Reads with `read_line()`, see `jobs.queue` and `jobs.queue.sweep_jobs`. Raises OSError, or KeyError.

    Attributes
    ----------
    path : Path
        Where.
    """

    path: Path
    read_line: Callable
'''
    tree = ast.parse(source)
    known = KnownNames()
    known.add_module(Path("jobs/queue.py"), ast.parse("def sweep_jobs(): pass"))
    known.add_module(Path("jobs/reader.py"), tree)
    assert list(stale_references(tree, known)) == []
