"""Hide one's face and change one's voice, and read what that does not hide."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from stories import anonymisation
from web.access import AuthenticatedRequest, require_login
from web.form_actions import get_own_story_or_404, posted_data, submit_form
from web.forms.anonymisation import AnonymisationForm
from web.views.drafts import require_get_or_post

APPLIES_TO_NEXT_RECORDING_MESSAGE = "Your wish is noted. Whatever recording you send is prepared accordingly."
REPROCESSING_MESSAGE = "Your wish is noted, and the recording is being prepared anew. Until that is done nobody but you can watch it."


@require_get_or_post
@require_login
def edit_anonymisation(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Choose what is to be hidden; the recording is prepared anew, and what is shown then is what others would see."""
    told = get_own_story_or_404(request, story_id)
    form = AnonymisationForm(posted_data(request), initial=AnonymisationForm.initial_for(told))
    done = submit_form(
        form,
        lambda: anonymisation.set_anonymisation(
            told, form.anonymisation, by=request.user, expected_version=form.expected_version
        ),
    )
    if done.story is not None:
        messages.success(
            request, REPROCESSING_MESSAGE if done.story.video_id else APPLIES_TO_NEXT_RECORDING_MESSAGE
        )
        return redirect("web:my_story_recording", told.pk)
    page = {
        "section": "tell",
        "form": form,
        "story": told,
        "faces_can_be_hidden": anonymisation.can_hide_faces(),
        "faces_found": anonymisation.frames_with_faces_percent(told.video),
    }
    return render(request, "web/tell/disguise.html", page, status=done.status)
