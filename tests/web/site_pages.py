"""Addresses of all pages by audience, and fixtures with content for them."""

from dataclasses import dataclass
from functools import partial
from uuid import UUID

import pytest
from django.utils import timezone

from accounts.models import User
from challenges import readings
from challenges.models import Challenge, ReadingMoment
from media.models import Video
from moderation import decisions
from practice import steps, viewings
from stories import drafts, publishing
from stories.draft_validation import StoryDraft
from stories.models import Story
from tests.moderation.scenarios import approving_submission, claim_for_reviewer
from tests.people import create_person
from tests.story_factories import create_published_story, create_recording, create_story_in_review
from tests.web.playable_stories import published_story_with_media

CHALLENGE = "/challenges/the-conversation/"

FOR_EVERYBODY = [
    *("/", "/help-now", "/how-stories-are-chosen/", "/challenges/", CHALLENGE),
    *("/accounts/login/", "/accounts/signup/", "/accounts/inactive/"),
    *("/accounts/password/reset/", "/accounts/password/reset/done/"),
    *("/accounts/password/reset/key/1-outdated/", "/accounts/password/reset/key/done/"),
]
FOR_MEMBERS = [
    *("/", CHALLENGE, f"{CHALLENGE}rate/", f"{CHALLENGE}stories/", f"{CHALLENGE}step/"),
    *(f"{CHALLENGE}another/by-chance/", f"{CHALLENGE}another/unlike-you/", "/not-shown/"),
    *("/search/", "/search/?q=put"),
    *("/my-steps/", "/saved/", "/about-you/", "/about-you/?for=the-conversation", "/account/"),
    *("/accounts/2fa/", "/accounts/email/", "/accounts/password/change/", "/accounts/logout/"),
]
FOR_TELLERS = ["/tell/", "/tell/start/", "/tell/start/the-conversation/", "/tell/notices/"]
OF_ONES_OWN_STORY = [
    *("", "facts/", "then/", "recording/", "record/", "chapters/", "captions/"),
    *("captions/en/", "consent/", "withdraw/", "disguise/"),
]
WITH_A_SECOND_FACTOR = [
    *("/accounts/2fa/", "/accounts/2fa/reauthenticate/", "/accounts/2fa/totp/deactivate/"),
    *("/accounts/2fa/recovery-codes/", "/accounts/2fa/recovery-codes/generate/"),
    *("/accounts/2fa/webauthn/", "/accounts/2fa/webauthn/add/"),
]


@dataclass(frozen=True)
class Watched:
    """What the viewer Ana has watched."""

    story: UUID
    step: UUID

    @property
    def pages(self) -> list[str]:
        return [f"/stories/{self.story}/", f"/stories/{self.story}/after/", f"/my-steps/{self.step}/"]


def pages_of_own(story: UUID) -> list[str]:
    return [f"/tell/{story}/{part}" for part in OF_ONES_OWN_STORY]


@pytest.fixture
def watched(ana: User, bo: User, mo: User, the_conversation: Challenge) -> Watched:
    """Ana has rated, saved and watched a story, and committed to a step."""
    story = published_story_with_media(
        bo,
        the_conversation,
        by=mo,
        title="Ten words on a receipt",
        end_rung=1,
        traits_then={"age": 41, "work_pattern": "nights"},
        shown_traits=["work_pattern"],
    )
    for number in range(3):
        published_story_with_media(
            create_person(f"teller{number}"), the_conversation, by=mo, words="", end_rung=1
        )
    for moment, confidence in ((ReadingMoment.BEFORE, 30), (ReadingMoment.AFTER, 50)):
        now = timezone.now()
        readings.record_reading(
            the_conversation, dict.fromkeys(range(1, 8), confidence), by=ana, moment=moment, at=now
        )
    viewings.save_story(story, by=ana, now=timezone.now())
    step = steps.create_step(the_conversation, "Write one sentence", by=ana, rung=2, now=timezone.now())
    return Watched(story.pk, step.pk)


@pytest.fixture
def own_stories(bo: User, mo: User, the_conversation: Challenge) -> list[Story]:
    """Stories by Bo in each state that their page can show."""
    in_review = partial(create_story_in_review, bo, the_conversation)
    sent_back, declined, hidden = in_review(title="Sent back"), in_review(title="Declined"), None
    decisions.request_changes(
        sent_back,
        approving_submission(claim_for_reviewer(sent_back, by=mo), reasons=["setback_missing"]),
        by=mo,
    )
    decisions.decline_story(
        declined,
        approving_submission(claim_for_reviewer(declined, by=mo), reasons=["setback_missing"]),
        by=mo,
    )
    hidden = create_published_story(bo, the_conversation, by=mo, title="Hidden")
    publishing.set_story_hidden(hidden, by=bo, hidden=True)
    withdrawn = create_published_story(bo, the_conversation, by=mo, title="Withdrawn")
    publishing.withdraw_story(withdrawn, by=bo)
    incomplete = drafts.create_draft(the_conversation, StoryDraft(title="Begun"), by=bo)
    damaged = drafts.create_draft(the_conversation, StoryDraft(title="Damaged"), by=bo)
    broken = create_recording(bo, status=Video.Status.DAMAGED)
    drafts.attach_recording(damaged, broken, by=bo, expected_version=damaged.version)
    published = create_published_story(bo, the_conversation, by=mo, title="Published")
    return [
        sent_back,
        declined,
        hidden,
        withdrawn,
        incomplete,
        damaged,
        published,
        in_review(title="Waiting"),
    ]
