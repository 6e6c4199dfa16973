from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from audit.models import Event
from challenges.models import Challenge
from moderation import queue
from moderation.models import Claim, ClaimEnding
from moderation.queue import ClaimedByAnotherReviewer, StaleClaim
from moderation.review_permissions import (
    CannotReviewOwnStory,
    NotAReviewer,
    NotInReview,
    ReservedForAnotherReviewer,
)
from stories import publishing
from stories.models import Story
from tests.moderation.scenarios import claim_for_reviewer, escalate_story, expire_lease
from tests.story_factories import create_complete_draft, create_story_in_review

pytestmark = pytest.mark.django_db


def test_the_oldest_submission_is_claimed_first(
    submitted_story: Story, bo: User, mo: User, nia: User, the_conversation: Challenge
) -> None:
    later = create_story_in_review(bo, the_conversation)

    first = queue.claim_next_story(by=mo, now=timezone.now())
    second = queue.claim_next_story(by=nia, now=timezone.now())

    assert first is not None
    assert second is not None
    assert (first.story, second.story) == (submitted_story, later)


def test_a_claim_lasts_ten_minutes_and_has_a_unique_token(submitted_story: Story, mo: User) -> None:
    claim = claim_for_reviewer(submitted_story, by=mo)
    queue.release_claim(claim, by=mo)
    second_claim = claim_for_reviewer(submitted_story, by=mo)

    time_left = second_claim.lease_until - timezone.now()
    assert timedelta(minutes=9) < time_left <= timedelta(minutes=10)
    assert len(second_claim.token) >= 43
    assert second_claim.token != claim.token


def test_claiming_again_renews_the_existing_claim(
    submitted_story: Story, bo: User, mo: User, the_conversation: Challenge
) -> None:
    create_story_in_review(bo, the_conversation)
    claim = claim_for_reviewer(submitted_story, by=mo)
    Claim.objects.filter(pk=claim.pk).update(lease_until=Now() + timedelta(minutes=1))

    second_claim = queue.claim_next_story(by=mo, now=timezone.now())

    assert second_claim == claim
    assert second_claim is not None
    assert second_claim.lease_until > timezone.now() + timedelta(minutes=9)
    assert claim_for_reviewer(submitted_story, by=mo) == claim
    assert Claim.objects.unended().count() == 1


def test_an_empty_queue_gives_no_claim(mo: User) -> None:
    assert queue.claim_next_story(by=mo, now=timezone.now()) is None


def test_people_without_a_reviewer_role_cannot_claim(submitted_story: Story, sam: User) -> None:
    with pytest.raises(NotAReviewer):
        queue.claim_next_story(by=sam, now=timezone.now())
    with pytest.raises(NotAReviewer):
        claim_for_reviewer(submitted_story, by=sam)


def test_a_moderator_cannot_claim_their_own_story(mo: User, the_conversation: Challenge) -> None:
    own = create_story_in_review(mo, the_conversation)

    assert queue.claim_next_story(by=mo, now=timezone.now()) is None
    with pytest.raises(CannotReviewOwnStory):
        claim_for_reviewer(own, by=mo)


def test_a_draft_cannot_be_claimed(bo: User, mo: User, the_conversation: Challenge) -> None:
    with pytest.raises(NotInReview):
        claim_for_reviewer(create_complete_draft(bo, the_conversation), by=mo)


def test_only_seniors_can_claim_an_escalated_story(
    submitted_story: Story, mo: User, nia: User, sen: User
) -> None:
    escalate_story(submitted_story, by=mo)

    assert queue.claim_next_story(by=nia, now=timezone.now()) is None
    with pytest.raises(ReservedForAnotherReviewer):
        claim_for_reviewer(submitted_story, by=nia)
    assert claim_for_reviewer(submitted_story, by=sen).story == submitted_story


def test_a_claimed_story_cannot_be_claimed_by_another_reviewer(
    submitted_story: Story, mo: User, nia: User
) -> None:
    claim_for_reviewer(submitted_story, by=mo)

    with pytest.raises(ClaimedByAnotherReviewer) as error:
        claim_for_reviewer(submitted_story, by=nia)
    assert error.value.story == submitted_story
    assert queue.claim_next_story(by=nia, now=timezone.now()) is None


def test_the_database_rejects_a_second_unended_claim(submitted_story: Story, mo: User, nia: User) -> None:
    claim_for_reviewer(submitted_story, by=mo)

    with pytest.raises(IntegrityError, match="one_unended_claim_per_story"), transaction.atomic():
        Claim.objects.create(
            story=submitted_story,
            reviewer=nia,
            token="t",
            taken_at=timezone.now(),
            lease_until=timezone.now(),
        )


def test_another_reviewer_can_claim_a_story_after_the_lease_expired(
    submitted_story: Story, mo: User, nia: User
) -> None:
    expired_claim = claim_for_reviewer(submitted_story, by=mo)
    expire_lease(expired_claim)

    taken_over = queue.claim_next_story(by=nia, now=timezone.now())

    assert taken_over is not None
    assert taken_over.story == submitted_story
    expired_claim.refresh_from_db()
    assert expired_claim.ending == ClaimEnding.EXPIRED
    for action in (queue.renew_claim, queue.release_claim):
        with pytest.raises(StaleClaim):
            action(expired_claim, by=mo)


