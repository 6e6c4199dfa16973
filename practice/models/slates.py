import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from challenges.models import Challenge, Reading
from stories.models import Story


class ExperimentArm(models.TextChoices):
    """How the stories of a slate were selected; the values equal those of matching."""

    MATCHED = "matched", _("Selected by similarity")
    RANDOM = "random", _("Selected at random from the eligible stories")
    SCARCE = "scarce", _("All eligible stories, from fewer than three tellers")


class SlateQuerySet(models.QuerySet["Slate"]):
    def for_viewer(self, viewer: models.Model, challenge: Challenge) -> Self:
        return self.filter(viewer=viewer, challenge=challenge)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")


class Slate(models.Model):
    """An ordered list of stories shown together, with the data needed to evaluate the policy that composed it.

    `seed` is derived from viewer, challenge and day. `basis` is a hash of all inputs, so the same inputs give the
    same slate.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="slates")
    challenge = models.ForeignKey(Challenge, on_delete=models.PROTECT, related_name="slates")
    reading = models.ForeignKey(Reading, on_delete=models.CASCADE, related_name="slates")
    arm = models.CharField(max_length=10, choices=ExperimentArm.choices)
    # How many stories pass the gates; a small number is unmet demand.
    eligible = models.PositiveIntegerField()
    # How many stories do not pass the gates, by reason.
    refused = models.JSONField(default=dict)
    policy_version = models.CharField(max_length=60)
    weights_version = models.CharField(max_length=40)
    seed = models.BigIntegerField()
    # Confidence fell twice, so the slate has only coping stories at most one step ahead.
    nearer = models.BooleanField(default=False)
    basis = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    objects = SlateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["viewer", "challenge", "basis"], name="one_slate_per_basis"),
            models.CheckConstraint(
                condition=Q(arm__in=ExperimentArm.values), name="slate_arm_is_a_known_one"
            ),
        ]
        indexes = [models.Index(fields=["viewer", "challenge", "-created_at"], name="slates_of_a_viewer")]

    def __str__(self) -> str:
        return f"Slate {self.pk} ({self.arm})"


class SlateItem(models.Model):
    """One story on a slate; `propensity` is the probability that the policy shows it to this viewer on that day."""

    slate = models.ForeignKey(Slate, on_delete=models.CASCADE, related_name="items")
    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="slate_items")
    position = models.PositiveSmallIntegerField()
    score = models.FloatField()
    propensity = models.FloatField()
    # Sentences for the viewer: what they share with the teller, and how they differ.
    shared = models.JSONField(default=list)
    differs = models.JSONField(default=list)

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["slate", "position"], name="one_story_per_position"),
            models.UniqueConstraint(fields=["slate", "story"], name="a_story_once_per_slate"),
            models.CheckConstraint(
                condition=Q(propensity__gt=0, propensity__lte=1), name="propensity_is_a_probability"
            ),
        ]

    def __str__(self) -> str:
        return f"Story {self.story_id} at position {self.position}"
