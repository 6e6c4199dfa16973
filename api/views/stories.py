"""Look around among stories, begin one, read one, change its facts, and keep some for later."""

import uuid

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.base_views import BaseAPIView, authenticated_user, created
from api.idempotency import idempotent
from api.lookups import (
    for_story_cards,
    get_own_story_or_404,
    get_visible_story_or_404,
    resolve_challenge_slug,
)
from api.optimistic_locking import expected_version
from api.pagination import Page, paginate
from api.requests.pages import PageRequest
from api.responses.drafts import OwnStoryResponse, StoryCreateRequest, StoryUpdateRequest
from api.responses.stories import (
    SavedStoryRequest,
    SavedStoryResponse,
    StoryDetailResponse,
    StoryListRequest,
    StoryPageResponse,
)
from api.schema import describe_operation
from api.views.drafts import NEWEST_FIRST, own_story_response
from practice import browsing, viewings
from practice.models import SavedStory
from stories import drafts
from stories.draft_validation import StoryDraft
from stories.models import Story


class StoryListView(BaseAPIView):
    @describe_operation(
        "stories_list", "Look around among the stories", query=StoryListRequest, responses=StoryPageResponse
    )
    def get(self, request: Request) -> Response:
        asked = StoryListRequest.parse_query(request)
        stories = browsing.browsable_stories(authenticated_user(request))
        if "challenge" in asked:
            stories = stories.filter(challenge__slug=asked["challenge"])
        found = paginate(for_story_cards(stories), request, keyset=NEWEST_FIRST, query=asked)
        return Response(StoryPageResponse(found).data)

    @describe_operation(
        "stories_start", "Begin a story", request=StoryCreateRequest, responses={201: OwnStoryResponse}
    )
    @idempotent
    def post(self, request: Request) -> Response:
        asked, teller = StoryCreateRequest.parse_body(request), authenticated_user(request)
        challenge = resolve_challenge_slug(asked.pop("challenge"))
        story = drafts.create_draft(challenge, StoryDraft(**asked), by=teller)
        return created(
            OwnStoryResponse(get_own_story_or_404(story.pk, teller=teller)).data,
            location=f"{request.path}/{story.pk}",
        )


class StoryDetailView(BaseAPIView):
    @describe_operation("stories_read", "Read one story", responses=StoryDetailResponse)
    def get(self, request: Request, story: uuid.UUID) -> Response:
        person = authenticated_user(request)
        found = get_visible_story_or_404(story, viewer=person)
        return Response(StoryDetailResponse(found, context={"person": person}).data)

    @describe_operation(
        "stories_edit", "Change facts of one's draft", request=StoryUpdateRequest, responses=OwnStoryResponse
    )
    def patch(self, request: Request, story: uuid.UUID) -> Response:
        asked, teller = StoryUpdateRequest.parse_body(request), authenticated_user(request)
        version = expected_version(request, asked)
        asked.pop("seen", None)
        drafts.update_draft(
            get_visible_story_or_404(story, viewer=teller),
            StoryDraft(**asked),
            by=teller,
            expected_version=version,
        )
        return own_story_response(story, teller)


class SavedStoryView(BaseAPIView):
    @describe_operation(
        "stories_save",
        "Keep a story for later, or no longer",
        request=SavedStoryRequest,
        responses=SavedStoryResponse,
    )
    def put(self, request: Request, story: uuid.UUID) -> Response:
        asked, person = SavedStoryRequest.parse_body(request), authenticated_user(request)
        found = get_visible_story_or_404(story, viewer=person)
        if asked["saved"]:
            viewings.save_story(found, by=person, now=timezone.now())
        else:
            viewings.unsave_story(found, by=person)
        return Response(SavedStoryResponse(asked).data)


class SavedStoryListView(BaseAPIView):
    @describe_operation(
        "stories_saved", "List the stories kept for later", query=PageRequest, responses=StoryPageResponse
    )
    def get(self, request: Request) -> Response:
        person = authenticated_user(request)
        kept = SavedStory.objects.filter(
            person=person, story__in=Story.objects.visible_to(person)
        ).select_related("story__challenge", "story__teller", "story__video")
        found = paginate(kept, request, keyset=("-saved_at", "-pk"), query=PageRequest.parse_query(request))
        return Response(StoryPageResponse(Page([one.story for one in found.items], found.next)).data)