def test_an_expired_claim_cannot_be_renewed(submitted_story: Story, mo: User) -> None:
    claim = claim_for_reviewer(submitted_story, by=mo)
    expire_lease(claim)

    with pytest.raises(StaleClaim) as error:
        queue.renew_claim(claim, by=mo)
    assert error.value.story == submitted_story


def test_a_claim_of_another_reviewer_cannot_be_renewed_released_or_skipped(
    submitted_story: Story, mo: User, nia: User
) -> None:
    claim = claim_for_reviewer(submitted_story, by=mo)

    for action in (queue.renew_claim, queue.release_claim):
        with pytest.raises(StaleClaim):
            action(claim, by=nia)
    with pytest.raises(StaleClaim):
        queue.skip_story(claim, by=nia, now=timezone.now())
    assert queue.oldest_claim_of(mo) == claim


def test_a_released_story_can_be_claimed_by_anyone(submitted_story: Story, mo: User, nia: User) -> None:
    queue.release_claim(claim_for_reviewer(submitted_story, by=mo), by=mo)

    assert queue.oldest_claim_of(mo) is None
    second_claim = queue.claim_next_story(by=mo, now=timezone.now())
    assert second_claim is not None
    queue.release_claim(second_claim, by=mo)
    assert claim_for_reviewer(submitted_story, by=nia).story == submitted_story


def test_a_skipped_story_is_offered_to_others_only_for_some_hours(
    submitted_story: Story, mo: User, nia: User
) -> None:
    now = timezone.now()
    queue.skip_story(claim_for_reviewer(submitted_story, by=mo), by=mo, now=now)

    assert queue.claim_next_story(by=mo, now=now + timedelta(hours=3)) is None
    offered = queue.claim_next_story(by=nia, now=now)
    assert offered is not None
    queue.release_claim(offered, by=nia)
    later = queue.claim_next_story(by=mo, now=now + timedelta(hours=5))
    assert later is not None
    assert later.story == submitted_story


def test_a_skipped_story_can_still_be_claimed_from_the_overview(submitted_story: Story, mo: User) -> None:
    queue.skip_story(claim_for_reviewer(submitted_story, by=mo), by=mo, now=timezone.now())

    assert [item.story for item in queue.queue_overview(mo).items] == [submitted_story]
    assert claim_for_reviewer(submitted_story, by=mo).story == submitted_story


def test_skipping_again_restarts_the_skip_duration(submitted_story: Story, mo: User) -> None:
    now = timezone.now()
    queue.skip_story(claim_for_reviewer(submitted_story, by=mo), by=mo, now=now)
    queue.skip_story(claim_for_reviewer(submitted_story, by=mo), by=mo, now=now + timedelta(hours=3))

    assert queue.claim_next_story(by=mo, now=now + timedelta(hours=6)) is None


def test_expired_claims_and_claims_on_stories_out_of_review_are_ended(
    submitted_story: Story, bo: User, mo: User, nia: User, sen: User, the_conversation: Challenge
) -> None:
    withdrawn, other_story = (create_story_in_review(bo, the_conversation) for _ in range(2))
    expire_lease(claim_for_reviewer(submitted_story, by=mo))
    claim_for_reviewer(withdrawn, by=nia)
    publishing.withdraw_story(withdrawn, by=bo)
    active_claim = claim_for_reviewer(other_story, by=sen)

    assert queue.expire_claims() == 2
    assert list(Claim.objects.unended()) == [active_claim]
    assert queue.expire_claims() == 0


def test_a_claim_on_a_withdrawn_story_does_not_block_the_next_claim(
    submitted_story: Story, bo: User, mo: User, the_conversation: Challenge
) -> None:
    claim_for_reviewer(submitted_story, by=mo)
    publishing.withdraw_story(submitted_story, by=bo)
    other = create_story_in_review(bo, the_conversation)

    claim = queue.claim_next_story(by=mo, now=timezone.now())

    assert claim is not None
    assert claim.story == other


def test_the_overview_shows_claims_and_escalations(
    submitted_story: Story, bo: User, mo: User, sen: User, the_conversation: Challenge
) -> None:
    escalated_story = create_story_in_review(bo, the_conversation)
    escalate_story(escalated_story, by=mo)
    claim = claim_for_reviewer(submitted_story, by=mo)

    items = queue.queue_overview(sen).items

    assert [(item.story, item.claim, item.escalated) for item in items] == [
        (escalated_story, None, True),
        (submitted_story, claim, False),
    ]


def test_the_overview_takes_a_constant_number_of_queries(
    bo: User, mo: User, the_conversation: Challenge, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(12):
        claim_for_reviewer(create_story_in_review(bo, the_conversation), by=mo)
    reviewer = User.objects.get(pk=mo.pk)

    with django_assert_max_num_queries(5):
        shown = [
            (item.story.title, item.story.challenge.title, item.story.teller.display_name, item.claim)
            for item in queue.queue_overview(reviewer).items
        ]
    assert len(shown) == 12
    assert len(queue.queue_overview(reviewer, limit=5).items) == 5


def test_claims_releases_and_skips_are_audited(submitted_story: Story, mo: User) -> None:
    queue.release_claim(claim_for_reviewer(submitted_story, by=mo), by=mo)
    queue.skip_story(claim_for_reviewer(submitted_story, by=mo), by=mo, now=timezone.now())

    verbs = (
        Event.objects.for_subject(submitted_story)
        .filter(actor=str(mo.pk))
        .oldest_first()
        .values_list("verb", flat=True)
    )
    assert list(verbs) == ["review.claimed", "review.released", "review.claimed", "review.skipped"]
