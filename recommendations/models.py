"""What is learned and reckoned from what many viewers reported."""

from typing import Self

from django.db import models
from django.db.models import Q

from stories.models import Story


class WeightTrialVerdict(models.TextChoices):
    """What a trial of learned weights came to; the same words as matching's."""

    TOO_FEW = "too_few", "Too few viewers to say"
    NOT_BETTER = "not_better", "Not shown to be better"
    BETTER = "better", "Better on viewers left out"


class WeightSetQuerySet(models.QuerySet["WeightSet"]):
    def in_use(self) -> Self:
        """Return the set that slates are ranked with, first; without one, the prior is."""
        return self.filter(promoted_at__isnull=False, rolled_back_at=None).order_by("-promoted_at", "-pk")

    def newest_first(self) -> Self:
        return self.order_by("-learned_at", "-pk")


class WeightSet(models.Model):
    """How much each trait counts, as learned once from what viewers reported; never edited, only followed.

    The newest set that was promoted and not rolled back is in use, so that rolling one back puts the one before it
    in its place, and at last the prior. `weights` maps domain ("" for all of them) to trait to multiplier of the
    prior; `report` holds the trial's figures.
    """

    weights = models.JSONField()
    verdict = models.CharField(max_length=12, choices=WeightTrialVerdict.choices)
    report = models.JSONField()
    learned_at = models.DateTimeField()
    promoted_at = models.DateTimeField(null=True, blank=True)
    rolled_back_at = models.DateTimeField(null=True, blank=True)

    objects = WeightSetQuerySet.as_manager()

    class Meta:
        db_table = "practice_weightset"
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict__in=WeightTrialVerdict.values), name="verdict_on_weights_is_a_known_one"
            ),
            models.CheckConstraint(
                condition=Q(promoted_at=None) | Q(verdict=WeightTrialVerdict.BETTER),
                name="only_weights_found_better_are_promoted",
            ),
            models.CheckConstraint(
                condition=Q(rolled_back_at=None) | Q(promoted_at__isnull=False),
                name="only_promoted_weights_are_rolled_back",
            ),
        ]

    @property
    def version(self) -> str:
        return f"learned-{self.pk}"


class EvaluationRun(models.Model):
    """How choosing stories did, as far as the log tells at one moment; figures about many people only."""

    at = models.DateTimeField()
    since = models.DateTimeField()
    figures = models.JSONField()

    class Meta:
        db_table = "practice_appraisal"
        ordering = ("-at", "-pk")


class StoryEffect(models.Model):
    """How far confidence moved after one story, over viewers who stood on one rung; reckoned anew by a job.

    `gain` is in points of 100, less the mean over all stories of the challenge.
    """

    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="benefits")
    present_rung = models.PositiveSmallIntegerField()
    gain = models.FloatField()
    viewers = models.PositiveIntegerField()

    class Meta:
        db_table = "practice_benefit"
        constraints = [
            models.UniqueConstraint(fields=["story", "present_rung"], name="one_benefit_per_rung"),
            models.CheckConstraint(condition=Q(viewers__gt=0), name="benefit_rests_on_somebody"),
        ]


class StoryTextIndex(models.Model):
    """What all open stories say, as `matching.text_similarity` learned it; the newest row is the one that counts."""

    data = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        db_table = "practice_storytexts"


class SearchTableState(models.Model):
    """How far one roll of the open stories has come; its rows are `recommendations.index.search_table`'s."""

    name = models.CharField(max_length=40, primary_key=True)
    enrolled = models.BigIntegerField(help_text="the newest change of the catalogue that is on it")

    class Meta:
        db_table = "practice_roll"
