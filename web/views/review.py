"""Review stories: take one, look at it under a claim, decide, or give it back. Reviewers with a second factor only."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from moderation import decisions, policy, queue
from moderation.models import Claim
from moderation.policy import NotInReview, ReservedForAnotherReviewer, StoryNotHeld
from moderation.queue import ClaimedByAnotherReviewer, StaleClaim
from moderation.submission import BadReview
from stories.lifecycle import StoryVersionConflict, TransitionNotAllowed
from stories.models import Story
from stories.publishing import ContentChanged
from web.access import AuthenticatedRequest, accept_session_token
from web.access import require_reviewer as reviewers_only
from web.forms.review import ReviewForm
from web.story_summary import summarise_story
from web.transcripts import story_transcripts
from web.views.watch import captions_response, media_file_response

CLAIM_LOST_MESSAGE = "You do not hold this story any more. If it is still waiting, you can take it again."
STALE_REVIEW_ERRORS = (
    StaleClaim,
    StoryVersionConflict,
    ContentChanged,
    NotInReview,
    ReservedForAnotherReviewer,
    TransitionNotAllowed,
)
DECISION_MESSAGES = {
    "approve": "Approved. Members may be shown it now, and its teller is told.",
    "changes": "Given back to its teller, with your reasons.",
    "decline": "Declined. Its teller reads your reasons.",
    "escalate": "Passed to a senior colleague. Its teller is not told anything yet.",
}


@require_safe
@reviewers_only
def review_queue(request: AuthenticatedRequest) -> HttpResponse:
    """Show how much is waiting, and since when; there is no need to choose."""
    seen = queue.queue_overview(request.user)
    lines = seen.items
    page = {
        "section": "review",
        "lines": lines,
        "how_many": len(lines),
        "full": len(lines) == queue.MAX_QUEUE_ITEMS,
        "oldest": min((line.story.submitted_at for line in lines if line.story.submitted_at), default=None),
        "held": seen.held_claim,
    }
    return render(request, "web/review/waiting.html", page)


@require_POST
@reviewers_only
def claim_next_story(request: AuthenticatedRequest) -> HttpResponse:
    """Take whatever is next, or what one already holds."""
    claim = queue.claim_next_story(by=request.user, now=timezone.now())
    if claim is None:
        messages.info(request, "Nothing is waiting for you. Thank you.")
        return redirect("web:review")
    return redirect("web:review_story", claim.story_id)


@require_POST
@reviewers_only
def claim_story(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Take one certain story."""
    wanted = get_object_or_404(policy.reviewable_stories(request.user), pk=story_id)
    try:
        queue.claim_story(wanted, by=request.user, now=timezone.now())
    except (ClaimedByAnotherReviewer, NotInReview, ReservedForAnotherReviewer) as refused:
        messages.warning(request, str(refused))
        return redirect("web:review")
    return redirect("web:review_story", story_id)


