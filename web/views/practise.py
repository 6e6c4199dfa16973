"""After watching: how it was, whether confidence moved, one small step, and how that went."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from challenges import rating
from challenges.models import Challenge, Moment
from challenges.rating import BadRating
from practice import steps as promised
from practice import viewings
from practice.models import SavedStory, Step, Went
from practice.outcomes import confidence_change
from practice.steps import BadStep
from stories.models import Story
from web.doors import Visit, signed_in
from web.encouraging import said_of_attempt, said_of_change
from web.forms.find import AfterForm, StepForm, WentForm
from web.leafing import leaf
from web.views.find import offered
from web.views.watch import slate_named

pages = require_http_methods(["GET", "HEAD", "POST"])


@signed_in
@pages
def after(request: Visit, story_id: UUID) -> HttpResponse:
    """Ask how much the viewer saw themselves in the story, and how sure they are now."""
    story = get_object_or_404(
        Story.objects.visible_to(request.user)
        .exclude(teller=request.user)
        .for_cards()
        .prefetch_related("challenge__rungs"),
        pk=story_id,
    )
    form = AfterForm(list(story.challenge.rungs.all()), request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            _keep_answers(request, story, form)
        except BadRating as refused:
            form.refuse(refused.field, f"{refused.problem} {refused.fix}")
        else:
            return redirect("web:step", slug=story.challenge.slug)
    about = {"story": story, "form": form, "slate_id": request.GET.get("slate", ""), "section": "challenges"}
    return render(request, "web/find/after.html", about, status=form.status)


@signed_in
@pages
def step(request: Visit, slug: str) -> HttpResponse:
    """Show whether confidence moved, and take one small step in the person's own words."""
    challenge = offered(slug)
    reading = rating.latest(challenge, by=request.user)
    rungs = list(challenge.rungs.all())
    nearest = min((reading.present_rung if reading else 0) + 1, len(rungs))
    form = StepForm(rungs, request.POST or None, initial={"rung": nearest})
    if form.is_bound and form.is_valid() and _committed(request, challenge, form):
        messages.success(request, "Kept. In three days we will ask you here how it went.")
        return redirect("web:steps")
    change = confidence_change(challenge, of=request.user)
    about = {
        "challenge": challenge,
        "form": form,
        "change": change,
        "said": said_of_change(change) if change else None,
        "section": "challenges",
    }
    return render(request, "web/find/step.html", about, status=form.status)


@signed_in
@require_safe
def steps(request: Visit) -> HttpResponse:
    """List one's own steps, newest first, with how each went."""
    mine = Step.objects.by(request.user).select_related("challenge").prefetch_related("attempts")
    found = leaf(mine, dated="committed_at", after=request.GET.get("after", ""))
    return render(request, "web/find/steps.html", {"leaf": found, "section": "steps"})


@signed_in
@pages
def how_it_went(request: Visit, step_id: UUID) -> HttpResponse:
    """Keep how a step went, and answer in a way that helps with the next one."""
    kept = get_object_or_404(
        Step.objects.by(request.user).select_related("challenge").prefetch_related("attempts"), pk=step_id
    )
    form = WentForm(request.POST or None)
    about = {"step": kept, "form": form, "section": "steps"}
    if form.is_bound and form.is_valid() and _told(request, kept, form):
        went, attribution = form.cleaned_data["went"], form.cleaned_data["attribution"]
        about |= {"said": said_of_attempt(went, attribution), "done": went == Went.DONE}
        return render(request, "web/find/went.html", about)
    return render(request, "web/find/how_it_went.html", about, status=form.status)


@signed_in
@require_safe
def saved(request: Visit) -> HttpResponse:
    """List the stories that one saved and that can still be watched."""
    mine = SavedStory.objects.filter(
        person=request.user, story__in=Story.objects.visible_to(request.user)
    ).select_related("story__challenge", "story__teller", "story__video")
    found = leaf(mine, dated="saved_at", after=request.GET.get("after", ""))
    return render(request, "web/find/saved.html", {"leaf": found, "section": "saved"})


def _keep_answers(request: Visit, story: Story, form: AfterForm) -> None:
    """Keep both answers or neither."""
    now = timezone.now()
    with transaction.atomic():
        slate = slate_named(request, request.GET.get("slate", ""))
        viewing = viewings.start(story, by=request.user, slate=slate, now=now)
        viewings.finish(viewing, by=request.user, now=now, like_me=form.cleaned_data["like_me"])
        rating.take(story.challenge, form.ratings, by=request.user, moment=Moment.AFTER, at=now)


def _committed(request: Visit, challenge: Challenge, form: StepForm) -> bool:
    words, rung = form.cleaned_data["text"], form.cleaned_data["rung"]
    try:
        promised.commit(challenge, words, by=request.user, rung=rung, now=timezone.now())
    except BadStep as refused:
        form.refuse(refused.field, f"{refused.problem} {refused.fix}")
        return False
    return True


def _told(request: Visit, step: Step, form: WentForm) -> bool:
    went, attribution = form.cleaned_data["went"], form.cleaned_data["attribution"]
    try:
        promised.tell_how_it_went(step, went, by=request.user, attribution=attribution, now=timezone.now())
    except BadStep as refused:
        form.refuse(refused.field, f"{refused.problem} {refused.fix}")
        return False
    return True
