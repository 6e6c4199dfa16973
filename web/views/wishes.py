"""What a viewer does not want to be shown: said on a story's page, taken back on a page of its own."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from practice import wishes
from practice.models import HiddenTeller, LessLike
from practice.wishes import NothingToWish
from stories.models import Story
from web.doors import Visit, signed_in
from web.views.watch import visible_story

HIDDEN = "You will not be shown anything by {name} again. You can take that back under “Not shown to you”."
FEWER = "This story will not be chosen for you again, and others like it come later."


@signed_in
@require_POST
def wish(request: Visit, story_id: UUID) -> HttpResponse:
    """Wish fewer stories like one, or nothing more by its teller; then back to the stories for that challenge."""
    story, now = visible_story(request, story_id), timezone.now()
    try:
        match request.POST.get("wish"):
            case "hide-teller":
                wishes.hide_teller(story.teller, by=request.user, now=now)
                messages.success(request, HIDDEN.format(name=story.teller.shown_name))
            case "fewer":
                wishes.want_less_like(story, by=request.user, now=now)
                messages.success(request, FEWER)
            case _:
                return HttpResponseBadRequest("wish: send hide-teller or fewer")
    except NothingToWish:
        return HttpResponseBadRequest("This is your own story; it is never chosen for you.")
    return redirect("web:slate", slug=story.challenge.slug)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def not_shown(request: Visit) -> HttpResponse:
    """List whom and what somebody does not want to be shown, each with a way to take it back."""
    if request.method == "POST":
        _take_back(request)
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


def _take_back(request: Visit) -> None:
    """Take one wish back; what is named wrongly is not there."""
    if "teller" in request.POST:
        teller = get_object_or_404(User, pk=_id(request, "teller"), hidden_by__person=request.user)
        wishes.show_teller(teller, by=request.user)
        messages.success(request, f"You may be shown stories by {teller.shown_name} again.")
    else:
        story = get_object_or_404(Story, pk=_id(request, "story"), less_like_by__person=request.user)
        wishes.want_as_before(story, by=request.user)
        messages.success(request, f"“{story.title}” and others like it may be chosen for you again.")


def _id(request: Visit, field: str) -> UUID:
    try:
        return UUID(request.POST.get(field, ""))
    except ValueError:
        raise Http404(f"no such {field}") from None
