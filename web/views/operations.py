"""For operators: which weights choose stories and whether choosing helps; how the work behind the pages does."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from jobs import stats
from jobs.models import Job
from media import canary
from media.health import latest_canary_report
from recommendations.evaluation import evaluation_report, weight_report
from recommendations.learning import weights
from recommendations.learning.weights import WeightsNotInUse
from recommendations.models import EvaluationRun, WeightSet
from stories import retries
from stories.retries import JobNotQuarantined
from web.access import AuthenticatedRequest, require_operator

MAX_TRIALS = 12
MAX_QUARANTINED_JOBS = 50


@require_safe
@require_operator
def matching_performance(request: AuthenticatedRequest) -> HttpResponse:
    """Show the weights in use, the latest trials, and the latest figures."""
    using = WeightSet.objects.in_use().first()
    appraisal = EvaluationRun.objects.first()
    about = {
        "section": "account",
        "using": using,
        "table": weight_report.weight_table(using) if using else None,
        "trials": [
            (one, weight_report.trial_figures(one)) for one in WeightSet.objects.newest_first()[:MAX_TRIALS]
        ],
        "appraisal": appraisal,
        "sections": list(evaluation_report.report_sections(appraisal)) if appraisal else [],
    }
    return render(request, "web/operate/choosing.html", about)


@require_POST
@require_operator
def roll_back_weights(request: AuthenticatedRequest) -> HttpResponse:
    """Go back to the weights before those that were on the page."""
    number = request.POST.get("weights", "")
    seen = get_object_or_404(WeightSet, pk=int(number) if number.isdecimal() else 0)
    try:
        weights.roll_back_weights(seen, by=request.user, now=timezone.now())
    except WeightsNotInUse as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, f"{seen.version} is no longer used. New lists are chosen as before it.")
    return redirect("web:operating")


@require_safe
@require_operator
def job_queues(request: AuthenticatedRequest) -> HttpResponse:
    """Show how much waits, and what was set aside."""
    about = {
        "section": "account",
        "standings": stats.load_queue_stats(),
        "flight": latest_canary_report(),
        "set_aside": Job.objects.quarantined_and_not_retried().newest_first()[:MAX_QUARANTINED_JOBS],
    }
    return render(request, "web/operate/work.html", about)


@require_POST
@require_operator
def retry_job(request: AuthenticatedRequest, job_id: UUID) -> HttpResponse:
    """Have work that was set aside tried again."""
    try:
        retries.retry_job(get_object_or_404(Job, pk=job_id), by=request.user)
    except JobNotQuarantined as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, "Handed in again. It is taken up in its turn.")
    return redirect("web:operating_work")


@require_POST
@require_operator
def send_canary(request: AuthenticatedRequest) -> HttpResponse:
    """Send a recording of our own all the way, now."""
    canary.enqueue_canary()
    messages.success(request, "It is on its way. Look again in half a minute.")
    return redirect("web:operating_work")
