"""Seeds the demonstration through the real pipeline: each film is uploaded, processed, reviewed and published.

Uses the product's own functions instead of inserting rows, so a complete demonstration proves that the whole pipeline
works. Can be interrupted at any time; the next run resumes.
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
from media.captions import tracks
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
# One story per domain has full resolution; the others are smaller, so that seeding takes minutes on two cores.
SMALL_SHORT_SIDE = 480
PIPELINE_TIMEOUT_SECONDS = 20 * 60
POLL_SECONDS = 1.0


class PipelineStalled(Exception):
    """Stories were not processed in time, or were returned to their tellers."""


def seed_demo_stories(*, at_most: int | None = None) -> None:
    """Create the missing stories; publish all but the last, which stays in the queue for a moderator."""
    cast.create_demo_people()
    scripts = list(interleave_by_challenge(list(load_all_scripts())))[:at_most]
    announce_planned_demo_stories(len(scripts) - KEPT_FOR_REVIEW)
    domains = dict(Challenge.objects.values_list("slug", "domain__slug"))
    domains_with_full_size: set[str] = set()
    for script in scripts:
        domain = domains[script.challenge]
        seed_story(
            script, short_side=SMALL_SHORT_SIDE if domain in domains_with_full_size else FULL_SHORT_SIDE
        )
        domains_with_full_size.add(domain)
        approve_waiting_stories(kept_for_review=KEPT_FOR_REVIEW)
    deadline = time.monotonic() + PIPELINE_TIMEOUT_SECONDS
    while Story.objects.filter(made_up=True, state=StoryState.PREPARING).exists():
        if time.monotonic() > deadline:
            raise PipelineStalled
        time.sleep(POLL_SECONDS)
        approve_waiting_stories(kept_for_review=KEPT_FOR_REVIEW)
    approve_waiting_stories(kept_for_review=KEPT_FOR_REVIEW)
    announce_planned_demo_stories(0)
    returned = Story.objects.filter(made_up=True, state=StoryState.CHANGES_REQUESTED).select_related("video")
    if story := returned.first():
        raise PipelineStalled(
            f"{returned.count()} stories were returned: {story.video.reason if story.video else ''}"
        )


def interleave_by_challenge(scripts: Sequence[DemoStory]) -> Iterator[DemoStory]:
    """All scripts of the first challenge, then the other challenges in turn."""
    by_challenge: dict[str, list[DemoStory]] = {}
    for script in scripts:
        by_challenge.setdefault(script.challenge, []).append(script)
    slugs = Challenge.objects.offered().in_catalogue_order().values_list("slug", flat=True)
    first_challenge, *other_challenges = [by_challenge.get(slug, []) for slug in slugs]
    rounds = chain.from_iterable(zip_longest(*other_challenges))
    return chain(first_challenge, (script for script in rounds if script is not None))


def seed_story(script: DemoStory, *, short_side: int) -> None:
    """Perform a teller's steps for one script; does nothing if the story exists."""
    teller = cast.get_or_create_demo_person(script.handle, display_name=script.name)
    challenge = Challenge.objects.get(slug=script.challenge)
    if Story.objects.by_teller(teller).for_challenge(challenge).exclude(state=StoryState.DRAFT).exists():
        return
    with tempfile.TemporaryDirectory(prefix="sameboat-film-") as folder:
        film = make_demo_film(script, Path(folder), ffmpeg=ffmpeg_path(), short_side=short_side)
        video = upload_film(film.path, owner=teller)
    tracks.save_captions(video, language=script.language, text=film.vtt)
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
    log.info("submitted story %s for %s", story.pk, challenge.slug)


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
            kind=script_chapter.kind,
            start_ms=film_chapter.start_ms,
            text=script_chapter.text,
            barrier=script_chapter.barrier,
            rung=script_chapter.rung,
        )
        for script_chapter, film_chapter in zip(script.chapters, film.chapters, strict=True)
    ]


def upload_film(path: Path, *, owner: User) -> Video:
    """Upload in parts to presigned URLs, as a browser does."""
    size = path.stat().st_size
    upload = sessions.start_upload(owner, file_name=path.name, size=size, content_type="video/mp4")
    with path.open("rb") as film:
        for number in range(1, upload.part_count + 1):
            (address,) = parts.create_part_urls(upload, [number])
            part = film.read(upload.size_of_part(number))
            request = urllib.request.Request(address.url, data=part, method="PUT")  # noqa: S310  # presigned URL of our own bucket
            urllib.request.urlopen(request, timeout=60).close()  # noqa: S310
    return sessions.complete_upload(upload)


def approve_waiting_stories(*, kept_for_review: int) -> int:
    """Approve demonstration stories in review, except the newest `kept_for_review`; returns the number in review."""
    moderator = User.objects.get(email=cast.DEMO_LOGINS[2].email)
    waiting = list(Story.objects.in_review().filter(made_up=True).oldest_first())
    unfinished = Story.objects.filter(made_up=True, state=StoryState.PREPARING).exists()
    for story in waiting if unfinished else waiting[: len(waiting) - kept_for_review]:
        claim = queue.claim_story(story, by=moderator, now=timezone.now())
        decisions.approve_story(story, build_approval(story, claim), by=moderator)
    return len(waiting)


def build_approval(story: Story, claim: Claim) -> ReviewSubmission:
    """Review submission with every rubric item answered yes."""
    return ReviewSubmission(
        claim_token=claim.token,
        seen=story.version,
        content_hash=story.content_hash,
        rubric={item.value: RubricAnswer.YES.value for item in RubricItem},
    )
