"""Generates captions by speech recognition; the teller reads and corrects them."""

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
    """Return whether the recording has sound but no captions in the language of the story."""
    video = story.video
    if video is None or not video.is_playable or not video.has_sound:
        return False
    return story.language not in video.caption_languages


def enqueue_captioning(story: Story) -> None:
    """Enqueue caption generation if the story needs captions and a speech model is installed."""
    if speech_recognition.speech_model_folder() is not None and story.may_be_edited and needs_captions(story):
        queue.enqueue_job(
            CAPTION_STORY_JOB, story.pk, queue=Queue.MEDIA, owner_key=story.teller_id, urgency=Urgency.LOW
        )


def generate_captions(story: Story, run: JobRun) -> None:
    """Generate captions unless the teller has added some in the meantime.

    Raises LeaseLost if another worker took over; the job is retried after any other exception.
    """
    if story.video is None or not needs_captions(story):
        return
    try:
        cues = speech_recognition.recognise_speech(
            story.video, language=story.language, is_cancelled=lambda: run.lease_lost
        )
    except speech_recognition.SpeechRecognitionUnavailable:
        return
    except RunCancelled as error:
        raise LeaseLost(str(run.job_id)) from error
    with transaction.atomic():
        run.renew_lease()
        locked = lifecycle.lock_story(story)
        if (
            cues
            and locked.video == story.video
            and locked.video is not None
            and locked.may_be_edited
            and needs_captions(locked)
        ):
            tracks.save_captions(
                locked.video,
                language=locked.language,
                text=vtt.format_vtt(cues),
                source=Captions.Source.AUTOMATIC,
            )


def has_automatic_captions(story: Story) -> bool:
    """Return whether the captions in the story's language are generated and not yet corrected."""
    if story.video is None:
        return False
    return story.video.captions.filter(language=story.language, source=Captions.Source.AUTOMATIC).exists()
