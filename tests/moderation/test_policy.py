import uuid

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role, User
from challenges.models import Challenge
from moderation import policy, queue
from moderation.policy import (
    CannotReviewOwnStory,
    NotAReviewer,
    NotInReview,
    ReservedForAnotherReviewer,
    StoryNotHeld,
)
from stories import publishing
from stories.models import Story
from tests.moderation.scenarios import claim_for_reviewer, escalate_story, expire_lease
from tests.people import create_person
from tests.story_factories import create_complete_draft, create_published_story, create_story_in_review

pytestmark = pytest.mark.django_db


def test_a_moderator_may_review_somebody_elses_story(told: Story, mo: User) -> None:
    assert policy.may_review(told, mo)
    assert list(policy.reviewable_stories(mo)) == [told]


def test_nobody_without_a_reviewing_role_is_offered_anything(told: Story, ana: User, sam: User) -> None:
    operator = create_person("opal", Role.OPERATOR)

    for person in (ana, sam, operator):
        assert isinstance(policy.objection_to_review(told, person), NotAReviewer)
        assert not policy.reviewable_stories(person).exists()


def test_a_moderator_is_never_offered_their_own_story(
    mo: User, nia: User, the_conversation: Challenge
) -> None:
    own = create_story_in_review(mo, the_conversation)

    assert isinstance(policy.objection_to_review(own, mo), CannotReviewOwnStory)
    assert not policy.reviewable_stories(mo).exists()
    assert policy.may_review(own, nia)


def test_only_stories_in_review_can_be_reviewed(
    bo: User, mo: User, nia: User, the_conversation: Challenge
) -> None:
    draft = create_complete_draft(bo, the_conversation)
    published = create_published_story(bo, the_conversation, by=nia)

    assert isinstance(policy.objection_to_review(draft, mo), NotInReview)
    assert isinstance(policy.objection_to_review(published, mo), NotInReview)
    assert not policy.reviewable_stories(mo).exists()


def test_an_escalated_story_is_offered_to_seniors_and_safeguarding_only(
    told: Story, mo: User, nia: User, sen: User, lea: User
) -> None:
    escalate_story(told, by=mo)

    for moderator in (mo, nia):
        assert isinstance(policy.objection_to_review(told, moderator), ReservedForAnotherReviewer)
        assert not policy.reviewable_stories(moderator).exists()
    assert policy.may_review(told, sen)
    assert policy.may_review(told, lea)


def test_a_senior_is_not_given_back_what_they_escalated(told: Story, sen: User, lea: User) -> None:
    escalate_story(told, by=sen)

    assert isinstance(policy.objection_to_review(told, sen), ReservedForAnotherReviewer)
    assert policy.may_review(told, lea)


def test_an_escalation_outlives_a_teller_who_hides_and_shows_the_story(
    told: Story, bo: User, mo: User, nia: User
) -> None:
    escalate_story(told, by=mo)

    publishing.set_story_hidden(told, by=bo, hidden=True)
    publishing.set_story_hidden(told, by=bo, hidden=False)

    assert not policy.reviewable_stories(nia).exists()


def test_an_escalation_ends_when_the_content_of_the_story_changes(told: Story, mo: User, nia: User) -> None:
    escalate_story(told, by=mo)
    assert not policy.may_review(told, nia)

    Story.objects.filter(pk=told.pk).update(content_hash="0" * 64)

    assert policy.may_review(told, nia)


def test_an_escalation_does_not_affect_another_story_with_the_same_content(
    told: Story, bo: User, mo: User, nia: User, the_conversation: Challenge
) -> None:
    other = create_story_in_review(bo, the_conversation)
    escalate_story(told, by=mo)
    Story.objects.filter(pk=other.pk).update(content_hash=told.content_hash)

    assert list(policy.reviewable_stories(nia)) == [other]


def test_escalated_stories_come_first_for_seniors_then_the_longest_waiting(
    told: Story, bo: User, mo: User, sen: User, the_conversation: Challenge
) -> None:
    later, latest = (create_story_in_review(bo, the_conversation) for _ in range(2))
    escalate_story(latest, by=mo)

    assert list(policy.reviewable_stories(sen)) == [latest, told, later]
    assert list(policy.reviewable_stories(mo)) == [told, later]


def test_a_story_can_be_watched_under_ones_own_standing_claim_only(
    told: Story, mo: User, nia: User, sam: User
) -> None:
    claim = claim_for_reviewer(told, by=mo)

    assert policy.get_held_story(told.pk, by=mo) == told
    for person in (nia, sam):
        with pytest.raises(StoryNotHeld):
            policy.get_held_story(told.pk, by=person)

    expire_lease(claim)
    with pytest.raises(StoryNotHeld):
        policy.get_held_story(told.pk, by=mo)


