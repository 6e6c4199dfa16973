"""Review stories: take one, look at it under a claim, decide, or give it back. Reviewers with a second factor only."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from moderation import decisions, queue, reviewing
from moderation.models import Claim
from moderation.queue import HeldBySomebodyElse, StaleClaim
from moderation.review import BadReview
from moderation.reviewing import ForAnotherReviewer, NothingToReview, NotInReview
from stories.lifecycle import NotPossibleNow, StoryMoved
from stories.models import Story
from stories.publishing import ContentChanged
from web.doors import Visit, known_by_token
from web.doors import reviewing as reviewers_only
from web.forms.review import ReviewForm
from web.told import told_of
from web.transcripts import transcripts_of
from web.views.watch import captions_of, file_of

NO_LONGER_HELD = "You do not hold this story any more. If it is still waiting, you can take it again."
MOVED_ON = (StaleClaim, StoryMoved, ContentChanged, NotInReview, ForAnotherReviewer, NotPossibleNow)
SAID = {
    "approve": "Approved. Members may be shown it now, and its teller is told.",
    "changes": "Given back to its teller, with your reasons.",
    "decline": "Declined. Its teller reads your reasons.",
    "escalate": "Passed to a senior colleague. Its teller is not told anything yet.",
}


@require_safe
@reviewers_only
def waiting(request: Visit) -> HttpResponse:
    """Show how much is waiting, and since when; there is no need to choose."""
    seen = queue.overview(request.user)
    lines = seen.lines
    page = {
        "section": "review",
        "lines": lines,
        "how_many": len(lines),
        "full": len(lines) == queue.SHOWN_AT_MOST,
        "oldest": min((line.story.submitted_at for line in lines if line.story.submitted_at), default=None),
        "held": seen.held,
    }
    return render(request, "web/review/waiting.html", page)


@require_POST
@reviewers_only
def take_next(request: Visit) -> HttpResponse:
    """Take whatever is next, or what one already holds."""
    claim = queue.claim_next(by=request.user, now=timezone.now())
    if claim is None:
        messages.info(request, "Nothing is waiting for you. Thank you.")
        return redirect("web:review")
    return redirect("web:review_story", claim.story_id)


@require_POST
@reviewers_only
def take(request: Visit, story_id: UUID) -> HttpResponse:
    """Take one certain story."""
    wanted = get_object_or_404(reviewing.line(request.user), pk=story_id)
    try:
        queue.claim(wanted, by=request.user, now=timezone.now())
    except (HeldBySomebodyElse, NotInReview, ForAnotherReviewer) as refused:
        messages.warning(request, str(refused))
        return redirect("web:review")
    return redirect("web:review_story", story_id)


@require_safe
@reviewers_only
def story(request: Visit, story_id: UUID) -> HttpResponse:
    """Show the story that one holds, with everything there is to judge it by."""
    try:
        held, claim = _held(request, story_id)
    except NothingToReview:
        return _stale(request, story_id, NO_LONGER_HELD)
    return _show(request, held, claim, ReviewForm(initial=ReviewForm.of(held, claim)))


@require_POST
@reviewers_only
def decide(request: Visit, story_id: UUID) -> HttpResponse:
    """Make the decision, if what was seen is what stands."""
    form = ReviewForm(request.POST)
    try:
        held, claim = _held(request, story_id)
        if form.is_valid():
            decisions.decide(held, form.chosen_verdict, form.review(), by=request.user)
            messages.success(request, SAID[form.chosen_verdict])
            return redirect("web:review")
    except BadReview as bad:
        form.refuse(bad.field, f"{bad.problem} {bad.fix}")
    except NothingToReview:
        return _stale(request, story_id, NO_LONGER_HELD, form)
    except MOVED_ON as moved:
        return _stale(request, story_id, str(moved), form)
    return _show(request, held, claim, form, status=HTTPStatus.BAD_REQUEST)


@require_POST
@reviewers_only
def renew(request: Visit, story_id: UUID) -> HttpResponse:
    """Start the ten minutes anew and show the page again with all that was filled in."""
    form = ReviewForm(initial=ReviewForm.filled_in(request.POST))
    try:
        held, claim = _held(request, story_id)
        queue.renew(claim, by=request.user)
    except (NothingToReview, StaleClaim):
        return _stale(request, story_id, NO_LONGER_HELD, form)
    return _show(request, held, claim, form)


@require_POST
@reviewers_only
def release(request: Visit, story_id: UUID) -> HttpResponse:
    """Give the story back to the queue."""
    try:
        _, claim = _held(request, story_id)
        queue.release(claim, by=request.user)
    except (NothingToReview, StaleClaim):
        return _stale(request, story_id, NO_LONGER_HELD)
    messages.success(request, "Given back. Somebody else will look at it.")
    return redirect("web:review")


@require_POST
@reviewers_only
def skip(request: Visit, story_id: UUID) -> HttpResponse:
    """Give the story back and not be offered it for some hours; nobody asks why."""
    try:
        _, claim = _held(request, story_id)
        queue.skip(claim, by=request.user, now=timezone.now())
    except (NothingToReview, StaleClaim):
        return _stale(request, story_id, NO_LONGER_HELD)
    messages.success(request, "Skipped. You will not be offered it for the next hours.")
    return redirect("web:review")


@known_by_token
@require_safe
@reviewers_only
def file(request: Visit, story_id: UUID, name: str) -> HttpResponse:
    """Answer the player of the story that one holds at this moment."""
    return file_of(_watchable(request, story_id), name)


@known_by_token
@require_safe
@reviewers_only
def words(request: Visit, story_id: UUID, language: str) -> HttpResponse:
    return captions_of(_watchable(request, story_id), language)


def _watchable(request: Visit, story_id: UUID) -> Story:
    try:
        return reviewing.reviewable(story_id, by=request.user)
    except NothingToReview:
        raise Http404("not held") from None


def _held(request: Visit, story_id: UUID) -> tuple[Story, Claim]:
    """Return the story that one holds, and the claim. Raises NothingToReview."""
    held = reviewing.reviewable(story_id, by=request.user)
    claim = Claim.objects.standing().of(request.user).on(held).first()
    if claim is None:
        raise NothingToReview
    return held, claim


def _show(
    request: Visit, held: Story, claim: Claim, form: ReviewForm, *, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    seconds_left = max(0, int((claim.lease_until - timezone.now()).total_seconds()))
    page = {
        "section": "review",
        "story": held,
        "form": form,
        "seconds_left": seconds_left,
        "minutes_left": round(seconds_left / 60),
        "lease_seconds": int(queue.LEASE.total_seconds()),
        "told": told_of(held),
        "seconds": (held.video.duration_ms or 0) / 1000 if held.video else 0,
        "earlier": reviewing.earlier_decisions(held, by=request.user),
        "transcripts": transcripts_of(held),
    }
    return render(request, "web/review/story.html", page, status=status)


def _stale(request: Visit, story_id: UUID, words: str, form: ReviewForm | None = None) -> HttpResponse:
    """Say how a story stands that one held or may take; what was written is still there to be copied."""
    known = Story.objects.filter(Exists(Claim.objects.of(request.user).filter(story=OuterRef("pk"))))
    stale = known.filter(pk=story_id).first() or get_object_or_404(reviewing.line(request.user), pk=story_id)
    page = {
        "section": "review",
        "story": stale,
        "words": words,
        "held": Claim.objects.standing().of(request.user).on(stale).exists(),
        "may_take": reviewing.may_review(stale, request.user),
        "notes": [] if form is None else form.notes,
    }
    status = HTTPStatus.OK if request.method == "GET" else HTTPStatus.CONFLICT
    return render(request, "web/review/stale.html", page, status=status)
