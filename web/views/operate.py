"""For operators: which weights choose stories and whether choosing helps; how the work behind the pages does."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from jobs import standing
from jobs.models import Job
from media import canary
from media.health import last_flight
from practice import explaining, figures, weights
from practice.models import Appraisal, WeightSet
from practice.weights import NotInUse
from stories import upkeep
from stories.upkeep import NotSetAside
from web.doors import Visit, operating

SHOWN = 12
SHOWN_ASIDE = 50


@require_safe
@operating
def choosing(request: Visit) -> HttpResponse:
    """Show the weights in use, the latest trials, and the latest figures."""
    using = WeightSet.objects.in_use().first()
    appraisal = Appraisal.objects.first()
    about = {
        "section": "account",
        "using": using,
        "table": explaining.table(using) if using else None,
        "trials": [(one, explaining.figures(one)) for one in WeightSet.objects.newest_first()[:SHOWN]],
        "appraisal": appraisal,
        "sections": list(figures.sections(appraisal)) if appraisal else [],
    }
    return render(request, "web/operate/choosing.html", about)


@require_POST
@operating
def roll_back(request: Visit) -> HttpResponse:
    """Go back to the weights before those that were on the page."""
    number = request.POST.get("weights", "")
    seen = get_object_or_404(WeightSet, pk=int(number) if number.isdecimal() else 0)
    try:
        weights.roll_back(seen, by=request.user, now=timezone.now())
    except NotInUse as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, f"{seen.version} is no longer used. New lists are chosen as before it.")
    return redirect("web:operating")


@require_safe
@operating
def work(request: Visit) -> HttpResponse:
    """Show how much waits, and what was set aside."""
    about = {
        "section": "account",
        "standings": standing.standings(),
        "flight": last_flight(),
        "set_aside": Job.objects.set_aside().newest_first()[:SHOWN_ASIDE],
    }
    return render(request, "web/operate/work.html", about)


@require_POST
@operating
def retry(request: Visit, job_id: UUID) -> HttpResponse:
    """Have work that was set aside tried again."""
    try:
        upkeep.retry(get_object_or_404(Job, pk=job_id), by=request.user)
    except NotSetAside as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, "Handed in again. It is taken up in its turn.")
    return redirect("web:operating_work")


@require_POST
@operating
def send_canary(request: Visit) -> HttpResponse:
    """Send a recording of our own all the way, now."""
    canary.order()
    messages.success(request, "It is on its way. Look again in half a minute.")
    return redirect("web:operating_work")
