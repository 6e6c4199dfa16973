"""What reviewers do: who holds which story, what was decided about it, and what its teller is told."""

import uuid
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User
from stories.models import HASH_LENGTH, Story, StoryState

MAX_NOTE_LENGTH = 1000


class ClaimEnding(models.TextChoices):
    """How a claim came to its end."""

    DECIDED = "decided", "Decided"
    RELEASED = "released", "Released"
    SKIPPED = "skipped", "Skipped"
    EXPIRED = "expired", "Ran out"


class ClaimQuerySet(models.QuerySet["Claim"]):
    """Reads on the database's clock, so that no two web servers can disagree about a lease."""

    def unended(self) -> Self:
        return self.filter(ended_at=None)

    def active(self) -> Self:
        """Return claims that count: not ended, the lease not run out, the story still in review."""
        return self.filter(ended_at=None, lease_until__gt=Now(), story__state=StoryState.IN_REVIEW)

    def lapsed(self) -> Self:
        """Return claims that nobody has ended yet although they no longer count."""
        return self.filter(Q(lease_until__lte=Now()) | ~Q(story__state=StoryState.IN_REVIEW), ended_at=None)

    def held_by(self, reviewer: User) -> Self:
        return self.filter(reviewer=reviewer)

    def for_story(self, story: Story) -> Self:
        return self.filter(story=story)

    def oldest_first(self) -> Self:
        return self.order_by("taken_at", "pk")


class Claim(models.Model):
    """One reviewer holds one story for a while. The token has to come with whatever they decide."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="claims")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="claims")
    token = models.CharField(max_length=64, editable=False)
    taken_at = models.DateTimeField(editable=False)
    lease_until = models.DateTimeField(editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    ending = models.CharField(max_length=10, choices=ClaimEnding.choices, blank=True, editable=False)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["story"], condition=Q(ended_at=None), name="one_unended_claim_per_story"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ending="")
                | Q(ended_at__isnull=False, ending__in=ClaimEnding.values),
                name="an_ended_claim_says_how_it_ended",
            ),
            models.CheckConstraint(condition=~Q(token=""), name="a_claim_has_a_token"),
        ]
        indexes = [
            models.Index(fields=["reviewer"], condition=Q(ended_at=None), name="unended_claims_of_a_reviewer")
        ]


class SkipQuerySet(models.QuerySet["Skip"]):
    def by_person(self, person: User) -> Self:
        return self.filter(person=person)


class Skip(models.Model):
    """Somebody would rather not review this story; until then the queue offers it to others only."""

    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="skips")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="skips")
    until = models.DateTimeField()

    objects = SkipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "story"], name="one_skip_per_person_and_story")
        ]


class Verdict(models.TextChoices):
    """What a reviewer can decide; the first three are heard by the teller, the last by senior colleagues."""

    APPROVE = "approve", "Approve"
    CHANGES = "changes", "Ask for changes"
    DECLINE = "decline", "Decline"
    ESCALATE = "escalate", "Pass to a senior"


class DecisionQuerySet(models.QuerySet["Decision"]):
    def for_story(self, story: Story) -> Self:
        return self.filter(story=story)

    def escalations(self) -> Self:
        return self.filter(verdict=Verdict.ESCALATE)

    def newest_first(self) -> Self:
        return self.order_by("-at", "-pk")


class Decision(models.Model):
    """One verdict about exactly the content that `content_hash` names, at the version that was seen.

    It comes from one claim, and a claim gives at most one. `note_to_colleagues` never reaches the teller.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="decisions")
    claim = models.OneToOneField(Claim, on_delete=models.SET_NULL, null=True, related_name="decision")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="decisions"
    )
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    version = models.PositiveIntegerField(help_text="the story's version that was seen")
    content_hash = models.CharField(max_length=HASH_LENGTH)
    reasons = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    note_to_teller = models.CharField(max_length=MAX_NOTE_LENGTH, blank=True)
    note_to_colleagues = models.CharField(max_length=MAX_NOTE_LENGTH, blank=True)
    rubric = models.JSONField(default=dict, blank=True, help_text="rubric item -> yes, no or unsure")
    at = models.DateTimeField(db_default=Now(), editable=False)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="verdict_is_a_known_one"),
            models.CheckConstraint(
                condition=~Q(verdict__in=[Verdict.CHANGES, Verdict.DECLINE]) | Q(reasons__len__gte=1),
                name="a_teller_is_never_turned_away_without_a_reason",
            ),
            models.CheckConstraint(condition=~Q(content_hash=""), name="a_decision_names_the_content"),
        ]
        indexes = [models.Index(fields=["story", "-at"], name="decisions_about_a_story")]


class NoticeQuerySet(models.QuerySet["Notice"]):
    def to_person(self, person: User) -> Self:
        return self.filter(person=person)

    def for_story(self, story: Story) -> Self:
        return self.filter(story=story)

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")


class Notice(models.Model):
    """What a teller is told about their story: in full on their own page, and as a short hint by e-mail."""

    class Kind(models.TextChoices):
        PUBLISHED = "published", "Your story is open to members"
        CHANGES = "changes", "Your story needs a change"
        DECLINED = "declined", "We could not publish your story"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    words = models.TextField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["published", "changes", "declined"]), name="notice_kind_is_a_known_one"
            ),
            models.CheckConstraint(condition=~Q(words=""), name="a_notice_says_something"),
        ]
        indexes = [models.Index(fields=["person", "-created_at"], name="notices_to_a_person")]
