"""The recording of one's own story: send it, see it prepared, watch it, mark its chapters, add its captions."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from media.models import Captions
from media.uploads import ACCEPTED_TYPES
from stories import captioning, telling, watching
from stories.telling import BadStory
from web import devices
from web.changing import attempt, own_story, press, sent
from web.doors import Visit, known_by_token, signed_in
from web.forms.record import CaptionsForm, ChaptersForm, CorrectionsForm
from web.plan import said_of_recording
from web.player_styles import with_player
from web.prompts import prompts
from web.views.tell import shown_or_posted
from web.views.watch import captions_of, file_of


@with_player
@require_safe
@signed_in
def recording(request: Visit, story_id: UUID) -> HttpResponse:
    """Choose a file and send it; the bytes go from the browser straight to the store."""
    told = own_story(request, story_id)
    page = {
        "section": "tell",
        "story": told,
        "said": said_of_recording(told.video),
        "posters": watching.posters(told),
        "accepted": ",".join(sorted(ACCEPTED_TYPES)),
        "most_bytes": settings.UPLOAD_MAX_BYTES,
        "most_minutes": settings.UPLOAD_MAX_SECONDS // 60,
    }
    return render(request, "web/tell/recording.html", page)


@devices.recording
@require_safe
@signed_in
def record(request: Visit, story_id: UUID) -> HttpResponse:
    """Record chapter by chapter; the takes stay in the browser until they are sent."""
    page = {
        "section": "tell",
        "story": own_story(request, story_id),
        "chapters": prompts(),
        "most_bytes": settings.UPLOAD_MAX_BYTES,
        "most_seconds": settings.UPLOAD_MAX_SECONDS,
    }
    return render(request, "web/tell/record.html", page)


@require_POST
@signed_in
def poster(request: Visit, story_id: UUID) -> HttpResponse:
    """Let one of the pictures stand for the story."""
    told = own_story(request, story_id)
    chosen = request.POST.get("poster", "")

    def act(seen: int) -> str:
        number = int(chosen) if chosen.isascii() and chosen.isdigit() else -1
        try:
            telling.choose_poster(told, number, by=request.user, seen=seen)
        except BadStory as refused:
            return f"{refused.problem} {refused.fix}"
        return "This picture now stands for your story."

    return press(request, told, act)


@require_POST
@signed_in
def confirm_damaged(request: Visit, story_id: UUID) -> HttpResponse:
    """Say that one has watched a recording that may be damaged, and wants it as it is."""
    told = own_story(request, story_id)

    def act(seen: int) -> str:
        telling.confirm_damaged(told, by=request.user, seen=seen)
        return "Thank you. The recording stays as it is."

    return press(request, told, act)


@with_player
@shown_or_posted
@signed_in
def chapters(request: Visit, story_id: UUID) -> HttpResponse:
    """Mark where each part of the story starts."""
    told = own_story(request, story_id)
    form = ChaptersForm(sent(request), story=told)
    done = attempt(
        form, lambda: telling.set_chapters(told, form.drafts(), by=request.user, seen=form.seen_version)
    )
    if done.story is not None:
        messages.success(request, "The chapters are saved.")
        return redirect("web:my_story", told.pk)
    page = {"section": "tell", "form": form, "story": told}
    return render(request, "web/tell/chapters.html", page, status=done.status)


@shown_or_posted
@signed_in
def captions(request: Visit, story_id: UUID) -> HttpResponse:
    """Add captions in a language, or replace them."""
    told = own_story(request, story_id)
    form = CaptionsForm(
        sent(request), request.FILES or None, initial={"seen": told.version, "language": told.language}
    )
    done = attempt(
        form,
        lambda: telling.set_captions(
            told, language=form.chosen_language, text=form.words, by=request.user, seen=form.seen_version
        ),
    )
    if done.story is not None:
        messages.success(request, "The captions are saved. Watch a little of it to see that they fit.")
        return redirect("web:my_story_captions", told.pk)
    kept = list(told.video.captions.order_by("language")) if told.video else []
    page = {"section": "tell", "form": form, "story": told, "kept": kept, "unread": captioning.unread(told)}
    return render(request, "web/tell/captions.html", page, status=done.status)


@with_player
@shown_or_posted
@signed_in
def read_captions(request: Visit, story_id: UUID, language: str) -> HttpResponse:
    """Read the captions in one language beside the recording, and correct them line by line."""
    told = own_story(request, story_id)
    kept = get_object_or_404(Captions, video=told.video_id, language=language)
    form = CorrectionsForm(sent(request), initial={"seen": told.version, "text": kept.vtt})
    done = attempt(
        form,
        lambda: telling.set_captions(
            told,
            language=language,
            text=form.cleaned_data["text"],
            source=Captions.Source.EDITED,
            by=request.user,
            seen=form.seen_version,
        ),
    )
    if done.story is not None:
        messages.success(request, "The captions are saved.")
        return redirect("web:my_story_captions", told.pk)
    page = {"section": "tell", "form": form, "story": told, "kept": kept, "captions": [language]}
    return render(request, "web/tell/read_captions.html", page, status=done.status)


@known_by_token
@require_safe
@signed_in
def file(request: Visit, story_id: UUID, name: str) -> HttpResponse:
    """Answer the player on one's own pages."""
    return file_of(own_story(request, story_id), name)


@known_by_token
@require_safe
@signed_in
def words(request: Visit, story_id: UUID, language: str) -> HttpResponse:
    return captions_of(own_story(request, story_id), language)
