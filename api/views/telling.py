"""Tell a story of one's own: mark its chapters, give it a recording, captions and consent."""

import uuid
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from api.edge import Edge, signed_in
from api.finding import ON_ONES_OWN_CARD, for_cards, nothing_named, own_story, visible_story
from api.pagination import page
from api.schema import operation
from api.serializers.pages import PageAsked
from api.serializers.telling import (
    CaptionsAsked,
    ChaptersAsked,
    ConsentAsked,
    DisguiseAsked,
    OnlySeen,
    OwnPage,
    OwnStory,
    PosterAsked,
    RecordingAsked,
)
from api.versions import seen, tag
from media.models import Video
from stories import disguising, telling
from stories.disguising import Wish
from stories.models import Story
from stories.telling import ChapterDraft

NEWEST_FIRST = ("-created_at", "-pk")


class OwnStories(Edge):
    @operation("stories_mine", "List one's own stories", query=PageAsked, gives=OwnPage)
    def get(self, request: Request) -> Response:
        own = Story.objects.told_by(signed_in(request))
        found = page(
            for_cards(own, *ON_ONES_OWN_CARD), request, keyset=NEWEST_FIRST, asked=PageAsked.query(request)
        )
        return Response(OwnPage(found).data)


class OneOwnStory(Edge):
    @operation("stories_read_mine", "Read one's own story with all that belongs to it", gives=OwnStory)
    def get(self, request: Request, story: uuid.UUID) -> Response:
        return as_its_teller(story, signed_in(request))


class Chapters(Edge):
    @operation("stories_set_chapters", "Mark the chapters", asks=ChaptersAsked, gives=OwnStory)
    def put(self, request: Request, story: uuid.UUID) -> Response:
        asked, teller = ChaptersAsked.body(request), signed_in(request)
        found = visible_story(story, to=teller)
        drafts = [ChapterDraft(**chapter) for chapter in asked["chapters"]]
        telling.set_chapters(found, drafts, by=teller, seen=seen(request, asked))
        return as_its_teller(story, teller)


class Recording(Edge):
    @operation("stories_attach_recording", "Give a story its recording", asks=RecordingAsked, gives=OwnStory)
    def put(self, request: Request, story: uuid.UUID) -> Response:
        asked, teller = RecordingAsked.body(request), signed_in(request)
        found = visible_story(story, to=teller)
        video = Video.objects.filter(upload=asked["upload"], owner=teller).first()
        if video is None:
            raise nothing_named("upload", "There is no complete upload of yours with this id.")
        telling.attach(found, video, by=teller, seen=seen(request, asked))
        return as_its_teller(story, teller)


class Poster(Edge):
    @operation("stories_choose_poster", "Choose the picture of a story", asks=PosterAsked, gives=OwnStory)
    def put(self, request: Request, story: uuid.UUID) -> Response:
        asked, teller = PosterAsked.body(request), signed_in(request)
        found = visible_story(story, to=teller)
        telling.choose_poster(found, asked["poster"], by=teller, seen=seen(request, asked))
        return as_its_teller(story, teller)


class Disguise(Edge):
    @operation(
        "stories_disguise",
        "Have faces hidden, or the voice changed, in all that is made of one's recording",
        asks=DisguiseAsked,
        gives=OwnStory,
    )
    def put(self, request: Request, story: uuid.UUID) -> Response:
        asked, teller = DisguiseAsked.body(request), signed_in(request)
        wish = Wish(faces=asked["hide_faces"], voice=asked["change_voice"])
        disguising.disguise(visible_story(story, to=teller), wish, by=teller, seen=seen(request, asked))
        return as_its_teller(story, teller)


class DamagedRecording(Edge):
    @operation(
        "stories_confirm_recording",
        "Want a recording as it is although it may be damaged",
        asks=OnlySeen,
        gives=OwnStory,
    )
    def post(self, request: Request, story: uuid.UUID) -> Response:
        asked, teller = OnlySeen.body(request), signed_in(request)
        telling.confirm_damaged(visible_story(story, to=teller), by=teller, seen=seen(request, asked))
        return as_its_teller(story, teller)


class CaptionsIn(Edge):
    @operation(
        "stories_set_captions", "Give a story captions in one language", asks=CaptionsAsked, gives=OwnStory
    )
    def put(self, request: Request, story: uuid.UUID, language: str) -> Response:
        asked, teller = CaptionsAsked.body(request), signed_in(request)
        found = visible_story(story, to=teller)
        telling.set_captions(
            found, language=language, text=asked["text"], by=teller, seen=seen(request, asked)
        )
        return as_its_teller(story, teller)


class Consent(Edge):
    @operation("stories_give_consent", "Agree to uses of a story", asks=ConsentAsked, gives=OwnStory)
    def post(self, request: Request, story: uuid.UUID) -> Response:
        asked, teller = ConsentAsked.body(request), signed_in(request)
        found = visible_story(story, to=teller)
        telling.give_consent(
            found,
            asked["uses"],
            text_version=asked["text_version"],
            by=teller,
            seen=seen(request, asked),
        )
        return as_its_teller(story, teller)


def as_its_teller(story: uuid.UUID, teller: User) -> Response:
    """Answer with the story as its teller sees it now, under its version as entity tag."""
    found = own_story(story, of=teller)
    told: Any = OwnStory(found).data
    return Response(told, headers={"ETag": tag(found.version)})
