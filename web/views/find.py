"""Find a story: choose a challenge, rate its ladder, see who stood where you stand."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from accounts import profiles
from accounts.models import User
from challenges import rating
from challenges.models import Challenge, Moment
from challenges.rating import BadRating
from practice import another as another_story
from practice import browsing, wording
from practice.models import Arm
from practice.slates import RateFirst, items_of, slate_for, standing
from stories import search as looking
from web.doors import Visit, signed_in
from web.forms.find import BeforeForm


@require_safe
def challenges(request: HttpRequest) -> HttpResponse:
    offered = Challenge.objects.offered().in_catalogue_order()
    return render(request, "web/find/challenges.html", {"challenges": offered, "section": "challenges"})


@require_safe
def challenge(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one challenge and its ladder, and where somebody stands on it."""
    found = offered(slug)
    reading = rating.latest(found, by=request.user) if isinstance(request.user, User) else None
    about = {"challenge": found, "reading": reading, "section": "challenges"}
    return render(request, "web/find/challenge.html", about)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def rate(request: Visit, slug: str) -> HttpResponse:
    """Take a confidence reading before watching."""
    found = offered(slug)
    kept = {"words": wording.said(found, by=request.user)}
    form = BeforeForm(list(found.rungs.all()), request.POST or None, initial=kept)
    if form.is_bound and form.is_valid():
        try:
            rating.take(found, form.ratings, by=request.user, moment=Moment.BEFORE, at=timezone.now())
        except BadRating as refused:
            form.refuse(refused.field, f"{refused.problem} {refused.fix}")
        else:
            wording.say(found, form.cleaned_data["words"], by=request.user)
            return _next_page(request.user, found)
    about = {"challenge": found, "form": form, "section": "challenges"}
    return render(request, "web/find/rate.html", about, status=form.status)


@signed_in
@require_safe
def slate(request: Visit, slug: str) -> HttpResponse:
    """Show the stories chosen for this person, why they were chosen, and how each teller differs."""
    try:
        reading = standing(request.user, slug)
    except RateFirst:
        return redirect("web:rate", slug=offered(slug).slug)
    chosen = slate_for(reading, now=timezone.now())
    items = items_of(chosen, viewer=request.user)
    about = {
        "challenge": reading.challenge,
        "slate_id": str(chosen.pk),
        "items": items,
        "at_random": chosen.arm == Arm.RANDOM,
        "scarce": chosen.arm == Arm.SCARCE,
        "nearer": chosen.nearer,
        "section": "challenges",
    }
    return render(request, "web/find/slate.html", about)


@signed_in
@require_safe
def another(request: Visit, slug: str, how: str) -> HttpResponse:
    """Show one more story within the same rules: by chance, or by somebody unlike the viewer."""
    if how not in set(another_story.How):
        raise Http404("no such way to pick a story")
    try:
        reading = standing(request.user, slug)
    except RateFirst:
        return redirect("web:rate", slug=offered(slug).slug)
    picked = another_story.pick(reading, another_story.How(how), now=timezone.now())
    about = {"challenge": reading.challenge, "how": how, "picked": picked, "section": "challenges"}
    return render(request, "web/find/another.html", about)


@signed_in
@require_safe
def search(request: Visit) -> HttpResponse:
    """Search in titles and in what is said; each line leads to its second."""
    words = request.GET.get("q", "").replace("\0", "").strip()[: looking.LONGEST]
    found = looking.search(browsing.open_to(request.user).for_cards(), words) if words else []
    about = {"words": words, "found": found, "longest": looking.LONGEST, "section": "challenges"}
    return render(request, "web/find/search.html", about)


def offered(slug: str) -> Challenge:
    return get_object_or_404(
        Challenge.objects.offered().select_related("domain").prefetch_related("rungs"), slug=slug
    )


def _next_page(viewer: User, challenge: Challenge) -> HttpResponse:
    """Lead to the questions about oneself while none is answered, and straight to the stories from then on."""
    if profiles.of(viewer).traits:
        return redirect("web:slate", slug=challenge.slug)
    return redirect(f"{reverse('web:about_you')}?{urlencode({'for': challenge.slug})}")
