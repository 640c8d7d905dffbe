"""A small room for the registry's tests: notices that an officer drafts and another person issues."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, models

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.workflow import Guard, State, Transition, Workflow
from biaochi.registry.models import Governed, Membership, Organisation, Person, Region, Visibility

WEEK = timedelta(days=7)


def _long_enough(subject: Any, actor: Actor, now: datetime) -> bool:
    return len(subject.text) >= 3


NOTICE = Workflow(
    "notice",
    Text("公告", "notice"),
    "draft",
    (
        State("draft", Text("起草", "draft"), Text("准备中", "in preparation")),
        State("checked", Text("已核", "checked"), Text("准备中", "in preparation")),
        State("issued", Text("已发布", "issued"), Text("已发布", "issued")),
        State("lapsed", Text("失效", "lapsed"), Text("失效", "lapsed"), final=True),
    ),
    (
        Transition(
            "check",
            Text("核定", "check"),
            Text("转入发布", "goes on to issue"),
            ("draft",),
            "checked",
            (Role.OFFICER,),
            guards=(Guard("too_short", Text("正文至少三个字", "the text needs three characters"), _long_enough),),
        ),
        Transition(
            "issue",
            Text("发布", "issue"),
            Text("公开可见", "becomes public"),
            ("checked",),
            "issued",
            (Role.OFFICER,),
            needs_reason=True,
            not_by=("creator",),
        ),
        Transition(
            "review",
            Text("评审", "review"),
            Text("退回起草", "goes back to draft"),
            ("checked",),
            "draft",
            (Role.REVIEWER,),
            needs_reason=True,
            not_from=("organisation",),
        ),
        Transition(
            "lapse",
            Text("失效", "lapse"),
            Text("不再有效", "no longer valid"),
            ("issued",),
            "lapsed",
            (Role.CLOCK,),
            deadline=WEEK,
        ),
        Transition(
            "withdraw",
            Text("撤回", "withdraw"),
            Text("回到起草", "goes back to draft"),
            ("checked",),
            "draft",
            (Role.FIRM, Role.OFFICER),
            own="organisation",
        ),
    ),
)


@dataclass(frozen=True)
class NoticeFacts:
    """The facts of a notice."""

    text: str


class Notice(Governed):
    """A notice."""

    workflow = NOTICE
    prefix = "NT"
    creators = (Role.OFFICER, Role.FIRM)
    visibility = Visibility(public_states=("issued", "lapsed"), roles=(Role.OFFICER, Role.REVIEWER))
    sealed_moves = frozenset({"review"})
    text = models.TextField(blank=True)

    class Meta:
        app_label = "site"

    def to_domain(self) -> NoticeFacts:
        return NoticeFacts(self.text)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Add the table of the notices to the test database."""
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        editor.create_model(Notice)


@pytest.fixture
def notice_model() -> type[Notice]:
    return Notice


@dataclass(frozen=True)
class Cast:
    """Who appears in the tests."""

    officer: Actor
    colleague: Actor
    elsewhere: Actor
    reviewer: Actor
    same_house_reviewer: Actor
    firm: Actor
    other_firm: Actor
    auditor: Actor
    administrator: Actor
    analyst: Actor
    public: Actor


@pytest.fixture
def member(db: None) -> Callable[..., Membership]:
    """Return a maker of persons with one role."""

    def make(role: Role, *, organisation: Organisation | None = None, scope: str = "", name: str = "") -> Membership:
        number = Person.objects.count()
        person = Person.objects.create_person(f"{role.value}{number}", name or f"示例 · {role.text.zh} {number}")
        return Membership.objects.create(person=person, role=role.value, organisation=organisation, scope=scope)

    return make


@pytest.fixture
def cast(member: Callable[..., Membership]) -> Cast:
    """Return one actor of each kind the tests need."""
    for code, zh, en in (
        ("330000", "示例省", "Example Province"),
        ("330100", "示例市", "Example City"),
        ("320000", "邻省", "Next Province"),
    ):
        Region.objects.create(code=code, name_zh=zh, name_en=en, simulated=True)

    def organisation(zh: str, en: str, kind: str) -> Organisation:
        return Organisation.objects.create(kind=kind, name_zh=zh, name_en=en, simulated=True)

    office = organisation("示例 · 未来产业办", "Example Office", "office")
    institute = organisation("示例 · 研究院", "Example Institute", "institute")
    first, second = organisation("甲公司", "Firm A", "enterprise"), organisation("乙公司", "Firm B", "enterprise")
    return Cast(
        officer=member(Role.OFFICER, organisation=office, scope="330000").actor,
        colleague=member(Role.OFFICER, organisation=office, scope="330000").actor,
        elsewhere=member(Role.OFFICER, organisation=institute, scope="320000").actor,
        reviewer=member(Role.REVIEWER, organisation=institute).actor,
        same_house_reviewer=member(Role.REVIEWER, organisation=office).actor,
        firm=member(Role.FIRM, organisation=first).actor,
        other_firm=member(Role.FIRM, organisation=second).actor,
        auditor=member(Role.AUDITOR).actor,
        administrator=member(Role.ADMINISTRATOR).actor,
        analyst=member(Role.ANALYST).actor,
        public=Actor("", Role.PUBLIC),
    )
