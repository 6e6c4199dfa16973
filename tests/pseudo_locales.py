"""Pseudo-translations of every message: accented, 40 % longer and in brackets, from left to right and from right to left.

Text on a page that is not in brackets does not go through gettext. The catalogues are written to a temporary folder
and enabled by test settings only.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import django
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.apps import apps
from django.utils.translation import to_locale

from config.message_extraction import DOMAINS, build_catalogue

LONGER_BY = 0.4
ACCENTED = str.maketrans("AaCcDdEeGgHhIiJjKkLlNnOoRrSsTtUuWwYyZz", "ÅåÇçÐðÉéĜĝĤĥÎîĴĵĶķĻļÑñÖöŔŕŠšŢţÛûŴŵÝýŽž")
# Unicode bidirectional controls: what stands between them is written from right to left.
RIGHT_TO_LEFT_OVERRIDE, POP_DIRECTION = "\u202e", "\u202c"
# What translators leave as it is: tags, entities, and the placeholders of gettext and of str.format.
FIXED = re.compile(r"<[^>]+>|%\(\w+\)[sd]|%[sd%]|\{\w*\}|&[\w#]+;")
LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class PseudoLocale:
    """A language that nobody speaks; its code says in which direction its pages are laid out."""

    code: str
    right_to_left: bool

    def translate(self, message: str) -> str:
        """Return the message in brackets; each text between two tags gets brackets of its own."""
        tags_and_texts = re.split(r"(<[^>]+>)", message)
        return "".join(
            part if part.startswith("<") else self._translate_text(part) for part in tags_and_texts
        )

    def _translate_text(self, text: str) -> str:
        if not LETTER.search(text):
            return text
        start, middle, end = re.fullmatch(r"(?s)(\s*)(.*?)(\s*)", text).groups()  # type: ignore[union-attr]
        padding = "·" * max(1, round(len(middle) * LONGER_BY) - 3)
        words = "".join(self._accent(part) for part in re.split(f"({FIXED.pattern})", middle) if part)
        return f"{start}[{words} {_in_words(padding)}]{end}"

    def _accent(self, part: str) -> str:
        if FIXED.fullmatch(part):
            return part
        accented = part.translate(ACCENTED)
        if self.right_to_left and LETTER.search(accented):
            return f"{RIGHT_TO_LEFT_OVERRIDE}{accented}{POP_DIRECTION}"
        return accented


LEFT_TO_RIGHT = PseudoLocale("en-xa", right_to_left=False)
RIGHT_TO_LEFT = PseudoLocale("ar-xb", right_to_left=True)
PSEUDO_LOCALES = (LEFT_TO_RIGHT, RIGHT_TO_LEFT)


def _in_words(padding: str) -> str:
    """Return padding with a space after every fifth sign, so that it wraps as words do."""
    return " ".join(padding[start : start + 5] for start in range(0, len(padding), 5))


def write_pseudo_locales(folder: Path) -> None:
    """Write compiled catalogues of both pseudo-locales into a folder that can serve as LOCALE_PATHS."""
    for domain in DOMAINS:
        messages = list(_messages_of(domain))
        for locale in PSEUDO_LOCALES:
            translations = Catalog(locale="en", charset="utf-8")
            for message in messages:
                translations.add(message.id, _translation_of(message, locale), context=message.context)
            path = folder / to_locale(locale.code) / "LC_MESSAGES" / f"{domain}.mo"
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as compiled:
                write_mo(compiled, translations)


def _messages_of(domain: str) -> Iterator[Message]:
    """Yield the messages of our own sources and of every installed app that brings an English catalogue."""
    catalogues = [build_catalogue(domain)]
    for home in (Path(django.__file__).parent / "conf", *(Path(app.path) for app in apps.get_app_configs())):
        path = home / "locale" / "en" / "LC_MESSAGES" / f"{domain}.po"
        if path.exists():
            with path.open("rb") as file:
                catalogues.append(read_po(file))
    yield from (message for catalogue in catalogues for message in catalogue if message.id)


def _translation_of(message: Message, locale: PseudoLocale) -> str | tuple[str, ...]:
    if isinstance(message.id, str):
        return locale.translate(message.id)
    return tuple(locale.translate(text) for text in message.id)
