"""Logging in: lock-out, second factor, recovery codes, roles that end sessions, links that work once."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client, override_settings
from django.utils import timezone

from biaochi.core.errors import RefusedError
from biaochi.core.roles import CLOCK, Role
from biaochi.registry import rights, telling, totp
from biaochi.registry.credit_code import check_character, is_credit_code
from biaochi.registry.identifiers import new_public_id
from biaochi.registry.models import LedgerEntry, Membership, Organisation, Person, RecoveryCode
from biaochi.registry.sealing import decrypt
from biaochi.registry.transition import create, transition

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough phrase"


@pytest.fixture
def browser() -> Client:
    return Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")


@pytest.fixture
def officer(member: Callable[..., Membership]) -> Person:
    membership = member(Role.OFFICER)
    person = membership.person
    person.set_password(PASSWORD)
    person.save()
    return Person.objects.get(pk=person.pk)


def log_in(browser: Client, person: Person, password: str = PASSWORD, **more: str) -> Any:
    return browser.post("/login/", {"username": person.username, "password": password, **more})


def test_the_right_password_enters_and_goes_nowhere_else(browser: Client, officer: Person) -> None:
    answer = log_in(browser, officer, next="//evil.example/")
    assert answer.headers["Location"] == "/"
    assert browser.get("/").status_code == 200
    assert officer.password.startswith("argon2")


def test_five_failures_lock_even_the_right_password_out(browser: Client, officer: Person) -> None:
    for _ in range(4):
        assert log_in(browser, officer, "wrong").status_code == 401
    assert log_in(browser, officer, "wrong").status_code == 429
    assert log_in(browser, officer).status_code == 429


def test_an_unknown_name_and_a_wrong_password_look_the_same(browser: Client, officer: Person) -> None:
    hidden = re.compile(r'value="[^"]*"')
    wrong = log_in(browser, officer, "wrong").content.decode()
    unknown = browser.post("/login/", {"username": "nobody", "password": "wrong"}).content.decode()
    assert hidden.sub("", wrong) == hidden.sub("", unknown)


def test_second_factor_and_recovery_codes(browser: Client, officer: Person) -> None:
    log_in(browser, officer)
    browser.post("/account/", {"act": "begin"})
    officer.refresh_from_db()
    secret = decrypt(officer.totp_cipher)
    assert secret not in officer.totp_cipher
    step = int(time.time()) // totp.STEP
    page = browser.post("/account/", {"act": "confirm", "code": totp.code_at(secret, step - 1)}).content.decode()
    codes = re.findall(r'<code class="key-shown">([a-z0-9]{5}-[a-z0-9]{5})</code>', page)
    assert len(codes) == 10
    assert not RecoveryCode.objects.filter(digest__in=codes).exists(), "only hashes are kept"
    other = Client(HTTP_HOST="localhost")
    assert log_in(other, officer).headers["Location"].startswith("/login/code/")
    assert other.get("/").headers["Location"] == "/public/", "half a log-in opens nothing"
    assert other.post("/login/code/", {"code": "000000"}).status_code == 401
    code = totp.code_at(secret, step + 1)
    assert other.post("/login/code/", {"code": code}).headers["Location"] == "/"
    assert other.get("/").status_code == 200
    third = Client(HTTP_HOST="localhost")
    log_in(third, officer)
    assert third.post("/login/code/", {"code": code}).status_code == 401, "a code works once"
    assert third.post("/login/code/", {"code": codes[0]}).status_code == 302
    fourth = Client(HTTP_HOST="localhost")
    log_in(fourth, officer)
    assert fourth.post("/login/code/", {"code": codes[0]}).status_code == 401


def test_totp_keeps_to_the_standard() -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for at, expected in (
        (59, "94287082"),
        (1111111109, "07081804"),
        (1234567890, "89005924"),
        (20000000000, "65353130"),
    ):
        assert totp.code_at(secret, at // 30, digits=8) == expected
    now = 1_800_000_000
    assert totp.matching_step(secret, totp.code_at(secret, now // 30), now, 0) == now // 30
    assert totp.matching_step(secret, totp.code_at(secret, now // 30), now, now // 30) is None
    assert totp.matching_step(secret, totp.code_at(secret, now // 30 - 3), now, 0) is None


def test_a_role_that_changes_ends_every_session(browser: Client, officer: Person) -> None:
    log_in(browser, officer)
    rights.end(Membership.objects.get(person=officer), CLOCK)
    assert browser.get("/").headers["Location"] == "/public/"


def test_switching_the_role_takes_only_ones_own(
    browser: Client, officer: Person, member: Callable[..., Membership]
) -> None:
    strange = member(Role.REGULATOR)
    own = Membership.objects.create(person=officer, role=Role.REVIEWER)
    log_in(browser, officer)
    before = browser.session.session_key
    browser.post("/role/", {"membership": strange.public_id})
    assert "membership" not in browser.session
    browser.post("/role/", {"membership": own.public_id})
    assert browser.session["membership"] == own.public_id
    assert browser.session.session_key != before


def test_administrators_hold_no_other_role_and_only_they_give_roles(
    officer: Person, member: Callable[..., Membership]
) -> None:
    administrator = member(Role.ADMINISTRATOR)
    with pytest.raises(RefusedError, match="never_decides"):
        rights.grant(administrator.person, Role.OFFICER, administrator.actor)
    with pytest.raises(RefusedError, match="never_decides"):
        rights.grant(officer, Role.AUDITOR, administrator.actor)
    with pytest.raises(RefusedError, match="wrong_role"):
        rights.grant(officer, Role.REVIEWER, Membership.objects.get(person=officer).actor)
    with pytest.raises(RefusedError, match="wrong_role"):
        rights.grant(officer, Role.CLOCK, administrator.actor)
    with pytest.raises(RefusedError, match="no_organisation"):
        rights.grant(officer, Role.FIRM, administrator.actor)
    rights.grant(officer, Role.REVIEWER, administrator.actor)
    assert LedgerEntry.objects.get().transition == "role_granted"


def test_links_work_once_and_not_for_long(officer: Person) -> None:
    token = rights.new_link(rights.INVITATION, officer)
    assert rights.open_link(token, rights.FIRST_ADMINISTRATOR) is None
    assert rights.open_link(token, rights.INVITATION, timezone.now() + timedelta(days=8)) is None
    link = rights.open_link(token, rights.INVITATION)
    assert link is not None
    first = rights.open_link(rights.new_link(rights.FIRST_ADMINISTRATOR), rights.FIRST_ADMINISTRATOR)
    assert first is not None
    rights.first_administrator(first, "root", "Administrator", PASSWORD)
    with pytest.raises(RefusedError, match="link_used"):
        rights.first_administrator(first, "root2", "Administrator", PASSWORD)


@override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")
def test_mail_goes_out_once_in_the_persons_language(cast: Any, notice_model: Any) -> None:
    Person.objects.update(email="role@example.invalid", language="en")
    notice = create(notice_model(title_zh="甲", title_en="Notice A", text="正文在此"), cast.officer)
    transition(notice, "check", cast.officer)
    later = transition(notice, "issue", cast.colleague, "可以", tell_at=timezone.now() + timedelta(days=1))
    telling.deliver(timezone.now())
    sent = len(mail.outbox)
    assert sent >= 2
    assert any("Notice A: checked" in m.body for m in mail.outbox)
    assert not any("issued" in m.body for m in mail.outbox)
    telling.deliver(timezone.now())
    assert len(mail.outbox) == sent
    telling.deliver(timezone.now() + timedelta(days=2))
    assert len(mail.outbox) > sent
    later.decision.refresh_from_db()
    assert later.decision.informed_at is not None
    assert later.decision.informed_at > later.decision.decided_at


def test_public_identifiers_are_sortable_and_no_running_numbers() -> None:
    made = [new_public_id("X") for _ in range(2000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_credit_codes() -> None:
    first = "91330100MA2ABCDE1"
    assert is_credit_code(first + check_character(first))
    wrong = "0" if check_character(first) != "0" else "1"
    assert not is_credit_code(first + wrong)
    assert not is_credit_code("")
    assert not is_credit_code("I" * 18)
    with pytest.raises(Exception, match="check character"):
        Organisation(kind="enterprise", name_zh="甲", name_en="A", credit_code=first + wrong).full_clean()


def test_the_cookie_and_the_headers(browser: Client, officer: Person) -> None:
    answer = log_in(browser, officer)
    cookie = answer.cookies["session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert Client(HTTP_HOST="evil.example").get("/healthz").status_code == 400
    strict = Client(HTTP_HOST="localhost", enforce_csrf_checks=True)
    assert strict.post("/login/", {"username": "x", "password": "y"}).status_code == 403
