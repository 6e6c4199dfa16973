"""Tell a story of one's own: mark its chapters, give it a recording, captions and consent."""

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
from api.requests.pages import PageRequest
from api.responses.drafts import (
    AnonymisationRequest,
    CaptionsRequest,
    ChapterListRequest,
    ConsentRequest,
    OwnStoryPageResponse,
    OwnStoryResponse,
    PosterRequest,
    RecordingRequest,
    VersionOnlyRequest,
)
from api.schema import describe_operation
from media.models import Video
from stories import anonymisation, drafts
from stories.anonymisation import AnonymisationChoice
from stories.draft_validation import ChapterDraft
from stories.models import Story

NEWEST_FIRST = ("-created_at", "-pk")


class OwnStoryListView(BaseAPIView):
    @describe_operation(
        "stories_mine", "List one's own stories", query=PageRequest, responses=OwnStoryPageResponse
    )
    def get(self, request: Request) -> Response:
        own = Story.objects.by_teller(authenticated_user(request))
        found = paginate(
            for_story_cards(own, *OWN_STORY_CARD_FIELDS),
            request,
            keyset=NEWEST_FIRST,
            query=PageRequest.parse_query(request),
        )
        return Response(OwnStoryPageResponse(found).data)


class OwnStoryDetailView(BaseAPIView):
    @describe_operation(
        "stories_read_mine", "Read one's own story with all that belongs to it", responses=OwnStoryResponse
    )
    def get(self, request: Request, story: uuid.UUID) -> Response:
        return own_story_response(story, authenticated_user(request))


class ChapterListView(BaseAPIView):
    @describe_operation(
        "stories_set_chapters", "Mark the chapters", request=ChapterListRequest, responses=OwnStoryResponse
    )
    def put(self, request: Request, story: uuid.UUID) -> Response:
        asked, teller = ChapterListRequest.parse_body(request), authenticated_user(request)
        found = get_visible_story_or_404(story, viewer=teller)
        chapter_drafts = [ChapterDraft(**chapter) for chapter in asked["chapters"]]
        drafts.set_chapters(
            found, chapter_drafts, by=teller, expected_version=expected_version(request, asked)
        )
        return own_story_response(story, teller)


class RecordingView(BaseAPIView):
    @describe_operation(
        "stories_attach_recording",
        "Give a story its recording",
        request=RecordingRequest,
        responses=OwnStoryResponse,
    )
    def put(self, request: Request, story: uuid.UUID) -> Response:
        asked, teller = RecordingRequest.parse_body(request), authenticated_user(request)
        found = get_visible_story_or_404(story, viewer=teller)
        video = Video.objects.filter(upload=asked["upload"], owner=teller).first()
        if video is None:
            raise unknown_reference_error("upload", "There is no complete upload of yours with this id.")
        drafts.attach_recording(found, video, by=teller, expected_version=expected_version(request, asked))
        return own_story_response(story, teller)


class PosterView(BaseAPIView):
    @describe_operation(
        "stories_choose_poster",
        "Choose the picture of a story",
        request=PosterRequest,
        responses=OwnStoryResponse,
    )
    def put(self, request: Request, story: uuid.UUID) -> Response:
        asked, teller = PosterRequest.parse_body(request), authenticated_user(request)
        found = get_visible_story_or_404(story, viewer=teller)
        drafts.choose_poster(
            found, asked["poster"], by=teller, expected_version=expected_version(request, asked)
        )
        return own_story_response(story, teller)


class AnonymisationView(BaseAPIView):
    @describe_operation(
        "stories_disguise",
        "Have faces hidden, or the voice changed, in all that is made of one's recording",
        request=AnonymisationRequest,
        responses=OwnStoryResponse,
    )
    def put(self, request: Request, story: uuid.UUID) -> Response:
        asked, teller = AnonymisationRequest.parse_body(request), authenticated_user(request)
        wish = AnonymisationChoice(hide_faces=asked["hide_faces"], change_voice=asked["change_voice"])
        anonymisation.set_anonymisation(
            get_visible_story_or_404(story, viewer=teller),
            wish,
            by=teller,
            expected_version=expected_version(request, asked),
        )
        return own_story_response(story, teller)


class ConfirmDamagedRecordingView(BaseAPIView):
    @describe_operation(
        "stories_confirm_recording",
        "Want a recording as it is although it may be damaged",
        request=VersionOnlyRequest,
        responses=OwnStoryResponse,
    )
    def post(self, request: Request, story: uuid.UUID) -> Response:
        asked, teller = VersionOnlyRequest.parse_body(request), authenticated_user(request)
        drafts.confirm_damaged_recording(
            get_visible_story_or_404(story, viewer=teller),
            by=teller,
            expected_version=expected_version(request, asked),
        )
        return own_story_response(story, teller)


class CaptionsView(BaseAPIView):
    @describe_operation(
        "stories_set_captions",
        "Give a story captions in one language",
        request=CaptionsRequest,
        responses=OwnStoryResponse,
    )
    def put(self, request: Request, story: uuid.UUID, language: str) -> Response:
        asked, teller = CaptionsRequest.parse_body(request), authenticated_user(request)
        found = get_visible_story_or_404(story, viewer=teller)
        drafts.set_captions(
            found,
            language=language,
            text=asked["text"],
            by=teller,
            expected_version=expected_version(request, asked),
        )
        return own_story_response(story, teller)


class ConsentView(BaseAPIView):
    @describe_operation(
        "stories_give_consent", "Agree to uses of a story", request=ConsentRequest, responses=OwnStoryResponse
    )
    def post(self, request: Request, story: uuid.UUID) -> Response:
        asked, teller = ConsentRequest.parse_body(request), authenticated_user(request)
        found = get_visible_story_or_404(story, viewer=teller)
        drafts.give_consent(
            found,
            asked["uses"],
            text_version=asked["text_version"],
            by=teller,
            expected_version=expected_version(request, asked),
        )
        return own_story_response(story, teller)


def own_story_response(story: uuid.UUID, teller: User) -> Response:
    """Answer with the story as its teller sees it now, under its version as entity tag."""
    found = get_own_story_or_404(story, teller=teller)
    told: Any = OwnStoryResponse(found).data
    return Response(told, headers={"ETag": version_etag(found.version)})
