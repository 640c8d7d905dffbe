"""The one way a state changes: refusals, what is written, and that it is all or nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.db import transaction as database
from django.utils import timezone

from biaochi.core.canonical import digest
from biaochi.core.decision import Decision as CoreDecision
from biaochi.core.decision import Reason
from biaochi.core.errors import DefinitionError, RefusedError, StaleError
from biaochi.core.ledger import verify_chain
from biaochi.core.roles import CLOCK, Actor, Role
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.core.workflow import State, Transition, Workflow
from biaochi.registry import ledger, telling
from biaochi.registry.models import Decision, LedgerEntry, Notification, SealedValue, SearchEntry
from biaochi.registry.reading import decisions_shown
from biaochi.registry.searching import initials, search
from biaochi.registry.transition import create, record, run_overdue, transition

pytestmark = pytest.mark.django_db


@pytest.fixture
def notice(cast: Any, notice_model: Any) -> Any:
    return create(notice_model(title_zh="量子科技公告", title_en="Quantum notice", text="正文在此"), cast.officer)


def refused(code: str) -> Any:
    return pytest.raises(RefusedError, match=f"^{code}:")


def test_create_fills_in_who_and_where_and_opens_the_trail(notice: Any, cast: Any) -> None:
    assert notice.creator.public_id == cast.officer.person
    assert notice.organisation.public_id == cast.officer.organisation
    assert notice.region.code == "330000"
    assert notice.public_id.startswith("NT-")
    entry = LedgerEntry.objects.get(subject=notice.public_id)
    assert entry.transition == "create"
    assert entry.content["decision"]["move"]["target"] == "draft"


@pytest.mark.parametrize("who", ["reviewer", "auditor", "administrator", "analyst", "public"])
def test_only_creators_create(cast: Any, notice_model: Any, who: str) -> None:
    with refused("wrong_role"):
        create(notice_model(title_zh="甲", title_en="A"), getattr(cast, who))
    assert not notice_model.objects.exists()
    assert not LedgerEntry.objects.exists()


def test_an_office_does_not_create_outside_its_region(cast: Any, notice_model: Any) -> None:
    with refused("out_of_scope"):
        create(notice_model(title_zh="甲", title_en="A", region_id="320000"), cast.officer)
    assert not notice_model.objects.exists()


def test_a_move_writes_state_decision_line_and_messages(notice: Any, cast: Any) -> None:
    reason = Reason("length", Verdict.MET, Text("正文够长", "the text is long enough"), 4, 3)
    at = timezone.now()
    moved = transition(notice, "check", cast.officer, "核过", CoreDecision("passed", (reason,), at))
    assert (notice.state, notice.version) == ("checked", 2)
    stored = Decision.objects.get(subject=notice.public_id, transition="check")
    assert (stored.outcome, stored.source, stored.target) == ("passed", "draft", "checked")
    assert stored.reasons[0]["rule"] == "length"
    assert moved.entry.reason == "核过"
    assert moved.entry.content["at"].endswith("Z")
    told = set(Notification.objects.filter(decision=stored).values_list("person__public_id", flat=True))
    assert cast.colleague.person in told
    assert cast.reviewer.person in told
    assert cast.officer.person not in told
    assert cast.elsewhere.person not in told
    assert stored.informed_at is not None
    assert ledger.verify_database().intact


def test_telling_may_come_later_than_deciding(notice: Any, cast: Any) -> None:
    later = timezone.now() + timedelta(days=2)
    moved = transition(notice, "check", cast.officer, tell_at=later)
    assert moved.decision.informed_at is None


def test_refusals(notice: Any, cast: Any) -> None:
    with refused("unknown_transition"):
        transition(notice, "burn", cast.officer)
    with refused("wrong_state"):
        transition(notice, "issue", cast.colleague, "好")
    with refused("not_found"):
        transition(notice, "check", cast.elsewhere)
    with refused("not_found"):
        transition(notice, "check", cast.firm)
    with refused("wrong_role"):
        transition(notice, "check", cast.reviewer)
    with refused("wrong_role"):
        transition(notice, "check", cast.auditor)
    with refused("not_found"):
        transition(notice, "check", cast.administrator)
    transition(notice, "check", cast.officer)
    with refused("same_person"):
        transition(notice, "issue", cast.officer, "好")
    with refused("reason_missing"):
        transition(notice, "issue", cast.colleague, "  ")
    with refused("same_organisation"):
        transition(notice, "review", cast.same_house_reviewer, "退回")
    assert LedgerEntry.objects.filter(subject=notice.public_id).count() == 2


def test_guard_holds_and_nothing_is_left_behind(cast: Any, notice_model: Any) -> None:
    short = create(notice_model(title_zh="短", title_en="Short", text="短"), cast.officer)
    with refused("too_short"):
        transition(short, "check", cast.officer)
    short.refresh_from_db()
    assert (short.state, short.version) == ("draft", 1)
    assert LedgerEntry.objects.count() == 1


def test_a_stale_page_is_refused(notice: Any, cast: Any, notice_model: Any) -> None:
    other = notice_model.objects.get(pk=notice.pk)
    transition(notice, "check", cast.officer)
    with pytest.raises(StaleError):
        transition(other, "check", cast.colleague)


def test_a_rule_that_names_nothing_is_a_definition_error(
    notice: Any, cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = Transition(
        "go", Text("走", "go"), Text("走", "go"), ("draft",), "done", (Role.OFFICER,), not_by=("approver",)
    )
    states = (
        State("draft", Text("起草", "draft"), Text("起", "d")),
        State("done", Text("完", "done"), Text("完", "e"), final=True),
    )
    monkeypatch.setattr(type(notice), "workflow", Workflow("w", Text("甲", "a"), "draft", states, (move,)))
    with pytest.raises(DefinitionError, match="approver"):
        transition(notice, "go", cast.officer)


def test_a_sealed_reason_enters_as_hash_and_can_be_erased(notice: Any, cast: Any) -> None:
    transition(notice, "check", cast.officer)
    moved = transition(notice, "review", cast.reviewer, "张某某的身体情况")
    assert "张某某" not in moved.entry.body
    assert ledger.unseal(moved.entry.reason) == "张某某的身体情况"
    assert ledger.verify_database().intact
    assert ledger.erase(moved.entry.reason, timezone.now())
    assert ledger.unseal(moved.entry.reason) is None
    assert SealedValue.objects.get().text == ""
    assert ledger.verify_database().intact


def test_the_clock_makes_overdue_moves_once_and_at_their_time(notice: Any, cast: Any) -> None:
    start = timezone.now()
    transition(notice, "check", cast.officer, now=start)
    transition(notice, "issue", cast.colleague, "可以", now=start)
    kind = type(notice)
    assert run_overdue([kind], start + timedelta(days=6)) == 0
    assert run_overdue([kind], start + timedelta(days=30)) == 1
    assert run_overdue([kind], start + timedelta(days=30)) == 0
    notice.refresh_from_db()
    assert notice.state == "lapsed"
    assert notice.entered_at == start + timedelta(days=7)
    assert LedgerEntry.objects.order_by("-seq")[0].role == "clock"


def test_sight(notice: Any, cast: Any) -> None:
    kind = type(notice)

    def sees(actor: Actor) -> bool:
        return kind.visible(actor, kind.objects.all()).count() == 1

    assert sees(cast.officer)
    assert sees(cast.colleague)
    assert sees(cast.reviewer)
    assert sees(cast.auditor)
    assert sees(CLOCK)
    for blind in (cast.elsewhere, cast.firm, cast.administrator, cast.analyst, cast.public):
        assert not sees(blind), blind
    transition(notice, "check", cast.officer)
    transition(notice, "issue", cast.colleague, "可以")
    for everybody in (cast.elsewhere, cast.firm, cast.administrator, cast.analyst, cast.public):
        assert sees(everybody), everybody


def test_a_model_without_a_rule_shows_nothing(notice: Any, cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(notice), "visibility", None)
    for actor in (cast.officer, cast.auditor, CLOCK):
        assert not type(notice).visible(actor, type(notice).objects.all()).exists()


def test_search_asks_the_object(notice: Any, cast: Any) -> None:
    assert SearchEntry.objects.get(subject=notice.public_id)
    assert initials("量子科技公告") == "lzkjgg"
    for query in ("量子", "quantum", "LZKJ", notice.public_id):
        assert [o.public_id for o in search(query, cast.officer)] == [notice.public_id]
        assert search(query, cast.firm) == []
    assert search("", cast.officer) == []


def test_record_writes_without_moving(notice: Any, cast: Any) -> None:
    moved = record(notice, "value_accepted", cast.officer, "合理")
    notice.refresh_from_db()
    assert notice.state == "draft"
    assert moved.decision.source == moved.decision.target == "draft"


def test_a_line_needs_its_transaction(cast: Any) -> None:
    entry = {
        "actor": cast.officer,
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "subject": "s",
        "reason": "",
        "decision": None,
    }
    assert ledger.append(transition_code="t", **entry).seq == 1


@pytest.mark.parametrize(
    "statement", ["UPDATE registry_ledgerentry SET role = 'x'", "DELETE FROM registry_ledgerentry"]
)
def test_the_database_refuses_changes(notice: Any, statement: str) -> None:
    from django.db import connection  # noqa: PLC0415

    with pytest.raises(DatabaseError, match="append-only"), database.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_database_refuses_a_line_that_does_not_continue(notice: Any) -> None:
    head = ledger.head()
    assert head is not None
    with pytest.raises(DatabaseError, match="continue the chain"), database.atomic():
        LedgerEntry.objects.create(
            seq=head.seq + 2,
            prev=head.digest,
            digest=digest("x"),
            body="{}",
            at=head.at,
            actor="",
            role="",
            subject="",
            transition="",
        )
    with pytest.raises(DatabaseError, match="continue the chain"), database.atomic():
        LedgerEntry.objects.create(
            seq=head.seq + 1,
            prev="0" * 64,
            digest=digest("x"),
            body="{}",
            at=head.at,
            actor="",
            role="",
            subject="",
            transition="",
        )


def test_the_exported_lines_verify_without_a_database(notice: Any, cast: Any) -> None:
    transition(notice, "check", cast.officer)
    assert verify_chain(ledger.lines()).lines == 2


def test_who_reads_which_decision(cast: Any, notice_model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    notice = create(notice_model(title_zh="甲", title_en="A", text="正文在此", region_id="330000"), cast.firm)
    transition(notice, "check", cast.officer, tell_at=timezone.now() + timedelta(days=1))

    def read(actor: Actor) -> list[str]:
        return [d.transition for d in decisions_shown(notice, actor, inside=notice.seen_from_inside(actor))]

    assert read(cast.officer) == ["check", "create"]
    assert read(cast.firm) == ["create"], "not before it was told"
    assert read(cast.other_firm) == []
    telling.deliver(timezone.now() + timedelta(days=2))
    assert read(cast.firm) == ["check", "create"]
    transition(notice, "issue", cast.colleague, "可以")
    assert read(cast.other_firm) == read(cast.public) == ["issue"]
    monkeypatch.setattr(notice_model, "inner_moves", frozenset({"check", "issue"}))
    assert read(cast.firm) == ["create"]
    assert read(cast.public) == []
    assert read(cast.auditor) == ["issue", "check", "create"]
