"""Saves the caption tracks of videos and their full-text index."""

import re
from collections.abc import Sequence

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import OuterRef
from django.utils.translation import gettext

from media.captions.vtt import Cue, InvalidCaptions, format_timestamp, format_vtt, parse_captions
from media.models import CaptionLine, Captions, Video

MAX_OVERRUN_MS = 2000  # the last cue may start this long after the end of the recording
LANGUAGE_PATTERN = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")


def save_captions(
    video: Video, *, language: str, text: str, source: Captions.Source = Captions.Source.UPLOADED
) -> Captions:
    """Create or replace the captions in one language.

    Raises
    ------
    InvalidCaptions
        Nothing was changed.
    """
    if not LANGUAGE_PATTERN.fullmatch(language):
        raise InvalidCaptions(0, gettext("Enter the language as a short code, such as en, de or pt-BR."))
    cues = parse_captions(text)
    if video.duration_ms is not None and cues[-1].start_ms > video.duration_ms + MAX_OVERRUN_MS:
        raise InvalidCaptions(
            0,
            gettext(
                "The last caption starts at %(start)s, but the recording ends at %(end)s. "
                "Check that the captions belong to this recording."
            )
            % {"start": format_timestamp(cues[-1].start_ms), "end": format_timestamp(video.duration_ms)},
        )
    with transaction.atomic():
        captions, _ = Captions.objects.update_or_create(
            video=video,
            language=language,
            defaults={"vtt": format_vtt(cues), "cues": len(cues), "source": source},
        )
        _replace_caption_lines(captions, cues)
        _update_caption_languages(video)
    return captions


def _replace_caption_lines(captions: Captions, cues: Sequence[Cue]) -> None:
    captions.lines.all().delete()
    next_texts = [cue.text for cue in cues[1:]] + [""]
    CaptionLine.objects.bulk_create(
        CaptionLine(captions=captions, start_ms=cue.start_ms, text=cue.text, next_text=next_text)
        for cue, next_text in zip(cues, next_texts, strict=True)
    )


def _update_caption_languages(video: Video) -> None:
    """Update the list in the database, so that concurrent changes of other languages are not lost."""
    languages = Captions.objects.filter(video=OuterRef("pk")).order_by("language").values("language")
    Video.objects.filter(pk=video.pk).update(caption_languages=ArraySubquery(languages))
    video.refresh_from_db(fields=["caption_languages"])