@require_safe
@reviewers_only
def review_story(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Show the story that one holds, with everything there is to judge it by."""
    try:
        held, claim = _get_held_story_and_claim(request, story_id)
    except StoryNotHeld:
        return _render_stale_review(request, story_id, CLAIM_LOST_MESSAGE)
    return _render_review(request, held, claim, ReviewForm(initial=ReviewForm.initial_for(held, claim)))


@require_POST
@reviewers_only
def decide_story(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Make the decision, if what was seen is what stands."""
    form = ReviewForm(request.POST)
    try:
        held, claim = _get_held_story_and_claim(request, story_id)
        if form.is_valid():
            decisions.decide_story(held, form.chosen_verdict, form.review_submission(), by=request.user)
            messages.success(request, DECISION_MESSAGES[form.chosen_verdict])
            return redirect("web:review")
    except BadReview as bad:
        form.add_refusal(bad.field, f"{bad.problem} {bad.fix}")
    except StoryNotHeld:
        return _render_stale_review(request, story_id, CLAIM_LOST_MESSAGE, form)
    except STALE_REVIEW_ERRORS as moved:
        return _render_stale_review(request, story_id, str(moved), form)
    return _render_review(request, held, claim, form, status=HTTPStatus.BAD_REQUEST)


@require_POST
@reviewers_only
def renew_claim(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Start the ten minutes anew and show the page again with all that was filled in."""
    form = ReviewForm(initial=ReviewForm.initial_from_post(request.POST))
    try:
        held, claim = _get_held_story_and_claim(request, story_id)
        queue.renew_claim(claim, by=request.user)
    except (StoryNotHeld, StaleClaim):
        return _render_stale_review(request, story_id, CLAIM_LOST_MESSAGE, form)
    return _render_review(request, held, claim, form)


@require_POST
@reviewers_only
def release_claim(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Give the story back to the queue."""
    try:
        _, claim = _get_held_story_and_claim(request, story_id)
        queue.release_claim(claim, by=request.user)
    except (StoryNotHeld, StaleClaim):
        return _render_stale_review(request, story_id, CLAIM_LOST_MESSAGE)
    messages.success(request, "Given back. Somebody else will look at it.")
    return redirect("web:review")


@require_POST
@reviewers_only
def skip_story(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Give the story back and not be offered it for some hours; nobody asks why."""
    try:
        _, claim = _get_held_story_and_claim(request, story_id)
        queue.skip_story(claim, by=request.user, now=timezone.now())
    except (StoryNotHeld, StaleClaim):
        return _render_stale_review(request, story_id, CLAIM_LOST_MESSAGE)
    messages.success(request, "Skipped. You will not be offered it for the next hours.")
    return redirect("web:review")


@accept_session_token
@require_safe
@reviewers_only
def media_file(request: AuthenticatedRequest, story_id: UUID, name: str) -> HttpResponse:
    """Answer the player of the story that one holds at this moment."""
    return media_file_response(_get_watchable_story_or_404(request, story_id), name)


@accept_session_token
@require_safe
@reviewers_only
def caption_file(request: AuthenticatedRequest, story_id: UUID, language: str) -> HttpResponse:
    return captions_response(_get_watchable_story_or_404(request, story_id), language)


def _get_watchable_story_or_404(request: AuthenticatedRequest, story_id: UUID) -> Story:
    try:
        return policy.get_held_story(story_id, by=request.user)
    except StoryNotHeld:
        raise Http404("not held") from None


def _get_held_story_and_claim(request: AuthenticatedRequest, story_id: UUID) -> tuple[Story, Claim]:
    """Return the story that one holds, and the claim. Raises NothingToReview."""
    held = policy.get_held_story(story_id, by=request.user)
    claim = Claim.objects.active().held_by(request.user).for_story(held).first()
    if claim is None:
        raise StoryNotHeld
    return held, claim


def _render_review(
    request: AuthenticatedRequest,
    held: Story,
    claim: Claim,
    form: ReviewForm,
    *,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    seconds_left = max(0, int((claim.lease_until - timezone.now()).total_seconds()))
    page = {
        "section": "review",
        "story": held,
        "form": form,
        "seconds_left": seconds_left,
        "minutes_left": round(seconds_left / 60),
        "lease_seconds": int(queue.LEASE_DURATION.total_seconds()),
        "told": summarise_story(held),
        "seconds": (held.video.duration_ms or 0) / 1000 if held.video else 0,
        "earlier": policy.earlier_decisions(held, by=request.user),
        "transcripts": story_transcripts(held),
    }
    return render(request, "web/review/story.html", page, status=status)


def _render_stale_review(
    request: AuthenticatedRequest, story_id: UUID, words: str, form: ReviewForm | None = None
) -> HttpResponse:
    """Say how a story stands that one held or may take; what was written is still there to be copied."""
    known = Story.objects.filter(Exists(Claim.objects.held_by(request.user).filter(story=OuterRef("pk"))))
    stale = known.filter(pk=story_id).first() or get_object_or_404(
        policy.reviewable_stories(request.user), pk=story_id
    )
    page = {
        "section": "review",
        "story": stale,
        "words": words,
        "held": Claim.objects.active().held_by(request.user).for_story(stale).exists(),
        "may_take": policy.may_review(stale, request.user),
        "notes": [] if form is None else form.written_notes,
    }
    status = HTTPStatus.OK if request.method == "GET" else HTTPStatus.CONFLICT
    return render(request, "web/review/stale.html", page, status=status)
