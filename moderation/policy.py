"""Who may review which story, said once: for the queue, for the button and for the refusal."""

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
    message = _("Only moderators can review stories.")

    def __init__(self, person: User) -> None:
        super().__init__()
        self.person = person


class CannotReviewOwnStory(ForbiddenError):
    code = "own_story"
    message = _("This is your own story, so another moderator has to review it.")

    def __init__(self, story: Story) -> None:
        super().__init__()
        self.story = story


class NotInReview(ConflictError):
    """`story` is as it was loaded."""

    code = "not_in_review"

    def __init__(self, story: Story) -> None:
        super().__init__(
            gettext("This story is not waiting for review. Its state is “%(state)s”.")
            % {"state": story.state_label},
            subject=story,
        )
        self.story = story


class ReservedForAnotherReviewer(ConflictError):
    """The story was escalated: only senior moderators review it, and not the one who escalated it."""

    code = "for_another_reviewer"
    message = _("This story was escalated, so another senior moderator decides about it.")

    def __init__(self, story: Story) -> None:
        super().__init__(subject=story)
        self.story = story


class StoryNotHeld(NotFoundError):
    """The story does not exist or the reviewer holds no claim on it; both must look the same."""


ReviewObjection = NotAReviewer | CannotReviewOwnStory | NotInReview | ReservedForAnotherReviewer


def reviewable_stories(by: User) -> StoryQuerySet:
    """Return the stories that `by` may review, escalated ones first, then the longest-waiting.

    Nobody is offered their own story; escalated ones are for seniors, and not for the one who escalated them.
    """
    if not by.is_reviewer:
        return Story.objects.none()
    escalations = escalations_of_same_content()
    offered = Story.objects.in_review().exclude(teller=by)
    if not by.has_role(*SENIOR_ROLES):
        return offered.exclude(Exists(escalations)).oldest_first()
    offered = offered.exclude(Exists(escalations.filter(by=by)))
    return offered.order_by(Exists(escalations).desc(), "submitted_at", "pk")


def permanent_objection(person: User, story: Story) -> NotAReviewer | CannotReviewOwnStory | None:
    """Return why this person may never review this story, whatever its state; None if nothing speaks against."""
    if not person.is_reviewer:
        return NotAReviewer(person)
    if story.teller_id == person.pk:
        return CannotReviewOwnStory(story)
    return None


def objection_to_review(story: Story, person: User) -> ReviewObjection | None:
    """Return why this person may not review the story now; None if they may."""
    never = permanent_objection(person, story)
    if never is not None:
        return never
    if story.state != StoryState.IN_REVIEW:
        return NotInReview(story)
    if not reviewable_stories(person).filter(pk=story.pk).exists():
        return ReservedForAnotherReviewer(story)
    return None


def may_review(story: Story, person: User) -> bool:
    return objection_to_review(story, person) is None


def check_reviewer(person: User, story: Story) -> None:
    """Raise NotAReviewer or OwnStory for somebody who may never review this story."""
    found = permanent_objection(person, story)
    if found is not None:
        raise found


def check_may_review(story: Story, *, by: User) -> None:
    """Raise NotAReviewer, OwnStory, NotInReview or ForAnotherReviewer unless `by` may review the story now."""
    found = objection_to_review(story, by)
    if found is not None:
        raise found


def get_held_story(story_id: uuid.UUID, *, by: User) -> Story:
    """Return the story that a reviewer may watch, because they hold it at this moment. Raises NothingToReview.

    This is the only way for anybody to another person's unpublished story.
    """
    held = Claim.objects.active().held_by(by).filter(story=OuterRef("pk"))
    story = reviewable_stories(by).with_related().filter(Exists(held), pk=story_id).first()
    if story is None:
        raise StoryNotHeld
    return story


def earlier_decisions(story: Story, *, by: User) -> list[Decision]:
    """Return what colleagues decided about a story before, newest first, for the one who holds it now.

    Raises NothingToReview.
    """
    held = get_held_story(story.pk, by=by)
    return list(Decision.objects.for_story(held).select_related("by").newest_first())


def escalations_of_same_content() -> DecisionQuerySet:
    """Return escalations that still count: by content and not by version, which a teller can push by hiding."""
    return Decision.objects.escalations().filter(content_hash=OuterRef("content_hash"), story=OuterRef("pk"))