def test_holding_one_story_gives_no_access_to_another(
    told: Story, bo: User, mo: User, nia: User, the_conversation: Challenge
) -> None:
    waiting, claimed, own = (create_story_in_review(bo, the_conversation) for _ in range(3))
    claim_for_reviewer(claimed, by=nia)
    claim_for_reviewer(own, by=mo)

    for story_id in (told.pk, waiting.pk, claimed.pk, uuid.uuid4()):
        with pytest.raises(StoryNotHeld):
            policy.get_held_story(story_id, by=mo)
    assert policy.get_held_story(own.pk, by=mo) == own


def test_a_withdrawn_story_is_out_of_its_reviewers_sight_at_once(told: Story, bo: User, mo: User) -> None:
    claim_for_reviewer(told, by=mo)

    publishing.withdraw_story(told, by=bo)

    with pytest.raises(StoryNotHeld):
        policy.get_held_story(told.pk, by=mo)


def test_a_reviewer_sees_no_draft_and_nothing_that_does_not_exist(
    bo: User, mo: User, the_conversation: Challenge
) -> None:
    draft = create_complete_draft(bo, the_conversation)

    for story_id in (draft.pk, uuid.uuid4()):
        with pytest.raises(StoryNotHeld):
            policy.get_held_story(story_id, by=mo)


def test_a_reviewer_who_lost_the_role_loses_sight_of_the_story(told: Story, mo: User) -> None:
    claim_for_reviewer(told, by=mo)
    mo.role_grants.all().delete()

    with pytest.raises(StoryNotHeld):
        policy.get_held_story(told.pk, by=User.objects.get(pk=mo.pk))


def test_watching_a_story_under_review_costs_few_queries(
    told: Story, mo: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    claim_for_reviewer(told, by=mo)

    with django_assert_max_num_queries(2):
        story = policy.get_held_story(told.pk, by=mo)
        assert len(story.chapters.all()) == 2
        assert story.teller.display_name == "Bo"


def test_earlier_decisions_are_read_by_the_one_who_holds_the_story(
    told: Story, mo: User, nia: User, sen: User
) -> None:
    passed_on = escalate_story(told, by=mo)
    queue.claim_next_story(by=sen, now=timezone.now())

    assert policy.earlier_decisions(told, by=sen) == [passed_on]
    for person in (mo, nia):
        with pytest.raises(StoryNotHeld):
            policy.earlier_decisions(told, by=person)


def test_stories_submitted_at_the_same_moment_are_offered_in_a_stable_order(
    told: Story, bo: User, mo: User, sen: User, the_conversation: Challenge
) -> None:
    others = [create_story_in_review(bo, the_conversation) for _ in range(5)]
    Story.objects.in_review().update(submitted_at=timezone.now())
    by_id = sorted([told, *others], key=lambda story: story.pk)

    assert list(policy.reviewable_stories(mo)) == by_id
    assert list(policy.reviewable_stories(sen)) == by_id


def test_an_objection_carries_the_person_or_the_story_that_it_is_about(
    told: Story, bo: User, mo: User, nia: User, sam: User, the_conversation: Challenge
) -> None:
    own = create_story_in_review(mo, the_conversation)
    draft = create_complete_draft(bo, the_conversation)
    escalate_story(told, by=mo)

    not_a_reviewer = policy.objection_to_review(told, sam)
    assert isinstance(not_a_reviewer, NotAReviewer)
    assert not_a_reviewer.person == sam
    own_story = policy.objection_to_review(own, mo)
    assert isinstance(own_story, CannotReviewOwnStory)
    assert own_story.story == own
    not_in_review = policy.objection_to_review(draft, mo)
    assert isinstance(not_in_review, NotInReview)
    assert (not_in_review.story, not_in_review.subject) == (draft, draft)
    assert "Draft" in str(not_in_review)
    reserved = policy.objection_to_review(told, nia)
    assert isinstance(reserved, ReservedForAnotherReviewer)
    assert (reserved.story, reserved.subject) == (told, told)


def test_earlier_decisions_come_newest_first_with_their_authors_in_a_fixed_number_of_queries(
    told: Story, mo: User, sen: User, lea: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first, second = escalate_story(told, by=mo), escalate_story(told, by=sen)
    claim_for_reviewer(told, by=lea)
    holder = User.objects.get(pk=lea.pk)
    assert holder.is_reviewer

    with django_assert_num_queries(3):  # the story, its chapters, the decisions
        decisions = policy.earlier_decisions(told, by=holder)
        assert [decision.by for decision in decisions] == [sen, mo]
    assert decisions == [second, first]
