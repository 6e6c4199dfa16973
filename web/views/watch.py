"""The page of a story, its media files, and viewing progress."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from practice import viewings
from practice.models import SavedStory
from stories.models import Story
from web.access import AuthenticatedRequest, accept_session_token, require_login
from web.csp_hashes import allow_player_styles
from web.lookups import find_own_slate, get_visible_story_or_404
from web.media_responses import captions_response, media_file_response
from web.transcripts import story_transcripts


@allow_player_styles
@require_login
@require_safe
def watch_story(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    story = get_object_or_404(Story.objects.visible_to(request.user).with_related(), pk=story_id)
    context = {
        "story": story,
        "transcripts": story_transcripts(story),
        "is_saved": SavedStory.objects.filter(person=request.user, story=story).exists(),
        "is_own_story": story.teller_id == request.user.pk,
        "slate_id": request.GET.get("slate", ""),
        "section": "challenges",
    }
    return render(request, "web/find/story.html", context)


@require_login
@require_POST
def save_story(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Save a story, or remove it from the saved stories with keep=no."""
    story = get_visible_story_or_404(request, story_id)
    if request.POST.get("keep") == "no":
        viewings.unsave_story(story, by=request.user)
        messages.success(request, gettext("Removed from your saved stories."))
    else:
        viewings.save_story(story, by=request.user, now=timezone.now())
        messages.success(request, gettext("Saved. You can find it under “Saved”."))
    return redirect(f"{reverse('web:story', args=[story_id])}{_slate_query(request)}")


@require_login
@require_POST
def record_viewing_progress(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Save the furthest position; the player posts it periodically."""
    story = get_visible_story_or_404(request, story_id)
    try:
        furthest_ms = int(request.POST["furthest_ms"])
    except (KeyError, ValueError):
        return HttpResponseBadRequest("furthest_ms: a whole number of milliseconds")
    slate = find_own_slate(request, request.POST.get("slate", ""))
    now = timezone.now()
    try:
        viewing = viewings.start_viewing(story, by=request.user, slate=slate, now=now)
        viewings.finish_viewing(viewing, by=request.user, now=now, furthest_ms=furthest_ms)
    except viewings.InvalidViewingAnswer as error:
        return HttpResponseBadRequest(f"{error.field}: {error}")
    except viewings.OwnStoryViewing:
        pass  # Tellers watching their own story are not counted.
    return HttpResponse(status=204)


@accept_session_token
@require_safe
def media_file(request: HttpRequest, story_id: UUID, name: str) -> HttpResponse:
    return media_file_response(get_visible_story_or_404(request, story_id), name)


@accept_session_token
@require_safe
def caption_file(request: HttpRequest, story_id: UUID, language: str) -> HttpResponse:
    return captions_response(get_visible_story_or_404(request, story_id), language)


def _slate_query(request: HttpRequest) -> str:
    """Return the query string that names the slate the viewer came from."""
    slate_id = request.GET.get("slate", "")
    return f"?{urlencode({'slate': slate_id})}" if slate_id else ""
