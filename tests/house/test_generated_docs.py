"""Documentation must match the code."""

import re
from collections import Counter
from pathlib import Path

from config import env
from stories import lifecycle

ROOT = Path(__file__).resolve().parents[2]


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


def test_decisions_fit_on_a_page() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = Counter(path.name[:4] for path in decisions)
    assert len(numbers) >= 7
    assert max(numbers.values()) == 1
    for path in decisions:
        assert len(path.read_text().splitlines()) <= 40, path.name


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
