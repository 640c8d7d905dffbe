"""Logging in with a second factor, invitations, and one's own account."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import quote

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.signals import user_login_failed
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Role
from biaochi.registry import rights, totp
from biaochi.registry.acting import SECOND_FACTOR, SESSION_KEY, acting
from biaochi.registry.models.people import Membership, OneTimeLink, Person, RecoveryCode
from biaochi.registry.models.work import Notification, SentMail
from biaochi.registry.sealing import decrypt, encrypt, token_digest
from biaochi.web import errors
from biaochi.web.demonstration import COMES_FOR
from biaochi.web.views.home import safe_next

_PENDING = "pending"
_PENDING_SECONDS = 300
_BACKEND = "django.contrib.auth.backends.ModelBackend"


class LoginForm(forms.Form):
    """Name and password."""

    username = forms.CharField(
        label=gettext_lazy("User name"), max_length=80, widget=forms.TextInput({"autocomplete": "username"})
    )
    password = forms.CharField(
        label=gettext_lazy("Password"), widget=forms.PasswordInput({"autocomplete": "current-password"})
    )


class CodeForm(forms.Form):
    """The second factor."""

    code = forms.CharField(
        label=gettext_lazy("Code of the authenticator app, or a recovery code"),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "text", "autofocus": True}),
    )


class FirstAdministratorForm(forms.Form):
    """The first administrator."""

    username = forms.SlugField(label=gettext_lazy("User name"), max_length=80)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    password = forms.CharField(
        label=gettext_lazy("Password (at least 12 characters)"),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        validators=[validate_password],
    )


@require_http_methods(["GET", "POST"])
def log_in(request: HttpRequest) -> HttpResponseBase:
    """Ask for name and password; with a second factor, go on to it."""
    wanted = safe_next(request, request.POST.get("next", request.GET.get("next", "")))
    if acting(request).person is not None:
        return HttpResponseRedirect(wanted)
    form = LoginForm(request.POST or None)
    status = 200
    if request.method == "POST":
        person = None
        if form.is_valid():
            person = authenticate(
                request, username=form.cleaned_data["username"], password=form.cleaned_data["password"]
            )
        if getattr(request, "axes_locked_out", False):
            return errors.page(request, 429)
        if isinstance(person, Person):
            return enter_or_ask(request, person, wanted=wanted)
        form.add_error(None, _("Name or password is wrong."))
        status = 401
    context = {"form": form, "next": wanted, "sso": settings.SSO_NAME}
    return render(request, "web/login.html", context, status=status)


def enter_or_ask(request: HttpRequest, person: Person, *, wanted: str = "/", trusted: bool = False) -> HttpResponseBase:
    """Log a person in whose first factor was proven; with a second factor, go on to it.

    ``trusted`` says that whoever proved the first factor proved a second one, too.
    """
    if person.totp_on and not trusted:
        request.session[_PENDING] = [person.pk, time.time()]
        return redirect(f"/login/code/?next={quote(wanted, safe='/')}")
    _enter(request, person, second=trusted)
    return HttpResponseRedirect(wanted)


@require_http_methods(["GET", "POST"])
def log_in_code(request: HttpRequest) -> HttpResponseBase:
    """Ask for the second factor; a recovery code works once."""
    pending = request.session.get(_PENDING)
    if not pending or time.time() - pending[1] > _PENDING_SECONDS:
        return redirect("login")
    person = Person.objects.filter(pk=pending[0], is_active=True).first()
    wanted = safe_next(request, request.POST.get("next", request.GET.get("next", "")))
    form = CodeForm(request.POST or None)
    status = 200
    if person is not None and form.is_valid():
        if second_factor(person, form.cleaned_data["code"]):
            _enter(request, person, second=True)
            return HttpResponseRedirect(wanted)
        user_login_failed.send(sender=__name__, credentials={"username": person.username}, request=request)
        if getattr(request, "axes_locked_out", False):
            request.session.flush()
            return errors.page(request, 429)
        form.add_error(None, _("This code is wrong or was used before."))
        status = 401
    return render(request, "web/login_code.html", {"form": form, "next": wanted}, status=status)


def second_factor(person: Person, code: str) -> bool:
    """Whether a code is right; a right one is used up at once."""
    given = code.strip().replace(" ", "").lower()
    with transaction.atomic():
        locked = Person.objects.select_for_update().get(pk=person.pk)
        if given.isdigit() and locked.totp_cipher:
            step = totp.matching_step(decrypt(locked.totp_cipher), given, time.time(), locked.totp_step)
            if step is not None:
                Person.objects.filter(pk=person.pk).update(totp_step=step)
                return True
        unused = RecoveryCode.objects.filter(person=person, digest=token_digest(given), used_at__isnull=True)
        return bool(unused.update(used_at=timezone.now()))


def _enter(request: HttpRequest, person: Person, *, second: bool = False) -> None:
    person.refresh_from_db()
    login(request, person, backend=_BACKEND)
    request.session.pop(_PENDING, None)
    if second:
        request.session[SECOND_FACTOR] = True


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("portal")


@require_http_methods(["GET", "POST"])
def first_administrator(request: HttpRequest, token: str) -> HttpResponse:
    """Make the first administrator; the link works once."""
    link = rights.open_link(token, rights.FIRST_ADMINISTRATOR)
    if link is None or not rights.needs_administrator():
        raise Http404
    form = FirstAdministratorForm(request.POST or None)
    if form.is_valid():
        data = form.cleaned_data
        if Person.objects.filter(username=data["username"]).exists():
            form.add_error("username", _("This user name is taken."))
        else:
            try:
                person = rights.first_administrator(link, data["username"], data["name"], data["password"])
            except RefusedError as error:
                raise Http404 from error
            _enter(request, person)
            return redirect("home")
    return render(request, "web/first_administrator.html", {"form": form})


@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Let an invited person choose a password; the link works once."""
    link = rights.open_link(token, rights.INVITATION)
    if link is None or link.person is None:
        raise Http404
    form: SetPasswordForm[Any] = SetPasswordForm(link.person, request.POST or None)
    if form.is_valid():
        with transaction.atomic():
            used = OneTimeLink.objects.filter(pk=link.pk, used_at__isnull=True).update(used_at=timezone.now())
            if not used:
                raise Http404
            form.save()
        return redirect("login")
    return render(request, "web/invitation.html", {"form": form, "person": link.person})


