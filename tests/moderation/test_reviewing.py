import uuid

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role, User
from challenges.models import Challenge
from moderation import queue, reviewing
from moderation.reviewing import (
    ForAnotherReviewer,
    NotAReviewer,
    NothingToReview,
    NotInReview,
    OwnStory,
)
from stories import publishing
from stories.models import Story
from tests.moderation.scene import escalated, run_out, take
from tests.people import join
from tests.stories_told import draft_by, published_story, story_in_review

pytestmark = pytest.mark.django_db


def test_a_moderator_may_review_somebody_elses_story(told: Story, mo: User) -> None:
    assert reviewing.may_review(told, mo)
    assert list(reviewing.line(mo)) == [told]


def test_nobody_without_a_reviewing_role_is_offered_anything(told: Story, ana: User, sam: User) -> None:
    operator = join("opal", Role.OPERATOR)

    for person in (ana, sam, operator):
        assert isinstance(reviewing.refusal(told, person), NotAReviewer)
        assert not reviewing.line(person).exists()


def test_a_moderator_is_never_offered_their_own_story(
    mo: User, nia: User, the_conversation: Challenge
) -> None:
    own = story_in_review(mo, the_conversation)

    assert isinstance(reviewing.refusal(own, mo), OwnStory)
    assert not reviewing.line(mo).exists()
    assert reviewing.may_review(own, nia)


def test_only_stories_in_review_can_be_reviewed(
    bo: User, mo: User, nia: User, the_conversation: Challenge
) -> None:
    draft = draft_by(bo, the_conversation)
    published = published_story(bo, the_conversation, by=nia)

    assert isinstance(reviewing.refusal(draft, mo), NotInReview)
    assert isinstance(reviewing.refusal(published, mo), NotInReview)
    assert not reviewing.line(mo).exists()


def test_an_escalated_story_is_offered_to_seniors_and_safeguarding_only(
    told: Story, mo: User, nia: User, sen: User, lea: User
) -> None:
    escalated(told, by=mo)

    for moderator in (mo, nia):
        assert isinstance(reviewing.refusal(told, moderator), ForAnotherReviewer)
        assert not reviewing.line(moderator).exists()
    assert reviewing.may_review(told, sen)
    assert reviewing.may_review(told, lea)


def test_a_senior_is_not_given_back_what_they_escalated(told: Story, sen: User, lea: User) -> None:
    escalated(told, by=sen)

    assert isinstance(reviewing.refusal(told, sen), ForAnotherReviewer)
    assert reviewing.may_review(told, lea)


def test_an_escalation_outlives_a_teller_who_hides_and_shows_the_story(
    told: Story, bo: User, mo: User, nia: User
) -> None:
    escalated(told, by=mo)

    publishing.hide(told, by=bo, hidden=True)
    publishing.hide(told, by=bo, hidden=False)

    assert not reviewing.line(nia).exists()


def test_escalated_stories_come_first_for_seniors_then_the_longest_waiting(
    told: Story, bo: User, mo: User, sen: User, the_conversation: Challenge
) -> None:
    later, latest = (story_in_review(bo, the_conversation) for _ in range(2))
    escalated(latest, by=mo)

    assert list(reviewing.line(sen)) == [latest, told, later]
    assert list(reviewing.line(mo)) == [told, later]


def test_a_story_can_be_watched_under_ones_own_standing_claim_only(
    told: Story, mo: User, nia: User, sam: User
) -> None:
    claim = take(told, by=mo)

    assert reviewing.reviewable(told.pk, by=mo) == told
    for person in (nia, sam):
        with pytest.raises(NothingToReview):
            reviewing.reviewable(told.pk, by=person)

    run_out(claim)
    with pytest.raises(NothingToReview):
        reviewing.reviewable(told.pk, by=mo)


def test_a_withdrawn_story_is_out_of_its_reviewers_sight_at_once(told: Story, bo: User, mo: User) -> None:
    take(told, by=mo)

    publishing.withdraw(told, by=bo)

    with pytest.raises(NothingToReview):
        reviewing.reviewable(told.pk, by=mo)


def test_a_reviewer_sees_no_draft_and_nothing_that_does_not_exist(
    bo: User, mo: User, the_conversation: Challenge
) -> None:
    draft = draft_by(bo, the_conversation)

    for story_id in (draft.pk, uuid.uuid4()):
        with pytest.raises(NothingToReview):
            reviewing.reviewable(story_id, by=mo)


def test_a_reviewer_who_lost_the_role_loses_sight_of_the_story(told: Story, mo: User) -> None:
    take(told, by=mo)
    mo.role_grants.all().delete()

    with pytest.raises(NothingToReview):
        reviewing.reviewable(told.pk, by=User.objects.get(pk=mo.pk))


def test_watching_a_story_under_review_costs_few_queries(
    told: Story, mo: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    take(told, by=mo)

    with django_assert_max_num_queries(2):
        story = reviewing.reviewable(told.pk, by=mo)
        assert len(story.chapters.all()) == 2
        assert story.teller.shown_name == "Bo"


def test_earlier_decisions_are_read_by_the_one_who_holds_the_story(
    told: Story, mo: User, nia: User, sen: User
) -> None:
    passed_on = escalated(told, by=mo)
    queue.claim_next(by=sen, now=timezone.now())

    assert reviewing.earlier_decisions(told, by=sen) == [passed_on]
    for person in (mo, nia):
        with pytest.raises(NothingToReview):
            reviewing.earlier_decisions(told, by=person)
