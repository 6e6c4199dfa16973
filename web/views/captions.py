"""Captions of a teller's own story: upload, replace, correct."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext

from media.models import Captions
from stories import captioning, drafts
from web.access import AuthenticatedRequest, require_get_or_post, require_login
from web.csp_hashes import allow_player_styles
from web.form_actions import posted_data, submit_form
from web.forms.captions import CaptionCorrectionForm, CaptionsForm
from web.lookups import get_own_story_or_404


@require_get_or_post
@require_login
def edit_captions(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Add captions in a language, or replace them."""
    story = get_own_story_or_404(request, story_id)
    initial = {"seen": story.version, "language": story.language}
    form = CaptionsForm(posted_data(request), request.FILES or None, initial=initial)
    result = submit_form(
        form,
        lambda: drafts.set_captions(
            story,
            language=form.chosen_language,
            text=form.caption_text,
            by=request.user,
            expected_version=form.expected_version,
        ),
    )
    if result.story is not None:
        messages.success(request, gettext("The captions are saved. Watch a bit to check that they fit."))
        return redirect("web:my_story_captions", story.pk)
    context = {
        "section": "tell",
        "form": form,
        "story": story,
        "captions": list(story.video.captions.order_by("language")) if story.video else [],
        "captions_unreviewed": captioning.has_automatic_captions(story),
    }
    return render(request, "web/tell/captions.html", context, status=result.status)


@allow_player_styles
@require_get_or_post
@require_login
def correct_captions(request: AuthenticatedRequest, story_id: UUID, language: str) -> HttpResponse:
    """Show the captions in one language beside the recording, and save corrections."""
    story = get_own_story_or_404(request, story_id)
    captions = get_object_or_404(Captions, video=story.video_id, language=language)
    form = CaptionCorrectionForm(posted_data(request), initial={"seen": story.version, "text": captions.vtt})
    result = submit_form(
        form,
        lambda: drafts.set_captions(
            story,
            language=language,
            text=form.cleaned_data["text"],
            source=Captions.Source.EDITED,
            by=request.user,
            expected_version=form.expected_version,
        ),
    )
    if result.story is not None:
        messages.success(request, gettext("The captions are saved."))
        return redirect("web:my_story_captions", story.pk)
    context = {
        "section": "tell",
        "form": form,
        "story": story,
        "captions": captions,
        "caption_languages": [language],
    }
    return render(request, "web/tell/correct_captions.html", context, status=result.status)
