"""A teller's own drafts: chapters, recording, captions and consent."""

import uuid
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from api.base_views import BaseAPIView, authenticated_user
from api.lookups import (
    OWN_STORY_CARD_FIELDS,
    for_story_cards,
    get_own_story_or_404,
    get_visible_story_or_404,
    unknown_reference_error,
)
from api.optimistic_locking import expected_version, version_etag
from api.pagination import paginate
from api.requests.drafts import (
    AnonymisationRequest,
    CaptionsRequest,
    ChapterListRequest,
    ConsentRequest,
    PosterRequest,
    RecordingRequest,
    VersionOnlyRequest,
)
from api.requests.pages import PageRequest
from api.responses.drafts import OwnStoryPageResponse, OwnStoryResponse
from api.schema import describe_operation
from media.models import Video
from stories import anonymisation, drafts
from stories.anonymisation import AnonymisationChoice
from stories.draft_validation import ChapterDraft
from stories.models import Story

NEWEST_FIRST = ("-created_at", "-pk")


class OwnStoryListView(BaseAPIView):
    @describe_operation(
        "stories_mine", "List the user's own stories", query=PageRequest, responses=OwnStoryPageResponse
    )
    def get(self, request: Request) -> Response:
        own = Story.objects.by_teller(authenticated_user(request))
        page = paginate(
            for_story_cards(own, *OWN_STORY_CARD_FIELDS),
            request,
            keyset=NEWEST_FIRST,
            query=PageRequest.parse_query(request),
        )
        return Response(OwnStoryPageResponse(page).data)


class OwnStoryDetailView(BaseAPIView):
    @describe_operation(
        "stories_read_mine", "Get one of the user's own stories with its details", responses=OwnStoryResponse
    )
    def get(self, request: Request, story_id: uuid.UUID) -> Response:
        return own_story_response(story_id, authenticated_user(request))


class ChapterListView(BaseAPIView):
    @describe_operation(
        "stories_set_chapters",
        "Replace the chapters of a draft",
        request=ChapterListRequest,
        responses=OwnStoryResponse,
    )
    def put(self, request: Request, story_id: uuid.UUID) -> Response:
        body, teller = ChapterListRequest.parse_body(request), authenticated_user(request)
        story = get_visible_story_or_404(story_id, viewer=teller)
        chapter_drafts = [ChapterDraft(**chapter) for chapter in body["chapters"]]
        drafts.set_chapters(
            story, chapter_drafts, by=teller, expected_version=expected_version(request, body)
        )
        return own_story_response(story_id, teller)


class RecordingView(BaseAPIView):
    @describe_operation(
        "stories_attach_recording",
        "Attach a recording to a draft",
        request=RecordingRequest,
        responses=OwnStoryResponse,
    )
    def put(self, request: Request, story_id: uuid.UUID) -> Response:
        body, teller = RecordingRequest.parse_body(request), authenticated_user(request)
        story = get_visible_story_or_404(story_id, viewer=teller)
        video = Video.objects.filter(upload=body["upload"], owner=teller).first()
        if video is None:
            raise unknown_reference_error("upload", "There is no complete upload of yours with this id.")
        drafts.attach_recording(story, video, by=teller, expected_version=expected_version(request, body))
        return own_story_response(story_id, teller)


class PosterView(BaseAPIView):
    @describe_operation(
        "stories_choose_poster",
        "Choose the poster of a story",
        request=PosterRequest,
        responses=OwnStoryResponse,
    )
    def put(self, request: Request, story_id: uuid.UUID) -> Response:
        body, teller = PosterRequest.parse_body(request), authenticated_user(request)
        story = get_visible_story_or_404(story_id, viewer=teller)
        drafts.choose_poster(
            story, body["poster_index"], by=teller, expected_version=expected_version(request, body)
        )
        return own_story_response(story_id, teller)


class AnonymisationView(BaseAPIView):
    @describe_operation(
        "stories_disguise",
        "Choose whether to hide faces and change the voice in all renditions",
        request=AnonymisationRequest,
        responses=OwnStoryResponse,
    )
    def put(self, request: Request, story_id: uuid.UUID) -> Response:
        body, teller = AnonymisationRequest.parse_body(request), authenticated_user(request)
        choice = AnonymisationChoice(hide_faces=body["hide_faces"], change_voice=body["change_voice"])
        anonymisation.set_anonymisation(
            get_visible_story_or_404(story_id, viewer=teller),
            choice,
            by=teller,
            expected_version=expected_version(request, body),
        )
        return own_story_response(story_id, teller)


class ConfirmDamagedRecordingView(BaseAPIView):
    @describe_operation(
        "stories_confirm_recording",
        "Confirm a recording that may be damaged",
        request=VersionOnlyRequest,
        responses=OwnStoryResponse,
    )
    def post(self, request: Request, story_id: uuid.UUID) -> Response:
        body, teller = VersionOnlyRequest.parse_body(request), authenticated_user(request)
        drafts.confirm_damaged_recording(
            get_visible_story_or_404(story_id, viewer=teller),
            by=teller,
            expected_version=expected_version(request, body),
        )
        return own_story_response(story_id, teller)


class CaptionsView(BaseAPIView):
    @describe_operation(
        "stories_set_captions",
        "Set the captions of one language",
        request=CaptionsRequest,
        responses=OwnStoryResponse,
    )
    def put(self, request: Request, story_id: uuid.UUID, language: str) -> Response:
        body, teller = CaptionsRequest.parse_body(request), authenticated_user(request)
        story = get_visible_story_or_404(story_id, viewer=teller)
        drafts.set_captions(
            story,
            language=language,
            text=body["text"],
            by=teller,
            expected_version=expected_version(request, body),
        )
        return own_story_response(story_id, teller)


class ConsentView(BaseAPIView):
    @describe_operation(
        "stories_give_consent",
        "Give consent to uses of a story",
        request=ConsentRequest,
        responses=OwnStoryResponse,
    )
    def post(self, request: Request, story_id: uuid.UUID) -> Response:
        body, teller = ConsentRequest.parse_body(request), authenticated_user(request)
        story = get_visible_story_or_404(story_id, viewer=teller)
        drafts.give_consent(
            story,
            body["uses"],
            text_version=body["text_version"],
            by=teller,
            expected_version=expected_version(request, body),
        )
        return own_story_response(story_id, teller)


def own_story_response(story_id: uuid.UUID, teller: User) -> Response:
    """Return the story as its teller sees it, with its version as ETag."""
    story = get_own_story_or_404(story_id, teller=teller)
    payload: Any = OwnStoryResponse(story).data
    return Response(payload, headers={"ETag": version_etag(story.version)})
