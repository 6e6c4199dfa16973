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
from moderation.policy import CannotReviewOwnStory, NotAReviewer, NotInReview, ReservedForAnotherReviewer
from moderation.queue import ClaimedByAnotherReviewer, StaleClaim
from stories import publishing
from stories.models import Story
from tests.moderation.scenarios import claim_for_reviewer, escalate_story, expire_lease
from tests.story_factories import create_complete_draft, create_story_in_review

pytestmark = pytest.mark.django_db


def test_the_longest_waiting_story_comes_next(
    told: Story, bo: User, mo: User, nia: User, the_conversation: Challenge
) -> None:
    later = create_story_in_review(bo, the_conversation)

    first = queue.claim_next_story(by=mo, now=timezone.now())
    second = queue.claim_next_story(by=nia, now=timezone.now())

    assert first is not None
    assert second is not None
    assert (first.story, second.story) == (told, later)


def test_a_claim_lasts_ten_minutes_and_carries_a_token_of_its_own(told: Story, mo: User) -> None:
    claim = claim_for_reviewer(told, by=mo)
    queue.release_claim(claim, by=mo)
    again = claim_for_reviewer(told, by=mo)

    left = again.lease_until - timezone.now()
    assert timedelta(minutes=9) < left <= timedelta(minutes=10)
    assert len(again.token) >= 43
    assert again.token != claim.token


def test_reloading_gives_what_one_holds_already_and_prolongs_it(
    told: Story, bo: User, mo: User, the_conversation: Challenge
) -> None:
    create_story_in_review(bo, the_conversation)
    claim = claim_for_reviewer(told, by=mo)
    Claim.objects.filter(pk=claim.pk).update(lease_until=Now() + timedelta(minutes=1))

    again = queue.claim_next_story(by=mo, now=timezone.now())

    assert again == claim
    assert again is not None
    assert again.lease_until > timezone.now() + timedelta(minutes=9)
    assert claim_for_reviewer(told, by=mo) == claim
    assert Claim.objects.unended().count() == 1


def test_an_empty_queue_offers_nothing(mo: User) -> None:
    assert queue.claim_next_story(by=mo, now=timezone.now()) is None


def test_a_stranger_can_claim_nothing(told: Story, sam: User) -> None:
    with pytest.raises(NotAReviewer):
        queue.claim_next_story(by=sam, now=timezone.now())
    with pytest.raises(NotAReviewer):
        claim_for_reviewer(told, by=sam)


def test_a_moderator_cannot_claim_their_own_story(mo: User, the_conversation: Challenge) -> None:
    own = create_story_in_review(mo, the_conversation)

    assert queue.claim_next_story(by=mo, now=timezone.now()) is None
    with pytest.raises(CannotReviewOwnStory):
        claim_for_reviewer(own, by=mo)


def test_a_draft_cannot_be_claimed(bo: User, mo: User, the_conversation: Challenge) -> None:
    with pytest.raises(NotInReview):
        claim_for_reviewer(create_complete_draft(bo, the_conversation), by=mo)


def test_an_escalated_story_is_for_seniors(told: Story, mo: User, nia: User, sen: User) -> None:
    escalate_story(told, by=mo)

    assert queue.claim_next_story(by=nia, now=timezone.now()) is None
    with pytest.raises(ReservedForAnotherReviewer):
        claim_for_reviewer(told, by=nia)
    assert claim_for_reviewer(told, by=sen).story == told


def test_two_people_never_hold_one_story(told: Story, mo: User, nia: User) -> None:
    claim_for_reviewer(told, by=mo)

    with pytest.raises(ClaimedByAnotherReviewer) as refused:
        claim_for_reviewer(told, by=nia)
    assert refused.value.story == told
    assert queue.claim_next_story(by=nia, now=timezone.now()) is None


def test_the_database_itself_refuses_a_second_claim(told: Story, mo: User, nia: User) -> None:
    claim_for_reviewer(told, by=mo)

    with pytest.raises(IntegrityError, match="one_unended_claim_per_story"), transaction.atomic():
        Claim.objects.create(
            story=told, reviewer=nia, token="t", taken_at=timezone.now(), lease_until=timezone.now()
        )


def test_a_colleague_takes_over_when_a_lease_has_run_out(told: Story, mo: User, nia: User) -> None:
    lost = claim_for_reviewer(told, by=mo)
    expire_lease(lost)

    taken_over = queue.claim_next_story(by=nia, now=timezone.now())

    assert taken_over is not None
    assert taken_over.story == told
    lost.refresh_from_db()
    assert lost.ending == ClaimEnding.EXPIRED
    for act in (queue.renew_claim, queue.release_claim):
        with pytest.raises(StaleClaim):
            act(lost, by=mo)


def test_a_lease_that_ran_out_cannot_be_prolonged(told: Story, mo: User) -> None:
    claim = claim_for_reviewer(told, by=mo)
    expire_lease(claim)

    with pytest.raises(StaleClaim) as refused:
        queue.renew_claim(claim, by=mo)
    assert refused.value.story == told


