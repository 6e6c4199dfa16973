"""The recording of one's own story: send it, see it prepared, watch it, mark its chapters, add its captions."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from media.models import Captions
from media.uploads.declared_metadata import ACCEPTED_TYPES
from stories import captioning, drafts, playback
from stories.drafts import BadStory
from web import permissions_policy
from web.access import AuthenticatedRequest, accept_session_token, require_login
from web.chapter_prompts import chapter_prompts
from web.csp_hashes import allow_player_styles
from web.draft_checklist import describe_recording
from web.form_actions import get_own_story_or_404, posted_data, run_post_action, submit_form
from web.forms.chapters import CaptionCorrectionForm, CaptionsForm, ChapterListForm
from web.views.drafts import require_get_or_post
from web.views.watch import captions_response, media_file_response


@allow_player_styles
@require_safe
@require_login
def recording_page(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Choose a file and send it; the bytes go from the browser straight to the store."""
    told = get_own_story_or_404(request, story_id)
    page = {
        "section": "tell",
        "story": told,
        "said": describe_recording(told.video),
        "posters": playback.poster_names(told),
        "accepted": ",".join(sorted(ACCEPTED_TYPES)),
        "most_bytes": settings.UPLOAD_MAX_BYTES,
        "most_minutes": settings.UPLOAD_MAX_SECONDS // 60,
    }
    return render(request, "web/tell/recording.html", page)


@permissions_policy.allow_recording
@require_safe
@require_login
def record_page(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Record chapter by chapter; the takes stay in the browser until they are sent."""
    page = {
        "section": "tell",
        "story": get_own_story_or_404(request, story_id),
        "chapters": chapter_prompts(),
        "most_bytes": settings.UPLOAD_MAX_BYTES,
        "most_seconds": settings.UPLOAD_MAX_SECONDS,
    }
    return render(request, "web/tell/record.html", page)


@require_POST
@require_login
def choose_poster(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Let one of the pictures stand for the story."""
    told = get_own_story_or_404(request, story_id)
    chosen = request.POST.get("poster", "")

    def act(seen: int) -> str:
        number = int(chosen) if chosen.isascii() and chosen.isdigit() else -1
        try:
            drafts.choose_poster(told, number, by=request.user, expected_version=seen)
        except BadStory as refused:
            return f"{refused.problem} {refused.fix}"
        return "This picture now stands for your story."

    return run_post_action(request, told, act)


@require_POST
@require_login
def confirm_damaged_recording(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Say that one has watched a recording that may be damaged, and wants it as it is."""
    told = get_own_story_or_404(request, story_id)

    def act(seen: int) -> str:
        drafts.confirm_damaged_recording(told, by=request.user, expected_version=seen)
        return "Thank you. The recording stays as it is."

    return run_post_action(request, told, act)


@allow_player_styles
@require_get_or_post
@require_login
def edit_chapters(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Mark where each part of the story starts."""
    told = get_own_story_or_404(request, story_id)
    form = ChapterListForm(posted_data(request), story=told)
    done = submit_form(
        form,
        lambda: drafts.set_chapters(
            told, form.chapter_drafts(), by=request.user, expected_version=form.expected_version
        ),
    )
    if done.story is not None:
        messages.success(request, "The chapters are saved.")
        return redirect("web:my_story", told.pk)
    page = {"section": "tell", "form": form, "story": told}
    return render(request, "web/tell/chapters.html", page, status=done.status)


@require_get_or_post
@require_login
def edit_captions(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Add captions in a language, or replace them."""
    told = get_own_story_or_404(request, story_id)
    form = CaptionsForm(
        posted_data(request), request.FILES or None, initial={"seen": told.version, "language": told.language}
    )
    done = submit_form(
        form,
        lambda: drafts.set_captions(
            told,
            language=form.chosen_language,
            text=form.caption_text,
            by=request.user,
            expected_version=form.expected_version,
        ),
    )
    if done.story is not None:
        messages.success(request, "The captions are saved. Watch a little of it to see that they fit.")
        return redirect("web:my_story_captions", told.pk)
    kept = list(told.video.captions.order_by("language")) if told.video else []
    page = {
        "section": "tell",
        "form": form,
        "story": told,
        "kept": kept,
        "unread": captioning.has_automatic_captions(told),
    }
    return render(request, "web/tell/captions.html", page, status=done.status)


@allow_player_styles
@require_get_or_post
@require_login
def correct_captions(request: AuthenticatedRequest, story_id: UUID, language: str) -> HttpResponse:
    """Read the captions in one language beside the recording, and correct them line by line."""
    told = get_own_story_or_404(request, story_id)
    kept = get_object_or_404(Captions, video=told.video_id, language=language)
    form = CaptionCorrectionForm(posted_data(request), initial={"seen": told.version, "text": kept.vtt})
    done = submit_form(
        form,
        lambda: drafts.set_captions(
            told,
            language=language,
            text=form.cleaned_data["text"],
            source=Captions.Source.EDITED,
            by=request.user,
            expected_version=form.expected_version,
        ),
    )
    if done.story is not None:
        messages.success(request, "The captions are saved.")
        return redirect("web:my_story_captions", told.pk)
    page = {"section": "tell", "form": form, "story": told, "kept": kept, "captions": [language]}
    return render(request, "web/tell/read_captions.html", page, status=done.status)


@accept_session_token
@require_safe
@require_login
def media_file(request: AuthenticatedRequest, story_id: UUID, name: str) -> HttpResponse:
    """Answer the player on one's own pages."""
    return media_file_response(get_own_story_or_404(request, story_id), name)


@accept_session_token
@require_safe
@require_login
def caption_file(request: AuthenticatedRequest, story_id: UUID, language: str) -> HttpResponse:
    return captions_response(get_own_story_or_404(request, story_id), language)
