"""Parses uploaded WebVTT or SubRip and formats plain WebVTT.

Only text and times survive: no positions, styles or markup. Characters that a browser could interpret as markup are
escaped.
"""

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext, ngettext

from domain_errors.categories import FieldError

MAX_FILE_BYTES = 500_000
MAX_CUES = 5000
MAX_CUE_CHARACTERS = 1000  # longer cues are unreadable in the time that they are shown

TIMESTAMP_PATTERN = r"(?:(\d{1,3}):)?([0-5]?\d):([0-5]\d)[.,](\d{1,3})"
TIMING_LINE_PATTERN = re.compile(rf"\s*{TIMESTAMP_PATTERN}\s*-->\s*{TIMESTAMP_PATTERN}(?:\s.*)?")
# Tags of WebVTT and SubRip, and SubStation overrides in SubRip files.
MARKUP_PATTERN = re.compile(r"</?[a-zA-Z0-9][^<>]*>|\{\\[^{}]*\}")
SKIPPED_BLOCKS = ("NOTE", "STYLE", "REGION")


class InvalidCaptions(FieldError):
    """`line` is one-based, 0 for the whole file."""

    def __init__(self, line: int, problem: str) -> None:
        if line:
            problem = gettext("Line %(line)d: %(problem)s") % {"line": line, "problem": problem}
        super().__init__("text", problem, gettext("Correct it and send the whole file again."))
        self.line = line


@dataclass(frozen=True)
class Cue:
    start_ms: int
    end_ms: int
    text: str


def parse_captions(text: str) -> list[Cue]:
    """Return the cues of a WebVTT or SubRip file in order of time. Raises InvalidCaptions."""
    if len(text.encode("utf-8", errors="replace")) > MAX_FILE_BYTES:
        raise InvalidCaptions(
            0,
            gettext("This file is larger than %(limit)d kB, which is the limit for captions.")
            % {"limit": MAX_FILE_BYTES // 1000},
        )
    lines = _split_lines(text)
    cues = [
        cue
        for cue in (_parse_cue(number, block) for number, block in _split_blocks(lines))
        if cue is not None
    ]
    if not cues:
        raise InvalidCaptions(
            0, gettext("There are no captions in this file. Choose a WebVTT (.vtt) or SubRip (.srt) file.")
        )
    if len(cues) > MAX_CUES:
        raise InvalidCaptions(
            0,
            ngettext(
                "There is more than %(limit)d caption in this file.",
                "There are more than %(limit)d captions in this file.",
                MAX_CUES,
            )
            % {"limit": MAX_CUES},
        )
    return sorted(cues, key=lambda cue: (cue.start_ms, cue.end_ms))


def format_vtt(cues: Sequence[Cue]) -> str:
    blocks = ["WEBVTT"]
    blocks += [
        f"{format_timestamp(cue.start_ms)} --> {format_timestamp(cue.end_ms)}\n{html.escape(cue.text, quote=False)}"
        for cue in cues
    ]
    return "\n\n".join(blocks) + "\n"


def _split_lines(text: str) -> list[str]:
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    for number, line in enumerate(plain.split("\n"), start=1):
        if any(unicodedata.category(character) in {"Cc", "Cs"} and character != "\t" for character in line):
            raise InvalidCaptions(
                number,
                gettext(
                    "This line contains characters that are not text. Check that this is the right file."
                ),
            )
    return plain.split("\n")


def _split_blocks(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield each block of non-empty lines with the one-based number of its first line."""
    block: list[str] = []
    for number, line in enumerate([*lines, ""], start=1):
        if line.strip():
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []


def _parse_cue(number: int, block: Sequence[str]) -> Cue | None:
    """Return None for a header, a comment, a style or a cue without text."""
    timing_index = next((index for index, line in enumerate(block[:2]) if "-->" in line), None)
    if timing_index is None:
        if block[0].startswith(("WEBVTT", *SKIPPED_BLOCKS)):
            return None
        raise InvalidCaptions(number, gettext("The caption that starts here has no start and end time."))
    timing_line = number + timing_index
    start, end = _parse_timing(timing_line, block[timing_index])
    if end <= start:
        raise InvalidCaptions(timing_line, gettext("This caption ends before it starts."))
    text = "\n".join(_strip_markup(line) for line in block[timing_index + 1 :])
    if len(text) > MAX_CUE_CHARACTERS:
        raise InvalidCaptions(
            timing_line,
            gettext("This caption has more than %(limit)d characters. Split it into shorter captions.")
            % {"limit": MAX_CUE_CHARACTERS},
        )
    return Cue(start, end, text) if text.strip() else None


def _parse_timing(number: int, line: str) -> tuple[int, int]:
    match = TIMING_LINE_PATTERN.fullmatch(line)
    if match is None:
        raise InvalidCaptions(
            number,
            gettext("We cannot read the times in this line. Write them like 00:01:02.500 --> 00:01:05.000."),
        )
    parts = match.groups()
    return _to_milliseconds(parts[:4]), _to_milliseconds(parts[4:])


def _to_milliseconds(parts: Sequence[str | None]) -> int:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    return ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(fraction.ljust(3, "0"))


def _strip_markup(line: str) -> str:
    """Remove markup before unescaping, so that escaped brackets remain as text."""
    text = html.unescape(MARKUP_PATTERN.sub("", line))
    # Unescaping can produce control characters.
    return "".join(
        character for character in text if unicodedata.category(character) not in {"Cc", "Cs"}
    ).strip()


def format_timestamp(milliseconds: int) -> str:
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}"