def test_nobody_renews_releases_or_skips_for_somebody_else(told: Story, mo: User, nia: User) -> None:
    claim = claim_for_reviewer(told, by=mo)

    for act in (queue.renew_claim, queue.release_claim):
        with pytest.raises(StaleClaim):
            act(claim, by=nia)
    with pytest.raises(StaleClaim):
        queue.skip_story(claim, by=nia, now=timezone.now())
    assert queue.oldest_claim_of(mo) == claim


def test_a_released_story_is_offered_again_to_anybody(told: Story, mo: User, nia: User) -> None:
    queue.release_claim(claim_for_reviewer(told, by=mo), by=mo)

    assert queue.oldest_claim_of(mo) is None
    again = queue.claim_next_story(by=mo, now=timezone.now())
    assert again is not None
    queue.release_claim(again, by=mo)
    assert claim_for_reviewer(told, by=nia).story == told


def test_a_skipped_story_is_offered_to_others_but_not_to_me_for_some_hours(
    told: Story, mo: User, nia: User
) -> None:
    now = timezone.now()
    queue.skip_story(claim_for_reviewer(told, by=mo), by=mo, now=now)

    assert queue.claim_next_story(by=mo, now=now + timedelta(hours=3)) is None
    offered = queue.claim_next_story(by=nia, now=now)
    assert offered is not None
    queue.release_claim(offered, by=nia)
    later = queue.claim_next_story(by=mo, now=now + timedelta(hours=5))
    assert later is not None
    assert later.story == told


def test_a_skipped_story_can_still_be_chosen_from_the_list(told: Story, mo: User) -> None:
    queue.skip_story(claim_for_reviewer(told, by=mo), by=mo, now=timezone.now())

    assert [line.story for line in queue.queue_overview(mo).items] == [told]
    assert claim_for_reviewer(told, by=mo).story == told


def test_skipping_again_counts_from_the_second_time(told: Story, mo: User) -> None:
    now = timezone.now()
    queue.skip_story(claim_for_reviewer(told, by=mo), by=mo, now=now)
    queue.skip_story(claim_for_reviewer(told, by=mo), by=mo, now=now + timedelta(hours=3))

    assert queue.claim_next_story(by=mo, now=now + timedelta(hours=6)) is None


def test_claims_that_ran_out_or_whose_story_left_review_are_ended(
    told: Story, bo: User, mo: User, nia: User, sen: User, the_conversation: Challenge
) -> None:
    withdrawn, kept = (create_story_in_review(bo, the_conversation) for _ in range(2))
    expire_lease(claim_for_reviewer(told, by=mo))
    claim_for_reviewer(withdrawn, by=nia)
    publishing.withdraw_story(withdrawn, by=bo)
    standing = claim_for_reviewer(kept, by=sen)

    assert queue.expire_claims() == 2
    assert list(Claim.objects.unended()) == [standing]
    assert queue.expire_claims() == 0


def test_a_claim_on_a_withdrawn_story_does_not_stand_in_the_way(
    told: Story, bo: User, mo: User, the_conversation: Challenge
) -> None:
    claim_for_reviewer(told, by=mo)
    publishing.withdraw_story(told, by=bo)
    other = create_story_in_review(bo, the_conversation)

    claim = queue.claim_next_story(by=mo, now=timezone.now())

    assert claim is not None
    assert claim.story == other


def test_the_list_says_who_holds_what_and_what_was_escalated(
    told: Story, bo: User, mo: User, sen: User, the_conversation: Challenge
) -> None:
    passed_on = create_story_in_review(bo, the_conversation)
    escalate_story(passed_on, by=mo)
    claim = claim_for_reviewer(told, by=mo)

    lines = queue.queue_overview(sen).items

    assert [(line.story, line.claim, line.escalated) for line in lines] == [
        (passed_on, None, True),
        (told, claim, False),
    ]


def test_a_long_list_costs_no_more_queries_than_a_short_one(
    bo: User, mo: User, the_conversation: Challenge, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(12):
        claim_for_reviewer(create_story_in_review(bo, the_conversation), by=mo)
    fresh = User.objects.get(pk=mo.pk)

    with django_assert_max_num_queries(5):
        shown = [
            (line.story.title, line.story.challenge.title, line.story.teller.display_name, line.claim)
            for line in queue.queue_overview(fresh).items
        ]
    assert len(shown) == 12
    assert len(queue.queue_overview(fresh, limit=5).items) == 5


def test_every_look_at_somebodys_draft_is_on_record(told: Story, mo: User) -> None:
    queue.release_claim(claim_for_reviewer(told, by=mo), by=mo)
    queue.skip_story(claim_for_reviewer(told, by=mo), by=mo, now=timezone.now())

    acts = (
        Event.objects.for_subject(told).filter(actor=str(mo.pk)).oldest_first().values_list("verb", flat=True)
    )
    assert list(acts) == ["review.claimed", "review.released", "review.claimed", "review.skipped"]
