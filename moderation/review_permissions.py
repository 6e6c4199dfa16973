"""Decides who may review which story, for the queue, the pages and the API."""

import uuid

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from domain_errors.categories import ConflictError, ForbiddenError, NotFoundError
from moderation.models import Claim, Decision, DecisionQuerySet
from stories.models import Story, StoryQuerySet, StoryState

SENIOR_ROLES = frozenset({Role.SENIOR, Role.SAFEGUARDING})


class NotAReviewer(ForbiddenError):
    code = "not_a_reviewer"
    message = _("Only reviewers can do this.")

    def __init__(self, person: User) -> None:
        super().__init__()
        self.person = person


class CannotReviewOwnStory(ForbiddenError):
    code = "own_story"
    message = _("This is your own story. Another reviewer has to review it.")

    def __init__(self, story: Story) -> None:
        super().__init__()
        self.story = story


class NotInReview(ConflictError):
    code = "not_in_review"

    def __init__(self, story: Story) -> None:
        super().__init__(
            gettext("This story is not waiting for review. Its state is “%(state)s”.")
            % {"state": story.state_label},
            subject=story,
        )
        self.story = story


class ReservedForAnotherReviewer(ConflictError):
    """The story was escalated: only seniors may review it, except the one who escalated it."""

    code = "for_another_reviewer"
    message = _("This story was escalated. A different senior reviewer will decide about it.")

    def __init__(self, story: Story) -> None:
        super().__init__(subject=story)
        self.story = story


class StoryNotHeld(NotFoundError):
    """The story does not exist or the reviewer holds no claim on it; both must look the same."""


ReviewObjection = NotAReviewer | CannotReviewOwnStory | NotInReview | ReservedForAnotherReviewer


def reviewable_stories(by: User) -> StoryQuerySet:
    """Return the stories that `by` may review, escalated ones first, then by time of submission.

    Their own stories are left out. Escalated stories are for seniors, except the one who escalated them.
    """
    if not by.is_reviewer:
        return Story.objects.none()
    escalations = escalations_of_same_content()
    stories = Story.objects.in_review().exclude(teller=by)
    if not by.has_role(*SENIOR_ROLES):
        return stories.exclude(Exists(escalations)).oldest_first()
    stories = stories.exclude(Exists(escalations.filter(by=by)))
    return stories.order_by(Exists(escalations).desc(), "submitted_at", "pk")


def permanent_objection(person: User, story: Story) -> NotAReviewer | CannotReviewOwnStory | None:
    """Return why this person may not review this story in any state; None if there is no objection."""
    if not person.is_reviewer:
        return NotAReviewer(person)
    if story.teller_id == person.pk:
        return CannotReviewOwnStory(story)
    return None


def objection_to_review(story: Story, person: User) -> ReviewObjection | None:
    """Return why this person may not review the story now; None if there is no objection."""
    permanent = permanent_objection(person, story)
    if permanent is not None:
        return permanent
    if story.state != StoryState.IN_REVIEW:
        return NotInReview(story)
    if not reviewable_stories(person).filter(pk=story.pk).exists():
        return ReservedForAnotherReviewer(story)
    return None


def may_review(story: Story, person: User) -> bool:
    return objection_to_review(story, person) is None


def check_reviewer(person: User, story: Story) -> None:
    """Raise the permanent objection to this person's review of the story, if there is one."""
    objection = permanent_objection(person, story)
    if objection is not None:
        raise objection


def check_may_review(story: Story, *, by: User) -> None:
    """Raise the objection to a review of the story by `by` now, if there is one."""
    objection = objection_to_review(story, by)
    if objection is not None:
        raise objection


def get_held_story(story_id: uuid.UUID, *, by: User) -> Story:
    """Return the story under the reviewer's active claim. Raises StoryNotHeld.

    Nothing else gives access to another person's unpublished story.
    """
    active_claims = Claim.objects.active().held_by(by).filter(story=OuterRef("pk"))
    story = reviewable_stories(by).with_related().filter(Exists(active_claims), pk=story_id).first()
    if story is None:
        raise StoryNotHeld
    return story


def earlier_decisions(story: Story, *, by: User) -> list[Decision]:
    """Return previous decisions about a story that `by` holds, newest first. Raises StoryNotHeld."""
    held_story = get_held_story(story.pk, by=by)
    return list(Decision.objects.for_story(held_story).select_related("by").newest_first())


def escalations_of_same_content() -> DecisionQuerySet:
    """Return escalations of the story's current content; by hash, because hiding a story changes its version."""
    return Decision.objects.escalations().filter(content_hash=OuterRef("content_hash"), story=OuterRef("pk"))
