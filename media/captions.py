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

MOST_BYTES = 500_000
MOST_CUES = 5000
LONGEST_CUE = 1000  # characters: more cannot be read in any time a cue is shown
LATE_MS = 2000  # a last cue may hang over the end of the recording by this much

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
TIME = r"(?:(\d{1,3}):)?([0-5]?\d):([0-5]\d)[.,](\d{1,3})"
TIMING = re.compile(rf"\s*{TIME}\s*-->\s*{TIME}(?:\s.*)?")
TAG = re.compile(
    r"</?[a-zA-Z0-9][^<>]*>|\{\\[^{}]*\}"
)  # WebVTT's and SubRip's, and SubStation's in SubRip files
SKIPPED_BLOCKS = ("NOTE", "STYLE", "REGION")


class BadCaptions(Exception):
    """The captions cannot be read; `line` counts from 1, 0 for the file as a whole, `problem` is a sentence."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}" if line else problem)
        self.line = line
        self.problem = problem


@dataclass(frozen=True)
class Cue:
    """Words shown from one moment to another, in milliseconds."""

    start: int
    end: int
    words: str


def attach(
    video: Video, *, language: str, text: str, source: Captions.Source = Captions.Source.UPLOADED
) -> Captions:
    """Give a video captions in one language, replacing those it had.

    Raises
    ------
    BadCaptions
        Nothing was changed.
    """
    if not LANGUAGE.fullmatch(language):
        raise BadCaptions(0, "Please say the language by its short code, such as en, de or pt-BR.")
    cues = parse(text)
    if video.duration_ms is not None and cues[-1].start > video.duration_ms + LATE_MS:
        raise BadCaptions(
            0,
            f"These captions go on until {_clock(cues[-1].start)}, and the recording ends at "
            f"{_clock(video.duration_ms)}. They may belong to another one.",
        )
    with transaction.atomic():
        attached, _ = Captions.objects.update_or_create(
            video=video,
            language=language,
            defaults={"vtt": write(cues), "cues": len(cues), "source": source},
        )
        _keep_lines(attached, cues)
        _count_languages(video)
    return attached


def _keep_lines(captions: Captions, cues: Sequence[Cue]) -> None:
    """Let each line be found by its words, and by those that follow."""
    captions.lines.all().delete()
    following = [cue.words for cue in cues[1:]] + [""]
    CaptionLine.objects.bulk_create(
        CaptionLine(captions=captions, start_ms=cue.start, words=cue.words, following=later)
        for cue, later in zip(cues, following, strict=True)
    )


def _count_languages(video: Video) -> None:
    """Note on the video in which languages it has captions, as the database knows it now."""
    languages = Captions.objects.filter(video=OuterRef("pk")).order_by("language").values("language")
    Video.objects.filter(pk=video.pk).update(caption_languages=ArraySubquery(languages))
    video.refresh_from_db(fields=["caption_languages"])


def parse(text: str) -> list[Cue]:
    """Return the cues of a WebVTT or SubRip file in order of time."""
    if len(text.encode("utf-8", errors="replace")) > MOST_BYTES:
        raise BadCaptions(0, f"This file has more than {MOST_BYTES // 1000} kB; captions are much smaller.")
    lines = _lines(text)
    cues = [cue for cue in (_cue(number, block) for number, block in _blocks(lines)) if cue is not None]
    if not cues:
        raise BadCaptions(
            0, "There are no captions in this file. It should be a WebVTT (.vtt) or SubRip (.srt) file."
        )
    if len(cues) > MOST_CUES:
        raise BadCaptions(0, f"There are more than {MOST_CUES} captions in this file.")
    return sorted(cues, key=lambda cue: (cue.start, cue.end))


def write(cues: Sequence[Cue]) -> str:
    """Return WebVTT that holds these cues and nothing else."""
    blocks = ["WEBVTT"]
    blocks += [
        f"{_clock(cue.start)} --> {_clock(cue.end)}\n{html.escape(cue.words, quote=False)}" for cue in cues
    ]
    return "\n\n".join(blocks) + "\n"


def _lines(text: str) -> list[str]:
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    for number, line in enumerate(plain.split("\n"), start=1):
        if any(unicodedata.category(character) in {"Cc", "Cs"} and character != "\t" for character in line):
            raise BadCaptions(
                number, "There are characters in this line that are no text. Is it the right file?"
            )
    return plain.split("\n")


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield each block of lines between empty ones, with the number of its first line."""
    block: list[str] = []
    for number, line in enumerate([*lines, ""], start=1):
        if line.strip():
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []


def _cue(number: int, block: Sequence[str]) -> Cue | None:
    """Read one block: a heading, a comment or style (None), or an optional name, a timing and words."""
    at = next((index for index, line in enumerate(block[:2]) if "-->" in line), None)
    if at is None:
        if block[0].startswith(("WEBVTT", *SKIPPED_BLOCKS)):
            return None
        raise BadCaptions(number, "A caption begins here without saying from when to when it is shown.")
    start, end = _timing(number + at, block[at])
    if end <= start:
        raise BadCaptions(number + at, "This caption ends before it begins.")
    words = "\n".join(_plain(line) for line in block[at + 1 :])
    if len(words) > LONGEST_CUE:
        raise BadCaptions(
            number + at, f"This caption has more than {LONGEST_CUE} characters; nobody can read that fast."
        )
    return Cue(start, end, words) if words.strip() else None


def _timing(number: int, line: str) -> tuple[int, int]:
    found = TIMING.fullmatch(line)
    if found is None:
        raise BadCaptions(
            number, "The times in this line cannot be read. They look like 00:01:02.500 --> 00:01:05.000."
        )
    parts = found.groups()
    return _milliseconds(parts[:4]), _milliseconds(parts[4:])


def _milliseconds(parts: Sequence[str | None]) -> int:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    return ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(fraction.ljust(3, "0"))


def _plain(line: str) -> str:
    """Drop markup, then read escapes: in this order, so that an escaped bracket stays what somebody said."""
    words = html.unescape(TAG.sub("", line))
    # Unescaping may bring back what is no text.
    return "".join(one for one in words if unicodedata.category(one) not in {"Cc", "Cs"}).strip()


def _clock(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{rest:03}"
