"""Stories for members, drafts and saved stories."""

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
from api.pagination import paginate
from api.requests.drafts import StoryCreateRequest, StoryUpdateRequest
from api.requests.pages import PageRequest
from api.requests.stories import SavedStoryRequest, StoryListRequest
from api.responses.drafts import OwnStoryResponse
from api.responses.stories import SavedStoryResponse, StoryDetailResponse, StoryPageResponse
from api.schema import describe_operation
from api.views.drafts import NEWEST_FIRST, own_story_response
from practice import browsing, viewings
from practice.models import SavedStory
from stories import drafts
from stories.draft_validation import StoryDraft
from stories.models import Story


class StoryListView(BaseAPIView):
    @describe_operation("stories_list", "List stories", query=StoryListRequest, responses=StoryPageResponse)
    def get(self, request: Request) -> Response:
        query = StoryListRequest.parse_query(request)
        stories = browsing.browsable_stories(authenticated_user(request))
        if "challenge" in query:
            stories = stories.filter(challenge__slug=query["challenge"])
        page = paginate(for_story_cards(stories), request, keyset=NEWEST_FIRST, query=query)
        return Response(StoryPageResponse(page).data)

    @describe_operation(
        "stories_start", "Create a draft", request=StoryCreateRequest, responses={201: OwnStoryResponse}
    )
    @idempotent
    def post(self, request: Request) -> Response:
        body, teller = StoryCreateRequest.parse_body(request), authenticated_user(request)
        challenge = resolve_challenge_slug(body.pop("challenge"))
        story = drafts.create_draft(challenge, StoryDraft(**body), by=teller)
        return created(
            OwnStoryResponse(get_own_story_or_404(story.pk, teller=teller)).data,
            location=f"{request.path}/{story.pk}",
        )


class StoryDetailView(BaseAPIView):
    @describe_operation("stories_read", "Get a story", responses=StoryDetailResponse)
    def get(self, request: Request, story_id: uuid.UUID) -> Response:
        person = authenticated_user(request)
        story = get_visible_story_or_404(story_id, viewer=person)
        return Response(StoryDetailResponse(story, context={"person": person}).data)

    @describe_operation(
        "stories_edit", "Update a draft", request=StoryUpdateRequest, responses=OwnStoryResponse
    )
    def patch(self, request: Request, story_id: uuid.UUID) -> Response:
        body, teller = StoryUpdateRequest.parse_body(request), authenticated_user(request)
        version = expected_version(request, body)
        body.pop("expected_version", None)
        drafts.update_draft(
            get_visible_story_or_404(story_id, viewer=teller),
            StoryDraft(**body),
            by=teller,
            expected_version=version,
        )
        return own_story_response(story_id, teller)


class SavedStoryView(BaseAPIView):
    @describe_operation(
        "stories_save",
        "Save a story for later, or remove it",
        request=SavedStoryRequest,
        responses=SavedStoryResponse,
    )
    def put(self, request: Request, story_id: uuid.UUID) -> Response:
        body, person = SavedStoryRequest.parse_body(request), authenticated_user(request)
        story = get_visible_story_or_404(story_id, viewer=person)
        if body["saved"]:
            viewings.save_story(story, by=person, now=timezone.now())
        else:
            viewings.unsave_story(story, by=person)
        return Response(SavedStoryResponse(body).data)


class SavedStoryListView(BaseAPIView):
    @describe_operation("stories_saved", "List saved stories", query=PageRequest, responses=StoryPageResponse)
    def get(self, request: Request) -> Response:
        person = authenticated_user(request)
        saved_stories = SavedStory.objects.filter(
            person=person, story__in=Story.objects.visible_to(person)
        ).select_related("story__challenge", "story__teller", "story__video")
        page = paginate(
            saved_stories, request, keyset=("-saved_at", "-pk"), query=PageRequest.parse_query(request)
        )
        return Response(StoryPageResponse(page.map(lambda saved_story: saved_story.story)).data)
