"""Challenges with their ladders, and readings of a person's confidence on each rung."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Prefetch, Q, prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from challenges.translation import TranslatedText

MAX_RUNGS = 9
PRESENT_RUNG_MIN_RATING = 70


class Domain(models.Model):
    """A part of life that challenges belong to."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    summary = models.CharField(max_length=300)
    order = models.PositiveSmallIntegerField()

    translated_name = TranslatedText("name")
    translated_summary = TranslatedText("summary")

    class Meta:
        ordering = ("order",)

    def __str__(self) -> str:
        return self.slug


class ChallengeQuerySet(models.QuerySet["Challenge"]):
    def offered(self) -> Self:
        return self.filter(offered=True)

    def in_catalogue_order(self) -> Self:
        return self.select_related("domain").order_by("domain__order", "order")

    def with_ladder(self) -> Self:
        return self.select_related("domain").prefetch_related("rungs", "barriers")


class Challenge(models.Model):
    """One specific task: self-efficacy does not carry over between tasks, so confidence is measured per challenge."""

    slug = models.SlugField(max_length=60, unique=True)
    domain = models.ForeignKey(Domain, on_delete=models.PROTECT, related_name="challenges")
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=400)
    step_hint = models.CharField(max_length=300, blank=True)
    body_cue = models.CharField(max_length=300, blank=True)
    order = models.PositiveSmallIntegerField()
    offered = models.BooleanField(default=True)

    translated_title = TranslatedText("title")
    translated_summary = TranslatedText("summary")
    translated_step_hint = TranslatedText("step_hint")
    translated_body_cue = TranslatedText("body_cue")

    objects = ChallengeQuerySet.as_manager()

    def __str__(self) -> str:
        return self.slug


class Rung(models.Model):
    """One step of a challenge's ladder; position 1 is the easiest."""

    challenge = models.ForeignKey(Challenge, on_delete=models.CASCADE, related_name="rungs")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=200)

    translated_text = TranslatedText("text")

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["challenge", "position"], name="one_rung_per_position"),
            models.CheckConstraint(
                condition=Q(position__gte=1, position__lte=MAX_RUNGS), name="rung_position_is_1_to_9"
            ),
        ]

    def __str__(self) -> str:
        return f"rung {self.position} of challenge {self.challenge_id}"


class Barrier(models.Model):
    """A common obstacle; only tellers see it, to mark the chapter that overcomes it."""

    challenge = models.ForeignKey(Challenge, on_delete=models.CASCADE, related_name="barriers")
    key = models.SlugField(max_length=40)
    text = models.CharField(max_length=200)
    strategy_hint = models.CharField(max_length=300, blank=True)

    translated_text = TranslatedText("text")
    translated_strategy_hint = TranslatedText("strategy_hint")

    class Meta:
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["challenge", "key"], name="one_barrier_per_key")]

    def __str__(self) -> str:
        return f"barrier {self.key} of challenge {self.challenge_id}"


class ReadingMoment(models.TextChoices):
    BEFORE = "before", _("Before watching")
    AFTER = "after", _("After watching")
    FOLLOW_UP = "follow_up", _("A few days later")


class ReadingQuerySet(models.QuerySet["Reading"]):
    def by_person(self, person: models.Model) -> Self:
        return self.filter(person=person)

    def on_challenge(self, challenge: Challenge) -> Self:
        return self.filter(challenge=challenge)

    def newest_first(self) -> Self:
        return self.order_by("-taken_at", "-pk")

    def with_ratings(self) -> Self:
        return self.prefetch_related(Prefetch("ratings", Rating.objects.select_related("rung")))


class Reading(models.Model):
    """A person's confidence ratings for all rungs of a ladder at one time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="readings")
    challenge = models.ForeignKey(Challenge, on_delete=models.PROTECT, related_name="readings")
    moment = models.CharField(max_length=10, choices=ReadingMoment.choices)
    taken_at = models.DateTimeField()
    present_rung = models.PositiveSmallIntegerField(help_text="Highest rung rated 70 or more; 0 if none.")

    objects = ReadingQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["person", "challenge", "-taken_at"], name="readings_of_a_person")]
        constraints = [
            models.CheckConstraint(
                condition=Q(moment__in=ReadingMoment.values), name="reading_moment_is_a_known_one"
            ),
            models.CheckConstraint(condition=Q(present_rung__lte=MAX_RUNGS), name="present_rung_is_0_to_9"),
        ]

    def __str__(self) -> str:
        return f"reading {self.pk} ({self.moment}) of user {self.person_id} on challenge {self.challenge_id}"

    def ratings_by_position(self) -> dict[int, int]:
        """Return ratings (0 to 100) by rung position; no query if the ratings are prefetched."""
        prefetch_related_objects([self], Prefetch("ratings", Rating.objects.select_related("rung")))
        return {rating.rung.position: rating.value for rating in self.ratings.all()}


class Rating(models.Model):
    """Confidence on one rung: 0 cannot do at all, 50 moderately certain, 100 highly certain."""

    reading = models.ForeignKey(Reading, on_delete=models.CASCADE, related_name="ratings")
    rung = models.ForeignKey(Rung, on_delete=models.PROTECT, related_name="ratings")
    value = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reading", "rung"], name="one_rating_per_rung_and_reading"),
            models.CheckConstraint(
                condition=Q(value__in=list(range(0, 101, 10))), name="rating_is_0_to_100_in_steps_of_10"
            ),
        ]

    def __str__(self) -> str:
        return f"rating {self.value} of rung {self.rung_id} in reading {self.reading_id}"
