"""Full-text search in titles and captions; results have the seconds of the matching lines."""

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
    """One caption line that matches the query."""

    start_ms: int
    text: str
    language: str

    @property
    def start_second(self) -> int:
        """Return the second in which the line starts."""
        return self.start_ms // 1000


@dataclass(frozen=True)
class SearchResult:
    """A story and its matching lines; no lines if only the title matches."""

    story: Story
    lines: tuple[MatchedLine, ...]


def search_stories(
    stories: StoryQuerySet, query_text: str, *, limit: int = MAX_RESULTS
) -> list[SearchResult]:
    """Return the `limit` best matches among `stories`, in two queries; their lines are in order of time.

    All words must match, "quoted words" as a phrase, and -words must not.
    """
    query_text = query_text.replace("\0", "")[:MAX_QUERY_LENGTH]
    if not EXCLUDED_TERM.sub("", query_text).strip():
        return []  # a query with only excluded words matches nearly every story
    search_query = _search_query(query_text)
    lines = CaptionLine.objects.filter(search_vector=search_query)
    best_lines = (
        lines.filter(captions__video=OuterRef("video"))
        .annotate(rank=_search_rank(search_query))
        .order_by("-rank")
    )
    matching = stories.annotate(title_words=TITLE_VECTOR).filter(
        Q(title_words=SearchQuery(query_text, config="english", search_type="websearch"))
        | Q(video__in=lines.values("captions__video"))
    )
    ranked = matching.annotate(
        closeness=Greatest(
            SearchRank(TITLE_VECTOR, SearchQuery(query_text, config="english", search_type="websearch")),
            Coalesce(Subquery(best_lines.values("rank")[:1], output_field=FloatField()), Value(0.0)),
            output_field=FloatField(),
        )
    )
    best_stories = list(ranked.order_by("-closeness", "-pk")[:limit])
    lines_by_video = _matched_lines(best_stories, lines, search_query)
    return [SearchResult(story, lines_by_video.get(story.video_id, ())) for story in best_stories]


def _search_query(query_text: str) -> Any:
    """Match English word stems, or exact words for any other language."""
    english, simple = (
        SearchQuery(query_text, config=config, search_type="websearch") for config in ("english", "simple")
    )
    return english | simple


def _search_rank(search_query: Any) -> SearchRank:
    return SearchRank(F("search_vector"), search_query)


def _matched_lines(
    stories: Sequence[Story], lines: "QuerySet[CaptionLine]", search_query: Any
) -> dict[Any, tuple[MatchedLine, ...]]:
    """Return the best lines of each story's recording, in one query."""
    rank_in_video = Window(
        RowNumber(),
        partition_by=F("captions__video"),
        order_by=[_search_rank(search_query).desc(), F("start_ms").asc()],
    )
    # A line is indexed with the following line; it counts only if the following line does not match alone.
    matching_lines = lines.annotate(own=LINE_VECTOR, later=FOLLOWING_VECTOR).filter(
        Q(own=search_query) | ~Q(later=search_query)
    )
    best_lines = (
        matching_lines.filter(captions__video__in=[story.video_id for story in stories])
        .annotate(rank_in_video=rank_in_video)
        .filter(rank_in_video__lte=MAX_LINES_PER_STORY)
        .order_by("start_ms")
        .values_list("captions__video", "start_ms", "text", "captions__language")
    )
    lines_by_video: dict[Any, list[MatchedLine]] = defaultdict(list)
    for video, start_ms, text, language in best_lines:
        lines_by_video[video].append(MatchedLine(start_ms, text, language))
    return {video: tuple(video_lines) for video, video_lines in lines_by_video.items()}
