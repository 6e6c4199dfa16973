"""Users, their roles, profiles and consents."""

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
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.content_notes import ContentNote
from domain_errors.categories import UnavailableError


class Role(models.TextChoices):
    """Roles of staff; viewers and tellers need none."""

    MODERATOR = "moderator", _("Moderator")
    SENIOR = "senior", _("Senior moderator")
    SAFEGUARDING = "safeguarding", _("Safeguarding lead")
    OPERATOR = "operator", _("Operator")


REVIEWER_ROLES = frozenset({Role.MODERATOR, Role.SENIOR, Role.SAFEGUARDING})


class UserManager(BaseUserManager["User"]):
    """Email addresses are unique regardless of case. Every query annotates the roles, because every page needs them."""

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
    """A person who signs in with an email address; others see only the handle."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    handle = models.CharField(
        max_length=40,
        blank=True,
        help_text="The name that others see beside your story. It can be a made-up name.",
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
        """The name that others see: the handle, never the email address."""
        return self.handle or gettext("Somebody")

    def has_role(self, *roles: str) -> bool:
        """Whether the user has at least one of the roles."""
        return not self.roles.isdisjoint(roles)

    @property
    def roles(self) -> frozenset[str]:
        """Roles at the time when the user was fetched."""
        attributes = self.__dict__
        if attributes.get("roles_held") is None:  # fetched through a relation, without the manager
            attributes["roles_held"] = list(self.role_grants.values_list("role", flat=True))
        return frozenset(attributes["roles_held"])

    @property
    def is_reviewer(self) -> bool:
        return self.has_role(*REVIEWER_ROLES)


class RoleGrant(models.Model):
    """A role of a person, and who granted it."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(max_length=20, choices=Role.choices)
    granted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="granted_roles")
    granted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "role"], name="one_grant_per_person_and_role"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="role_is_a_known_one"),
        ]

    def __str__(self) -> str:
        return f"{self.role} role of user {self.person_id}"


class Profile(models.Model):
    """A person's answers for matching, the weights of traits, and the muted content notes.

    `traits` maps trait keys to answers and `matters` maps trait keys to weights (0, 1, 2 or 4); `accounts.profiles`
    validates both against `accounts.traits.catalogue.TRAIT_CATALOGUE`. Identity traits count only with a weight.
    """

    person = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="profile")
    traits = models.JSONField(default=dict, blank=True)
    matters = models.JSONField(default=dict, blank=True)
    muted = ArrayField(models.CharField(max_length=30, choices=ContentNote.choices), default=list, blank=True)
    languages = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    country = models.CharField(max_length=2, blank=True)
    captions_only = models.BooleanField(default=False)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"profile of user {self.pk}"


class ConsentUse(models.TextChoices):
    """Uses of a story, each with its own consent."""

    MEMBERS = "members", _("People who are signed in may watch my story")
    RESEARCH = "research", _("My story may be counted in anonymous statistics about what helps")


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
    """A version of the consent text; never edited, only replaced by a newer version."""

    version = models.PositiveSmallIntegerField(primary_key=True)
    text = models.TextField()
    published_at = models.DateTimeField(default=timezone.now)

    objects = ConsentTextQuerySet.as_manager()

    def __str__(self) -> str:
        return f"consent text {self.version}"

    @property
    def paragraphs(self) -> list[str]:
        return [paragraph.strip() for paragraph in self.text.split("\n\n") if paragraph.strip()]

    @property
    def translated_text(self) -> str:
        """The text in the active language; the stored English text is the one that people consent to."""
        return "\n\n".join(gettext(paragraph) for paragraph in self.paragraphs)


class ConsentGrantQuerySet(models.QuerySet["ConsentGrant"]):
    def active(self) -> Self:
        return self.filter(withdrawn_at=None)


class ConsentGrant(models.Model):
    """A person's consent to certain uses under one version of the text, until it is withdrawn."""

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

    def __str__(self) -> str:
        return f"consent {self.pk} of user {self.person_id} to text {self.text_id}"

    def covers(self, uses: Iterable[str]) -> bool:
        return self.withdrawn_at is None and set(uses) <= set(self.uses)
