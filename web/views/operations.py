"""Pages for operators: matching performance and background jobs."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
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
    """Show the current weights, recent trials, and the latest evaluation."""
    current_weights = WeightSet.objects.in_use().first()
    evaluation = EvaluationRun.objects.first()
    recent_weights = WeightSet.objects.newest_first()[:MAX_TRIALS]
    context = {
        "section": "account",
        "current_weights": current_weights,
        "weights_table": weight_report.weight_table(current_weights) if current_weights else None,
        "trials": [(trial, weight_report.trial_figures(trial)) for trial in recent_weights],
        "evaluation": evaluation,
        "sections": list(evaluation_report.report_sections(evaluation)) if evaluation else [],
    }
    return render(request, "web/operate/matching_performance.html", context)


@require_POST
@require_operator
def roll_back_weights(request: AuthenticatedRequest) -> HttpResponse:
    """Roll back the weights that the page showed, unless others are in use by now."""
    number = request.POST.get("weights", "")
    weight_set = get_object_or_404(WeightSet, pk=int(number) if number.isdecimal() else 0)
    try:
        weights.roll_back_weights(weight_set, by=request.user, now=timezone.now())
    except WeightsNotInUse as error:
        messages.warning(request, str(error))
    else:
        message = gettext("Rolled back. %(version)s is no longer in use.") % {"version": weight_set.version}
        messages.success(request, message)
    return redirect("web:matching_performance")


@require_safe
@require_operator
def job_queues(request: AuthenticatedRequest) -> HttpResponse:
    """Show queue statistics, the latest canary, and quarantined jobs."""
    context = {
        "section": "account",
        "queue_stats": stats.load_queue_stats(),
        "last_canary": latest_canary_report(),
        "quarantined_jobs": Job.objects.quarantined_and_not_retried().newest_first()[:MAX_QUARANTINED_JOBS],
    }
    return render(request, "web/operate/job_queues.html", context)


@require_POST
@require_operator
def retry_job(request: AuthenticatedRequest, job_id: UUID) -> HttpResponse:
    try:
        retries.retry_job(get_object_or_404(Job, pk=job_id), by=request.user)
    except JobNotQuarantined as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, gettext("The job is queued again."))
    return redirect("web:job_queues")


@require_POST
@require_operator
def send_canary(request: AuthenticatedRequest) -> HttpResponse:
    """Send a test recording through the whole pipeline now."""
    canary.enqueue_canary()
    messages.success(request, gettext("The test recording is on its way. Check again in half a minute."))
    return redirect("web:job_queues")
