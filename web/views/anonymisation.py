"""Face blurring and voice change of a teller's own story."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from stories import anonymisation
from web.access import AuthenticatedRequest, require_get_or_post, require_login
from web.form_actions import posted_data, submit_form
from web.forms.anonymisation import AnonymisationForm
from web.lookups import get_own_story_or_404

APPLIES_TO_NEXT_RECORDING_MESSAGE = _("Saved. We will apply this to the recording you send.")
REPROCESSING_MESSAGE = _(
    "Saved. We are processing the recording again. Until that is done, only you can watch it."
)


@require_get_or_post
@require_login
def edit_anonymisation(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Save what to hide; a change processes the recording again."""
    story = get_own_story_or_404(request, story_id)
    form = AnonymisationForm(posted_data(request), initial=AnonymisationForm.initial_for(story))
    result = submit_form(
        form,
        lambda: anonymisation.set_anonymisation(
            story, form.anonymisation, by=request.user, expected_version=form.expected_version
        ),
    )
    if result.story is not None:
        message = REPROCESSING_MESSAGE if result.story.video_id else APPLIES_TO_NEXT_RECORDING_MESSAGE
        messages.success(request, str(message))
        return redirect("web:my_story_recording", story.pk)
    context = {
        "section": "tell",
        "form": form,
        "story": story,
        "can_hide_faces": anonymisation.can_hide_faces(),
        "frames_with_faces_percent": anonymisation.frames_with_faces_percent(story.video),
    }
    return render(request, "web/tell/anonymisation.html", context, status=result.status)
