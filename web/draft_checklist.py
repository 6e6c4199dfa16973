"""The way of a story from the first word to its viewers, as its teller sees it: what is done, what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse

from domain_errors.categories import FieldProblem
from media.models import Video
from stories.models import Story, StoryState
from web.templatetags.story_format import duration

STATE_DESCRIPTIONS = {
    StoryState.DRAFT: "Only you can see it. Fill in what is missing, then send it to the moderators.",
    StoryState.PREPARING: "Sent. We are making the recording playable; after that it goes to a moderator by itself.",
    StoryState.IN_REVIEW: "A moderator will watch it before anybody else does. You need not do anything.",
    StoryState.CHANGES_REQUESTED: "It came back to you. Read why, change what is needed, and send it again.",
    StoryState.PUBLISHED: "Members who doubt what you once doubted may be shown it.",
    StoryState.DECLINED: "We could not publish it. You can read why below.",
    StoryState.WITHDRAWN: "You took it back. Nobody is shown it, and the recording is erased.",
    StoryState.REMOVED: "The moderators took it away after it was published.",
}
HELD_DESCRIPTION = "Nobody is shown it until a moderator has looked at it again."
HIDDEN_DESCRIPTION = "You have hidden it. Nobody is shown it until you show it again."


@dataclass(frozen=True)
class ChecklistItem:
    """One part of telling a story; `lacking` is what the product still wants of it."""

    title: str
    summary: str
    url: str
    done: bool
    required: bool = True
    missing: str = ""


def describe_state(story: Story) -> str:
    """Say in a sentence what the state means for the teller."""
    if story.state == StoryState.PUBLISHED and story.held:
        return HELD_DESCRIPTION
    if story.state == StoryState.PUBLISHED and story.hidden:
        return HIDDEN_DESCRIPTION
    return STATE_DESCRIPTIONS[StoryState(story.state)]


def build_checklist(
    story: Story, *, chapters: int, captions: int, missing: Sequence[FieldProblem]
) -> list[ChecklistItem]:
    """Return the parts of telling this story in the order in which they are best done."""
    wanted = {one.field: f"{one.problem} {one.fix}" for one in missing}
    spoken = _count_label(captions, "language") if captions else "None yet"
    return [
        ChecklistItem(
            "The facts",
            f"“{story.title}”, {story.challenge.translated_title}",
            _checklist_url("facts", story),
            done=True,
        ),
        ChecklistItem(
            "You, when it started",
            _describe_then_self(story),
            _checklist_url("then", story),
            done=bool(story.traits_then),
            required=False,
        ),
        ChecklistItem(
            "How you are seen and heard",
            _describe_anonymisation(story),
            _checklist_url("disguise", story),
            done=story.hide_faces or story.change_voice,
            required=False,
        ),
        _required_item("video", "The recording", describe_recording(story.video), story, wanted),
        _required_item("chapters", "The chapters", _count_label(chapters, "chapter"), story, wanted),
        _required_item("captions", "The captions", spoken, story, wanted),
        _required_item(
            "consent", "Your consent", "Not given yet" if "consent" in wanted else "Given", story, wanted
        ),
    ]


def _required_item(
    field: str, title: str, said: str, story: Story, wanted: Mapping[str, str]
) -> ChecklistItem:
    """Return a part without which the story cannot be sent; it is done when nothing is wanted of it any more."""
    page = "recording" if field == "video" else field
    return ChecklistItem(
        title, said, _checklist_url(page, story), done=field not in wanted, missing=wanted.get(field, "")
    )


def describe_recording(video: Video | None) -> str:
    if video is None:
        return "None yet"
    if video.status in {Video.Status.STORED, Video.Status.PROCESSING}:
        return "Arrived; being prepared"
    length = f", {duration(video.duration_ms)}" if video.duration_ms else ""
    return f"{Video.Status(video.status).label}{length}"


def _describe_then_self(story: Story) -> str:
    if not story.traits_then:
        return "No answers yet. They help us find the people who are like you were."
    return (
        f"{_count_label(len(story.traits_then), 'answer')}, {len(story.shown_traits)} of them shown to others"
    )


def _describe_anonymisation(story: Story) -> str:
    hidden = [
        *(["your face is hidden"] if story.hide_faces else []),
        *(["your voice is changed"] if story.change_voice else []),
    ]
    return (
        " and ".join(hidden).capitalize()
        if hidden
        else "As you are. You can hide your face or change your voice"
    )


def _checklist_url(part: str, story: Story) -> str:
    return reverse(f"web:my_story_{part}", args=[story.pk])


def _count_label(number: int, thing: str) -> str:
    return f"{number or 'No'} {thing}{'' if number == 1 else 's'}"
