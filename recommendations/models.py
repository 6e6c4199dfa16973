"""What is learned and computed from the reports of many viewers."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stories.models import Story


class WeightTrialVerdict(models.TextChoices):
    """Result of a trial of learned weights; the values equal those of matching.learning."""

    TOO_FEW = "too_few", _("Too few viewers to tell")
    NOT_BETTER = "not_better", _("Not shown to be better")
    BETTER = "better", _("Better for held-out viewers")


class WeightSetQuerySet(models.QuerySet["WeightSet"]):
    def in_use(self) -> Self:
        """Return the promoted sets, newest first; the first one ranks slates, and without one the prior does."""
        return self.filter(promoted_at__isnull=False, rolled_back_at=None).order_by("-promoted_at", "-pk")

    def newest_first(self) -> Self:
        return self.order_by("-learned_at", "-pk")


class WeightSet(models.Model):
    """Base weights of the traits, learned from viewers' reports; never edited.

    The newest set that was promoted and not rolled back is in use. Rolling it back returns to the previous one, and
    finally to the prior. `weights` maps domain ("" for all domains) to trait to multiplier of the prior; `report`
    holds the figures of the trial.
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

    def __str__(self) -> str:
        return f"{self.version} ({self.verdict})"

    @property
    def version(self) -> str:
        return f"learned-{self.pk}"


class EvaluationRun(models.Model):
    """Figures of one offline evaluation of the impression log; aggregates only."""

    at = models.DateTimeField()
    since = models.DateTimeField()
    figures = models.JSONField()

    class Meta:
        db_table = "practice_appraisal"
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"Evaluation {self.pk}"


class StoryEffect(models.Model):
    """Mean change of confidence after one story among viewers on one rung; recomputed by a periodic task.

    `gain` is in points of 100, minus the mean over all stories of the challenge.
    """

    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="effects")
    present_rung = models.PositiveSmallIntegerField()
    gain = models.FloatField()
    viewers = models.PositiveIntegerField()

    class Meta:
        db_table = "practice_benefit"
        constraints = [
            models.UniqueConstraint(fields=["story", "present_rung"], name="one_benefit_per_rung"),
            models.CheckConstraint(condition=Q(viewers__gt=0), name="benefit_rests_on_somebody"),
        ]

    def __str__(self) -> str:
        return f"Effect of story {self.story_id} on rung {self.present_rung}"


class StoryTextIndex(models.Model):
    """Serialised `matching.text_similarity.TextIndex` of all open stories; the newest row is in use."""

    data = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        db_table = "practice_storytexts"

    def __str__(self) -> str:
        return f"Text index {self.pk}"


class SearchTableState(models.Model):
    """The catalogue version of one search table; `recommendations.index.search_table` manages the tables."""

    name = models.CharField(max_length=40, primary_key=True)
    # Primary key of the newest CatalogueChange that the table contains.
    catalogue_version = models.BigIntegerField(db_column="enrolled")

    class Meta:
        db_table = "practice_roll"

    def __str__(self) -> str:
        return f"{self.name} at {self.catalogue_version}"