@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Show one's own roles, change the password, switch the second factor."""
    person = acting(request).person
    if person is None:
        return redirect("login")
    form: PasswordChangeForm = PasswordChangeForm(person)
    fresh: list[str] = []
    status = 200
    act = request.POST.get("act", "")
    if act == "password":
        form = PasswordChangeForm(person, request.POST)
        if form.is_valid():
            form.save()
            update_session_auth_hash(request, person)
            messages.success(request, _("The password was changed; other sessions have ended."))
            return redirect("account")
        status = 422
    elif act == "begin" and not person.totp_on:
        Person.objects.filter(pk=person.pk).update(totp_cipher=encrypt(totp.new_secret()))
        return redirect("account")
    elif act == "confirm" and not person.totp_on and person.totp_cipher:
        step = totp.matching_step(decrypt(person.totp_cipher), request.POST.get("code", "").strip(), time.time(), 0)
        if step is None:
            messages.error(request, _("This code does not fit; check the clock of your phone."))
            return redirect("account")
        fresh = _turn_on(person, step)
        request.session[SECOND_FACTOR] = True
        person.refresh_from_db()
    elif act == "off" and person.totp_on and second_factor(person, request.POST.get("code", "")):
        Person.objects.filter(pk=person.pk).update(totp_on=False, totp_cipher="", totp_step=0)
        RecoveryCode.objects.filter(person=person).delete()
        messages.success(request, _("The second factor was switched off."))
        return redirect("account")
    form.fields["old_password"].widget.attrs.pop("autofocus", None)
    secret = decrypt(person.totp_cipher) if person.totp_cipher and not person.totp_on else ""
    context = {
        "form": form,
        "secret": secret,
        "otpauth": totp.address(secret, person.username) if secret else "",
        "fresh": fresh,
        "left": RecoveryCode.objects.filter(person=person, used_at__isnull=True).count(),
        "person": person,
    }
    return render(request, "web/account.html", context, status=status)


def _turn_on(person: Person, step: int) -> list[str]:
    codes = totp.new_recovery_codes()
    with transaction.atomic():
        Person.objects.filter(pk=person.pk).update(totp_on=True, totp_step=step)
        RecoveryCode.objects.filter(person=person).delete()
        RecoveryCode.objects.bulk_create(RecoveryCode(person=person, digest=token_digest(c)) for c in codes)
    return codes


@require_http_methods(["GET", "POST"])
def notifications(request: HttpRequest) -> HttpResponse:
    """Show what one was told; mark all as read."""
    person = acting(request).person
    if person is None:
        return redirect("login")
    rows = Notification.objects.filter(person=person, informed_at__isnull=False)
    if request.method == "POST":
        rows.filter(read_at__isnull=True).update(read_at=timezone.now())
        return redirect("notifications")
    return render(request, "web/notifications.html", {"notes": list(rows[:200])})


@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """In the demonstration only: enter as any role with one click."""
    if not settings.DEMO:
        raise Http404
    members = Membership.objects.in_force().filter(person__simulated=True, person__is_active=True)
    if request.method == "POST":
        wanted = members.filter(public_id=request.POST.get("membership", "")).select_related("person").first()
        if wanted is None:
            raise Http404
        _enter(request, wanted.person, second=True)
        request.session[SESSION_KEY] = wanted.public_id
        return redirect("home")
    order = list(Role)
    rows = sorted(members.select_related("person", "organisation"), key=lambda m: (order.index(Role(m.role)), m.pk))
    seen: set[str] = set()
    offered = []
    for member in rows:
        offered.append((member, None if member.role in seen else COMES_FOR.get(Role(member.role))))
        seen.add(member.role)
    return render(request, "web/enter.html", {"members": offered})


@require_GET
def mailbox(request: HttpRequest) -> HttpResponse:
    """In the demonstration only: the mail that would have been sent."""
    if not settings.DEMO:
        raise Http404
    return render(request, "web/mailbox.html", {"mails": list(SentMail.objects.all()[:200])})
