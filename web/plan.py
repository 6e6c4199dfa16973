"""The way of a story from the first word to its viewers, as its teller sees it: what is done, what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse

from media.models import Video
from stories.models import Story, StoryState
from stories.publishing import Missing
from web.templatetags.plain_words import duration

STATES = {
    StoryState.DRAFT: "Only you can see it. Fill in what is missing, then send it to the moderators.",
    StoryState.PREPARING: "Sent. We are making the recording playable; after that it goes to a moderator by itself.",
    StoryState.IN_REVIEW: "A moderator will watch it before anybody else does. You need not do anything.",
    StoryState.CHANGES_REQUESTED: "It came back to you. Read why, change what is needed, and send it again.",
    StoryState.PUBLISHED: "Members who doubt what you once doubted may be shown it.",
    StoryState.DECLINED: "We could not publish it. You can read why below.",
    StoryState.WITHDRAWN: "You took it back. Nobody is shown it, and the recording is erased.",
    StoryState.REMOVED: "The moderators took it away after it was published.",
}
HELD = "Nobody is shown it until a moderator has looked at it again."
HIDDEN = "You have hidden it. Nobody is shown it until you show it again."


@dataclass(frozen=True)
class Part:
    """One part of telling a story; `lacking` is what the product still wants of it."""

    title: str
    said: str
    address: str
    done: bool
    needed: bool = True
    lacking: str = ""


def said_of(story: Story) -> str:
    """Say in a sentence what the state means for the teller."""
    if story.state == StoryState.PUBLISHED and story.held:
        return HELD
    if story.state == StoryState.PUBLISHED and story.hidden:
        return HIDDEN
    return STATES[StoryState(story.state)]


def plan_of(story: Story, *, chapters: int, captions: int, lacking: Sequence[Missing]) -> list[Part]:
    """Return the parts of telling this story in the order in which they are best done."""
    wanted = {one.field: f"{one.problem} {one.fix}" for one in lacking}
    spoken = _count(captions, "language") if captions else "None yet"
    return [
        Part("The facts", f"“{story.title}”, {story.challenge.title}", _to("facts", story), done=True),
        Part(
            "You, when it started",
            _said_of_then(story),
            _to("then", story),
            done=bool(story.traits_then),
            needed=False,
        ),
        Part(
            "How you are seen and heard",
            _said_of_disguise(story),
            _to("disguise", story),
            done=story.hide_faces or story.change_voice,
            needed=False,
        ),
        _required("video", "The recording", said_of_recording(story.video), story, wanted),
        _required("chapters", "The chapters", _count(chapters, "chapter"), story, wanted),
        _required("captions", "The captions", spoken, story, wanted),
        _required(
            "consent", "Your consent", "Not given yet" if "consent" in wanted else "Given", story, wanted
        ),
    ]


def _required(field: str, title: str, said: str, story: Story, wanted: Mapping[str, str]) -> Part:
    """Return a part without which the story cannot be sent; it is done when nothing is wanted of it any more."""
    page = "recording" if field == "video" else field
    return Part(title, said, _to(page, story), done=field not in wanted, lacking=wanted.get(field, ""))


def said_of_recording(video: Video | None) -> str:
    if video is None:
        return "None yet"
    if video.status in {Video.Status.STORED, Video.Status.PROCESSING}:
        return "Arrived; being prepared"
    length = f", {duration(video.duration_ms)}" if video.duration_ms else ""
    return f"{Video.Status(video.status).label}{length}"


def _said_of_then(story: Story) -> str:
    if not story.traits_then:
        return "No answers yet. They help us find the people who are like you were."
    return f"{_count(len(story.traits_then), 'answer')}, {len(story.shown_traits)} of them shown to others"


def _said_of_disguise(story: Story) -> str:
    hidden = [
        *(["your face is hidden"] if story.hide_faces else []),
        *(["your voice is changed"] if story.change_voice else []),
    ]
    return (
        " and ".join(hidden).capitalize()
        if hidden
        else "As you are. You can hide your face or change your voice"
    )


def _to(part: str, story: Story) -> str:
    return reverse(f"web:my_story_{part}", args=[story.pk])


def _count(number: int, thing: str) -> str:
    return f"{number or 'No'} {thing}{'' if number == 1 else 's'}"
