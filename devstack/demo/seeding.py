"""Fill the demonstration through the front door: each film is uploaded, prepared, reviewed and published.

Nothing is put into the database behind the product's back, so a filled demonstration shows that the whole
pipeline works. It can be stopped at any moment and goes on where it was.
"""

import logging
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from itertools import chain, zip_longest
from pathlib import Path

from django.utils import timezone

from accounts.models import ConsentText, ConsentUse, User
from challenges.models import Challenge
from devstack.demo import cast
from devstack.demo.film import FULL_SHORT_SIDE, DemoFilm, make_demo_film
from devstack.demo.script import DemoStory, load_all_scripts
from media.captions import vtt
from media.models import Video
from media.programs import ffmpeg_path
from media.uploads import parts, sessions
from moderation import decisions, queue
from moderation.models import Claim
from moderation.rubric import RubricAnswer, RubricItem
from moderation.submission import ReviewSubmission
from stories import drafts, publishing
from stories.draft_validation import ChapterDraft, StoryDraft
from stories.models import Story, StoryState
from web.context_processors import announce_planned_demo_stories

log = logging.getLogger(__name__)
KEPT_FOR_REVIEW = 1
# Each domain has one story in full size; the others are smaller, so that two cores fill the house in minutes.
SMALL_SHORT_SIDE = 480
PIPELINE_TIMEOUT_SECONDS = 20 * 60
POLL_SECONDS = 1.0


class PipelineStalled(Exception):
    """The demonstration did not fill: stories were sent off and did not come back in time, or came back refused."""


def seed_demo_stories(*, at_most: int | None = None) -> None:
    """Tell every story that is not there yet, and publish all but the last, which is left for a moderator."""
    cast.create_demo_people()
    scripts = list(interleave_by_challenge(list(load_all_scripts())))[:at_most]
    announce_planned_demo_stories(len(scripts) - KEPT_FOR_REVIEW)
    domains = dict(Challenge.objects.values_list("slug", "domain__slug"))
    large: set[str] = set()
    for script in scripts:
        domain = domains[script.challenge]
        seed_story(script, short_side=SMALL_SHORT_SIDE if domain in large else FULL_SHORT_SIDE)
        large.add(domain)
        approve_waiting_stories(kept_for_review=KEPT_FOR_REVIEW)
    until = time.monotonic() + PIPELINE_TIMEOUT_SECONDS
    while Story.objects.filter(made_up=True, state=StoryState.PREPARING).exists():
        if time.monotonic() > until:
            raise PipelineStalled
        time.sleep(POLL_SECONDS)
        approve_waiting_stories(kept_for_review=KEPT_FOR_REVIEW)
    approve_waiting_stories(kept_for_review=KEPT_FOR_REVIEW)
    announce_planned_demo_stories(0)
    refused = Story.objects.filter(made_up=True, state=StoryState.CHANGES_REQUESTED).select_related("video")
    if story := refused.first():
        raise PipelineStalled(
            f"{refused.count()} stories came back: {story.video.reason if story.video else ''}"
        )


def interleave_by_challenge(scripts: Sequence[DemoStory]) -> Iterator[DemoStory]:
    """Yield the scripts so that the first challenge fills first and the others grow side by side."""
    by_challenge: dict[str, list[DemoStory]] = {}
    for script in scripts:
        by_challenge.setdefault(script.challenge, []).append(script)
    order = Challenge.objects.offered().in_catalogue_order().values_list("slug", flat=True)
    first, *others = [by_challenge.get(slug, []) for slug in order]
    rounds = chain.from_iterable(zip_longest(*others))
    return chain(first, (script for script in rounds if script is not None))


def seed_story(script: DemoStory, *, short_side: int) -> None:
    """Take one script through everything a teller does; a story that is already there is left alone."""
    teller = cast.get_or_create_demo_person(script.handle, display_name=script.name)
    challenge = Challenge.objects.get(slug=script.challenge)
    if Story.objects.by_teller(teller).for_challenge(challenge).exclude(state=StoryState.DRAFT).exists():
        return
    with tempfile.TemporaryDirectory(prefix="sameboat-film-") as folder:
        film = make_demo_film(script, Path(folder), ffmpeg=ffmpeg_path(), short_side=short_side)
        video = upload_film(film.path, owner=teller)
    vtt.save_captions(video, language=script.language, text=film.vtt)
    story = drafts.create_draft(challenge, story_draft_from(script), by=teller, made_up=True)
    story = drafts.attach_recording(story, video, by=teller, expected_version=story.version)
    story = drafts.set_chapters(
        story, chapter_drafts_from(script, film), by=teller, expected_version=story.version
    )
    text = ConsentText.objects.current()
    story = drafts.give_consent(
        story, [ConsentUse.MEMBERS], text_version=text.version, by=teller, expected_version=story.version
    )
    publishing.submit_story(story, by=teller, expected_version=story.version)
    log.info("told %s about %s", story.pk, challenge.slug)


def story_draft_from(script: DemoStory) -> StoryDraft:
    return StoryDraft(
        title=script.title,
        language=script.language,
        model_kind=script.model_kind,
        outcome=script.outcome,
        start_rung=script.start_rung,
        end_rung=script.end_rung,
        strategies=script.strategies,
        content_notes=script.content_notes,
        traits_then={
            key: list(value) if isinstance(value, tuple) else value
            for key, value in script.traits_then.items()
        },
        shown_traits=script.shown_traits,
    )


def chapter_drafts_from(script: DemoStory, film: DemoFilm) -> list[ChapterDraft]:
    return [
        ChapterDraft(
            kind=told.kind,
            start_ms=filmed.start_ms,
            text=told.text,
            barrier=told.barrier,
            rung=told.rung,
        )
        for told, filmed in zip(script.chapters, film.chapters, strict=True)
    ]


def upload_film(path: Path, *, owner: User) -> Video:
    """Upload a file the way a browser does: in parts, straight to the bucket."""
    size = path.stat().st_size
    upload = sessions.start_upload(owner, file_name=path.name, size=size, content_type="video/mp4")
    with path.open("rb") as film:
        for number in range(1, upload.part_count + 1):
            (address,) = parts.create_part_urls(upload, [number])
            part = film.read(upload.size_of_part(number))
            request = urllib.request.Request(address.url, data=part, method="PUT")  # noqa: S310  # our own bucket
            urllib.request.urlopen(request, timeout=60).close()  # noqa: S310
    return sessions.complete_upload(upload)


def approve_waiting_stories(*, kept_for_review: int) -> int:
    """Approve made-up stories that wait for review, all but the newest `keep`; returns how many."""
    mo = User.objects.get(email=cast.DEMO_LOGINS[2].email)
    waiting = list(Story.objects.in_review().filter(made_up=True).oldest_first())
    unfinished = Story.objects.filter(made_up=True, state=StoryState.PREPARING).exists()
    for story in waiting if unfinished else waiting[: len(waiting) - kept_for_review]:
        claim = queue.claim_story(story, by=mo, now=timezone.now())
        decisions.approve_story(story, build_approval(story, claim), by=mo)
    return len(waiting)


def build_approval(story: Story, claim: Claim) -> ReviewSubmission:
    """Return what a reviewer hands in who found nothing to correct."""
    return ReviewSubmission(
        claim_token=claim.token,
        seen=story.version,
        content_hash=story.content_hash,
        rubric={item.value: RubricAnswer.YES.value for item in RubricItem},
    )
