"""Words in module names are either common technical vocabulary or defined in the glossary of ARCHITECTURE.md."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "accounts api audit challenges config devstack domain_errors jobs matching media moderation paging practice recommendations stories web".split()  # noqa: SIM905
)
SKIPPED_FOLDERS = {"commands", "migrations", "node_modules", "static", "templates"}
# Words that a Django or Python engineer knows. A word with a meaning of our own belongs in the glossary instead.
COMMON_WORDS = frozenset(
    """
    about access account actions app apps args base beat browsing bulk categories celery change checks cleanup client
    comparison config context contract csp declared dir discovery diversity encode env error errors evaluate examples
    executables extraction features ffmpeg fields file film form format handler hashes health history inputs join joint
    labels languages learning limits loading local logs lookups management media message metadata notifications npm one openapi
    operations outputs packages page pages pagination parsers paths permissions plan playback ports postgres
    processes processors program programs progress quantities queue ranking read recording report requests responses
    restarts retries review runner schedule schema seaweedfs secrets security servers settings sklearn split standard static
    stats status storage subprocesses summary tasks tell templatetags time tls toml translation types url urls
    valkey video videos views watch wsgi
    """.split()  # noqa: SIM905
)


def module_words() -> set[str]:
    return {
        word
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if not SKIPPED_FOLDERS & set(path.parts)
        for name in path.relative_to(ROOT / package).with_suffix("").parts
        if not name.startswith("__")
        for word in name.split("_")
    }


def glossary_words() -> set[str]:
    glossary = (ROOT / "ARCHITECTURE.md").read_text().partition("## Glossary")[2].lower()
    return {word for term in re.findall(r"\*\*(.+?)\*\*", glossary) for word in re.split(r"[\W_]+", term)}


def singular(word: str) -> str:
    return re.sub(r"(?<=[^s])s$", "", re.sub(r"ies$", "y", word))


def test_every_domain_word_in_a_module_name_is_in_the_glossary() -> None:
    defined = {singular(word) for word in glossary_words() | COMMON_WORDS}
    assert sorted(word for word in module_words() if singular(word) not in defined) == []
