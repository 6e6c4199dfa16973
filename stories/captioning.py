"""Write down what a teller says, as a first draft of the captions that they then read and correct."""

from django.db import transaction

from jobs import queue
from jobs.leasing import JobRun, LeaseLost
from jobs.models import Queue, Urgency
from media.captions import speech_recognition, tracks, vtt
from media.models import Captions
from media.sandbox import RunCancelled
from stories import lifecycle
from stories.models import Story

CAPTION_STORY_JOB = "stories.caption"


def needs_captions(story: Story) -> bool:
    """Whether somebody speaks in the recording and there are no captions yet in the language of the story."""
    video = story.video
    if video is None or not video.is_playable or not video.has_sound:
        return False
    return story.language not in video.caption_languages


def enqueue_captioning(story: Story) -> None:
    """Have captions written down if there is a need and a model here that could."""
    if speech_recognition.speech_model_folder() is not None and story.may_be_edited and needs_captions(story):
        queue.enqueue_job(
            CAPTION_STORY_JOB, story.pk, queue=Queue.MEDIA, owner_key=story.teller_id, urgency=Urgency.LOW
        )


def generate_captions(story: Story, run: JobRun) -> None:
    """Give the recording a first draft of its captions; whatever its teller gave it meanwhile stays.

    Raises LeaseLost when another worker has taken over; whatever else it raises is worth another attempt.
    """
    if story.video is None or not needs_captions(story):
        return
    try:
        cues = speech_recognition.recognise_speech(
            story.video, language=story.language, is_cancelled=lambda: run.lease_lost
        )
    except speech_recognition.SpeechRecognitionUnavailable:
        return
    except RunCancelled as stopped:
        raise LeaseLost(str(run.job_id)) from stopped
    with transaction.atomic():
        run.renew_lease()
        fresh = lifecycle.lock_story(story)
        if (
            cues
            and fresh.video == story.video
            and fresh.video is not None
            and fresh.may_be_edited
            and needs_captions(fresh)
        ):
            tracks.save_captions(
                fresh.video,
                language=fresh.language,
                text=vtt.format_vtt(cues),
                source=Captions.Source.AUTOMATIC,
            )


def has_automatic_captions(story: Story) -> bool:
    """Whether the captions in the story's language are still as the machine wrote them down."""
    if story.video is None:
        return False
    return story.video.captions.filter(language=story.language, source=Captions.Source.AUTOMATIC).exists()
