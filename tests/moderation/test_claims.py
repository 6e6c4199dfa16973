from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from audit.models import Event
from challenges.models import Challenge
from moderation import queue
from moderation.models import Claim, ClaimEnding
from moderation.queue import ClaimedByAnotherReviewer, StaleClaim
from stories.models import Story
from tests.moderation.scenarios import claim_for_reviewer, expire_lease
from tests.story_factories import create_story_in_review

pytestmark = pytest.mark.django_db


def test_audit_events_name_the_claim_and_the_claimed_version(submitted_story: Story, mo: User) -> None:
    released = claim_for_reviewer(submitted_story, by=mo)
    queue.release_claim(released, by=mo)
    skipped = claim_for_reviewer(submitted_story, by=mo)
    queue.skip_story(skipped, by=mo, now=timezone.now())

    events = Event.objects.for_subject(submitted_story).filter(verb__startswith="review.").oldest_first()
    assert [event.details for event in events] == [
        {"claim": str(released.pk), "version": submitted_story.version},
        {"claim": str(released.pk)},
        {"claim": str(skipped.pk), "version": submitted_story.version},
        {"claim": str(skipped.pk)},
    ]


def test_an_ended_claim_records_how_and_when_it_ended(submitted_story: Story, mo: User, nia: User) -> None:
    released = claim_for_reviewer(submitted_story, by=mo)
    queue.release_claim(released, by=mo)
    skipped = claim_for_reviewer(submitted_story, by=mo)
    queue.skip_story(skipped, by=mo, now=timezone.now())
    expired = claim_for_reviewer(submitted_story, by=nia)
    expire_lease(expired)
    queue.expire_claims()

    expected = {released: ClaimEnding.RELEASED, skipped: ClaimEnding.SKIPPED, expired: ClaimEnding.EXPIRED}
    for claim, ending in expected.items():
        claim.refresh_from_db()
        assert claim.ending == ending
        assert claim.ended_at is not None


def test_a_claim_starts_at_the_given_time(
    submitted_story: Story, bo: User, mo: User, the_conversation: Challenge
) -> None:
    chosen_at = timezone.now() - timedelta(seconds=30)
    chosen = queue.claim_story(submitted_story, by=mo, now=chosen_at)
    assert chosen.taken_at == chosen_at
    queue.release_claim(chosen, by=mo)

    next_claim = queue.claim_next_story(by=mo, now=chosen_at + timedelta(seconds=10))
    assert next_claim is not None
    assert next_claim.taken_at == chosen_at + timedelta(seconds=10)


def test_a_skipped_story_is_offered_again_at_the_moment_the_skip_ends(
    submitted_story: Story, mo: User
) -> None:
    now = timezone.now()
    queue.skip_story(claim_for_reviewer(submitted_story, by=mo), by=mo, now=now)

    assert queue.claim_next_story(by=mo, now=now + timedelta(hours=4, seconds=-1)) is None
    assert queue.claim_next_story(by=mo, now=now + timedelta(hours=4)) is not None


def test_claiming_a_held_story_again_renews_its_lease(submitted_story: Story, mo: User) -> None:
    claim = claim_for_reviewer(submitted_story, by=mo)
    Claim.objects.filter(pk=claim.pk).update(lease_until=Now() + timedelta(minutes=1))

    second_claim = claim_for_reviewer(submitted_story, by=mo)

    assert second_claim == claim
    for lease_until in (second_claim.lease_until, Claim.objects.get(pk=claim.pk).lease_until):
        assert timedelta(minutes=9) < lease_until - timezone.now() <= timedelta(minutes=10)


def test_the_overview_names_the_oldest_active_claim_of_its_reviewer(
    submitted_story: Story, bo: User, mo: User, nia: User, the_conversation: Challenge
) -> None:
    other_story = create_story_in_review(bo, the_conversation)
    claim_of_nia = claim_for_reviewer(create_story_in_review(bo, the_conversation), by=nia)
    now = timezone.now()
    newer = queue.claim_story(submitted_story, by=mo, now=now)
    older = queue.claim_story(other_story, by=mo, now=now - timedelta(minutes=5))

    assert queue.queue_overview(mo).held_claim == older
    assert queue.queue_overview(mo, limit=0).held_claim == older
    assert queue.queue_overview(nia).held_claim == claim_of_nia
    assert queue.oldest_claim_of(mo) == older
    queue.release_claim(older, by=mo)
    assert queue.queue_overview(mo).held_claim == newer


def test_a_held_claim_is_loaded_with_its_story(
    submitted_story: Story, mo: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    claim_for_reviewer(submitted_story, by=mo)
    claims = [queue.queue_overview(mo).held_claim, queue.oldest_claim_of(mo)]

    with django_assert_num_queries(0):
        assert [claim.story.title for claim in claims if claim is not None] == [
            submitted_story.title,
            submitted_story.title,
        ]


def test_the_overview_of_a_reviewer_without_a_claim_names_no_claim(
    submitted_story: Story, mo: User, nia: User
) -> None:
    claim_for_reviewer(submitted_story, by=nia)

    assert queue.queue_overview(mo).held_claim is None


def test_errors_about_claims_carry_the_story(submitted_story: Story, mo: User, nia: User) -> None:
    claim = claim_for_reviewer(submitted_story, by=mo)

    with pytest.raises(ClaimedByAnotherReviewer) as claimed:
        claim_for_reviewer(submitted_story, by=nia)
    assert claimed.value.subject == submitted_story
    with pytest.raises(StaleClaim) as stale:
        queue.release_claim(claim, by=nia)
    assert (stale.value.story, stale.value.subject) == (submitted_story, submitted_story)


def test_claiming_locks_only_the_story_and_deciding_locks_only_the_claim(
    submitted_story: Story, mo: User
) -> None:
    with CaptureQueriesContext(connection) as queries:
        claim = queue.claim_next_story(by=mo, now=timezone.now())
    locks = [query["sql"] for query in queries if "FOR UPDATE" in query["sql"]]
    assert claim is not None
    assert [sql.partition("FOR UPDATE ")[2] for sql in locks] == ['OF "stories_story" SKIP LOCKED']

    with CaptureQueriesContext(connection) as queries, transaction.atomic():
        queue.lock_active_claim(submitted_story, by=mo, token=claim.token)
    locks = [query["sql"] for query in queries if "FOR UPDATE" in query["sql"]]
    assert [sql.partition("FOR UPDATE ")[2] for sql in locks] == ['OF "moderation_claim"']
