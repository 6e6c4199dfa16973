import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from challenges.models import Challenge


class AttemptResult(models.TextChoices):
    DONE = "done", _("I did it")
    PARTLY = "partly", _("I did part of it")
    NOT_YET = "not_yet", _("Not yet")
    DID_NOT_WORK = "did_not_work", _("I tried, but it did not work")


class Attribution(models.TextChoices):
    """What a person attributes the result of an attempt to."""

    STRATEGY = "strategy", _("The way I went about it")
    EFFORT = "effort", _("How much effort I put in")
    CIRCUMSTANCES = "circumstances", _("What was going on around me")
    ABILITY = "ability", _("What I am able to do")


class StepQuerySet(models.QuerySet["Step"]):
    def by(self, person: models.Model) -> Self:
        return self.filter(person=person)

    def without_attempts(self) -> Self:
        return self.filter(attempts=None)

    def newest_first(self) -> Self:
        return self.order_by("-committed_at", "-pk")


class Step(models.Model):
    """A small action that a viewer commits to, in their own words."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="steps")
    challenge = models.ForeignKey(Challenge, on_delete=models.PROTECT, related_name="steps")
    rung = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)
    committed_at = models.DateTimeField()
    follow_up_on = models.DateField()

    objects = StepQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["person", "-committed_at"], name="steps_of_a_person")]

    def __str__(self) -> str:
        return f"Step {self.pk}"


class Attempt(models.Model):
    """How a step went, and what the person attributes that to."""

    step = models.ForeignKey(Step, on_delete=models.CASCADE, related_name="attempts")
    went = models.CharField(max_length=20, choices=AttemptResult.choices)
    attribution = models.CharField(max_length=20, choices=Attribution.choices, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(went__in=AttemptResult.values), name="attempt_went_a_known_way"
            ),
            models.CheckConstraint(
                condition=Q(attribution__in=["", *Attribution.values]), name="attribution_is_a_known_one"
            ),
        ]

    def __str__(self) -> str:
        return f"Attempt {self.pk} at step {self.step_id}"
