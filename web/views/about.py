"""Home page, explanation of the matching, and the crisis page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from challenges.models import Challenge
from practice.models import Step
from web import crisis


@require_safe
def home_page(request: HttpRequest) -> HttpResponse:
    challenges = Challenge.objects.offered().in_catalogue_order()
    step = None
    if isinstance(request.user, User):
        step = (
            Step.objects.by(request.user)
            .without_attempts()
            .newest_first()
            .select_related("challenge")
            .first()
        )
    return render(request, "web/home.html", {"challenges": challenges, "step": step})


@require_safe
def how_it_works_page(request: HttpRequest) -> HttpResponse:
    return render(request, "web/how_it_works.html")


@require_safe
def help_now_page(request: HttpRequest) -> HttpResponse:
    """Gives the address a URL name; help_now_middleware answers before this view."""
    return crisis.help_page_response(request, crisis.render_help_pages())
