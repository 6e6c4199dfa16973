import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from challenges.models import Challenge
from practice.models.slates import Slate
from stories.models import Story

MAX_LIKE_ME = 10


class ViewingQuerySet(models.QuerySet["Viewing"]):
    def by(self, viewer: models.Model) -> Self:
        return self.filter(viewer=viewer)

    def newest_first(self) -> Self:
        return self.order_by("-started_at", "-pk")


class Viewing(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="viewings")
    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="viewings")
    slate = models.ForeignKey(
        Slate, on_delete=models.SET_NULL, null=True, blank=True, related_name="viewings"
    )
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    furthest_ms = models.PositiveIntegerField(default=0)
    # Answer to “this person is like me”, from 0 to 10.
    like_me = models.PositiveSmallIntegerField(null=True, blank=True)

    objects = ViewingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(like_me=None) | Q(like_me__lte=MAX_LIKE_ME), name="like_me_is_0_to_10"
            ),
        ]
        indexes = [
            models.Index(fields=["viewer", "-started_at"], name="viewings_of_a_viewer"),
            models.Index(fields=["story"], name="viewings_of_a_story"),
        ]

    def __str__(self) -> str:
        return f"Viewing {self.pk} of story {self.story_id}"


class SavedStory(models.Model):
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_stories"
    )
    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="saves")
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "story"], name="a_story_is_saved_once")]

    def __str__(self) -> str:
        return f"Saved story {self.story_id}"


class HiddenTeller(models.Model):
    """A teller whose stories a viewer does not want to see."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="hidden_tellers"
    )
    teller = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="hidden_by", db_index=False
    )
    hidden_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "teller"], name="a_teller_is_hidden_once")]

    def __str__(self) -> str:
        return f"Hidden teller {self.pk}"


class LessLike(models.Model):
    """A viewer's wish to see fewer stories like this one."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="less_like")
    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="less_like_by")
    said_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "story"], name="less_like_once")]

    def __str__(self) -> str:
        return f"Fewer stories like {self.story_id}"


class OwnWords(models.Model):
    """A viewer's own words about a challenge: private, used only to rank stories, deleted when emptied."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="own_words")
    challenge = models.ForeignKey(Challenge, on_delete=models.CASCADE, related_name="own_words")
    text = models.CharField(max_length=500)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "challenge"], name="own_words_once_per_challenge")
        ]

    def __str__(self) -> str:
        return f"Own words {self.pk}"
