"""Review: claim a story, watch it, decide, or release the claim. For reviewers with a verified second factor."""

from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from moderation import decisions, queue, review_permissions
from moderation.models import Claim, Verdict
from moderation.queue import ClaimedByAnotherReviewer, StaleClaim
from moderation.review_permissions import NotInReview, ReservedForAnotherReviewer, StoryNotHeld
from moderation.submission import InvalidReview
from stories.lifecycle import StoryVersionConflict, TransitionNotAllowed
from stories.models import Story
from stories.publishing import ContentChanged
from web.access import AuthenticatedRequest, accept_session_token, require_reviewer
from web.forms.review import ReviewForm
from web.media_responses import captions_response, media_file_response
from web.story_summary import summarise_story
from web.transcripts import story_transcripts

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

CLAIM_LOST_MESSAGE = _("Your claim on this story has ended. If it is still waiting, you can claim it again.")
STALE_REVIEW_ERRORS = (
    StaleClaim,
    StoryVersionConflict,
    ContentChanged,
    NotInReview,
    ReservedForAnotherReviewer,
    TransitionNotAllowed,
)
DECISION_MESSAGES = {
    Verdict.APPROVE: _("Approved. Members can see it now, and we let the teller know."),
    Verdict.CHANGES: _("Sent back to the teller with your reasons."),
    Verdict.DECLINE: _("Declined. The teller can read your reasons."),
    Verdict.ESCALATE: _("Passed to a senior reviewer. We have not told the teller anything yet."),
}


@require_safe
@require_reviewer
def review_queue(request: AuthenticatedRequest) -> HttpResponse:
    overview = queue.queue_overview(request.user)
    items = overview.items
    submission_times = [item.story.submitted_at for item in items if item.story.submitted_at]
    context = {
        "section": "review",
        "queue_items": items,
        "queue_length": len(items),
        "queue_is_truncated": len(items) == queue.MAX_QUEUE_ITEMS,
        "oldest_submission": min(submission_times, default=None),
        "held_claim": overview.held_claim,
    }
    return render(request, "web/review/queue.html", context)


@require_POST
@require_reviewer
def claim_next_story(request: AuthenticatedRequest) -> HttpResponse:
    """Claim the next story, or continue with the one that the reviewer already holds."""
    claim = queue.claim_next_story(by=request.user, now=timezone.now())
    if claim is None:
        messages.info(request, gettext("Nothing is waiting for you. Thank you."))
        return redirect("web:review")
    return redirect("web:review_story", claim.story_id)


