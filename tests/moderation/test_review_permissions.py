import uuid

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role, User
from challenges.models import Challenge
from moderation import queue, review_permissions
from moderation.review_permissions import (
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


def test_a_moderator_may_review_the_story_of_another_person(submitted_story: Story, mo: User) -> None:
    assert review_permissions.may_review(submitted_story, mo)
    assert list(review_permissions.reviewable_stories(mo)) == [submitted_story]


def test_people_without_a_reviewer_role_may_review_nothing(
    submitted_story: Story, ana: User, sam: User
) -> None:
    operator = create_person("opal", Role.OPERATOR)

    for person in (ana, sam, operator):
        assert isinstance(review_permissions.objection_to_review(submitted_story, person), NotAReviewer)
        assert not review_permissions.reviewable_stories(person).exists()


def test_a_moderator_may_not_review_their_own_story(mo: User, nia: User, the_conversation: Challenge) -> None:
    own = create_story_in_review(mo, the_conversation)

    assert isinstance(review_permissions.objection_to_review(own, mo), CannotReviewOwnStory)
    assert not review_permissions.reviewable_stories(mo).exists()
    assert review_permissions.may_review(own, nia)


def test_only_stories_in_review_can_be_reviewed(
    bo: User, mo: User, nia: User, the_conversation: Challenge
) -> None:
    draft = create_complete_draft(bo, the_conversation)
    published = create_published_story(bo, the_conversation, by=nia)

    assert isinstance(review_permissions.objection_to_review(draft, mo), NotInReview)
    assert isinstance(review_permissions.objection_to_review(published, mo), NotInReview)
    assert not review_permissions.reviewable_stories(mo).exists()


def test_only_seniors_and_safeguarding_may_review_an_escalated_story(
    submitted_story: Story, mo: User, nia: User, sen: User, lea: User
) -> None:
    escalate_story(submitted_story, by=mo)

    for moderator in (mo, nia):
        assert isinstance(
            review_permissions.objection_to_review(submitted_story, moderator), ReservedForAnotherReviewer
        )
        assert not review_permissions.reviewable_stories(moderator).exists()
    assert review_permissions.may_review(submitted_story, sen)
    assert review_permissions.may_review(submitted_story, lea)


def test_a_senior_may_not_review_a_story_that_they_escalated(
    submitted_story: Story, sen: User, lea: User
) -> None:
    escalate_story(submitted_story, by=sen)

    assert isinstance(
        review_permissions.objection_to_review(submitted_story, sen), ReservedForAnotherReviewer
    )
    assert review_permissions.may_review(submitted_story, lea)


def test_hiding_and_showing_a_story_does_not_lift_its_escalation(
    submitted_story: Story, bo: User, mo: User, nia: User
) -> None:
    escalate_story(submitted_story, by=mo)

    publishing.set_story_hidden(submitted_story, by=bo, hidden=True)
    publishing.set_story_hidden(submitted_story, by=bo, hidden=False)

    assert not review_permissions.reviewable_stories(nia).exists()


def test_an_escalation_ends_when_the_content_of_the_story_changes(
    submitted_story: Story, mo: User, nia: User
) -> None:
    escalate_story(submitted_story, by=mo)
    assert not review_permissions.may_review(submitted_story, nia)

    Story.objects.filter(pk=submitted_story.pk).update(content_hash="0" * 64)

    assert review_permissions.may_review(submitted_story, nia)


def test_an_escalation_does_not_affect_another_story_with_the_same_content(
    submitted_story: Story, bo: User, mo: User, nia: User, the_conversation: Challenge
) -> None:
    other = create_story_in_review(bo, the_conversation)
    escalate_story(submitted_story, by=mo)
    Story.objects.filter(pk=other.pk).update(content_hash=submitted_story.content_hash)

    assert list(review_permissions.reviewable_stories(nia)) == [other]


def test_seniors_get_escalated_stories_first_then_the_oldest_submissions(
    submitted_story: Story, bo: User, mo: User, sen: User, the_conversation: Challenge
) -> None:
    later, latest = (create_story_in_review(bo, the_conversation) for _ in range(2))
    escalate_story(latest, by=mo)

    assert list(review_permissions.reviewable_stories(sen)) == [latest, submitted_story, later]
    assert list(review_permissions.reviewable_stories(mo)) == [submitted_story, later]


def test_a_story_in_review_can_be_watched_only_under_ones_own_active_claim(
    submitted_story: Story, mo: User, nia: User, sam: User
) -> None:
    claim = claim_for_reviewer(submitted_story, by=mo)

    assert review_permissions.get_held_story(submitted_story.pk, by=mo) == submitted_story
    for person in (nia, sam):
        with pytest.raises(StoryNotHeld):
            review_permissions.get_held_story(submitted_story.pk, by=person)

    expire_lease(claim)
    with pytest.raises(StoryNotHeld):
        review_permissions.get_held_story(submitted_story.pk, by=mo)


def test_holding_one_story_gives_no_access_to_another(
    submitted_story: Story, bo: User, mo: User, nia: User, the_conversation: Challenge
) -> None:
    waiting, claimed, held = (create_story_in_review(bo, the_conversation) for _ in range(3))
    claim_for_reviewer(claimed, by=nia)
    claim_for_reviewer(held, by=mo)

    for story_id in (submitted_story.pk, waiting.pk, claimed.pk, uuid.uuid4()):
        with pytest.raises(StoryNotHeld):
            review_permissions.get_held_story(story_id, by=mo)
    assert review_permissions.get_held_story(held.pk, by=mo) == held


def test_a_reviewer_cannot_watch_a_withdrawn_story(submitted_story: Story, bo: User, mo: User) -> None:
    claim_for_reviewer(submitted_story, by=mo)

    publishing.withdraw_story(submitted_story, by=bo)

    with pytest.raises(StoryNotHeld):
        review_permissions.get_held_story(submitted_story.pk, by=mo)


def test_drafts_and_unknown_stories_raise_the_same_error(
    bo: User, mo: User, the_conversation: Challenge
) -> None:
    draft = create_complete_draft(bo, the_conversation)

    for story_id in (draft.pk, uuid.uuid4()):
        with pytest.raises(StoryNotHeld):
            review_permissions.get_held_story(story_id, by=mo)


def test_a_claim_gives_no_access_after_the_role_was_removed(submitted_story: Story, mo: User) -> None:
    claim_for_reviewer(submitted_story, by=mo)
    mo.role_grants.all().delete()

    with pytest.raises(StoryNotHeld):
        review_permissions.get_held_story(submitted_story.pk, by=User.objects.get(pk=mo.pk))


def test_loading_a_held_story_takes_two_queries(
    submitted_story: Story, mo: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    claim_for_reviewer(submitted_story, by=mo)

    with django_assert_max_num_queries(2):
        story = review_permissions.get_held_story(submitted_story.pk, by=mo)
        assert len(story.chapters.all()) == 2
        assert story.teller.display_name == "Bo"


def test_only_the_reviewer_who_holds_the_story_sees_earlier_decisions(
    submitted_story: Story, mo: User, nia: User, sen: User
) -> None:
    escalated_story = escalate_story(submitted_story, by=mo)
    queue.claim_next_story(by=sen, now=timezone.now())

    assert review_permissions.earlier_decisions(submitted_story, by=sen) == [escalated_story]
    for person in (mo, nia):
        with pytest.raises(StoryNotHeld):
            review_permissions.earlier_decisions(submitted_story, by=person)


def test_stories_submitted_at_the_same_moment_are_offered_in_a_stable_order(
    submitted_story: Story, bo: User, mo: User, sen: User, the_conversation: Challenge
) -> None:
    others = [create_story_in_review(bo, the_conversation) for _ in range(5)]
    Story.objects.in_review().update(submitted_at=timezone.now())
    by_id = sorted([submitted_story, *others], key=lambda story: story.pk)

    assert list(review_permissions.reviewable_stories(mo)) == by_id
    assert list(review_permissions.reviewable_stories(sen)) == by_id


def test_an_objection_names_the_person_or_the_story_it_is_about(
    submitted_story: Story, bo: User, mo: User, nia: User, sam: User, the_conversation: Challenge
) -> None:
    own = create_story_in_review(mo, the_conversation)
    draft = create_complete_draft(bo, the_conversation)
    escalate_story(submitted_story, by=mo)

    not_a_reviewer = review_permissions.objection_to_review(submitted_story, sam)
    assert isinstance(not_a_reviewer, NotAReviewer)
    assert not_a_reviewer.person == sam
    own_story = review_permissions.objection_to_review(own, mo)
    assert isinstance(own_story, CannotReviewOwnStory)
    assert own_story.story == own
    not_in_review = review_permissions.objection_to_review(draft, mo)
    assert isinstance(not_in_review, NotInReview)
    assert (not_in_review.story, not_in_review.subject) == (draft, draft)
    assert "Draft" in str(not_in_review)
    reserved = review_permissions.objection_to_review(submitted_story, nia)
    assert isinstance(reserved, ReservedForAnotherReviewer)
    assert (reserved.story, reserved.subject) == (submitted_story, submitted_story)


def test_earlier_decisions_come_newest_first_with_their_authors_in_a_fixed_number_of_queries(
    submitted_story: Story, mo: User, sen: User, lea: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first, second = escalate_story(submitted_story, by=mo), escalate_story(submitted_story, by=sen)
    claim_for_reviewer(submitted_story, by=lea)
    holder = User.objects.get(pk=lea.pk)
    assert holder.is_reviewer

    with django_assert_num_queries(3):  # the story, its chapters, the decisions
        decisions = review_permissions.earlier_decisions(submitted_story, by=holder)
        assert [decision.by for decision in decisions] == [sen, mo]
    assert decisions == [second, first]
