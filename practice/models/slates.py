"""What was shown to whom, and why."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from challenges.models import Challenge, Reading
from stories.models import Story


class ExperimentArm(models.TextChoices):
    """How a slate came about; the same words as matching's."""

    MATCHED = "matched", "Chosen by likeness"
    RANDOM = "random", "Chosen at random within the rules"
    SCARCE = "scarce", "All there is: fewer than three people within the rules"


class SlateQuerySet(models.QuerySet["Slate"]):
    def for_viewer(self, viewer: models.Model, challenge: Challenge) -> Self:
        return self.filter(viewer=viewer, challenge=challenge)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")


class Slate(models.Model):
    """The ordered stories shown together, with all that is needed to judge the policy that chose them.

    `seed` is derived from viewer, challenge and day; `basis` names the reading, profile and catalogue state that
    the choice rests on, so that asking again without a change gives the same slate.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="slates")
    challenge = models.ForeignKey(Challenge, on_delete=models.PROTECT, related_name="slates")
    reading = models.ForeignKey(Reading, on_delete=models.CASCADE, related_name="slates")
    arm = models.CharField(max_length=10, choices=ExperimentArm.choices)
    eligible = models.PositiveIntegerField(help_text="stories within the rules; few of them is unmet demand")
    refused = models.JSONField(default=dict, help_text="how many were kept out, by reason")
    policy_version = models.CharField(max_length=60)
    weights_version = models.CharField(max_length=40)
    seed = models.BigIntegerField()
    nearer = models.BooleanField(
        default=False, help_text="confidence had fallen twice: coping stories a step ahead only"
    )
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


class SlateItem(models.Model):
    """One story on a slate; `propensity` is the chance that the policy would show it to this viewer that day."""

    slate = models.ForeignKey(Slate, on_delete=models.CASCADE, related_name="items")
    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="slate_items")
    position = models.PositiveSmallIntegerField()
    score = models.FloatField()
    propensity = models.FloatField()
    shared = models.JSONField(default=list, help_text="reasons in words")
    differs = models.JSONField(default=list, help_text="differences in words")

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["slate", "position"], name="one_story_per_position"),
            models.UniqueConstraint(fields=["slate", "story"], name="a_story_once_per_slate"),
            models.CheckConstraint(
                condition=Q(propensity__gt=0, propensity__lte=1), name="propensity_is_a_probability"
            ),
        ]
