"""Write down what a teller says, as a first draft of the captions that they then read and correct."""

from django.db import transaction

from jobs import desk
from jobs.leasing import LeaseLost, Run
from jobs.models import Queue, Urgency
from media import captions, recognition
from media.models import Captions
from media.sandbox import RunCancelled
from stories import lifecycle
from stories.models import Story

CAPTION = "stories.caption"


def lacking(story: Story) -> bool:
    """Whether somebody speaks in the recording and there are no captions yet in the language of the story."""
    video = story.video
    if video is None or not video.is_playable or not video.has_sound:
        return False
    return story.language not in video.caption_languages


def order(story: Story) -> None:
    """Have captions written down if there is a need and a model here that could."""
    if recognition.model_folder() is not None and story.may_be_edited and lacking(story):
        desk.enqueue(CAPTION, story.pk, queue=Queue.MEDIA, whose=story.teller_id, urgency=Urgency.LATER)


def write_down(story: Story, run: Run) -> None:
    """Give the recording a first draft of its captions; whatever its teller gave it meanwhile stays.

    Raises LeaseLost when another worker has taken over; whatever else it raises is worth another attempt.
    """
    if story.video is None or not lacking(story):
        return
    try:
        cues = recognition.recognise(story.video, language=story.language, cancelled=lambda: run.lost)
    except recognition.NobodyListens:
        return
    except RunCancelled as stopped:
        raise LeaseLost(str(run.job_id)) from stopped
    with transaction.atomic():
        run.check()
        fresh = lifecycle.lock(story)
        if (
            cues
            and fresh.video == story.video
            and fresh.video is not None
            and fresh.may_be_edited
            and lacking(fresh)
        ):
            captions.attach(
                fresh.video,
                language=fresh.language,
                text=captions.write(cues),
                source=Captions.Source.AUTOMATIC,
            )


def unread(story: Story) -> bool:
    """Whether the captions in the story's language are still as the machine wrote them down."""
    if story.video is None:
        return False
    return story.video.captions.filter(language=story.language, source=Captions.Source.AUTOMATIC).exists()
