"""Documentation must match the code."""

import re
from functools import cache
from pathlib import Path

import pytest

from config import env
from stories import lifecycle

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


@cache
def all_test_code() -> str:
    return "\n".join(path.read_text() for path in sorted((ROOT / "tests").rglob("test_*.py")))


def test_architecture_lists_every_top_level_folder() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    ignored = {".git", ".venv", ".ci", "var", "node_modules"}
    folders = [
        path.name
        for path in ROOT.iterdir()
        if path.is_dir()
        and path.name not in ignored
        and not path.name.startswith(".")
        and path.name != "__pycache__"
    ]
    assert [folder for folder in folders if f"`{folder}/`" not in text] == []


def test_the_lifecycle_diagram_is_up_to_date() -> None:
    assert lifecycle.mermaid_state_diagram() in (ROOT / "docs" / "lifecycle.md").read_text()


def test_the_example_environment_is_up_to_date() -> None:
    assert (ROOT / ".env.example").read_text() == env.render_env_example(), "run: make docs"


def test_decisions_are_numbered_without_gaps_and_fit_on_a_page() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert len(decisions) >= 13
    assert [path.name[:5] for path in decisions] == [f"{n:04d}-" for n in range(1, len(decisions) + 1)]
    for path in decisions:
        lines = path.read_text().splitlines()
        assert lines[0].startswith(f"# {path.name[:4]} "), path.name
        assert len(lines) <= 40, path.name


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_names_in_documents_exist(path: Path) -> None:
    text = path.read_text()
    links = re.findall(r"\]\((?!https?://)([^)#]+)", text)
    assert [link for link in links if not (path.parent / link).exists()] == []
    files = re.findall(r"(?<![\w/.])(?:[a-z_]+/)+[a-z_0-9]+\.(?:py|md|html|toml|js)\b", text)
    assert [file for file in files if not (ROOT / file).exists() and not (path.parent / file).exists()] == []
    tests = set(re.findall(r"`(test_\w+)`", text))
    assert [test for test in sorted(tests) if f"def {test}(" not in all_test_code()] == []


def test_requirement_files_contain_no_index_url_and_hash_everything() -> None:
    for path in (ROOT / "config" / "requirements").glob("*.txt"):
        text = path.read_text()
        assert "://" not in text, path.name
        pinned = re.findall(r"^[a-z0-9_.-]+(?:\[[a-z,-]+\])?==", text, flags=re.MULTILINE | re.IGNORECASE)
        assert len(pinned) > 0, path.name
        assert text.count("--hash=sha256:") >= len(pinned), path.name


def test_the_npm_lock_file_contains_no_registry_url() -> None:
    assert "://" not in re.sub(
        r'"(funding|url|bugs|homepage)".*', "", (ROOT / "web" / "package-lock.json").read_text()
    )
