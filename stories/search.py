"""Find stories by the words of their titles and by what is said in them, down to the second."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector
from django.db.models import F, FloatField, OuterRef, Q, QuerySet, Subquery, Value, Window
from django.db.models.functions import Coalesce, Greatest, RowNumber

from media.models import CaptionLine
from stories.models import Stories, Story

LONGEST = 200  # characters
MOST_STORIES = 20
LINES_A_STORY = 3
TITLE = SearchVector("title", config="english")
OWN, LATER = (
    SearchVector(name, config="english") + SearchVector(name, config="simple")
    for name in ("words", "following")
)
UNWANTED = re.compile(r'-"[^"]*"?|-\S+')


@dataclass(frozen=True)
class Line:
    """What is said from `start_ms` on, in `language`."""

    start_ms: int
    words: str
    language: str

    @property
    def second(self) -> int:
        """Return the whole second to jump to: the one in which it begins."""
        return self.start_ms // 1000


@dataclass(frozen=True)
class Found:
    """A story, and the lines in it that were searched for; none if only its title was."""

    story: Story
    lines: tuple[Line, ...]


def search(stories: Stories, words: str, *, most: int = MOST_STORIES) -> list[Found]:
    """Return the best `most` of these stories, in two queries; their lines are in order of time.

    Words are all wanted, "words in quotes" side by side, and -words not at all. Whoever calls decides among which stories.
    """
    words = words.replace("\0", "")[:LONGEST]
    if not UNWANTED.sub("", words).strip():
        return []  # nearly everything is without these words
    wanted = _query(words)
    lines = CaptionLine.objects.filter(found_by=wanted)
    best = lines.filter(captions__video=OuterRef("video")).annotate(rank=_rank(wanted)).order_by("-rank")
    matching = stories.annotate(title_words=TITLE).filter(
        Q(title_words=SearchQuery(words, config="english", search_type="websearch"))
        | Q(video__in=lines.values("captions__video"))
    )
    ranked = matching.annotate(
        closeness=Greatest(
            SearchRank(TITLE, SearchQuery(words, config="english", search_type="websearch")),
            Coalesce(Subquery(best.values("rank")[:1], output_field=FloatField()), Value(0.0)),
            output_field=FloatField(),
        )
    )
    chosen = list(ranked.order_by("-closeness", "-pk")[:most])
    said = _lines_of(chosen, lines, wanted)
    return [Found(story, said.get(story.video_id, ())) for story in chosen]


def _query(words: str) -> Any:
    """Ask in English, where endings do not matter, and word for word, as for any other language."""
    ways = [SearchQuery(words, config=config, search_type="websearch") for config in ("english", "simple")]
    return ways[0] | ways[1]


def _rank(wanted: Any) -> SearchRank:
    return SearchRank(F("found_by"), wanted)


def _lines_of(
    stories: Sequence[Story], lines: "QuerySet[CaptionLine]", wanted: Any
) -> dict[Any, tuple[Line, ...]]:
    """Return the closest few lines of each story's recording, in one query."""
    place = Window(
        RowNumber(), partition_by=F("captions__video"), order_by=[_rank(wanted).desc(), F("start_ms").asc()]
    )
    # A line stands for the one behind it only where neither says all of it alone.
    telling = lines.annotate(own=OWN, later=LATER).filter(Q(own=wanted) | ~Q(later=wanted))
    closest = (
        telling.filter(captions__video__in=[story.video_id for story in stories])
        .annotate(place=place)
        .filter(place__lte=LINES_A_STORY)
        .order_by("start_ms")
        .values_list("captions__video", "start_ms", "words", "captions__language")
    )
    found: dict[Any, list[Line]] = defaultdict(list)
    for video, start_ms, words, language in closest:
        found[video].append(Line(start_ms, words, language))
    return {video: tuple(said) for video, said in found.items()}
