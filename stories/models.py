import uuid
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.content_notes import ContentNote
from accounts.models import ConsentGrant, User
from challenges.models import MAX_RUNGS, Barrier, Challenge
from media.models import Video

HASH_LENGTH = 64


class StoryState(models.TextChoices):
    """Where a story is in the review workflow; the processing status of its recording is `Video.status`."""

    DRAFT = "draft", _("Draft")
    PREPARING = "preparing", _("Being prepared")
    IN_REVIEW = "in_review", _("Waiting for review")
    CHANGES_REQUESTED = "changes_requested", _("Changes requested")
    PUBLISHED = "published", _("Published")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    REMOVED = "removed", _("Removed")


class ModelKind(models.TextChoices):
    COPING = "coping", _("Coping: doubts, setbacks, and getting there")
    MASTERY = "mastery", _("How-to: how it is done well")


class Outcome(models.TextChoices):
    UNRESOLVED = "unresolved", _("Not there yet")
    PARTIAL = "partial", _("Part of the way")
    REACHED = "reached", _("Got there")


class ChapterKind(models.TextChoices):
    START = "start", _("Where I started")
    DOUBT = "doubt", _("What I doubted")
    SETBACK = "setback", _("What went wrong")
    STRATEGY = "strategy", _("What I changed")
    STEP = "step", _("The step I took")
    RESULT = "result", _("How it turned out")
    MESSAGE = "message", _("To the next person")


class Strategy(models.TextChoices):
    """What helped the teller; slates prefer stories with different strategies."""

    SMALL_STEPS = "small_steps", _("Smaller steps")
    REHEARSE = "rehearse", _("Rehearsing")
    WRITE_IT_DOWN = "write_it_down", _("Writing it down")
    ASK_SOMEONE = "ask_someone", _("Asking someone")
    CHANGE_THE_PLACE = "change_the_place", _("Changing the place")
    SET_A_TIME = "set_a_time", _("Setting a time")
    NOTICE_THE_BODY = "notice_the_body", _("Noticing my body")
    FORGIVE_A_SLIP = "forgive_a_slip", _("Forgiving a slip")
    GET_INFORMATION = "get_information", _("Getting information")
    REWARD = "reward", _("A small reward")


class StoryQuerySet(models.QuerySet["Story"]):
    def visible_to(self, person: object) -> Self:
        """Return the stories that `person` may see: those open to members, and their own."""
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

    `traits_then` describes the teller at the start of the story, not today; `shown_traits` are the keys that the
    teller agreed to show. `version` increases with every change of content or state. `content_hash` identifies the
    content that a decision is about. The teller sets `hidden`, moderators set `held`; the two are independent.
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
    # Zero-based number of one of the recording's pictures.
    poster = models.PositiveSmallIntegerField(default=0)
    # The teller's choices; they apply to every recording that the teller attaches.
    hide_faces = models.BooleanField(default=False)
    change_voice = models.BooleanField(default=False)
    may_be_damaged_confirmed = models.BooleanField(default=False)
    # A demonstration story; every page that shows it says so.
    made_up = models.BooleanField(default=False)

    state = models.CharField(
        max_length=20, choices=StoryState.choices, default=StoryState.DRAFT, editable=False
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    # Hidden by the teller.
    hidden = models.BooleanField(default=False)
    # Put on hold by the moderators.
    held = models.BooleanField(default=False, editable=False)
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
        return f"Story {self.pk} ({self.state})"

    @property
    def open_to_members(self) -> bool:
        return self.state == StoryState.PUBLISHED and not self.hidden and not self.held

    @property
    def is_taken_down(self) -> bool:
        """Return whether nobody else may see anything of the story any more, not even its title."""
        return self.state in {StoryState.WITHDRAWN, StoryState.REMOVED}

    @property
    def may_be_edited(self) -> bool:
        return self.state in {StoryState.DRAFT, StoryState.CHANGES_REQUESTED}

    @property
    def state_label(self) -> str:
        """Return the state for the teller; a published story may also be on hold or hidden."""
        if self.state == StoryState.PUBLISHED and self.held:
            return gettext("On hold by the moderators")
        if self.state == StoryState.PUBLISHED and self.hidden:
            return gettext("Published, hidden by you")
        return str(StoryState(self.state).label)


OPEN_TO_MEMBERS = Q(state=StoryState.PUBLISHED, hidden=False, held=False)


class Chapter(models.Model):
    """A time-coded section of a story, up to the start of the next chapter."""

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

    def __str__(self) -> str:
        return f"{self.kind} at {self.start_ms} ms"


class StoryEvent(models.Model):
    """One transition of a story from one state to another; its teller may see it."""

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

    def __str__(self) -> str:
        return f"Story {self.story_id}: {self.old} to {self.new}"


class CatalogueChange(models.Model):
    """A story entered or left the set of open stories; every process updates its index from these rows.

    Primary keys increase in commit order, because the audit trail serialises the writers before the insert.
    """

    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="catalogue_changes")
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"Change {self.pk} of story {self.story_id}"
