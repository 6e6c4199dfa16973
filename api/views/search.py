"""Search in titles and in what is said."""

from typing import Any

from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from api.base_views import BaseAPIView, authenticated_user
from api.lookups import for_story_cards
from api.requests.search import SearchRequest
from api.responses.search import SearchResponse
from api.schema import describe_operation
from practice import browsing
from stories.search import MAX_RESULTS, SearchResult, search_stories


class SearchView(BaseAPIView):
    @describe_operation(
        "search", "Search in titles and in what is said", query=SearchRequest, responses=SearchResponse
    )
    def get(self, request: Request) -> Response:
        asked = SearchRequest.parse_query(request)
        stories = for_story_cards(browsing.browsable_stories(authenticated_user(request)))
        found = search_stories(stories, asked["q"], limit=asked.get("limit", MAX_RESULTS))
        return Response(SearchResponse({"items": [_search_result_payload(one) for one in found]}).data)


def _search_result_payload(found: SearchResult) -> dict[str, Any]:
    page = reverse("web:story", args=[found.story.pk])
    lines = [
        {
            "start_ms": line.start_ms,
            "words": line.text,
            "language": line.language,
            "address": f"{page}#t={line.start_second}",
        }
        for line in found.lines
    ]
    return {"story": found.story, "lines": lines}
