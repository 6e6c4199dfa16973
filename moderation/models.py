import uuid
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from stories.models import HASH_LENGTH, Story, StoryState

MAX_NOTE_LENGTH = 1000


class ClaimEnding(models.TextChoices):
    DECIDED = "decided", _("Decided")
    RELEASED = "released", _("Released")
    SKIPPED = "skipped", _("Skipped")
    EXPIRED = "expired", _("Expired")


class ClaimQuerySet(models.QuerySet["Claim"]):
    """Filters by the database clock, so that web servers agree about leases."""

    def unended(self) -> Self:
        return self.filter(ended_at=None)

    def active(self) -> Self:
        """Return claims that have not ended, with a valid lease, on stories in review."""
        return self.filter(ended_at=None, lease_until__gt=Now(), story__state=StoryState.IN_REVIEW)

    def lapsed(self) -> Self:
        """Return claims that are neither active nor ended."""
        return self.filter(Q(lease_until__lte=Now()) | ~Q(story__state=StoryState.IN_REVIEW), ended_at=None)

    def held_by(self, reviewer: User) -> Self:
        return self.filter(reviewer=reviewer)

    def for_story(self, story: Story) -> Self:
        return self.filter(story=story)

    def oldest_first(self) -> Self:
        return self.order_by("taken_at", "pk")


class Claim(models.Model):
    """One reviewer's time-limited claim on one story. A decision must present the token."""

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

    def __str__(self) -> str:
        return f"Claim {self.pk} on story {self.story_id}"


class SkipQuerySet(models.QuerySet["Skip"]):
    def by_person(self, person: User) -> Self:
        return self.filter(person=person)


class Skip(models.Model):
    """A reviewer skipped this story; the queue offers it only to others until `until`."""

    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="skips")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="skips")
    until = models.DateTimeField()

    objects = SkipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "story"], name="one_skip_per_person_and_story")
        ]

    def __str__(self) -> str:
        return f"Skip {self.pk} of story {self.story_id}"


class Verdict(models.TextChoices):
    """What a reviewer can decide; the teller is notified of all but escalations."""

    APPROVE = "approve", _("Approve")
    CHANGES = "changes", _("Ask for changes")
    DECLINE = "decline", _("Decline")
    ESCALATE = "escalate", _("Escalate")


class DecisionQuerySet(models.QuerySet["Decision"]):
    def for_story(self, story: Story) -> Self:
        return self.filter(story=story)

    def escalations(self) -> Self:
        return self.filter(verdict=Verdict.ESCALATE)

    def newest_first(self) -> Self:
        return self.order_by("-at", "-pk")


class Decision(models.Model):
    """One verdict about the content identified by `content_hash`, at the version that the reviewer saw.

    A claim leads to at most one decision. Tellers never see `note_to_colleagues`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="decisions")
    claim = models.OneToOneField(Claim, on_delete=models.SET_NULL, null=True, related_name="decision")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="decisions"
    )
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    # The version of the story that the reviewer saw.
    version = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=HASH_LENGTH)
    reasons = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    note_to_teller = models.CharField(max_length=MAX_NOTE_LENGTH, blank=True)
    note_to_colleagues = models.CharField(max_length=MAX_NOTE_LENGTH, blank=True)
    # Rubric item -> yes, no or unsure.
    rubric = models.JSONField(default=dict, blank=True)
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

    def __str__(self) -> str:
        return f"Decision {self.pk} ({self.verdict}) on story {self.story_id}"


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
    """A teller's notice of a decision: in full on the site, and summarised by email."""

    class Kind(models.TextChoices):
        PUBLISHED = "published", _("Your story is open to members")
        CHANGES = "changes", _("Your story needs a change")
        DECLINED = "declined", _("We could not publish your story")

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

    def __str__(self) -> str:
        return f"Notice {self.pk} ({self.kind})"
