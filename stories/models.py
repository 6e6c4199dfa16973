"""A story and its life: what was told, by whom, from where to where, and what happened to it."""

import uuid
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.content_notes import ContentNote
from accounts.models import ConsentGrant, User
from challenges.models import MAX_RUNGS, Barrier, Challenge
from media.models import Video

HASH_LENGTH = 64


class StoryState(models.TextChoices):
    """Where a story is between people; what its bytes do is the video's own state."""

    DRAFT = "draft", "Draft"
    PREPARING = "preparing", "Being prepared"
    IN_REVIEW = "in_review", "Waiting for review"
    CHANGES_REQUESTED = "changes_requested", "Changes asked for"
    PUBLISHED = "published", "Published"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"
    REMOVED = "removed", "Removed"


class ModelKind(models.TextChoices):
    COPING = "coping", "Coping: doubts, setbacks, and getting there"
    MASTERY = "mastery", "How-to: how it is done well"


class Outcome(models.TextChoices):
    UNRESOLVED = "unresolved", "Not there"
    PARTIAL = "partial", "Part of the way"
    REACHED = "reached", "Got there"


class ChapterKind(models.TextChoices):
    START = "start", "Where I started"
    DOUBT = "doubt", "What I doubted"
    SETBACK = "setback", "What went wrong"
    STRATEGY = "strategy", "What I changed"
    STEP = "step", "The step I took"
    RESULT = "result", "How it turned out"
    MESSAGE = "message", "To the next person"


class Strategy(models.TextChoices):
    """What helped, so that a slate can offer different ways and not one way three times."""

    SMALL_STEPS = "small_steps", "Smaller steps"
    REHEARSE = "rehearse", "Rehearsing"
    WRITE_IT_DOWN = "write_it_down", "Writing it down"
    ASK_SOMEONE = "ask_someone", "Asking somebody"
    CHANGE_THE_PLACE = "change_the_place", "Changing the place"
    SET_A_TIME = "set_a_time", "Setting a time"
    NOTICE_THE_BODY = "notice_the_body", "Noticing the body"
    FORGIVE_A_SLIP = "forgive_a_slip", "Forgiving a slip"
    GET_INFORMATION = "get_information", "Getting information"
    REWARD = "reward", "A small reward"


class StoryQuerySet(models.QuerySet["Story"]):
    """Reads that finish a sentence. `visible_to` is the one rule of who may see a story."""

    def visible_to(self, person: object) -> Self:
        """Return what `person` may see now: published, not hidden by its teller, not held; and one's own."""
        if not isinstance(person, User):
            return self.none()
        return self.filter(Q(teller=person) | OPEN_TO_MEMBERS).exclude(state=StoryState.REMOVED)

    def open_to_members(self) -> Self:
        return self.filter(OPEN_TO_MEMBERS)

    def by_teller(self, person: models.Model) -> Self:
        return self.filter(teller=person)

    def in_review(self) -> Self:
        return self.filter(state=StoryState.IN_REVIEW)

    def for_challenge(self, challenge: Challenge) -> Self:
        return self.filter(challenge=challenge)

    def oldest_first(self) -> Self:
        return self.order_by("submitted_at", "pk")

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")

    def with_related(self) -> Self:
        return self.select_related("challenge__domain", "teller", "video", "consent").prefetch_related(
            "chapters"
        )

    def with_card_relations(self) -> Self:
        return self.select_related("challenge", "teller", "video")


