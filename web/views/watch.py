"""Watch a story: its page, and every byte of it for those who may see it at that moment."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from media.playback.delivery import NoSuchFile, is_generated_file
from practice import viewings
from practice.models import SavedStory, Slate
from stories import playback
from stories.models import Story
from stories.playback import NoPlayableRecording
from web.access import AuthenticatedRequest, accept_session_token, require_login
from web.csp_hashes import allow_player_styles
from web.transcripts import story_transcripts

NO_STORE_HEADERS = {"Cache-Control": "no-store"}


@allow_player_styles
@require_login
@require_safe
def watch_story(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Show a story with its player, chapters and what the teller shared."""
    found = get_object_or_404(Story.objects.visible_to(request.user).with_related(), pk=story_id)
    about = {
        "story": found,
        "transcripts": story_transcripts(found),
        "saved": SavedStory.objects.filter(person=request.user, story=found).exists(),
        "own": found.teller_id == request.user.pk,
        "slate_id": request.GET.get("slate", ""),
        "section": "challenges",
    }
    return render(request, "web/find/story.html", about)


@require_login
@require_POST
def save_story(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Keep a story to find it again, or let it go."""
    found = get_visible_story_or_404(request, story_id)
    if request.POST.get("keep") == "no":
        viewings.unsave_story(found, by=request.user)
        messages.success(request, "Taken out of your saved stories.")
    else:
        viewings.save_story(found, by=request.user, now=timezone.now())
        messages.success(request, "Saved. You find it under “Saved”.")
    return redirect(f"{reverse('web:story', args=[story_id])}{_slate_query(request)}")


@require_login
@require_POST
def record_viewing_progress(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Note how far somebody has watched; the player tells it from time to time."""
    found = get_visible_story_or_404(request, story_id)
    try:
        furthest = int(request.POST["furthest_ms"])
    except (KeyError, ValueError):
        return HttpResponseBadRequest("furthest_ms: a whole number of milliseconds")
    slate = find_own_slate(request, request.POST.get("slate", ""))
    now = timezone.now()
    try:
        viewing = viewings.start_viewing(found, by=request.user, slate=slate, now=now)
        viewings.finish_viewing(viewing, by=request.user, now=now, furthest_ms=furthest)
    except viewings.BadViewingAnswer as refused:
        return HttpResponseBadRequest(f"{refused.field}: {refused}")
    except viewings.OwnStoryViewing:
        return HttpResponse(status=204)  # nothing to note
    return HttpResponse(status=204)


@accept_session_token
@require_safe
def media_file(request: HttpRequest, story_id: UUID, name: str) -> HttpResponse:
    return media_file_response(get_visible_story_or_404(request, story_id), name)


@accept_session_token
@require_safe
def caption_file(request: HttpRequest, story_id: UUID, language: str) -> HttpResponse:
    return captions_response(get_visible_story_or_404(request, story_id), language)


def get_visible_story_or_404(request: HttpRequest, story_id: UUID) -> Story:
    """Return the story if this person may see it at this moment; to others it is not there."""
    return get_object_or_404(Story.objects.visible_to(request.user).select_related("video"), pk=story_id)


def media_file_response(story: Story, name: str) -> HttpResponse:
    """Answer with a playlist's text or the like, or with the way to a segment or picture that is good for seconds.

    Whoever calls has made sure that the person may see the story now; each request asks anew.
    """
    try:
        if is_generated_file(name):
            text = playback.playback_text(story, name)
            return HttpResponse(text.text, content_type=text.content_type, headers=NO_STORE_HEADERS)
        return HttpResponseRedirect(playback.signed_url(story, name), headers=NO_STORE_HEADERS)
    except (NoPlayableRecording, NoSuchFile):
        raise Http404("nothing to watch") from None


def captions_response(story: Story, language: str) -> HttpResponse:
    """Answer with the captions in one language."""
    try:
        words = playback.captions_in_language(story, language)
    except NoPlayableRecording:
        raise Http404("no captions in this language") from None
    return HttpResponse(words.vtt, content_type="text/vtt; charset=utf-8", headers=NO_STORE_HEADERS)


def _slate_query(request: HttpRequest) -> str:
    """Return the part of the address that says from which slate somebody came."""
    slate_id = request.GET.get("slate", "")
    return f"?{urlencode({'slate': slate_id})}" if slate_id else ""


def find_own_slate(request: AuthenticatedRequest, slate_id: str) -> Slate | None:
    """Return the viewer's slate by its id as it stood in the address; None if it is not one of theirs."""
    try:
        return Slate.objects.filter(pk=UUID(slate_id), viewer=request.user).first()
    except ValueError:
        return None
