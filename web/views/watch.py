"""Watch a story: its page, and every byte of it for those who may see it at that moment."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from media.playback import NoSuchFile, is_text
from practice import viewings
from practice.models import SavedStory, Slate
from stories import watching
from stories.models import Story
from stories.watching import NothingToWatch
from web.doors import Visit, known_by_token, signed_in
from web.player_styles import with_player
from web.transcripts import transcripts_of

NOT_KEPT = {"Cache-Control": "no-store"}


@with_player
@signed_in
@require_safe
def story(request: Visit, story_id: UUID) -> HttpResponse:
    """Show a story with its player, chapters and what the teller shared."""
    found = get_object_or_404(Story.objects.visible_to(request.user).with_its_parts(), pk=story_id)
    about = {
        "story": found,
        "transcripts": transcripts_of(found),
        "saved": SavedStory.objects.filter(person=request.user, story=found).exists(),
        "own": found.teller_id == request.user.pk,
        "slate_id": request.GET.get("slate", ""),
        "section": "challenges",
    }
    return render(request, "web/find/story.html", about)


@signed_in
@require_POST
def save(request: Visit, story_id: UUID) -> HttpResponse:
    """Keep a story to find it again, or let it go."""
    found = visible_story(request, story_id)
    if request.POST.get("keep") == "no":
        viewings.unsave(found, by=request.user)
        messages.success(request, "Taken out of your saved stories.")
    else:
        viewings.save(found, by=request.user, now=timezone.now())
        messages.success(request, "Saved. You find it under “Saved”.")
    return redirect(f"{reverse('web:story', args=[story_id])}{_slate_of(request)}")


@signed_in
@require_POST
def how_far(request: Visit, story_id: UUID) -> HttpResponse:
    """Note how far somebody has watched; the player tells it from time to time."""
    found = visible_story(request, story_id)
    try:
        furthest = int(request.POST["furthest_ms"])
    except (KeyError, ValueError):
        return HttpResponseBadRequest("furthest_ms: a whole number of milliseconds")
    slate = slate_named(request, request.POST.get("slate", ""))
    now = timezone.now()
    try:
        viewing = viewings.start(found, by=request.user, slate=slate, now=now)
        viewings.finish(viewing, by=request.user, now=now, furthest_ms=furthest)
    except viewings.BadAnswer as refused:
        return HttpResponseBadRequest(f"{refused.field}: {refused}")
    except viewings.OwnViewing:
        return HttpResponse(status=204)  # nothing to note
    return HttpResponse(status=204)


@known_by_token
@require_safe
def file(request: HttpRequest, story_id: UUID, name: str) -> HttpResponse:
    return file_of(visible_story(request, story_id), name)


@known_by_token
@require_safe
def captions(request: HttpRequest, story_id: UUID, language: str) -> HttpResponse:
    return captions_of(visible_story(request, story_id), language)


def visible_story(request: HttpRequest, story_id: UUID) -> Story:
    """Return the story if this person may see it at this moment; to others it is not there."""
    return get_object_or_404(Story.objects.visible_to(request.user).select_related("video"), pk=story_id)


def file_of(story: Story, name: str) -> HttpResponse:
    """Answer with a playlist's text or the like, or with the way to a segment or picture that is good for seconds.

    Whoever calls has made sure that the person may see the story now; each request asks anew.
    """
    try:
        if is_text(name):
            text = watching.text(story, name)
            return HttpResponse(text.words, content_type=text.content_type, headers=NOT_KEPT)
        return HttpResponseRedirect(watching.address(story, name), headers=NOT_KEPT)
    except (NothingToWatch, NoSuchFile):
        raise Http404("nothing to watch") from None


def captions_of(story: Story, language: str) -> HttpResponse:
    """Answer with the captions in one language."""
    try:
        words = watching.captions(story, language)
    except NothingToWatch:
        raise Http404("no captions in this language") from None
    return HttpResponse(words.vtt, content_type="text/vtt; charset=utf-8", headers=NOT_KEPT)


def _slate_of(request: HttpRequest) -> str:
    """Return the part of the address that says from which slate somebody came."""
    slate_id = request.GET.get("slate", "")
    return f"?{urlencode({'slate': slate_id})}" if slate_id else ""


def slate_named(request: Visit, slate_id: str) -> Slate | None:
    """Return the viewer's slate by its id as it stood in the address; None if it is not one of theirs."""
    try:
        return Slate.objects.filter(pk=UUID(slate_id), viewer=request.user).first()
    except ValueError:
        return None
