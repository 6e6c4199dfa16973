"""Hide one's face and change one's voice, and read what that does not hide."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from stories import disguising
from web.changing import attempt, own_story, sent
from web.doors import Visit, signed_in
from web.forms.disguise import DisguiseForm
from web.views.tell import shown_or_posted

WILL_BE = "Your wish is noted. Whatever recording you send is prepared accordingly."
IS_BEING = "Your wish is noted, and the recording is being prepared anew. Until that is done nobody but you can watch it."


@shown_or_posted
@signed_in
def disguise(request: Visit, story_id: UUID) -> HttpResponse:
    """Choose what is to be hidden; the recording is prepared anew, and what is shown then is what others would see."""
    told = own_story(request, story_id)
    form = DisguiseForm(sent(request), initial=DisguiseForm.wish_of(told))
    done = attempt(
        form, lambda: disguising.disguise(told, form.wish, by=request.user, seen=form.seen_version)
    )
    if done.story is not None:
        messages.success(request, IS_BEING if done.story.video_id else WILL_BE)
        return redirect("web:my_story_recording", told.pk)
    page = {
        "section": "tell",
        "form": form,
        "story": told,
        "faces_can_be_hidden": disguising.faces_can_be_hidden(),
        "faces_found": disguising.faces_found(told.video),
    }
    return render(request, "web/tell/disguise.html", page, status=done.status)
