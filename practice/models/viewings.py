"""What was watched, and what viewers said of stories."""

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


class LessLike(models.Model):
    """A story of which somebody wants to be shown fewer like it."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="less_like")
    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="less_like_by")
    said_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "story"], name="less_like_once")]


class OwnWords(models.Model):
    """What a viewer wrote about a challenge; read by nobody, used only to choose their stories, gone when emptied."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="own_words")
    challenge = models.ForeignKey(Challenge, on_delete=models.CASCADE, related_name="own_words")
    text = models.CharField(max_length=500)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "challenge"], name="own_words_once_per_challenge")
        ]
