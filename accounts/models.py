"""People, what they shared about themselves, and what they agreed to."""

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.content_notes import ContentNote
from domain_errors.categories import UnavailableError


class Role(models.TextChoices):
    """What somebody may do for others; viewing and telling need no role."""

    MODERATOR = "moderator", "Moderator"
    SENIOR = "senior", "Senior moderator"
    SAFEGUARDING = "safeguarding", "Safeguarding lead"
    OPERATOR = "operator", "Operator"


REVIEWER_ROLES = frozenset({Role.MODERATOR, Role.SENIOR, Role.SAFEGUARDING})


class UserManager(BaseUserManager["User"]):
    """The table of people; an address is unique whatever its capitals.

    Whoever is fetched brings their roles along, since every page asks for those of the person who looks.
    """

    def get_queryset(self) -> models.QuerySet["User"]:
        roles = RoleGrant.objects.filter(person=models.OuterRef("pk")).values("role")
        return super().get_queryset().annotate(roles_held=ArraySubquery(roles))

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        person = self.model(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an e-mail address and is seen by others under a handle only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    handle = models.CharField(
        max_length=40,
        blank=True,
        help_text="The name that others see beside your story; it need not be yours.",
    )
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="email_is_kept_in_small_letters"
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """Return the name others see: the handle, never the address."""
        return self.handle or "Somebody"

    def has_role(self, *wanted: str) -> bool:
        return any(role in wanted for role in self.roles)

    @property
    def roles(self) -> frozenset[str]:
        """Return the roles of this person, as they were when the person was fetched."""
        known = self.__dict__
        if known.get("roles_held") is None:  # reached through another row
            known["roles_held"] = list(self.role_grants.values_list("role", flat=True))
        return frozenset(known["roles_held"])

    @property
    def is_reviewer(self) -> bool:
        return self.has_role(*REVIEWER_ROLES)


class RoleGrant(models.Model):
    """One role of one person, and who gave it."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(max_length=20, choices=Role.choices)
    granted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="granted_roles")
    granted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "role"], name="one_grant_per_person_and_role"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="role_is_a_known_one"),
        ]


class Profile(models.Model):
    """What a person shared for matching, what matters to them, and what they do not want to meet.

    `traits` maps trait keys to answers and `matters` trait keys to 0, 1, 2 or 4, both checked against
    `accounts.traits.catalogue.TRAIT_CATALOGUE` by `accounts.profiles`. An identity trait counts only if `matters` names it.
    """

    person = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="profile")
    traits = models.JSONField(default=dict, blank=True)
    matters = models.JSONField(default=dict, blank=True)
    muted = ArrayField(models.CharField(max_length=30, choices=ContentNote.choices), default=list, blank=True)
    languages = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    country = models.CharField(max_length=2, blank=True)
    captions_only = models.BooleanField(default=False)
    updated_at = models.DateTimeField(auto_now=True)


class ConsentUse(models.TextChoices):
    """The exact uses a teller can agree to, one by one."""

    MEMBERS = "members", "Signed-in members may watch my story"
    RESEARCH = "research", "My story may be counted in anonymous figures about what helps"


class ConsentTextMissing(UnavailableError):
    """No consent text has been loaded yet."""


class ConsentTextQuerySet(models.QuerySet["ConsentText"]):
    def current(self) -> "ConsentText":
        """Raises ConsentTextMissing."""
        text = self.order_by("version").last()
        if text is None:
            raise ConsentTextMissing
        return text


class ConsentText(models.Model):
    """One version of the words that a teller agrees to; never edited, only followed by a newer one."""

    version = models.PositiveSmallIntegerField(primary_key=True)
    text = models.TextField()
    published_at = models.DateTimeField(default=timezone.now)

    objects = ConsentTextQuerySet.as_manager()


class ConsentGrantQuerySet(models.QuerySet["ConsentGrant"]):
    def active(self) -> Self:
        return self.filter(withdrawn_at=None)


class ConsentGrant(models.Model):
    """What a person agreed to, in which words, and until when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="consents")
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="grants")
    uses = ArrayField(models.CharField(max_length=20, choices=ConsentUse.choices))
    granted_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = ConsentGrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(uses__contained_by=list(ConsentUse.values)),
                name="consent_names_known_uses",
            ),
        ]

    def covers(self, uses: Iterable[str]) -> bool:
        return self.withdrawn_at is None and set(uses) <= set(self.uses)
