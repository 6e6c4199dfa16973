"""Extracts translatable messages into catalogues with Babel; templates pass through Django's own `templatize`."""

import io
import re
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import write_po
from django.apps import apps
from django.conf import settings
from django.utils.translation.template import templatize

from accounts import consent_text_loading
from challenges import loading as catalogue_loading
from challenges import translation as catalogue_translation

DOMAINS: Final = ("django", "djangojs")
KEYWORDS: Final[Mapping[str, Any]] = {
    name + lazy: arguments
    for name, arguments in {
        "gettext": None,
        "ngettext": (1, 2),
        "pgettext": ((1, "c"), 2),
        "npgettext": ((1, "c"), 2, 3),
    }.items()
    for lazy in ("", "_lazy")
} | {"_": None, "gettext_noop": None}
COMMENT_TAG: Final = "Translators:"
# Written by hand, because Babel's header contains the date and would differ at every extraction.
HEADER: Final = """\
# Messages to translate. Written by `make messages`.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def catalogue_text(domain: str) -> str:
    """Return the .pot file of a domain; the same sources always give the same text."""
    written = io.BytesIO()
    write_po(
        written, build_catalogue(domain), omit_header=True, sort_output=True, include_lineno=False, width=0
    )
    return HEADER + written.getvalue().decode()


def build_catalogue(domain: str) -> Catalog:
    catalogue = Catalog(charset="utf-8")
    for path in source_files(domain):
        reference = path.relative_to(settings.BASE_DIR).as_posix()
        for line, message, comments, context in _messages_in(path):
            catalogue.add(message, None, [(reference, line)], auto_comments=comments, context=context)
    return catalogue


def source_files(domain: str) -> list[Path]:
    """Return the Python modules, templates and translatable data files ("django") or the browser scripts ("djangojs")."""
    root = Path(settings.BASE_DIR)
    if domain == "djangojs":
        return sorted(path for path in (root / "web" / "static").rglob("*.js") if ".test." not in path.name)
    packages = {Path(app.path) for app in apps.get_app_configs() if Path(app.path).parent == root}
    modules = [path for package in (*packages, root / "matching") for path in package.rglob("*.py")]
    templates = [path for path in (root / "web" / "templates").rglob("*") if path.suffix in {".html", ".txt"}]
    skipped = {"migrations", "node_modules"}
    sources = [path for path in modules + templates if not skipped & set(path.parts)]
    return sorted([*sources, *(path for path in data_files() if path.is_relative_to(root))])


def data_files() -> Iterator[Path]:
    """Yield the challenge catalogue and the versions of the consent text."""
    yield from catalogue_loading.CATALOGUE_DIR.glob("*.toml")
    yield from consent_text_loading.TEXTS_DIR.glob("*.txt")


def _messages_in(path: Path) -> Iterator[tuple[int, Any, list[str], str | None]]:
    if path.suffix == ".toml" or path.parent == consent_text_loading.TEXTS_DIR:
        extract_texts = (
            catalogue_translation.extract_messages
            if path.suffix == ".toml"
            else consent_text_loading.extract_messages
        )
        yield from ((0, message, [], None) for message in extract_texts(path))
        return
    source = path.read_text(encoding="utf-8")
    method = "python"
    if path.suffix == ".js":
        method = "javascript"
    elif path.suffix != ".py":
        source = template_as_python(source, name=str(path))
    yield from extract(
        method,
        io.BytesIO(source.encode()),
        keywords=KEYWORDS,
        comment_tags=[COMMENT_TAG],
        options={"encoding": "utf-8"},
    )


def template_as_python(source: str, *, name: str) -> str:
    """Return the gettext calls of a template as lines that Babel can tokenise as Python."""
    with warnings.catch_warnings():
        # Django warns of translator comments that it ignores; such a comment must fail instead of being lost.
        warnings.simplefilter("error")
        calls = templatize(source, origin=name)
    # Indentation means nothing in a template and would be an error in Python.
    return re.sub(r"(?m)^[ \t]+", "", calls)
