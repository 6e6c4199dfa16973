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
    @describe_operation("search", "Search titles and captions", query=SearchRequest, responses=SearchResponse)
    def get(self, request: Request) -> Response:
        query = SearchRequest.parse_query(request)
        stories = for_story_cards(browsing.browsable_stories(authenticated_user(request)))
        results = search_stories(stories, query["q"], limit=query.get("limit", MAX_RESULTS))
        return Response(
            SearchResponse({"items": [_search_result_payload(result) for result in results]}).data
        )


def _search_result_payload(result: SearchResult) -> dict[str, Any]:
    story_url = reverse("web:story", args=[result.story.pk])
    lines = [
        {
            "start_ms": line.start_ms,
            "text": line.text,
            "language": line.language,
            "url": f"{story_url}#t={line.start_second}",
        }
        for line in result.lines
    ]
    return {"story": result.story, "lines": lines}
