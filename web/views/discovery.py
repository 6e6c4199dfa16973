"""Finding a story: choose a challenge, rate its ladder, see matching stories, search."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from accounts import profiles
from accounts.models import User
from challenges import readings
from challenges.models import Challenge, ReadingMoment
from challenges.readings import InvalidRating
from practice import browsing
from practice.models import ExperimentArm
from recommendations import additional_recommendation, free_text
from recommendations.additional_recommendation import AdditionalRecommendationMode
from recommendations.slates import NoReadingYet, get_or_create_slate, reading_for_slate, visible_slate_items
from stories import search
from web.access import AuthenticatedRequest, require_get_or_post, require_login
from web.forms.confidence_ratings import BeforeRatingForm
from web.lookups import get_challenge_or_404


@require_safe
def challenge_list(request: HttpRequest) -> HttpResponse:
    challenges = Challenge.objects.offered().in_catalogue_order()
    return render(request, "web/find/challenges.html", {"challenges": challenges, "section": "challenges"})


@require_safe
def challenge_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a challenge with its ladder and the user's latest reading."""
    challenge = get_challenge_or_404(slug)
    reading = readings.latest_reading(challenge, by=request.user) if isinstance(request.user, User) else None
    context = {"challenge": challenge, "reading": reading, "section": "challenges"}
    return render(request, "web/find/challenge.html", context)


@require_login
@require_get_or_post
def rate_confidence(request: AuthenticatedRequest, slug: str) -> HttpResponse:
    """Record a confidence reading before watching."""
    challenge = get_challenge_or_404(slug)
    initial = {"words": free_text.get_free_text(challenge, by=request.user)}
    form = BeforeRatingForm(list(challenge.rungs.all()), request.POST or None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            readings.record_reading(
                challenge, form.ratings, by=request.user, moment=ReadingMoment.BEFORE, at=timezone.now()
            )
        except InvalidRating as error:
            form.add_refusal(error.field, f"{error.problem} {error.fix}")
        else:
            free_text.save_free_text(challenge, form.cleaned_data["words"], by=request.user)
            return _redirect_after_rating(request.user, challenge)
    context = {"challenge": challenge, "form": form, "section": "challenges"}
    return render(request, "web/find/rate.html", context, status=form.response_status)


@require_login
@require_safe
def slate_page(request: AuthenticatedRequest, slug: str) -> HttpResponse:
    """Show the stories chosen for the viewer, with the reasons and how each teller differs."""
    try:
        reading = reading_for_slate(request.user, slug)
    except NoReadingYet:
        return redirect("web:rate_confidence", slug=get_challenge_or_404(slug).slug)
    slate = get_or_create_slate(reading, now=timezone.now())
    context = {
        "challenge": reading.challenge,
        "slate_id": str(slate.pk),
        "items": visible_slate_items(slate, viewer=request.user),
        "is_random": slate.arm == ExperimentArm.RANDOM,
        "is_scarce": slate.arm == ExperimentArm.SCARCE,
        "confidence_dropped": slate.nearer,
        "section": "challenges",
    }
    return render(request, "web/find/slate.html", context)


@require_login
@require_safe
def additional_recommendation_page(request: AuthenticatedRequest, slug: str, how: str) -> HttpResponse:
    """Show one more eligible story: a random one, or one by someone unlike the viewer."""
    if how not in set(AdditionalRecommendationMode):
        raise Http404("unknown mode")
    try:
        reading = reading_for_slate(request.user, slug)
    except NoReadingYet:
        return redirect("web:rate_confidence", slug=get_challenge_or_404(slug).slug)
    mode = AdditionalRecommendationMode(how)
    context = {
        "challenge": reading.challenge,
        "mode": mode,
        "extra_story": additional_recommendation.pick_additional_recommendation(
            reading, mode, now=timezone.now()
        ),
        "section": "challenges",
    }
    return render(request, "web/find/extra_story.html", context)


@require_login
@require_safe
def search_page(request: AuthenticatedRequest) -> HttpResponse:
    """Search titles and captions; each line links to its time in the recording."""
    query_text = request.GET.get("q", "").replace("\0", "").strip()[: search.MAX_QUERY_LENGTH]
    stories = browsing.browsable_stories(request.user).with_card_relations()
    context = {
        "query_text": query_text,
        "results": search.search_stories(stories, query_text) if query_text else [],
        "max_length": search.MAX_QUERY_LENGTH,
        "section": "challenges",
    }
    return render(request, "web/find/search.html", context)


def _redirect_after_rating(viewer: User, challenge: Challenge) -> HttpResponse:
    """Ask for the profile while it is empty; otherwise go straight to the stories."""
    if profiles.get_profile(viewer).traits:
        return redirect("web:slate", slug=challenge.slug)
    return redirect(f"{reverse('web:about_you')}?{urlencode({'for': challenge.slug})}")
