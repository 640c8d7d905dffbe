"""Who acts: persons, organisations, and the memberships that give a person a role in a scope for a time."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.registry.credit_code import is_credit_code
from biaochi.registry.identifiers import new_public_id


def person_id() -> str:
    """Return a new identifier of a person."""
    return new_public_id("P")


def organisation_id() -> str:
    """Return a new identifier of an organisation."""
    return new_public_id("O")


def membership_id() -> str:
    """Return a new identifier of a membership."""
    return new_public_id("M")


class PersonManager(BaseUserManager["Person"]):
    """Makes persons."""

    def create_person(self, username: str, name: str, password: str | None = None, **fields: Any) -> Person:
        """Store a person; without a password nobody can log in as this person by one."""
        person = self.model(username=username, name=name, **fields)
        person.set_password(password) if password else person.set_unusable_password()
        person.save()
        return person


class Person(AbstractBaseUser):
    """A person who can log in.  Holds no rights: those come from memberships."""

    public_id = models.CharField(max_length=20, unique=True, default=person_id, editable=False)
    username = models.CharField(_("user name"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    is_active = models.BooleanField(_("active"), default=True)
    simulated = models.BooleanField(default=False)
    totp_cipher = models.TextField(blank=True, editable=False)
    totp_on = models.BooleanField(default=False, editable=False)
    totp_step = models.BigIntegerField(default=0, editable=False)
    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[PersonManager] = PersonManager()

    def __str__(self) -> str:
        return self.name

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """Return what a session is bound to: the password and the roles as they were at log-in."""
        bound = f"{self.password}|{self.session_epoch}"
        return salted_hmac("biaochi.session", bound, secret=secret, algorithm="sha256").hexdigest()

    def end_sessions(self) -> None:
        """End every session of this person, wherever it is open."""
        type(self).objects.filter(pk=self.pk).update(session_epoch=models.F("session_epoch") + 1)


class Organisation(models.Model):
    """An office, a firm, a university, a scene owner: whoever a person acts for."""

    class Kind(models.TextChoices):
        """What sort of organisation it is."""

        OFFICE = "office", _("government office")
        ENTERPRISE = "enterprise", _("enterprise")
        STATE_OWNED = "state_owned", _("state-owned enterprise")
        UNIVERSITY = "university", _("university")
        INSTITUTE = "institute", _("research institute")
        FUND = "fund", _("fund manager")
        OTHER = "other", _("other organisation")

    public_id = models.CharField(max_length=20, unique=True, default=organisation_id, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    name_zh = models.CharField(_("name in Chinese"), max_length=160)
    name_en = models.CharField(_("name in English"), max_length=160)
    credit_code = models.CharField(_("unified social credit code"), max_length=18, blank=True)
    region = models.ForeignKey("registry.Region", models.PROTECT, null=True, blank=True, verbose_name=_("region"))
    simulated = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["credit_code"], condition=~Q(credit_code=""), name="credit_code_once")
        ]

    def __str__(self) -> str:
        return self.name_zh

    @property
    def title(self) -> Text:
        """Its name in both languages."""
        return Text(self.name_zh, self.name_en)

    def clean(self) -> None:
        """Refuse a credit code whose check character is wrong."""
        if self.credit_code and not is_credit_code(self.credit_code):
            raise ValidationError(
                {"credit_code": _("This code's check character is wrong; compare it with the licence.")}
            )


class OrganisationGrade(models.Model):
    """A recognised grade of an organisation, such as an innovative SME, with the days it is valid."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="grades")
    code = models.CharField(max_length=40)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.organisation_id}:{self.code}"


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships by day."""

    def in_force(self, day: date | None = None) -> MembershipQuerySet:
        """Return the memberships in force on a day, today by default."""
        day = day or timezone.localdate()
        return self.filter(valid_from__lte=day).filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day))


class Membership(models.Model):
    """A person holds a role, for an organisation, within a scope, for a time.

    ``scope`` is a region code, or the public identifier of a fund, case, purchase, scene; empty for all of the role.
    """

    public_id = models.CharField(max_length=20, unique=True, default=membership_id, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="memberships", null=True, blank=True)
    role = models.CharField(max_length=30, choices=[(r.value, r.value) for r in Role if r is not Role.CLOCK])
    scope = models.CharField(max_length=40, blank=True)
    valid_from = models.DateField(default=timezone.localdate)
    valid_to = models.DateField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["role", "scope"])]

    def __str__(self) -> str:
        return f"{self.person_id}:{self.role}:{self.scope}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the membership; every session of the person ends, since the person's rights changed."""
        super().save(*args, **kwargs)
        self.person.end_sessions()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Remove the membership and end every session of the person."""
        person = self.person
        gone = super().delete(*args, **kwargs)
        person.end_sessions()
        return gone

    @property
    def actor(self) -> Actor:
        """The person acting in this role."""
        return Actor(
            self.person.public_id,
            Role(self.role),
            self.organisation.public_id if self.organisation else "",
            self.scope,
        )


class RecoveryCode(models.Model):
    """A code that replaces the second factor once."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.person_id}"


class OneTimeLink(models.Model):
    """A link that works once and not for long: the first administrator, an invitation, a lost password."""

    digest = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(max_length=30)
    person = models.ForeignKey(Person, models.CASCADE, null=True, blank=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.purpose
