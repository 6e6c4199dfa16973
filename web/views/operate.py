"""For operators: which weights choose stories, what was learned and how sure it is, and whether choosing helps."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from practice import explaining, figures, weights
from practice.models import Appraisal, WeightSet
from practice.weights import NotInUse
from web.doors import Visit, operating

SHOWN = 12


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
