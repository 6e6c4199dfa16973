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
from stories.models import Story, StoryQuerySet

MAX_QUERY_LENGTH = 200  # characters
MAX_RESULTS = 20
MAX_LINES_PER_STORY = 3
TITLE_VECTOR = SearchVector("title", config="english")
LINE_VECTOR, FOLLOWING_VECTOR = (
    SearchVector(name, config="english") + SearchVector(name, config="simple")
    for name in ("text", "next_text")
)
EXCLUDED_TERM = re.compile(r'-"[^"]*"?|-\S+')


@dataclass(frozen=True)
class MatchedLine:
    """What is said from `start_ms` on, in `language`."""

    start_ms: int
    text: str
    language: str

    @property
    def start_second(self) -> int:
        """Return the whole second to jump to: the one in which it begins."""
        return self.start_ms // 1000


@dataclass(frozen=True)
class SearchResult:
    """A story, and the lines in it that were searched for; none if only its title was."""

    story: Story
    lines: tuple[MatchedLine, ...]


def search_stories(
    stories: StoryQuerySet, query_text: str, *, limit: int = MAX_RESULTS
) -> list[SearchResult]:
    """Return the best `most` of these stories, in two queries; their lines are in order of time.

    Words are all wanted, "words in quotes" side by side, and -words not at all. Whoever calls decides among which stories.
    """
    query_text = query_text.replace("\0", "")[:MAX_QUERY_LENGTH]
    if not EXCLUDED_TERM.sub("", query_text).strip():
        return []  # nearly everything is without these words
    wanted = _search_query(query_text)
    lines = CaptionLine.objects.filter(search_vector=wanted)
    best = (
        lines.filter(captions__video=OuterRef("video")).annotate(rank=_search_rank(wanted)).order_by("-rank")
    )
    matching = stories.annotate(title_words=TITLE_VECTOR).filter(
        Q(title_words=SearchQuery(query_text, config="english", search_type="websearch"))
        | Q(video__in=lines.values("captions__video"))
    )
    ranked = matching.annotate(
        closeness=Greatest(
            SearchRank(TITLE_VECTOR, SearchQuery(query_text, config="english", search_type="websearch")),
            Coalesce(Subquery(best.values("rank")[:1], output_field=FloatField()), Value(0.0)),
            output_field=FloatField(),
        )
    )
    chosen = list(ranked.order_by("-closeness", "-pk")[:limit])
    said = _matched_lines(chosen, lines, wanted)
    return [SearchResult(story, said.get(story.video_id, ())) for story in chosen]


def _search_query(words: str) -> Any:
    """Ask in English, where endings do not matter, and word for word, as for any other language."""
    ways = [SearchQuery(words, config=config, search_type="websearch") for config in ("english", "simple")]
    return ways[0] | ways[1]


def _search_rank(wanted: Any) -> SearchRank:
    return SearchRank(F("search_vector"), wanted)


def _matched_lines(
    stories: Sequence[Story], lines: "QuerySet[CaptionLine]", wanted: Any
) -> dict[Any, tuple[MatchedLine, ...]]:
    """Return the closest few lines of each story's recording, in one query."""
    place = Window(
        RowNumber(),
        partition_by=F("captions__video"),
        order_by=[_search_rank(wanted).desc(), F("start_ms").asc()],
    )
    # A line stands for the one behind it only where neither says all of it alone.
    telling = lines.annotate(own=LINE_VECTOR, later=FOLLOWING_VECTOR).filter(Q(own=wanted) | ~Q(later=wanted))
    closest = (
        telling.filter(captions__video__in=[story.video_id for story in stories])
        .annotate(place=place)
        .filter(place__lte=MAX_LINES_PER_STORY)
        .order_by("start_ms")
        .values_list("captions__video", "start_ms", "text", "captions__language")
    )
    found: dict[Any, list[MatchedLine]] = defaultdict(list)
    for video, start_ms, words, language in closest:
        found[video].append(MatchedLine(start_ms, words, language))
    return {video: tuple(said) for video, said in found.items()}
