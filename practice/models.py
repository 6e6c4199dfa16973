"""The viewer's loop: what was shown and why, what was watched, and the small step at the end."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from challenges.models import Challenge, Reading
from stories.models import Story

LIKE_ME_MOST = 10


class Arm(models.TextChoices):
    """How a slate came about; the same words as matching's."""

    MATCHED = "matched", "Chosen by likeness"
    RANDOM = "random", "Chosen at random within the rules"
    SCARCE = "scarce", "All there is: fewer than three people within the rules"


class Slates(models.QuerySet["Slate"]):
    def of(self, viewer: models.Model, challenge: Challenge) -> Self:
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
    arm = models.CharField(max_length=10, choices=Arm.choices)
    eligible = models.PositiveIntegerField(help_text="stories within the rules; few of them is unmet demand")
    refused = models.JSONField(default=dict, help_text="how many were kept out, by reason")
    policy_version = models.CharField(max_length=60)
    weights_version = models.CharField(max_length=40)
    seed = models.BigIntegerField()
    basis = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    objects = Slates.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["viewer", "challenge", "basis"], name="one_slate_per_basis"),
            models.CheckConstraint(condition=Q(arm__in=Arm.values), name="slate_arm_is_a_known_one"),
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


class Viewings(models.QuerySet["Viewing"]):
    def by(self, viewer: models.Model) -> Self:
        return self.filter(viewer=viewer)

    def newest_first(self) -> Self:
        return self.order_by("-started_at", "-pk")


class Viewing(models.Model):
    """One person watching one story."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="viewings")
    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="viewings")
    slate = models.ForeignKey(
        Slate, on_delete=models.SET_NULL, null=True, blank=True, related_name="viewings"
    )
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    furthest_ms = models.PositiveIntegerField(default=0)
    like_me = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="“this person is like me”, 0-10"
    )

    objects = Viewings.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(like_me=None) | Q(like_me__lte=LIKE_ME_MOST), name="like_me_is_0_to_10"
            ),
        ]
        indexes = [
            models.Index(fields=["viewer", "-started_at"], name="viewings_of_a_viewer"),
            models.Index(fields=["story"], name="viewings_of_a_story"),
        ]


class Went(models.TextChoices):
    DONE = "done", "I did it"
    PARTLY = "partly", "Partly"
    NOT_YET = "not_yet", "Not yet"
    DID_NOT_WORK = "did_not_work", "I tried and it did not work"


class Attribution(models.TextChoices):
    """What somebody puts an attempt down to."""

    STRATEGY = "strategy", "The way I went about it"
    EFFORT = "effort", "How much I put in"
    CIRCUMSTANCES = "circumstances", "What was going on around me"
    ABILITY = "ability", "What I am able to do"


class Steps(models.QuerySet["Step"]):
    def by(self, person: models.Model) -> Self:
        return self.filter(person=person)

    def still_open(self) -> Self:
        return self.filter(attempts=None)

    def newest_first(self) -> Self:
        return self.order_by("-committed_at", "-pk")


class Step(models.Model):
    """One small attempt that a viewer commits to, in their own words."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="steps")
    challenge = models.ForeignKey(Challenge, on_delete=models.PROTECT, related_name="steps")
    rung = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)
    committed_at = models.DateTimeField()
    follow_up_on = models.DateField()

    objects = Steps.as_manager()

    class Meta:
        indexes = [models.Index(fields=["person", "-committed_at"], name="steps_of_a_person")]


class Attempt(models.Model):
    """How a step went, and what the person puts it down to."""

    step = models.ForeignKey(Step, on_delete=models.CASCADE, related_name="attempts")
    went = models.CharField(max_length=20, choices=Went.choices)
    attribution = models.CharField(max_length=20, choices=Attribution.choices, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(went__in=Went.values), name="attempt_went_a_known_way"),
            models.CheckConstraint(
                condition=Q(attribution__in=["", *Attribution.values]), name="attribution_is_a_known_one"
            ),
        ]


class SavedStory(models.Model):
    """A story that somebody wants to find again."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_stories"
    )
    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="saves")
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "story"], name="a_story_is_saved_once")]


class HiddenTeller(models.Model):
    """Somebody whose stories a viewer does not want to be shown."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="hidden_tellers"
    )
    teller = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="hidden_by", db_index=False
    )
    hidden_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "teller"], name="a_teller_is_hidden_once")]


class Verdict(models.TextChoices):
    """What a trial of learned weights came to; the same words as matching's."""

    TOO_FEW = "too_few", "Too few viewers to say"
    NOT_BETTER = "not_better", "Not shown to be better"
    BETTER = "better", "Better on viewers left out"


class WeightSets(models.QuerySet["WeightSet"]):
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
    verdict = models.CharField(max_length=12, choices=Verdict.choices)
    report = models.JSONField()
    learned_at = models.DateTimeField()
    promoted_at = models.DateTimeField(null=True, blank=True)
    rolled_back_at = models.DateTimeField(null=True, blank=True)

    objects = WeightSets.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict__in=Verdict.values), name="verdict_on_weights_is_a_known_one"
            ),
            models.CheckConstraint(
                condition=Q(promoted_at=None) | Q(verdict=Verdict.BETTER),
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


class Appraisal(models.Model):
    """How choosing stories did, as far as the log tells at one moment; figures about many people only."""

    at = models.DateTimeField()
    since = models.DateTimeField()
    figures = models.JSONField()

    class Meta:
        ordering = ("-at", "-pk")


class OwnWords(models.Model):
    """What a viewer wrote about a challenge; read by nobody, used only to choose their stories, gone when emptied."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="own_words")
    challenge = models.ForeignKey(Challenge, on_delete=models.CASCADE, related_name="own_words")
    text = models.CharField(max_length=500)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "challenge"], name="own_words_once_per_challenge")
        ]


class StoryTexts(models.Model):
    """What all open stories say, as `matching.text` learned it; the newest row is the one that counts."""

    data = models.BinaryField()
    made_at = models.DateTimeField()
