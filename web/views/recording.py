"""The recording of a teller's own story: upload, recorder, poster, chapters, and its media files."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from media.uploads.declared_metadata import ACCEPTED_TYPES
from stories import drafts, playback
from stories.draft_validation import InvalidStory
from web import permissions_policy
from web.access import AuthenticatedRequest, accept_session_token, require_get_or_post, require_login
from web.chapter_prompts import chapter_prompts
from web.csp_hashes import allow_player_styles
from web.draft_checklist import describe_recording
from web.form_actions import posted_data, run_post_action, submit_form
from web.forms.chapters import ChapterListForm
from web.lookups import get_own_story_or_404
from web.media_responses import captions_response, media_file_response


@allow_player_styles
@require_safe
@require_login
def recording_page(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Show the recording and a file upload; the browser sends the bytes straight to the object store."""
    story = get_own_story_or_404(request, story_id)
    context = {
        "section": "tell",
        "story": story,
        "recording_status": describe_recording(story.video),
        "posters": playback.poster_names(story),
        "accepted_types": ",".join(sorted(ACCEPTED_TYPES)),
        "max_bytes": settings.UPLOAD_MAX_BYTES,
        "max_minutes": settings.UPLOAD_MAX_SECONDS // 60,
    }
    return render(request, "web/tell/recording.html", context)


@permissions_policy.allow_recording
@require_safe
@require_login
def record_page(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Show the recorder; takes stay in the browser until the teller sends them."""
    context = {
        "section": "tell",
        "story": get_own_story_or_404(request, story_id),
        "chapter_prompts": chapter_prompts(),
        "max_bytes": settings.UPLOAD_MAX_BYTES,
        "max_seconds": settings.UPLOAD_MAX_SECONDS,
    }
    return render(request, "web/tell/record.html", context)


@require_POST
@require_login
def choose_poster(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    story = get_own_story_or_404(request, story_id)
    posted_number = request.POST.get("poster", "")

    def action(expected_version: int) -> str:
        number = int(posted_number) if posted_number.isascii() and posted_number.isdigit() else -1
        try:
            drafts.choose_poster(story, number, by=request.user, expected_version=expected_version)
        except InvalidStory as error:
            return f"{error.problem} {error.fix}"
        return gettext("This is now the picture for your story.")

    return run_post_action(request, story, action)


@require_POST
@require_login
def confirm_damaged_recording(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Record that the teller watched a possibly damaged recording and accepts it."""
    story = get_own_story_or_404(request, story_id)

    def action(expected_version: int) -> str:
        drafts.confirm_damaged_recording(story, by=request.user, expected_version=expected_version)
        return gettext("Thank you. We will use the recording as it is.")

    return run_post_action(request, story, action)


@allow_player_styles
@require_get_or_post
@require_login
def edit_chapters(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    story = get_own_story_or_404(request, story_id)
    form = ChapterListForm(posted_data(request), story=story)
    result = submit_form(
        form,
        lambda: drafts.set_chapters(
            story, form.chapter_drafts(), by=request.user, expected_version=form.expected_version
        ),
    )
    if result.story is not None:
        messages.success(request, gettext("The chapters are saved."))
        return redirect("web:my_story", story.pk)
    context = {"section": "tell", "form": form, "story": story}
    return render(request, "web/tell/chapters.html", context, status=result.status)


@accept_session_token
@require_safe
@require_login
def media_file(request: AuthenticatedRequest, story_id: UUID, name: str) -> HttpResponse:
    return media_file_response(get_own_story_or_404(request, story_id), name)


@accept_session_token
@require_safe
@require_login
def caption_file(request: AuthenticatedRequest, story_id: UUID, language: str) -> HttpResponse:
    return captions_response(get_own_story_or_404(request, story_id), language)
