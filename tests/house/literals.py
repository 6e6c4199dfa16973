"""Finds text for people that does not go through gettext: in templates, and in Python where people read it."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser

from django.template.base import Lexer, TokenType

READ_ALOUD = {"title", "aria-label", "alt", "placeholder", "label"}
NOT_TEXT = {"script", "style"}
# Blocks that hold a class name instead of text.
CLASS_BLOCKS = {"width"}
PRODUCT_NAME = "Sameboat"
LETTER = re.compile(r"[^\W\d_]")
UNTRANSLATED_ARGUMENT = re.compile(r"""\w+=(["'])(?=[^"']*[A-Za-z][^"']*\s)[^"']*\1""")
# Calls whose keywords or positional arguments people read.
READ_KEYWORDS = {"label", "help_text", "verbose_name", "empty_label", "invalid_message"}
READ_ARGUMENTS = {"success": 1, "info": 1, "warning": 1, "error": 1, "ValidationError": 0}
CHOICES = {"TextChoices", "IntegerChoices"}
# A choice is a value and a label.
CHOICE_PARTS = 2


def literals_in_template(source: str) -> list[str]:
    """Return text nodes, spoken attributes and arguments of {% include %} outside translation tags."""
    html, arguments = _without_tags(source)
    reader = _LiteralReader()
    reader.feed(html)
    reader.close()
    return [*reader.literals, *arguments]


def _without_tags(source: str) -> tuple[str, list[str]]:
    """Return a template's own text without its tags and what they translate, and literal arguments of includes."""
    kept: list[str] = []
    arguments: list[str] = []
    inside = ""
    for token in Lexer(source).tokenize():
        name, *rest = token.contents.split() or [""]
        if token.token_type == TokenType.BLOCK:
            if inside:
                inside = "" if name == inside else inside
            elif name in {"blocktranslate", "comment"}:
                inside = f"end{name}"
            elif name == "block" and rest[0] in CLASS_BLOCKS:
                inside = "endblock"
            elif name == "include":
                arguments += [match.group() for match in UNTRANSLATED_ARGUMENT.finditer(token.contents)]
        elif token.token_type == TokenType.TEXT and not inside:
            kept.append(token.contents)
    return "".join(kept), arguments


class _LiteralReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.literals: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.literals += [
            f"{name}={value}" for name, value in attrs if name in READ_ALOUD and _is_text(value)
        ]
        self._open.append((tag, tag in NOT_TEXT or ("translate", "no") in attrs))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if _is_text(data) and not any(exempt for _, exempt in self._open):
            self.literals.append(" ".join(data.split()))


def _is_text(text: str | None) -> bool:
    return bool(text and LETTER.search(text.replace(PRODUCT_NAME, "")))


def literals_in_python(source: str) -> Iterator[str]:
    """Yield labels, hints, messages and choices that are plain strings."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield from _in_call(node)
        elif isinstance(node, ast.ClassDef) and any(_name_of(base) in CHOICES for base in node.bases):
            yield from _in_choices(node)


def _in_call(call: ast.Call) -> Iterator[str]:
    for keyword in call.keywords:
        if keyword.arg in READ_KEYWORDS:
            yield from _plain(keyword.value)
        elif keyword.arg == "error_messages" and isinstance(keyword.value, ast.Dict):
            for value in keyword.value.values:
                yield from _plain(value)
    position = READ_ARGUMENTS.get(_name_of(call.func))
    if position is not None and _is_read(call.func) and len(call.args) > position:
        yield from _plain(call.args[position])


def _is_read(function: ast.expr) -> bool:
    """Tell `messages.info(request, ...)` and `ValidationError(...)` from the methods of a logger."""
    if isinstance(function, ast.Attribute) and function.attr != "ValidationError":
        return _name_of(function.value) == "messages"
    return _name_of(function) == "ValidationError"


def _in_choices(definition: ast.ClassDef) -> Iterator[str]:
    for statement in definition.body:
        if (
            isinstance(statement, ast.Assign)
            and isinstance(statement.value, ast.Tuple)
            and len(statement.value.elts) == CHOICE_PARTS
        ):
            yield from _plain(statement.value.elts[1])


def _plain(value: ast.expr) -> Iterator[str]:
    if isinstance(value, ast.Constant) and isinstance(value.value, str) and _is_text(value.value):
        yield value.value
    elif isinstance(value, ast.JoinedStr):
        yield ast.unparse(value)


def _name_of(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
