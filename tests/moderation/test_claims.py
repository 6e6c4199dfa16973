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


def test_the_audit_trail_names_the_claim_and_the_version_that_was_handed_out(told: Story, mo: User) -> None:
    released = claim_for_reviewer(told, by=mo)
    queue.release_claim(released, by=mo)
    skipped = claim_for_reviewer(told, by=mo)
    queue.skip_story(skipped, by=mo, now=timezone.now())

    events = Event.objects.for_subject(told).filter(verb__startswith="review.").oldest_first()
    assert [event.details for event in events] == [
        {"claim": str(released.pk), "version": told.version},
        {"claim": str(released.pk)},
        {"claim": str(skipped.pk), "version": told.version},
        {"claim": str(skipped.pk)},
    ]


def test_an_ended_claim_records_how_and_when_it_ended(told: Story, mo: User, nia: User) -> None:
    released = claim_for_reviewer(told, by=mo)
    queue.release_claim(released, by=mo)
    skipped = claim_for_reviewer(told, by=mo)
    queue.skip_story(skipped, by=mo, now=timezone.now())
    expired = claim_for_reviewer(told, by=nia)
    expire_lease(expired)
    queue.expire_claims()

    expected = {released: ClaimEnding.RELEASED, skipped: ClaimEnding.SKIPPED, expired: ClaimEnding.EXPIRED}
    for claim, ending in expected.items():
        claim.refresh_from_db()
        assert claim.ending == ending
        assert claim.ended_at is not None


def test_a_claim_starts_at_the_given_time(
    told: Story, bo: User, mo: User, the_conversation: Challenge
) -> None:
    chosen_at = timezone.now() - timedelta(seconds=30)
    chosen = queue.claim_story(told, by=mo, now=chosen_at)
    assert chosen.taken_at == chosen_at
    queue.release_claim(chosen, by=mo)

    next_claim = queue.claim_next_story(by=mo, now=chosen_at + timedelta(seconds=10))
    assert next_claim is not None
    assert next_claim.taken_at == chosen_at + timedelta(seconds=10)


def test_a_skipped_story_is_offered_again_at_the_moment_the_skip_ends(told: Story, mo: User) -> None:
    now = timezone.now()
    queue.skip_story(claim_for_reviewer(told, by=mo), by=mo, now=now)

    assert queue.claim_next_story(by=mo, now=now + timedelta(hours=4, seconds=-1)) is None
    assert queue.claim_next_story(by=mo, now=now + timedelta(hours=4)) is not None


def test_choosing_a_story_one_already_holds_renews_its_lease(told: Story, mo: User) -> None:
    claim = claim_for_reviewer(told, by=mo)
    Claim.objects.filter(pk=claim.pk).update(lease_until=Now() + timedelta(minutes=1))

    again = claim_for_reviewer(told, by=mo)

    assert again == claim
    for lease_until in (again.lease_until, Claim.objects.get(pk=claim.pk).lease_until):
        assert timedelta(minutes=9) < lease_until - timezone.now() <= timedelta(minutes=10)


def test_the_overview_names_the_claim_that_its_reader_has_held_the_longest(
    told: Story, bo: User, mo: User, nia: User, the_conversation: Challenge
) -> None:
    second = create_story_in_review(bo, the_conversation)
    others = claim_for_reviewer(create_story_in_review(bo, the_conversation), by=nia)
    now = timezone.now()
    newer = queue.claim_story(told, by=mo, now=now)
    older = queue.claim_story(second, by=mo, now=now - timedelta(minutes=5))

    assert queue.queue_overview(mo).held_claim == older
    assert queue.queue_overview(mo, limit=0).held_claim == older
    assert queue.queue_overview(nia).held_claim == others
    assert queue.oldest_claim_of(mo) == older
    queue.release_claim(older, by=mo)
    assert queue.queue_overview(mo).held_claim == newer


def test_the_story_of_the_own_claim_is_loaded_with_the_overview(
    told: Story, mo: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    claim_for_reviewer(told, by=mo)
    claims = [queue.queue_overview(mo).held_claim, queue.oldest_claim_of(mo)]

    with django_assert_num_queries(0):
        assert [claim.story.title for claim in claims if claim is not None] == [told.title, told.title]


def test_the_overview_of_a_reviewer_without_a_claim_names_none(told: Story, mo: User, nia: User) -> None:
    claim_for_reviewer(told, by=nia)

    assert queue.queue_overview(mo).held_claim is None


def test_a_refused_claim_carries_the_story_for_the_response(told: Story, mo: User, nia: User) -> None:
    claim = claim_for_reviewer(told, by=mo)

    with pytest.raises(ClaimedByAnotherReviewer) as claimed:
        claim_for_reviewer(told, by=nia)
    assert claimed.value.subject == told
    with pytest.raises(StaleClaim) as stale:
        queue.release_claim(claim, by=nia)
    assert (stale.value.story, stale.value.subject) == (told, told)


def test_claiming_a_story_and_deciding_under_the_claim_lock_one_row_each(told: Story, mo: User) -> None:
    with CaptureQueriesContext(connection) as queries:
        claim = queue.claim_next_story(by=mo, now=timezone.now())
    locks = [query["sql"] for query in queries if "FOR UPDATE" in query["sql"]]
    assert claim is not None
    assert [sql.partition("FOR UPDATE ")[2] for sql in locks] == ['OF "stories_story" SKIP LOCKED']

    with CaptureQueriesContext(connection) as queries, transaction.atomic():
        queue.lock_active_claim(told, by=mo, token=claim.token)
    locks = [query["sql"] for query in queries if "FOR UPDATE" in query["sql"]]
    assert [sql.partition("FOR UPDATE ")[2] for sql in locks] == ['OF "moderation_claim"']
