"""What a viewer does not want to be shown: said on a story's page, taken back on a page of its own."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from practice import negative_feedback
from practice.models import HiddenTeller, LessLike
from practice.negative_feedback import FeedbackOnOwnStory
from stories.models import Story
from web.access import AuthenticatedRequest, require_login
from web.views.watch import get_visible_story_or_404

TELLER_HIDDEN_MESSAGE = (
    "You will not be shown anything by {name} again. You can take that back under “Not shown to you”."
)
LESS_LIKE_THIS_MESSAGE = "This story will not be chosen for you again, and others like it come later."


@require_login
@require_POST
def give_negative_feedback(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Wish fewer stories like one, or nothing more by its teller; then back to the stories for that challenge."""
    story, now = get_visible_story_or_404(request, story_id), timezone.now()
    try:
        match request.POST.get("wish"):
            case "hide-teller":
                negative_feedback.hide_teller(story.teller, by=request.user, now=now)
                messages.success(request, TELLER_HIDDEN_MESSAGE.format(name=story.teller.display_name))
            case "fewer":
                negative_feedback.add_less_like(story, by=request.user, now=now)
                messages.success(request, LESS_LIKE_THIS_MESSAGE)
            case _:
                return HttpResponseBadRequest("wish: send hide-teller or fewer")
    except FeedbackOnOwnStory:
        return HttpResponseBadRequest("This is your own story; it is never chosen for you.")
    return redirect("web:slate", slug=story.challenge.slug)


@require_login
@require_http_methods(["GET", "HEAD", "POST"])
def negative_feedback_list(request: AuthenticatedRequest) -> HttpResponse:
    """List whom and what somebody does not want to be shown, each with a way to take it back."""
    if request.method == "POST":
        _undo_negative_feedback(request)
        return redirect("web:not_shown")
    seen = LessLike.objects.filter(person=request.user, story__in=Story.objects.visible_to(request.user))
    about = {
        "tellers": HiddenTeller.objects.filter(person=request.user)
        .select_related("teller")
        .order_by("-hidden_at"),
        "stories": seen.select_related("story__challenge", "story__teller").order_by("-said_at"),
        "section": "account",
    }
    return render(request, "web/find/not_shown.html", about)


def _undo_negative_feedback(request: AuthenticatedRequest) -> None:
    """Take one wish back; what is named wrongly is not there."""
    if "teller" in request.POST:
        teller = get_object_or_404(User, pk=_posted_uuid(request, "teller"), hidden_by__person=request.user)
        negative_feedback.unhide_teller(teller, by=request.user)
        messages.success(request, f"You may be shown stories by {teller.display_name} again.")
    else:
        story = get_object_or_404(Story, pk=_posted_uuid(request, "story"), less_like_by__person=request.user)
        negative_feedback.remove_less_like(story, by=request.user)
        messages.success(request, f"“{story.title}” and others like it may be chosen for you again.")


def _posted_uuid(request: AuthenticatedRequest, field: str) -> UUID:
    try:
        return UUID(request.POST.get(field, ""))
    except ValueError:
        raise Http404(f"no such {field}") from None
