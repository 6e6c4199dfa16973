"""Concurrent actions of two people on two connections, repeated many times."""

from functools import partial

import pytest
from django.utils import timezone

from accounts.models import User
from audit import trail
from challenges.models import Challenge
from moderation import decisions, queue
from moderation.models import Claim, Decision, Notice, Verdict
from moderation.queue import ClaimedByAnotherReviewer, StaleClaim
from stories import publishing
from stories.lifecycle import StoryVersionConflict, TransitionNotAllowed
from stories.models import Story, StoryState
from tests.moderation.scenarios import (
    approving_submission,
    claim_for_reviewer,
    expire_lease,
    run_concurrently,
)
from tests.story_factories import create_story_in_review

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 200
FEWER_ROUNDS = 25
REASON_CODES = ["setback_missing"]


def test_concurrent_claims_of_the_only_story_have_one_winner(
    submitted_story: Story, mo: User, nia: User
) -> None:
    wins = {mo.pk: 0, nia.pk: 0}
    with run_concurrently() as run_both:
        for _ in range(ROUNDS):
            results = run_both(
                lambda: queue.claim_next_story(by=mo, now=timezone.now()),
                lambda: queue.claim_next_story(by=nia, now=timezone.now()),
            )
            claims = [claim for claim in results if isinstance(claim, Claim)]
            assert len(claims) == 1, results
            assert results.count(None) == 1
            wins[claims[0].reviewer_id] += 1
            queue.release_claim(claims[0], by=claims[0].reviewer)
    assert sum(wins.values()) == ROUNDS
    assert Claim.objects.count() == ROUNDS


def test_concurrent_claims_of_two_stories_get_one_each(
    submitted_story: Story, bo: User, mo: User, nia: User, the_conversation: Challenge
) -> None:
    create_story_in_review(bo, the_conversation)
    with run_concurrently() as run_both:
        for _ in range(FEWER_ROUNDS):
            results = run_both(
                lambda: queue.claim_next_story(by=mo, now=timezone.now()),
                lambda: queue.claim_next_story(by=nia, now=timezone.now()),
            )
            claims = [claim for claim in results if isinstance(claim, Claim)]
            assert len({claim.story_id for claim in claims}) == 2, results
            for claim in claims:
                queue.release_claim(claim, by=claim.reviewer)


def test_concurrent_takeover_of_an_expired_claim_has_one_winner(
    submitted_story: Story, mo: User, nia: User, sen: User
) -> None:
    with run_concurrently() as run_both:
        for _ in range(FEWER_ROUNDS):
            expire_lease(claim_for_reviewer(submitted_story, by=sen))
            results = run_both(
                lambda: claim_for_reviewer(submitted_story, by=mo),
                lambda: claim_for_reviewer(submitted_story, by=nia),
            )
            claims = [claim for claim in results if isinstance(claim, Claim)]
            assert len(claims) == 1, results
            assert sum(isinstance(error, ClaimedByAnotherReviewer) for error in results) == 1
            queue.release_claim(claims[0], by=claims[0].reviewer)


def test_concurrent_decisions_under_one_claim_have_one_winner(
    bo: User, mo: User, the_conversation: Challenge
) -> None:
    with run_concurrently() as run_both:
        for _ in range(FEWER_ROUNDS):
            story = create_story_in_review(bo, the_conversation)
            claim = claim_for_reviewer(story, by=mo)
            approval, rejection = (
                approving_submission(claim),
                approving_submission(claim, reasons=REASON_CODES),
            )
            outcomes = run_both(
                partial(decisions.approve_story, story, approval, by=mo),
                partial(decisions.decline_story, story, rejection, by=mo),
            )
            assert {type(outcome) for outcome in outcomes} == {Decision, StoryVersionConflict}, outcomes
            decision = Decision.objects.get(story=story)
            assert Story.objects.get(pk=story.pk).state == (
                "published" if decision.verdict == Verdict.APPROVE else "declined"
            )
    assert Notice.objects.count() == FEWER_ROUNDS
    assert list(trail.find_chain_breaks()) == []


def test_a_story_approved_and_withdrawn_concurrently_ends_withdrawn(
    ana: User, bo: User, mo: User, the_conversation: Challenge
) -> None:
    with run_concurrently() as run_both:
        for _ in range(FEWER_ROUNDS):
            story = create_story_in_review(bo, the_conversation)
            review = approving_submission(claim_for_reviewer(story, by=mo))
            results = run_both(
                partial(decisions.approve_story, story, review, by=mo),
                partial(publishing.withdraw_story, story, by=bo),
            )
            assert isinstance(results[0], Decision | StoryVersionConflict | TransitionNotAllowed), results
            assert isinstance(results[1], Story), results
            assert Story.objects.get(pk=story.pk).state == StoryState.WITHDRAWN
            assert Decision.objects.filter(story=story).exists() == isinstance(results[0], Decision)
    assert not Story.objects.visible_to(ana).exists()


def test_a_decision_and_a_concurrent_takeover_never_both_succeed(
    bo: User, mo: User, nia: User, the_conversation: Challenge
) -> None:
    with run_concurrently() as run_both:
        for _ in range(FEWER_ROUNDS):
            story = create_story_in_review(bo, the_conversation)
            claim = claim_for_reviewer(story, by=mo)
            review = approving_submission(claim)
            expire_lease(claim)
            decision_result, claim_result = run_both(
                partial(decisions.approve_story, story, review, by=mo),
                partial(claim_for_reviewer, story, by=nia),
            )
            assert isinstance(decision_result, StaleClaim), decision_result
            assert isinstance(claim_result, Claim), claim_result
            queue.release_claim(claim_result, by=nia)
