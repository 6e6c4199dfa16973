"""Search in titles and in what is said."""

from typing import Any

from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from api.edge import Edge, signed_in
from api.finding import for_cards
from api.schema import operation
from api.serializers.search import FoundList, SearchAsked
from practice import browsing
from stories.search import MOST_STORIES, Found, search


class Search(Edge):
    @operation("search", "Search in titles and in what is said", query=SearchAsked, gives=FoundList)
    def get(self, request: Request) -> Response:
        asked = SearchAsked.query(request)
        stories = for_cards(browsing.open_to(signed_in(request)))
        found = search(stories, asked["q"], most=asked.get("limit", MOST_STORIES))
        return Response(FoundList({"items": [_told(one) for one in found]}).data)


def _told(found: Found) -> dict[str, Any]:
    page = reverse("web:story", args=[found.story.pk])
    lines = [
        {
            "start_ms": line.start_ms,
            "words": line.words,
            "language": line.language,
            "address": f"{page}#t={line.second}",
        }
        for line in found.lines
    ]
    return {"story": found.story, "lines": lines}
