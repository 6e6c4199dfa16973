"""The first page, how the choosing works, and the way to help."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from challenges.models import Challenge
from practice.models import Step
from web import crisis


@require_safe
def home_page(request: HttpRequest) -> HttpResponse:
    """Say what this is, and let somebody choose a challenge."""
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
def help_now_page(_request: HttpRequest) -> HttpResponse:
    """Give the address a name; the middleware answers it before it comes to this."""
    return crisis.help_page_response(crisis.render_help_page().encode())
