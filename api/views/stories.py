"""Look around among stories, begin one, read one, change its facts, and keep some for later."""

import uuid

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.edge import Edge, made, signed_in
from api.finding import challenge_named, for_cards, own_story, visible_story
from api.idempotency import once
from api.pagination import Page, page
from api.schema import operation
from api.serializers.pages import PageAsked
from api.serializers.stories import SavedAsked, SavedTold, StoriesAsked, StoryDetail, StoryPage
from api.serializers.telling import Facts, OwnStory, StoryAsked
from api.versions import seen
from api.views.telling import NEWEST_FIRST, as_its_teller
from practice import browsing, viewings
from practice.models import SavedStory
from stories import telling
from stories.models import Story
from stories.telling import StoryDraft


class Stories(Edge):
    @operation("stories_list", "Look around among the stories", query=StoriesAsked, gives=StoryPage)
    def get(self, request: Request) -> Response:
        asked = StoriesAsked.query(request)
        stories = browsing.open_to(signed_in(request))
        if "challenge" in asked:
            stories = stories.filter(challenge__slug=asked["challenge"])
        found = page(for_cards(stories), request, keyset=NEWEST_FIRST, asked=asked)
        return Response(StoryPage(found).data)

    @operation("stories_start", "Begin a story", asks=StoryAsked, gives={201: OwnStory})
    @once
    def post(self, request: Request) -> Response:
        asked, teller = StoryAsked.body(request), signed_in(request)
        challenge = challenge_named(asked.pop("challenge"))
        story = telling.start(challenge, StoryDraft(**asked), by=teller)
        return made(OwnStory(own_story(story.pk, of=teller)).data, at=f"{request.path}/{story.pk}")


class OneStory(Edge):
    @operation("stories_read", "Read one story", gives=StoryDetail)
    def get(self, request: Request, story: uuid.UUID) -> Response:
        person = signed_in(request)
        found = visible_story(story, to=person)
        return Response(StoryDetail(found, context={"person": person}).data)

    @operation("stories_edit", "Change facts of one's draft", asks=Facts, gives=OwnStory)
    def patch(self, request: Request, story: uuid.UUID) -> Response:
        asked, teller = Facts.body(request), signed_in(request)
        version = seen(request, asked)
        asked.pop("seen", None)
        telling.edit(visible_story(story, to=teller), StoryDraft(**asked), by=teller, seen=version)
        return as_its_teller(story, teller)


class Saved(Edge):
    @operation("stories_save", "Keep a story for later, or no longer", asks=SavedAsked, gives=SavedTold)
    def put(self, request: Request, story: uuid.UUID) -> Response:
        asked, person = SavedAsked.body(request), signed_in(request)
        found = visible_story(story, to=person)
        if asked["saved"]:
            viewings.save(found, by=person, now=timezone.now())
        else:
            viewings.unsave(found, by=person)
        return Response(SavedTold(asked).data)


class SavedStories(Edge):
    @operation("stories_saved", "List the stories kept for later", query=PageAsked, gives=StoryPage)
    def get(self, request: Request) -> Response:
        person = signed_in(request)
        kept = SavedStory.objects.filter(
            person=person, story__in=Story.objects.visible_to(person)
        ).select_related("story__challenge", "story__teller", "story__video")
        found = page(kept, request, keyset=("-saved_at", "-pk"), asked=PageAsked.query(request))
        return Response(StoryPage(Page([one.story for one in found.items], found.next)).data)