@require_POST
@require_reviewer
def claim_story(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    story = get_object_or_404(review_permissions.reviewable_stories(request.user), pk=story_id)
    try:
        queue.claim_story(story, by=request.user, now=timezone.now())
    except (ClaimedByAnotherReviewer, NotInReview, ReservedForAnotherReviewer) as error:
        messages.warning(request, str(error))
        return redirect("web:review")
    return redirect("web:review_story", story_id)


@require_safe
@require_reviewer
def review_story(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Show the claimed story with everything needed to judge it."""
    try:
        story, claim = _get_held_story_and_claim(request, story_id)
    except StoryNotHeld:
        return _render_stale_review(request, story_id, CLAIM_LOST_MESSAGE)
    return _render_review(request, story, claim, ReviewForm(initial=ReviewForm.initial_for(story, claim)))


@require_POST
@require_reviewer
def decide_story(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Decide, unless the story or the claim has changed since the page was rendered."""
    form = ReviewForm(request.POST)
    try:
        story, claim = _get_held_story_and_claim(request, story_id)
        if form.is_valid():
            decisions.decide_story(story, form.chosen_verdict, form.review_submission(), by=request.user)
            messages.success(request, str(DECISION_MESSAGES[form.chosen_verdict]))
            return redirect("web:review")
    except InvalidReview as error:
        form.add_refusal(error.field, f"{error.problem} {error.fix}")
    except StoryNotHeld:
        return _render_stale_review(request, story_id, CLAIM_LOST_MESSAGE, form)
    except STALE_REVIEW_ERRORS as error:
        return _render_stale_review(request, story_id, str(error), form)
    return _render_review(request, story, claim, form, status=HTTPStatus.BAD_REQUEST)


@require_POST
@require_reviewer
def renew_claim(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Extend the lease, and show the page again with everything that was filled in."""
    form = ReviewForm(initial=ReviewForm.initial_from_post(request.POST))
    try:
        story, claim = _get_held_story_and_claim(request, story_id)
        queue.renew_claim(claim, by=request.user)
    except (StoryNotHeld, StaleClaim):
        return _render_stale_review(request, story_id, CLAIM_LOST_MESSAGE, form)
    return _render_review(request, story, claim, form)


@require_POST
@require_reviewer
def release_claim(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    try:
        _story, claim = _get_held_story_and_claim(request, story_id)
        queue.release_claim(claim, by=request.user)
    except (StoryNotHeld, StaleClaim):
        return _render_stale_review(request, story_id, CLAIM_LOST_MESSAGE)
    messages.success(request, gettext("Returned to the queue. Someone else will review it."))
    return redirect("web:review")


@require_POST
@require_reviewer
def skip_story(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Release the claim and leave the story out of the reviewer's queue for some hours."""
    try:
        _story, claim = _get_held_story_and_claim(request, story_id)
        queue.skip_story(claim, by=request.user, now=timezone.now())
    except (StoryNotHeld, StaleClaim):
        return _render_stale_review(request, story_id, CLAIM_LOST_MESSAGE)
    messages.success(request, gettext("Skipped. We will not offer it to you for the next few hours."))
    return redirect("web:review")


@accept_session_token
@require_safe
@require_reviewer
def media_file(request: AuthenticatedRequest, story_id: UUID, name: str) -> HttpResponse:
    return media_file_response(_get_watchable_story_or_404(request, story_id), name)


@accept_session_token
@require_safe
@require_reviewer
def caption_file(request: AuthenticatedRequest, story_id: UUID, language: str) -> HttpResponse:
    return captions_response(_get_watchable_story_or_404(request, story_id), language)


def _get_watchable_story_or_404(request: AuthenticatedRequest, story_id: UUID) -> Story:
    try:
        return review_permissions.get_held_story(story_id, by=request.user)
    except StoryNotHeld:
        raise Http404("no claim on this story") from None


def _get_held_story_and_claim(request: AuthenticatedRequest, story_id: UUID) -> tuple[Story, Claim]:
    """Raises StoryNotHeld without an active claim."""
    story = review_permissions.get_held_story(story_id, by=request.user)
    claim = Claim.objects.active().held_by(request.user).for_story(story).first()
    if claim is None:
        raise StoryNotHeld
    return story, claim


def _render_review(
    request: AuthenticatedRequest,
    story: Story,
    claim: Claim,
    form: ReviewForm,
    *,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    seconds_left = max(0, int((claim.lease_until - timezone.now()).total_seconds()))
    context = {
        "section": "review",
        "story": story,
        "form": form,
        "seconds_left": seconds_left,
        "minutes_left": round(seconds_left / 60),
        "lease_seconds": int(queue.LEASE_DURATION.total_seconds()),
        "summary": summarise_story(story),
        "duration_seconds": (story.video.duration_ms or 0) / 1000 if story.video else 0,
        "earlier_decisions": review_permissions.earlier_decisions(story, by=request.user),
        "transcripts": story_transcripts(story),
    }
    return render(request, "web/review/story.html", context, status=status)


def _render_stale_review(
    request: AuthenticatedRequest, story_id: UUID, reason: "StrOrPromise", form: ReviewForm | None = None
) -> HttpResponse:
    """Show the current state of a story that the reviewer claimed once or can claim, with notes left to copy."""
    own_claims = Claim.objects.held_by(request.user).filter(story=OuterRef("pk"))
    story = Story.objects.filter(Exists(own_claims), pk=story_id).first() or get_object_or_404(
        review_permissions.reviewable_stories(request.user), pk=story_id
    )
    context = {
        "section": "review",
        "story": story,
        "reason": reason,
        "is_held": Claim.objects.active().held_by(request.user).for_story(story).exists(),
        "can_claim": review_permissions.may_review(story, request.user),
        "written_notes": [] if form is None else form.written_notes,
    }
    status = HTTPStatus.OK if request.method == "GET" else HTTPStatus.CONFLICT
    return render(request, "web/review/stale.html", context, status=status)
