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
from config.demo import cast
from config.demo.film import FULL_SIZE, Film, make_film
from config.demo.script import DemoStory, every_story
from media import captions, parts, uploads
from media.models import Video
from media.programs import ffmpeg_path
from moderation import decisions, queue
from moderation.models import Claim
from moderation.review import Review
from moderation.rubric import Answer, Item
from stories import publishing, telling
from stories.models import Story, StoryState
from stories.telling import ChapterDraft, StoryDraft
from web.context import announce

log = logging.getLogger(__name__)
LEFT_FOR_REVIEW = 1
# Each domain has one story in full size; the others are smaller, so that two cores fill the house in minutes.
SMALL = 480
PATIENCE_SECONDS = 20 * 60
LOOK_AGAIN_SECONDS = 1.0


class PipelineStalled(Exception):
    """The demonstration did not fill: stories were sent off and did not come back in time, or came back refused."""


def fill(*, at_most: int | None = None) -> None:
    """Tell every story that is not there yet, and publish all but the last, which is left for a moderator."""
    cast.gather()
    scripts = list(in_turns(list(every_story())))[:at_most]
    announce(len(scripts) - LEFT_FOR_REVIEW)
    domains = dict(Challenge.objects.values_list("slug", "domain__slug"))
    large: set[str] = set()
    for script in scripts:
        domain = domains[script.challenge]
        tell(script, short_side=SMALL if domain in large else FULL_SIZE)
        large.add(domain)
        review(keep=LEFT_FOR_REVIEW)
    until = time.monotonic() + PATIENCE_SECONDS
    while Story.objects.filter(made_up=True, state=StoryState.PREPARING).exists():
        if time.monotonic() > until:
            raise PipelineStalled
        time.sleep(LOOK_AGAIN_SECONDS)
        review(keep=LEFT_FOR_REVIEW)
    review(keep=LEFT_FOR_REVIEW)
    announce(0)
    refused = Story.objects.filter(made_up=True, state=StoryState.CHANGES_REQUESTED).select_related("video")
    if story := refused.first():
        raise PipelineStalled(
            f"{refused.count()} stories came back: {story.video.reason if story.video else ''}"
        )


def in_turns(scripts: Sequence[DemoStory]) -> Iterator[DemoStory]:
    """Yield the scripts so that the first challenge fills first and the others grow side by side."""
    by_challenge: dict[str, list[DemoStory]] = {}
    for script in scripts:
        by_challenge.setdefault(script.challenge, []).append(script)
    order = Challenge.objects.offered().in_catalogue_order().values_list("slug", flat=True)
    first, *others = [by_challenge.get(slug, []) for slug in order]
    rounds = chain.from_iterable(zip_longest(*others))
    return chain(first, (script for script in rounds if script is not None))


def tell(script: DemoStory, *, short_side: int) -> None:
    """Take one script through everything a teller does; a story that is already there is left alone."""
    teller = cast.join(script.handle, shown_as=script.name)
    challenge = Challenge.objects.get(slug=script.challenge)
    if Story.objects.told_by(teller).about(challenge).exclude(state=StoryState.DRAFT).exists():
        return
    with tempfile.TemporaryDirectory(prefix="sameboat-film-") as folder:
        film = make_film(script, Path(folder), ffmpeg=ffmpeg_path(), short_side=short_side)
        video = send(film.path, owner=teller)
    captions.attach(video, language=script.language, text=film.vtt)
    story = telling.start(challenge, draft_of(script), by=teller, made_up=True)
    story = telling.attach(story, video, by=teller, seen=story.version)
    story = telling.set_chapters(story, chapters_of(script, film), by=teller, seen=story.version)
    text = ConsentText.objects.current()
    story = telling.give_consent(
        story, [ConsentUse.MEMBERS], text_version=text.version, by=teller, seen=story.version
    )
    publishing.submit(story, by=teller, seen=story.version)
    log.info("told %s about %s", story.pk, challenge.slug)


def draft_of(script: DemoStory) -> StoryDraft:
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


def chapters_of(script: DemoStory, film: Film) -> list[ChapterDraft]:
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


def send(path: Path, *, owner: User) -> Video:
    """Upload a file the way a browser does: in parts, straight to the bucket."""
    size = path.stat().st_size
    upload = uploads.begin(owner, file_name=path.name, size=size, content_type="video/mp4")
    with path.open("rb") as film:
        for number in range(1, upload.part_count + 1):
            (address,) = parts.addresses(upload, [number])
            part = film.read(upload.size_of_part(number))
            request = urllib.request.Request(address.url, data=part, method="PUT")  # noqa: S310  # our own bucket
            urllib.request.urlopen(request, timeout=60).close()  # noqa: S310
    return uploads.complete(upload)


def review(*, keep: int) -> int:
    """Approve made-up stories that wait for review, all but the newest `keep`; returns how many."""
    mo = User.objects.get(email=cast.LOGINS[2].email)
    waiting = list(Story.objects.in_review().filter(made_up=True).oldest_first())
    unfinished = Story.objects.filter(made_up=True, state=StoryState.PREPARING).exists()
    for story in waiting if unfinished else waiting[: len(waiting) - keep]:
        claim = queue.claim(story, by=mo, now=timezone.now())
        decisions.approve(story, approval_of(story, claim), by=mo)
    return len(waiting)


def approval_of(story: Story, claim: Claim) -> Review:
    """Return what a reviewer hands in who found nothing to correct."""
    return Review(
        claim_token=claim.token,
        seen=story.version,
        content_hash=story.content_hash,
        rubric={item.value: Answer.YES.value for item in Item},
    )
