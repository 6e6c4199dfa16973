"""After watching: ratings, change of confidence, a step to try, and how it went."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from challenges import readings
from challenges.models import Challenge, ReadingMoment
from challenges.readings import InvalidRating
from practice import steps, viewings
from practice.confidence_change import latest_confidence_change
from practice.models import AttemptResult, SavedStory, Step
from practice.steps import InvalidStep
from stories.models import Story
from web.access import AuthenticatedRequest, require_get_or_post, require_login
from web.feedback import attempt_feedback, confidence_change_feedback
from web.forms.confidence_ratings import AfterRatingForm
from web.forms.steps import AttemptForm, StepForm
from web.lookups import find_own_slate, get_challenge_or_404
from web.pagination import paginate


@require_login
@require_get_or_post
def after_watching(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Record how similar the viewer felt to the teller, and a confidence reading."""
    story = get_object_or_404(
        Story.objects.visible_to(request.user)
        .exclude(teller=request.user)
        .with_card_relations()
        .prefetch_related("challenge__rungs"),
        pk=story_id,
    )
    form = AfterRatingForm(list(story.challenge.rungs.all()), request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            _save_ratings(request, story, form)
        except InvalidRating as error:
            form.add_refusal(error.field, f"{error.problem} {error.fix}")
        else:
            return redirect("web:step", slug=story.challenge.slug)
    context = {"story": story, "form": form, "section": "challenges"}
    return render(request, "web/find/after_watching.html", context, status=form.response_status)


@require_login
@require_get_or_post
def commit_step(request: AuthenticatedRequest, slug: str) -> HttpResponse:
    """Show the change of confidence, and save a step that the viewer will try."""
    challenge = get_challenge_or_404(slug)
    reading = readings.latest_reading(challenge, by=request.user)
    rungs = list(challenge.rungs.all())
    next_rung = min((reading.present_rung if reading else 0) + 1, len(rungs))
    form = StepForm(rungs, request.POST or None, initial={"rung": next_rung})
    if form.is_bound and form.is_valid() and _commit_step(request, challenge, form):
        messages.success(request, gettext("Saved. In three days we will ask you here how it went."))
        return redirect("web:steps")
    confidence_change = latest_confidence_change(challenge, viewer=request.user)
    context = {
        "challenge": challenge,
        "form": form,
        "confidence_change": confidence_change,
        "feedback": confidence_change_feedback(confidence_change) if confidence_change else None,
        "section": "challenges",
    }
    return render(request, "web/find/step.html", context, status=form.response_status)


@require_login
@require_safe
def step_list(request: AuthenticatedRequest) -> HttpResponse:
    own_steps = Step.objects.by(request.user).select_related("challenge").prefetch_related("attempts")
    page = paginate(own_steps, request, keyset=("-committed_at", "-pk"))
    return render(request, "web/find/steps.html", {"page": page, "section": "steps"})


@require_login
@require_get_or_post
def record_attempt(request: AuthenticatedRequest, step_id: UUID) -> HttpResponse:
    """Record how a step went, and show feedback that helps with the next one."""
    step = get_object_or_404(
        Step.objects.by(request.user).select_related("challenge").prefetch_related("attempts"), pk=step_id
    )
    form = AttemptForm(request.POST or None)
    context = {"step": step, "form": form, "section": "steps"}
    if form.is_bound and form.is_valid() and _record_attempt(request, step, form):
        went, attribution = form.cleaned_data["went"], form.cleaned_data["attribution"]
        context |= {"feedback": attempt_feedback(went, attribution), "done": went == AttemptResult.DONE}
        return render(request, "web/find/attempt_feedback.html", context)
    return render(request, "web/find/attempt.html", context, status=form.response_status)


@require_login
@require_safe
def saved_story_list(request: AuthenticatedRequest) -> HttpResponse:
    """List saved stories that can still be watched."""
    saved_stories = SavedStory.objects.filter(
        person=request.user, story__in=Story.objects.visible_to(request.user)
    ).select_related("story__challenge", "story__teller", "story__video")
    page = paginate(saved_stories, request, keyset=("-saved_at", "-pk"))
    return render(request, "web/find/saved.html", {"page": page, "section": "saved"})


def _save_ratings(request: AuthenticatedRequest, story: Story, form: AfterRatingForm) -> None:
    """Save both ratings or neither."""
    now = timezone.now()
    with transaction.atomic():
        slate = find_own_slate(request, request.GET.get("slate", ""))
        viewing = viewings.start_viewing(story, by=request.user, slate=slate, now=now)
        viewings.finish_viewing(viewing, by=request.user, now=now, like_me=form.cleaned_data["like_me"])
        readings.record_reading(
            story.challenge, form.ratings, by=request.user, moment=ReadingMoment.AFTER, at=now
        )


def _commit_step(request: AuthenticatedRequest, challenge: Challenge, form: StepForm) -> bool:
    text, rung = form.cleaned_data["text"], form.cleaned_data["rung"]
    try:
        steps.create_step(challenge, text, by=request.user, rung=rung, now=timezone.now())
    except InvalidStep as error:
        form.add_refusal(error.field, f"{error.problem} {error.fix}")
        return False
    return True


def _record_attempt(request: AuthenticatedRequest, step: Step, form: AttemptForm) -> bool:
    went, attribution = form.cleaned_data["went"], form.cleaned_data["attribution"]
    try:
        steps.record_attempt(step, went, by=request.user, attribution=attribution, now=timezone.now())
    except InvalidStep as error:
        form.add_refusal(error.field, f"{error.problem} {error.fix}")
        return False
    return True
