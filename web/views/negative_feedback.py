"""Negative feedback: hide a teller or ask for fewer stories like one, and undo it."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts.models import User
from practice import negative_feedback
from practice.models import HiddenTeller, LessLike
from practice.negative_feedback import FeedbackOnOwnStory
from stories.models import Story
from web.access import AuthenticatedRequest, require_get_or_post, require_login
from web.lookups import get_visible_story_or_404


@require_login
@require_POST
def give_negative_feedback(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Save the feedback, then go back to the stories for the challenge."""
    story, now = get_visible_story_or_404(request, story_id), timezone.now()
    try:
        match request.POST.get("wish"):
            case "hide-teller":
                negative_feedback.hide_teller(story.teller, by=request.user, now=now)
                message = gettext(
                    "We will not show you stories by %(name)s again. You can change this under “Hidden from you”."
                ) % {"name": story.teller.display_name}
            case "fewer":
                negative_feedback.add_less_like(story, by=request.user, now=now)
                message = gettext(
                    "We will not choose this story for you again, and we will show fewer like it."
                )
            case _:
                return HttpResponseBadRequest("wish: send hide-teller or fewer")
    except FeedbackOnOwnStory:
        return HttpResponseBadRequest(gettext("This is your own story. We never choose it for you."))
    messages.success(request, message)
    return redirect("web:slate", slug=story.challenge.slug)


@require_login
@require_get_or_post
def negative_feedback_list(request: AuthenticatedRequest) -> HttpResponse:
    """List hidden tellers and "fewer like this" stories, each with a button to undo it."""
    if request.method == "POST":
        _undo_negative_feedback(request)
        return redirect("web:negative_feedback_list")
    hidden_tellers = HiddenTeller.objects.filter(person=request.user)
    less_like = LessLike.objects.filter(person=request.user, story__in=Story.objects.visible_to(request.user))
    context = {
        "hidden_tellers": hidden_tellers.select_related("teller").order_by("-hidden_at"),
        "less_like_stories": less_like.select_related("story__challenge", "story__teller").order_by(
            "-said_at"
        ),
        "section": "account",
    }
    return render(request, "web/find/negative_feedback.html", context)


def _undo_negative_feedback(request: AuthenticatedRequest) -> None:
    if "teller" in request.POST:
        teller = get_object_or_404(User, pk=_posted_uuid(request, "teller"), hidden_by__person=request.user)
        negative_feedback.unhide_teller(teller, by=request.user)
        message = gettext("You may see stories by %(name)s again.") % {"name": teller.display_name}
    else:
        story = get_object_or_404(Story, pk=_posted_uuid(request, "story"), less_like_by__person=request.user)
        negative_feedback.remove_less_like(story, by=request.user)
        message = gettext("You may see “%(title)s” and stories like it again.") % {"title": story.title}
    messages.success(request, message)


def _posted_uuid(request: AuthenticatedRequest, field: str) -> UUID:
    try:
        return UUID(request.POST.get(field, ""))
    except ValueError:
        raise Http404(f"invalid {field}") from None
