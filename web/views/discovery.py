"""Find a story: choose a challenge, rate its ladder, see who stood where you stand."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from accounts import profiles
from accounts.models import User
from challenges import readings
from challenges.models import Challenge, ReadingMoment
from challenges.readings import InvalidRating
from practice import browsing
from practice.models import ExperimentArm
from recommendations import extra as another_story
from recommendations import free_text
from recommendations.slates import NoReadingYet, get_or_create_slate, reading_for_slate, visible_slate_items
from stories import search as looking
from web.access import AuthenticatedRequest, require_login
from web.forms.profile import BeforeRatingForm


@require_safe
def challenge_list(request: HttpRequest) -> HttpResponse:
    offered = Challenge.objects.offered().in_catalogue_order()
    return render(request, "web/find/challenges.html", {"challenges": offered, "section": "challenges"})


@require_safe
def challenge_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one challenge and its ladder, and where somebody stands on it."""
    found = get_challenge_or_404(slug)
    reading = readings.latest_reading(found, by=request.user) if isinstance(request.user, User) else None
    about = {"challenge": found, "reading": reading, "section": "challenges"}
    return render(request, "web/find/challenge.html", about)


@require_login
@require_http_methods(["GET", "HEAD", "POST"])
def rate_confidence(request: AuthenticatedRequest, slug: str) -> HttpResponse:
    """Take a confidence reading before watching."""
    found = get_challenge_or_404(slug)
    kept = {"words": free_text.get_free_text(found, by=request.user)}
    form = BeforeRatingForm(list(found.rungs.all()), request.POST or None, initial=kept)
    if form.is_bound and form.is_valid():
        try:
            readings.record_reading(
                found, form.ratings, by=request.user, moment=ReadingMoment.BEFORE, at=timezone.now()
            )
        except InvalidRating as refused:
            form.add_refusal(refused.field, f"{refused.problem} {refused.fix}")
        else:
            free_text.save_free_text(found, form.cleaned_data["words"], by=request.user)
            return _redirect_after_rating(request.user, found)
    about = {"challenge": found, "form": form, "section": "challenges"}
    return render(request, "web/find/rate.html", about, status=form.response_status)


@require_login
@require_safe
def slate_page(request: AuthenticatedRequest, slug: str) -> HttpResponse:
    """Show the stories chosen for this person, why they were chosen, and how each teller differs."""
    try:
        reading = reading_for_slate(request.user, slug)
    except NoReadingYet:
        return redirect("web:rate", slug=get_challenge_or_404(slug).slug)
    chosen = get_or_create_slate(reading, now=timezone.now())
    items = visible_slate_items(chosen, viewer=request.user)
    about = {
        "challenge": reading.challenge,
        "slate_id": str(chosen.pk),
        "items": items,
        "at_random": chosen.arm == ExperimentArm.RANDOM,
        "scarce": chosen.arm == ExperimentArm.SCARCE,
        "nearer": chosen.nearer,
        "section": "challenges",
    }
    return render(request, "web/find/slate.html", about)


@require_login
@require_safe
def extra_story(request: AuthenticatedRequest, slug: str, how: str) -> HttpResponse:
    """Show one more story within the same rules: by chance, or by somebody unlike the viewer."""
    if how not in set(another_story.ExtraStoryMode):
        raise Http404("no such way to pick a story")
    try:
        reading = reading_for_slate(request.user, slug)
    except NoReadingYet:
        return redirect("web:rate", slug=get_challenge_or_404(slug).slug)
    picked = another_story.pick_extra_story(reading, another_story.ExtraStoryMode(how), now=timezone.now())
    about = {"challenge": reading.challenge, "how": how, "picked": picked, "section": "challenges"}
    return render(request, "web/find/another.html", about)


@require_login
@require_safe
def search_page(request: AuthenticatedRequest) -> HttpResponse:
    """Search in titles and in what is said; each line leads to its second."""
    words = request.GET.get("q", "").replace("\0", "").strip()[: looking.MAX_QUERY_LENGTH]
    found = (
        looking.search_stories(browsing.browsable_stories(request.user).with_card_relations(), words)
        if words
        else []
    )
    about = {"words": words, "found": found, "longest": looking.MAX_QUERY_LENGTH, "section": "challenges"}
    return render(request, "web/find/search.html", about)


def get_challenge_or_404(slug: str) -> Challenge:
    return get_object_or_404(
        Challenge.objects.offered().select_related("domain").prefetch_related("rungs"), slug=slug
    )


def _redirect_after_rating(viewer: User, challenge: Challenge) -> HttpResponse:
    """Lead to the questions about oneself while none is answered, and straight to the stories from then on."""
    if profiles.get_profile(viewer).traits:
        return redirect("web:slate", slug=challenge.slug)
    return redirect(f"{reverse('web:about_you')}?{urlencode({'for': challenge.slug})}")
