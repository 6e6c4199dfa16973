"""After watching: how it was, whether confidence moved, one small step, and how that went."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from challenges import readings
from challenges.models import Challenge, ReadingMoment
from challenges.readings import InvalidRating
from practice import steps as promised
from practice import viewings
from practice.confidence_change import latest_confidence_change
from practice.models import AttemptResult, SavedStory, Step
from practice.steps import BadStep
from stories.models import Story
from web.access import AuthenticatedRequest, require_login
from web.feedback import attempt_feedback, confidence_change_feedback
from web.forms.profile import AfterRatingForm, AttemptForm, StepForm
from web.pagination import paginate
from web.views.discovery import get_challenge_or_404
from web.views.watch import find_own_slate

require_get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_login
@require_get_or_post
def after_watching(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Ask how much the viewer saw themselves in the story, and how sure they are now."""
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
            _save_answers(request, story, form)
        except InvalidRating as refused:
            form.add_refusal(refused.field, f"{refused.problem} {refused.fix}")
        else:
            return redirect("web:step", slug=story.challenge.slug)
    about = {"story": story, "form": form, "slate_id": request.GET.get("slate", ""), "section": "challenges"}
    return render(request, "web/find/after.html", about, status=form.response_status)


@require_login
@require_get_or_post
def commit_step(request: AuthenticatedRequest, slug: str) -> HttpResponse:
    """Show whether confidence moved, and take one small step in the person's own words."""
    challenge = get_challenge_or_404(slug)
    reading = readings.latest_reading(challenge, by=request.user)
    rungs = list(challenge.rungs.all())
    nearest = min((reading.present_rung if reading else 0) + 1, len(rungs))
    form = StepForm(rungs, request.POST or None, initial={"rung": nearest})
    if form.is_bound and form.is_valid() and _commit_step(request, challenge, form):
        messages.success(request, "Kept. In three days we will ask you here how it went.")
        return redirect("web:steps")
    change = latest_confidence_change(challenge, viewer=request.user)
    about = {
        "challenge": challenge,
        "form": form,
        "change": change,
        "said": confidence_change_feedback(change) if change else None,
        "section": "challenges",
    }
    return render(request, "web/find/step.html", about, status=form.response_status)


@require_login
@require_safe
def step_list(request: AuthenticatedRequest) -> HttpResponse:
    """List one's own steps, newest first, with how each went."""
    mine = Step.objects.by(request.user).select_related("challenge").prefetch_related("attempts")
    found = paginate(mine, request, keyset=("-committed_at", "-pk"))
    return render(request, "web/find/steps.html", {"leaf": found, "section": "steps"})


@require_login
@require_get_or_post
def record_attempt(request: AuthenticatedRequest, step_id: UUID) -> HttpResponse:
    """Keep how a step went, and answer in a way that helps with the next one."""
    kept = get_object_or_404(
        Step.objects.by(request.user).select_related("challenge").prefetch_related("attempts"), pk=step_id
    )
    form = AttemptForm(request.POST or None)
    about = {"step": kept, "form": form, "section": "steps"}
    if form.is_bound and form.is_valid() and _record_attempt(request, kept, form):
        went, attribution = form.cleaned_data["went"], form.cleaned_data["attribution"]
        about |= {"said": attempt_feedback(went, attribution), "done": went == AttemptResult.DONE}
        return render(request, "web/find/went.html", about)
    return render(request, "web/find/how_it_went.html", about, status=form.response_status)


@require_login
@require_safe
def saved_story_list(request: AuthenticatedRequest) -> HttpResponse:
    """List the stories that one saved and that can still be watched."""
    mine = SavedStory.objects.filter(
        person=request.user, story__in=Story.objects.visible_to(request.user)
    ).select_related("story__challenge", "story__teller", "story__video")
    found = paginate(mine, request, keyset=("-saved_at", "-pk"))
    return render(request, "web/find/saved.html", {"leaf": found, "section": "saved"})


def _save_answers(request: AuthenticatedRequest, story: Story, form: AfterRatingForm) -> None:
    """Keep both answers or neither."""
    now = timezone.now()
    with transaction.atomic():
        slate = find_own_slate(request, request.GET.get("slate", ""))
        viewing = viewings.start_viewing(story, by=request.user, slate=slate, now=now)
        viewings.finish_viewing(viewing, by=request.user, now=now, like_me=form.cleaned_data["like_me"])
        readings.record_reading(
            story.challenge, form.ratings, by=request.user, moment=ReadingMoment.AFTER, at=now
        )


def _commit_step(request: AuthenticatedRequest, challenge: Challenge, form: StepForm) -> bool:
    words, rung = form.cleaned_data["text"], form.cleaned_data["rung"]
    try:
        promised.create_step(challenge, words, by=request.user, rung=rung, now=timezone.now())
    except BadStep as refused:
        form.add_refusal(refused.field, f"{refused.problem} {refused.fix}")
        return False
    return True


def _record_attempt(request: AuthenticatedRequest, step: Step, form: AttemptForm) -> bool:
    went, attribution = form.cleaned_data["went"], form.cleaned_data["attribution"]
    try:
        promised.record_attempt(step, went, by=request.user, attribution=attribution, now=timezone.now())
    except BadStep as refused:
        form.add_refusal(refused.field, f"{refused.problem} {refused.fix}")
        return False
    return True
