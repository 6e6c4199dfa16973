"""Checklist of a draft for its teller: what is done, what is missing, and where to fill it in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from domain_errors.categories import FieldProblem
from media.models import Video
from stories.models import Story, StoryState
from web.templatetags.story_format import duration

STATE_DESCRIPTIONS = {
    StoryState.DRAFT: _("Only you can see it. Add what is missing, then submit it for review."),
    StoryState.PREPARING: _(
        "You have submitted it. We are processing the recording. It then goes to a moderator automatically."
    ),
    StoryState.IN_REVIEW: _(
        "A moderator will watch it before anyone else does. You do not need to do anything."
    ),
    StoryState.CHANGES_REQUESTED: _(
        "A moderator asked for changes. Read why, change what is needed, and submit it again."
    ),
    StoryState.PUBLISHED: _("We can show it to members who doubt what you once doubted."),
    StoryState.DECLINED: _("We could not publish it. You can read why below."),
    StoryState.WITHDRAWN: _("You withdrew it. Nobody can see it, and we delete the recording."),
    StoryState.REMOVED: _("The moderators removed it after it was published."),
}
HELD_DESCRIPTION = _("Nobody can see it until a moderator has looked at it again.")
HIDDEN_DESCRIPTION = _("You have hidden it. Nobody can see it until you show it again.")


@dataclass(frozen=True)
class ChecklistItem:
    """One part of a draft; `missing` says what has to be added before it can be submitted."""

    title: str
    summary: str
    url: str
    done: bool
    required: bool = True
    missing: str = ""


def describe_state(story: Story) -> str:
    """Return one sentence on what the story's state means for its teller."""
    if story.state == StoryState.PUBLISHED and story.held:
        return str(HELD_DESCRIPTION)
    if story.state == StoryState.PUBLISHED and story.hidden:
        return str(HIDDEN_DESCRIPTION)
    return str(STATE_DESCRIPTIONS[StoryState(story.state)])


def build_checklist(
    story: Story, *, chapters: int, captions: int, missing: Sequence[FieldProblem]
) -> list[ChecklistItem]:
    """Return the parts of a story in the order in which they are best done."""
    missing_by_field = {requirement.field: str(requirement) for requirement in missing}
    consent_summary = gettext("Not given yet") if "consent" in missing_by_field else gettext("Given")
    return [
        ChecklistItem(
            gettext("Story details"),
            gettext("“%(title)s”. Challenge: %(challenge)s")
            % {"title": story.title, "challenge": story.challenge.translated_title},
            _checklist_url("facts", story),
            done=True,
        ),
        ChecklistItem(
            gettext("Who you were when it started"),
            _describe_then_self(story),
            _checklist_url("then_self", story),
            done=bool(story.traits_then),
            required=False,
        ),
        ChecklistItem(
            gettext("Your face and voice"),
            _describe_anonymisation(story),
            _checklist_url("anonymisation", story),
            done=story.hide_faces or story.change_voice,
            required=False,
        ),
        _required_item(
            "video", gettext("Your recording"), describe_recording(story.video), story, missing_by_field
        ),
        _required_item(
            "chapters", gettext("Chapters"), _describe_chapters(chapters), story, missing_by_field
        ),
        _required_item(
            "captions", gettext("Captions"), _describe_captions(captions), story, missing_by_field
        ),
        _required_item("consent", gettext("Your consent"), consent_summary, story, missing_by_field),
    ]


def _required_item(
    field: str, title: str, summary: str, story: Story, missing_by_field: Mapping[str, str]
) -> ChecklistItem:
    """Return a part without which the story cannot be submitted; it is done when nothing is missing."""
    page = "recording" if field == "video" else field
    return ChecklistItem(
        title,
        summary,
        _checklist_url(page, story),
        done=field not in missing_by_field,
        missing=missing_by_field.get(field, ""),
    )


def describe_recording(video: Video | None) -> str:
    if video is None:
        return gettext("None yet")
    if video.status in {Video.Status.STORED, Video.Status.PROCESSING}:
        return gettext("Uploaded. We are processing it.")
    status = str(Video.Status(video.status).label)
    if not video.duration_ms:
        return status
    return gettext("%(status)s, %(duration)s") % {"status": status, "duration": duration(video.duration_ms)}


def _describe_chapters(chapters: int) -> str:
    if not chapters:
        return gettext("No chapters")
    return ngettext("%(count)s chapter", "%(count)s chapters", chapters) % {"count": chapters}


def _describe_captions(languages: int) -> str:
    if not languages:
        return gettext("None yet")
    return ngettext("%(count)s language", "%(count)s languages", languages) % {"count": languages}


def _describe_then_self(story: Story) -> str:
    answers = len(story.traits_then)
    if not answers:
        return gettext("No answers yet. They help us find people who are like you were then.")
    return ngettext(
        "%(count)s answer, %(shown)s shown to others",
        "%(count)s answers, %(shown)s shown to others",
        answers,
    ) % {"count": answers, "shown": len(story.shown_traits)}


def _describe_anonymisation(story: Story) -> str:
    match (story.hide_faces, story.change_voice):
        case (True, True):
            return gettext("Your face is hidden and your voice is changed")
        case (True, False):
            return gettext("Your face is hidden")
        case (False, True):
            return gettext("Your voice is changed")
    return gettext("Not hidden. You can hide your face or change your voice.")


def _checklist_url(part: str, story: Story) -> str:
    return reverse(f"web:my_story_{part}", args=[story.pk])
