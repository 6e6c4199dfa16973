"""Finds names in docstrings that no longer exist in the code."""

import ast
import builtins
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef

RAISED_NAMES = re.compile(r"\b[Rr]aises? ((?:[A-Z]\w+(?:, or |, | or | and )?)+)")
BACKTICKED_NAME = re.compile(r"(?<!`)`([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(\(.*?\))?`(?!`)")
SECTION = r"^{title}\n-+\n(.*?)(?=\n\n[A-Z]\w+\n-+\n|\Z)"
ENTRY = re.compile(r"^(\w[\w, ]*?)(?: : .*)?$", re.MULTILINE)
ENVIRONMENT_VARIABLE = re.compile(r"SAMEBOAT_[A-Z_]+")
# File names look like dotted names.
FILE_SUFFIXES = (".py", ".html", ".js", ".md", ".srt", ".toml", ".vtt")


@dataclass
class KnownNames:
    """Names that the code base defines or uses."""

    classes: set[str] = field(default_factory=lambda: set(dir(builtins)))
    # Every identifier, and every string without spaces: a JSON key, a column, a choice.
    identifiers: set[str] = field(default_factory=lambda: set(dir(builtins)))
    files: set[str] = field(default_factory=set)
    # Names in each module, methods as Class.method, by dotted module name; packages included.
    members: dict[str, set[str]] = field(default_factory=dict)

    def add_module(self, path: Path, tree: ast.Module) -> None:
        """Learn the names of a module; `path` is relative to the project."""
        parts = path.with_suffix("").parts
        self.files.add(path.name)
        self.identifiers.update(parts)
        for depth in range(1, len(parts) + 1):
            self.members.setdefault(".".join(parts[:depth]), set())
        self.members[".".join(parts).removesuffix(".__init__")].update(_member_names(tree))
        for node in ast.walk(tree):
            self.identifiers.update(_identifiers(node))
            if isinstance(node, ast.ClassDef):
                self.classes.add(node.name)
            elif isinstance(node, ast.alias):
                self.classes.add(node.asname or node.name)

    def exists(self, name: str) -> bool:
        """Whether a name, possibly dotted, refers to something; names of our modules must resolve."""
        parts = name.split(".")
        if name.endswith(FILE_SUFFIXES):
            return name in self.files
        if len(parts) > 1 and parts[0] in self.members:
            return any(
                ".".join(parts[:depth]) in self.members
                and (depth == len(parts) or ".".join(parts[depth:]) in self.members[".".join(parts[:depth])])
                for depth in range(1, len(parts) + 1)
            )
        return set(parts) <= self.identifiers or bool(ENVIRONMENT_VARIABLE.match(name))


def stale_references(tree: ast.Module, known: KnownNames) -> Iterator[str]:
    """Yield a line about each name in a docstring of the module that does not exist."""
    for node in ast.walk(tree):
        if not isinstance(node, Documented):
            continue
        docstring = ast.get_docstring(node)
        if docstring:
            where = f"{getattr(node, 'lineno', 1)} {getattr(node, 'name', 'module')}"
            yield from (f"{where}: {problem}" for problem in _docstring_problems(node, docstring, known))


def _docstring_problems(node: Documented, docstring: str, known: KnownNames) -> Iterator[str]:
    raised = [name for match in RAISED_NAMES.findall(docstring) for name in re.findall(r"[A-Z]\w+", match)]
    for name in [*raised, *_section_entries(docstring, "Raises")]:
        if name not in known.classes:
            yield f"no exception {name}"
    for name, _call in BACKTICKED_NAME.findall(docstring):
        if not known.exists(name):
            yield f"no name {name}"
    for title in ("Parameters", "Attributes"):
        own_names = set().union(*(_identifiers(child) for child in ast.walk(node)))
        for name in _section_entries(docstring, title):
            # scikit-learn's base classes set fitted attributes, which end in an underscore.
            if name not in own_names and not name.endswith("_"):
                yield f"no {title.lower().removesuffix('s')} {name}"


def _section_entries(docstring: str, title: str) -> list[str]:
    section = re.search(SECTION.format(title=title), docstring, re.DOTALL | re.MULTILINE)
    entries = ENTRY.findall(section[1]) if section else []
    return [name.strip() for entry in entries for name in entry.split(",")]


def _member_names(tree: ast.Module | ast.ClassDef) -> Iterator[str]:
    for statement in tree.body:
        yield from _bound_names(statement)
        if isinstance(statement, ast.ClassDef):
            yield from (f"{statement.name}.{member}" for member in _member_names(statement))


def _bound_names(statement: ast.stmt) -> Iterable[str]:
    if isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return [statement.name]
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name for alias in statement.names]
    return [
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]


def _identifiers(node: ast.AST) -> set[str]:
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return {name}
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name)):
            return {name}
        case ast.alias(name=name, asname=alias):
            return {*name.split("."), *([alias] if alias else [])}
        case ast.Constant(value=str(text)) if re.fullmatch(r"[\w-]{1,40}", text):
            return {text}
    return set()
