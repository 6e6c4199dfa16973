"""Captions: read what was uploaded as WebVTT or SubRip, and write plain WebVTT of our own from its words and times.

Nothing of the uploaded file is passed on but words and times: no positions, no styles, no markup. Whatever
a browser might take for markup is escaped.
"""

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import OuterRef

from media.models import CaptionLine, Captions, Video

MAX_FILE_BYTES = 500_000
MAX_CUES = 5000
MAX_CUE_CHARACTERS = 1000  # characters: more cannot be read in any time a cue is shown
MAX_OVERRUN_MS = 2000  # a last cue may hang over the end of the recording by this much

LANGUAGE_PATTERN = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
TIMESTAMP_PATTERN = r"(?:(\d{1,3}):)?([0-5]?\d):([0-5]\d)[.,](\d{1,3})"
TIMING_LINE_PATTERN = re.compile(rf"\s*{TIMESTAMP_PATTERN}\s*-->\s*{TIMESTAMP_PATTERN}(?:\s.*)?")
MARKUP_PATTERN = re.compile(
    r"</?[a-zA-Z0-9][^<>]*>|\{\\[^{}]*\}"
)  # WebVTT's and SubRip's, and SubStation's in SubRip files
SKIPPED_BLOCKS = ("NOTE", "STYLE", "REGION")


class InvalidCaptions(Exception):
    """The captions cannot be read; `line` counts from 1, 0 for the file as a whole, `problem` is a sentence."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}" if line else problem)
        self.line = line
        self.problem = problem


@dataclass(frozen=True)
class Cue:
    """Words shown from one moment to another, in milliseconds."""

    start_ms: int
    end_ms: int
    text: str


def save_captions(
    video: Video, *, language: str, text: str, source: Captions.Source = Captions.Source.UPLOADED
) -> Captions:
    """Give a video captions in one language, replacing those it had.

    Raises
    ------
    BadCaptions
        Nothing was changed.
    """
    if not LANGUAGE_PATTERN.fullmatch(language):
        raise InvalidCaptions(0, "Please say the language by its short code, such as en, de or pt-BR.")
    cues = parse_captions(text)
    if video.duration_ms is not None and cues[-1].start_ms > video.duration_ms + MAX_OVERRUN_MS:
        raise InvalidCaptions(
            0,
            f"These captions go on until {_format_timestamp(cues[-1].start_ms)}, and the recording ends at "
            f"{_format_timestamp(video.duration_ms)}. They may belong to another one.",
        )
    with transaction.atomic():
        attached, _ = Captions.objects.update_or_create(
            video=video,
            language=language,
            defaults={"vtt": format_vtt(cues), "cues": len(cues), "source": source},
        )
        _replace_caption_lines(attached, cues)
        _update_caption_languages(video)
    return attached


def _replace_caption_lines(captions: Captions, cues: Sequence[Cue]) -> None:
    """Let each line be found by its words, and by those that follow."""
    captions.lines.all().delete()
    following = [cue.text for cue in cues[1:]] + [""]
    CaptionLine.objects.bulk_create(
        CaptionLine(captions=captions, start_ms=cue.start_ms, words=cue.text, following=later)
        for cue, later in zip(cues, following, strict=True)
    )


def _update_caption_languages(video: Video) -> None:
    """Note on the video in which languages it has captions, as the database knows it now."""
    languages = Captions.objects.filter(video=OuterRef("pk")).order_by("language").values("language")
    Video.objects.filter(pk=video.pk).update(caption_languages=ArraySubquery(languages))
    video.refresh_from_db(fields=["caption_languages"])


def parse_captions(text: str) -> list[Cue]:
    """Return the cues of a WebVTT or SubRip file in order of time."""
    if len(text.encode("utf-8", errors="replace")) > MAX_FILE_BYTES:
        raise InvalidCaptions(
            0, f"This file has more than {MAX_FILE_BYTES // 1000} kB; captions are much smaller."
        )
    lines = _split_lines(text)
    cues = [
        cue
        for cue in (_parse_cue(number, block) for number, block in _split_blocks(lines))
        if cue is not None
    ]
    if not cues:
        raise InvalidCaptions(
            0, "There are no captions in this file. It should be a WebVTT (.vtt) or SubRip (.srt) file."
        )
    if len(cues) > MAX_CUES:
        raise InvalidCaptions(0, f"There are more than {MAX_CUES} captions in this file.")
    return sorted(cues, key=lambda cue: (cue.start_ms, cue.end_ms))


def format_vtt(cues: Sequence[Cue]) -> str:
    """Return WebVTT that holds these cues and nothing else."""
    blocks = ["WEBVTT"]
    blocks += [
        f"{_format_timestamp(cue.start_ms)} --> {_format_timestamp(cue.end_ms)}\n{html.escape(cue.text, quote=False)}"
        for cue in cues
    ]
    return "\n\n".join(blocks) + "\n"


def _split_lines(text: str) -> list[str]:
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    for number, line in enumerate(plain.split("\n"), start=1):
        if any(unicodedata.category(character) in {"Cc", "Cs"} and character != "\t" for character in line):
            raise InvalidCaptions(
                number, "There are characters in this line that are no text. Is it the right file?"
            )
    return plain.split("\n")


def _split_blocks(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield each block of lines between empty ones, with the number of its first line."""
    block: list[str] = []
    for number, line in enumerate([*lines, ""], start=1):
        if line.strip():
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []


def _parse_cue(number: int, block: Sequence[str]) -> Cue | None:
    """Read one block: a heading, a comment or style (None), or an optional name, a timing and words."""
    at = next((index for index, line in enumerate(block[:2]) if "-->" in line), None)
    if at is None:
        if block[0].startswith(("WEBVTT", *SKIPPED_BLOCKS)):
            return None
        raise InvalidCaptions(number, "A caption begins here without saying from when to when it is shown.")
    start, end = _parse_timing(number + at, block[at])
    if end <= start:
        raise InvalidCaptions(number + at, "This caption ends before it begins.")
    words = "\n".join(_strip_markup(line) for line in block[at + 1 :])
    if len(words) > MAX_CUE_CHARACTERS:
        raise InvalidCaptions(
            number + at,
            f"This caption has more than {MAX_CUE_CHARACTERS} characters; nobody can read that fast.",
        )
    return Cue(start, end, words) if words.strip() else None


def _parse_timing(number: int, line: str) -> tuple[int, int]:
    found = TIMING_LINE_PATTERN.fullmatch(line)
    if found is None:
        raise InvalidCaptions(
            number, "The times in this line cannot be read. They look like 00:01:02.500 --> 00:01:05.000."
        )
    parts = found.groups()
    return _to_milliseconds(parts[:4]), _to_milliseconds(parts[4:])


def _to_milliseconds(parts: Sequence[str | None]) -> int:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    return ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(fraction.ljust(3, "0"))


def _strip_markup(line: str) -> str:
    """Drop markup, then read escapes: in this order, so that an escaped bracket stays what somebody said."""
    words = html.unescape(MARKUP_PATTERN.sub("", line))
    # Unescaping may bring back what is no text.
    return "".join(one for one in words if unicodedata.category(one) not in {"Cc", "Cs"}).strip()


def _format_timestamp(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{rest:03}"