class Story(models.Model):
    """One story by one teller about one challenge.

    `traits_then` is the teller at the start of the story (never the profile of today); `shown_traits` are the
    keys the teller agreed to show. `version` grows with every change of content or state; `content_hash` names
    exactly what a decision was about. The teller's `hidden` and the moderators' `held` are separate facts.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    teller = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="stories")
    challenge = models.ForeignKey(Challenge, on_delete=models.PROTECT, related_name="stories")
    video = models.OneToOneField(
        Video, on_delete=models.SET_NULL, null=True, blank=True, related_name="story"
    )
    consent = models.ForeignKey(
        ConsentGrant, on_delete=models.PROTECT, null=True, blank=True, related_name="stories"
    )
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=400, blank=True)
    language = models.CharField(max_length=8, default="en")
    model_kind = models.CharField(max_length=10, choices=ModelKind.choices, default=ModelKind.COPING)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.REACHED)
    start_rung = models.PositiveSmallIntegerField(default=0)
    end_rung = models.PositiveSmallIntegerField(default=1)
    strategies = ArrayField(
        models.CharField(max_length=30, choices=Strategy.choices), default=list, blank=True
    )
    content_notes = ArrayField(
        models.CharField(max_length=30, choices=ContentNote.choices), default=list, blank=True
    )
    traits_then = models.JSONField(default=dict, blank=True)
    shown_traits = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    poster = models.PositiveSmallIntegerField(
        default=0, help_text="Which of the recording's pictures stands for the story."
    )
    hide_faces = models.BooleanField(default=False, help_text="wanted by the teller, in whatever recording")
    change_voice = models.BooleanField(default=False, help_text="wanted by the teller, in whatever recording")
    may_be_damaged_confirmed = models.BooleanField(default=False)
    made_up = models.BooleanField(default=False, help_text="a demonstration story, said so on every page")

    state = models.CharField(
        max_length=20, choices=StoryState.choices, default=StoryState.DRAFT, editable=False
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    hidden = models.BooleanField(default=False, help_text="hidden by the teller")
    held = models.BooleanField(default=False, editable=False, help_text="held by the moderators")
    content_hash = models.CharField(max_length=HASH_LENGTH, blank=True, editable=False)
    approved_hash = models.CharField(max_length=HASH_LENGTH, blank=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = StoryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=StoryState.values), name="story_state_is_a_known_one"
            ),
            models.CheckConstraint(
                condition=Q(end_rung__lte=MAX_RUNGS) & Q(start_rung__lte=F("end_rung")),
                name="a_story_does_not_end_below_its_start",
            ),
            models.CheckConstraint(
                condition=~Q(state=StoryState.PUBLISHED)
                | (
                    Q(consent__isnull=False)
                    & Q(video__isnull=False)
                    & ~Q(content_hash="")
                    & Q(approved_hash=F("content_hash"))
                    & Q(published_at__isnull=False)
                ),
                name="published_story_has_consent_and_approval_of_the_same_content",
            ),
            models.CheckConstraint(
                condition=Q(content_notes__contained_by=list(ContentNote.values)),
                name="content_notes_are_known_ones",
            ),
        ]
        indexes = [
            models.Index(
                fields=["challenge"], condition=Q(state=StoryState.PUBLISHED), name="published_stories"
            ),
            models.Index(
                fields=["submitted_at"], condition=Q(state=StoryState.IN_REVIEW), name="stories_in_review"
            ),
            models.Index(fields=["teller", "-created_at"], name="stories_of_a_teller"),
            GinIndex(SearchVector("title", config="english"), name="stories_by_the_words_of_title"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def open_to_members(self) -> bool:
        return self.state == StoryState.PUBLISHED and not self.hidden and not self.held

    @property
    def is_taken_down(self) -> bool:
        """Whether nothing about the story may be told to others any more, not even its title."""
        return self.state in {StoryState.WITHDRAWN, StoryState.REMOVED}

    @property
    def may_be_edited(self) -> bool:
        return self.state in {StoryState.DRAFT, StoryState.CHANGES_REQUESTED}

    @property
    def state_label(self) -> str:
        """Return the state in words for the teller, with what they or the moderators did on top."""
        if self.state == StoryState.PUBLISHED and self.held:
            return "Held by the moderators"
        if self.state == StoryState.PUBLISHED and self.hidden:
            return "Published, hidden by you"
        return StoryState(self.state).label


OPEN_TO_MEMBERS = Q(state=StoryState.PUBLISHED, hidden=False, held=False)


class Chapter(models.Model):
    """A time-coded part of a story, from its start up to the next chapter's start."""

    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="chapters")
    kind = models.CharField(max_length=10, choices=ChapterKind.choices)
    start_ms = models.PositiveIntegerField()
    text = models.CharField(max_length=400, blank=True)
    barrier = models.ForeignKey(
        Barrier, on_delete=models.PROTECT, null=True, blank=True, related_name="chapters"
    )
    rung = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ("start_ms",)
        constraints = [
            models.UniqueConstraint(fields=["story", "start_ms"], name="one_chapter_per_instant"),
            models.CheckConstraint(
                condition=Q(kind__in=ChapterKind.values), name="chapter_kind_is_a_known_one"
            ),
        ]


class StoryEvent(models.Model):
    """One move of a story from one state to another, as its teller may read it."""

    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="events")
    old = models.CharField(max_length=20, choices=StoryState.choices)
    new = models.CharField(max_length=20, choices=StoryState.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="story_moves"
    )
    reason = models.CharField(max_length=1000, blank=True)
    version = models.PositiveIntegerField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("at", "pk")


class CatalogueChange(models.Model):
    """A story entered or left the set that members may see: how every process's index learns of it.

    Ids grow in commit order, because the audit trail makes writers take turns before the row is inserted.
    """

    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="catalogue_changes")
    at = models.DateTimeField(db_default=Now())
