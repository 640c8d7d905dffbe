"""One case on the site from application to graduation, through pages, API, clock and services."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from biaochi.core.errors import InputError, RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.exchange.source import Source
from biaochi.mechanisms.sandbox.files import packed, verify_bundle
from biaochi.mechanisms.sandbox.web import demo, timekeeping, watching
from biaochi.mechanisms.sandbox.web.evidence import bundle_of
from biaochi.mechanisms.sandbox.web.incidents import report_incident
from biaochi.mechanisms.sandbox.web.intake import Taken, take_in
from biaochi.mechanisms.sandbox.web.models import ZONE, GuardrailState, Reading, SandboxCase, WaiverRow
from biaochi.mechanisms.sandbox.web.views.cases import decide
from biaochi.registry import ledger
from biaochi.registry.callers import issue
from biaochi.registry.models import Decision, Membership
from biaochi.registry.site import Demo
from biaochi.registry.transition import transition
from biaochi.web import demonstration

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@dataclass
class Desk:
    """The cast and one case, with short words for what a story does."""

    stage: Demo
    case: SandboxCase

    def client(self, role: Role | None) -> Client:
        client = Client(HTTP_HOST="localhost")
        client.cookies["language"] = "zh-hans"
        if role is not None:
            person = get_user_model().objects.get(public_id=self.stage.actors[role].person)
            client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def send(self, at: datetime, *rows: dict[str, Any]) -> Taken:
        taken = take_in(self.case, rows, at)
        self.case.refresh_from_db()
        return taken

    def tick(self, now: datetime) -> int:
        done = timekeeping.keep_time(now)
        self.case.refresh_from_db()
        return done


def near(at: datetime, value: float, **more: Any) -> dict[str, Any]:
    return {"metric": "near_miss", "at": stamp(at), "value": value, "exposure": 40, **more}


def stamp(at: datetime) -> str:
    return at.astimezone(ZONE).isoformat(timespec="seconds")


@pytest.fixture
def desk() -> Desk:
    """Return a case that has been running since this midnight, without a reading yet."""
    stage = demonstration.cast()
    case = demo.apply_for(stage, Text("无人配送", "Delivery robots"), ("embodied",))
    demo.admit(stage, case, stage.now - timedelta(days=9), first_day=0, last_day=150)
    timekeeping.catch_up(case, stage.now)
    case.refresh_from_db()
    return Desk(stage, case)


def test_the_case_starts_with_its_first_waiver_and_the_plan_is_in_the_ledger(desk: Desk) -> None:
    assert desk.case.state == "running"
    assert set(desk.case.waivers.values_list("state", flat=True)) == {"active"}
    agreed = Decision.objects.get(subject=desk.case.public_id, transition="agree_plan")
    assert agreed.content["facts"]["plan_digest"] == desk.case.to_case().plan.digest  # type: ignore[union-attr]
    assert any(r["rule"] == "simulated_false_alarms" for r in agreed.reasons)


def test_readings_arrive_late_corrected_duplicated_and_out_of_order(desk: Desk) -> None:
    now = desk.stage.now
    first, second = now - timedelta(hours=5), now - timedelta(hours=3)
    assert desk.send(now, near(second, 1)).accepted == 1
    late = desk.send(now + timedelta(minutes=1), near(first, 0), near(second, 1))
    assert (late.accepted, late.duplicates) == (1, 1)
    corrected = desk.send(now + timedelta(minutes=2), near(second, 2, revision=1))
    assert corrected.accepted == 1
    states = {s.path: s for s in GuardrailState.objects.filter(trial=desk.case, guardrail="G1")}
    assert states["received"].surveillance().total == 1
    assert states["corrected"].surveillance().total == 2
    found = watching.supervised(desk.case, now + timedelta(hours=1))
    assert found.guardrails[0].statistic == pytest.approx(states["received"].surveillance().statistic, abs=1e-12)
    assert "2α" in found.level_note.zh


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"metric": "near_miss", "value": 50, "exposure": 40}, "events_above_trials"),
        ({"metric": "speed", "value": 1}, "unknown_metric"),
        ({"metric": "near_miss", "value": 1, "case": "SB-OTHER"}, "unknown_case"),
        ({"metric": "near_miss", "value": 1, "exposure": 0}, "exposure_not_positive"),
        ({"metric": "near_miss", "value": 1, "exposure": 40, "revision": 2}, "revision_gap"),
    ],
)
def test_a_post_is_taken_whole_or_not_at_all(desk: Desk, row: dict[str, Any], code: str) -> None:
    now = desk.stage.now
    good = near(now - timedelta(hours=2), 0)
    with pytest.raises(InputError) as caught:
        desk.send(now, good, {"at": stamp(now - timedelta(hours=1)), **row})
    assert [(f.code, f.row) for f in caught.value.faults] == [(code, 3)]
    assert not Reading.objects.filter(trial=desk.case).exists()


def test_other_content_under_the_same_key_the_future_and_the_past_before_registration_are_faults(desk: Desk) -> None:
    now = desk.stage.now
    desk.send(now, near(now - timedelta(hours=2), 0))
    for row, code in (
        (near(now - timedelta(hours=2), 3), "duplicate_key"),
        (near(now + timedelta(hours=2), 3), "received_before_at"),
        (near(now - timedelta(days=60), 3), "before_registration"),
    ):
        with pytest.raises(InputError) as caught:
            desk.send(now + timedelta(minutes=1), row)
        assert [f.code for f in caught.value.faults] == [code]


def test_an_empty_reading_sent_twice_is_one_duplicate(desk: Desk) -> None:
    now = desk.stage.now
    row = {"metric": "near_miss", "at": stamp(now - timedelta(hours=2)), "value": None}
    assert desk.send(now, row).accepted == 1
    again = desk.send(now + timedelta(minutes=1), row)
    assert (again.accepted, again.duplicates) == (0, 1)


def test_a_silent_feed_suspends_the_case_at_its_own_instant_and_only_a_decision_resumes_it(desk: Desk) -> None:
    now = desk.stage.now
    desk.send(
        now, near(now - timedelta(hours=1), 0), {"metric": "injury", "at": stamp(now - timedelta(hours=1)), "value": 0}
    )
    desk.tick(now + timedelta(hours=29))
    assert desk.case.health == "green"
    desk.tick(now + timedelta(hours=31))
    assert (desk.case.state, desk.case.health) == ("running", "amber")
    desk.tick(now + timedelta(days=5))
    assert (desk.case.state, desk.case.health) == ("suspended", "red")
    moved = Decision.objects.filter(subject=desk.case.public_id, transition="suspend").get()
    assert moved.role == "clock"
    assert abs(moved.decided_at - (now + timedelta(hours=72))) < timedelta(seconds=1)
    assert set(desk.case.waivers.values_list("state", flat=True)) == {"suspended"}
    later = now + timedelta(days=5)
    with pytest.raises(RefusedError, match="feed_live"):
        decide(desk.case, "resume", later)
    desk.send(
        later,
        near(later - timedelta(hours=1), 0),
        {"metric": "injury", "at": stamp(later - timedelta(hours=1)), "value": 0},
    )
    regulator = desk.stage.actors[Role.REGULATOR]
    transition(desk.case, "resume", regulator, "数据恢复", decide(desk.case, "resume", later), now=later)
    assert desk.case.state == "running"
    assert set(desk.case.waivers.values_list("state", flat=True)) == {"active"}
    desk.tick(later + timedelta(hours=1))
    assert desk.case.state == "running", "an alarm that was decided upon does not act again"


def test_harm_trips_the_hard_guardrail_at_once_and_the_answer_tells_it(desk: Desk) -> None:
    now = desk.stage.now
    taken = desk.send(now, {"metric": "injury", "at": stamp(now - timedelta(hours=1)), "value": 1})
    assert [(a["kind"], a["action"]) for a in taken.alarms] == [("hard", "stop")]
    assert desk.case.state == "exit_review"
    assert set(desk.case.waivers.values_list("state", flat=True)) == {"suspended"}


def test_a_rate_above_its_cap_pauses_the_case_like_the_replay_says(desk: Desk) -> None:
    now = desk.stage.now
    alarms: list[dict[str, Any]] = []
    for n in range(1, 12):
        at = now + timedelta(hours=n)
        alarms += desk.send(at, near(at - timedelta(minutes=5), 6)).alarms  # type: ignore[arg-type]
        if alarms:
            break
    assert {a["action"] for a in alarms} <= {"pause", "notify"}
    assert desk.case.state == "suspended"
    found = watching.supervised(desk.case, at)
    assert {(a.kind.value, a.guardrail) for a in found.alarms} == {(a["kind"], a["guardrail"]) for a in alarms}


def test_a_serious_incident_stops_and_a_minor_one_does_not(desk: Desk) -> None:
    now = desk.stage.now
    firm = desk.stage.actors[Role.FIRM]
    report_incident(desk.case, stamp(now - timedelta(hours=1)), "minor", "擦碰", firm, now)
    desk.case.refresh_from_db()
    assert desk.case.state == "running"
    _, alarms = report_incident(desk.case, stamp(now - timedelta(hours=30)), "serious", "", firm, now)
    desk.case.refresh_from_db()
    assert desk.case.state == "exit_review"
    assert {a["kind"] for a in alarms} == {"incident", "late_incident"}


def test_waivers_expire_on_their_date_even_when_the_server_was_off_for_two_days(desk: Desk) -> None:
    waiver = WaiverRow.objects.get(trial=desk.case, code="W2")
    ended = datetime.combine(waiver.end_on + DAY, datetime.min.time(), ZONE)
    desk.tick(ended + 2 * DAY)
    waiver.refresh_from_db()
    assert waiver.state == "expired"
    assert waiver.entered_at == ended
    moved = Decision.objects.get(subject=waiver.public_id, transition="expire")
    assert (moved.role, moved.decided_at) == ("clock", ended)
    assert desk.tick(ended + 2 * DAY) == 0
    order = list(
        Decision.objects.filter(decided_at__gte=desk.stage.now + DAY, role="clock")
        .order_by("entry_id")
        .values_list("decided_at", flat=True)
    )
    assert order == sorted(order)


def test_when_the_last_waiver_ends_the_trial_goes_to_exit_review(desk: Desk) -> None:
    desk.tick(desk.stage.now + timedelta(days=200))
    assert desk.case.state == "exit_review"
    assert set(desk.case.waivers.values_list("state", flat=True)) == {"expired"}


def test_graduation_needs_the_proposal_and_says_what_was_recommended(desk: Desk) -> None:
    now = desk.stage.now
    desk.send(now, {"metric": "injury", "at": stamp(now - timedelta(hours=1)), "value": 1})
    regulator = desk.client(Role.REGULATOR)
    page = desk.case.get_absolute_url()
    move = {"move": "graduate", "version": str(desk.case.version), "reason": "原因已查明并消除，其余护栏均在上限之内"}
    assert regulator.post(page, move).status_code == 422
    papers = {
        "clause": "示例市人行道管理办法第九条", "text": "增设低速无人设备通行条款", "evidence": "出箱报告\n监测数据",
        "authority": "示例市人大常委会", "summary_zh": "试了低速配送。", "summary_en": "Low-speed delivery was tried.",
    }  # fmt: skip
    assert regulator.post(f"{page}papers/", papers).status_code == 302
    assert regulator.post(page, move).status_code == 302
    desk.case.refresh_from_db()
    assert desk.case.state == "graduated"
    left = Decision.objects.get(subject=desk.case.public_id, transition="graduate")
    assert left.content["facts"]["recommended"] == "stop"
    assert left.reasons[0]["verdict"] == "manual_review"
    public = desk.client(None).get(page).content.decode()
    assert "试了低速配送。" in public
    assert "增设低速无人设备通行条款" in public
    assert "试了低速配送" in desk.client(None).get("/public/").content.decode()


def test_the_bundle_verifies_offline_and_any_tampering_is_found(desk: Desk) -> None:
    now = desk.stage.now
    desk.send(now, near(now - timedelta(hours=2), 1), near(now - timedelta(hours=1), 2))
    auditor = desk.stage.actors[Role.AUDITOR]
    data = bundle_of(desk.case, auditor, now + timedelta(hours=1))
    assert data == bundle_of(desk.case, auditor, now + timedelta(hours=1))
    head = ledger.head()
    assert head is not None
    checks = {c.check: c.verdict for c in verify_bundle(Source("b.zip", data), head.digest)}
    assert set(checks.values()) == {Verdict.MET}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {n: archive.read(n) for n in archive.namelist()}
    members["readings.csv"] = members["readings.csv"].replace(b",2.0,40.0", b",1.0,40.0")
    again = {c.check: c.verdict for c in verify_bundle(Source("b.zip", packed(members)))}
    assert (again["digests"], again["alarms_recomputed"]) == (Verdict.UNMET, Verdict.UNMET)
    members["case.json"] = members["case.json"].replace(b'"cap": 0.02', b'"cap": 0.5')
    assert {c.check: c.verdict for c in verify_bundle(Source("b.zip", packed(members)))}["plan_digest"] is Verdict.UNMET
    firm = bundle_of(desk.case, desk.stage.actors[Role.FIRM], now + timedelta(hours=1))
    told = {c.check: c.verdict for c in verify_bundle(Source("b.zip", firm))}
    assert told["ledger_chain"] is Verdict.UNKNOWN, "only auditors read the whole house's ledger"
    assert Verdict.UNMET not in told.values()


def test_an_amendment_needs_another_person_and_starts_its_guardrail_afresh(desk: Desk) -> None:
    page = desk.case.get_absolute_url()
    digest = desk.case.to_case().plan.digest  # type: ignore[union-attr]
    asked = {"effective_at": stamp(timezone.now() + DAY), "reason": "季节变化", "changes": "G1: {cap: 0.03}"}
    regulator = desk.client(Role.REGULATOR)
    assert regulator.post(f"{page}amend/", asked).status_code == 302
    regulator.post(f"{page}amendments/A1/")
    desk.case.refresh_from_db()
    assert not desk.case.plan["amendments"] if "amendments" in desk.case.plan else True
    other = Client(HTTP_HOST="localhost")
    second = get_user_model().objects.get(public_id=desk.stage.second[Role.REGULATOR].person)
    other.force_login(second, backend="django.contrib.auth.backends.ModelBackend")
    other.post(f"{page}amendments/A1/")
    desk.case.refresh_from_db()
    plan = desk.case.to_case().plan
    assert plan is not None
    assert plan.digest == digest, "amendments are no part of the registered plan"
    assert [v.rule.cap for v in plan.guardrails[0].versions] == [0.02, 0.03]
    back = asked | {"effective_at": "2020-01-01T00:00"}
    assert regulator.post(f"{page}amend/", back).status_code == 422


@pytest.fixture
def key(desk: Desk) -> Callable[[Actor], str]:
    """Return a maker of API keys."""

    def make(actor: Actor, *scopes: str) -> str:
        held = Membership.objects.get(person__public_id=actor.person, role=actor.role.value)
        return issue(held, "feed", list(scopes) or ["readings"])[1]

    return make


def test_the_api_takes_readings_by_the_key_of_the_cases_own_firm_alone(desk: Desk, key: Callable[..., str]) -> None:
    now = timezone.now()
    url = f"/api/v1/sandbox/cases/{desk.case.public_id}/readings"
    body = json.dumps({"readings": [near(now - timedelta(minutes=30), 1)]})

    def post(token: str, text: str = body) -> Any:
        headers = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}
        return Client(HTTP_HOST="localhost").post(url, text, content_type="application/json", **headers)

    own = key(desk.stage.actors[Role.FIRM])
    assert post(own).json() == {"accepted": 1, "duplicates": 0, "alarms": []}
    assert post(own).json() == {"accepted": 0, "duplicates": 1, "alarms": []}
    assert post(key(desk.stage.other_firm)).status_code == 403
    assert post("bk_wrong").status_code == 401
    assert post("").status_code == 403
    assert post(key(desk.stage.actors[Role.FIRM], "read")).status_code == 403
    faulty = json.dumps({"readings": [near(now - timedelta(minutes=10), 1), near(now - timedelta(minutes=5), 99)]})
    told = post(own, faulty)
    assert told.status_code == 422
    assert [(f["code"], f["row"]) for f in told.json()["faults"]] == [("events_above_trials", 3)]
    many = json.dumps({"readings": [near(now, 0)] * 1001})
    assert post(own, many).status_code == 422
    assert Reading.objects.filter(trial=desk.case).count() == 1


def test_the_plan_editor_lists_every_fault_with_its_row_and_simulates_before_it_keeps(desk: Desk) -> None:
    stage = desk.stage
    case = demo.apply_for(stage, Text("另一案", "Another"), ("quantum",))
    firm = desk.client(Role.FIRM)
    page = f"{case.get_absolute_url()}plan/"
    values = {"exposure": "40", "readings": "30", "worse": "3"}
    wrong = "feeds:\n- {metric: a, period_hours: 24, amber_after_hours: 30, suspend_after_hours: 72}\nguardrails:\n- {id: G1, metric: b, method: beta, cap: 2, alpha: 0.05, action: pause}\n"
    told = firm.post(page, {"text": wrong, **values})
    assert told.status_code == 422
    assert "4" in told.content.decode()
    right = firm.get(page).content.decode()
    assert "near_miss" in right
    from_page = firm.post(page, {"text": demo.planning.TEMPLATE, **values})
    assert from_page.status_code == 200
    assert "[" in from_page.content.decode()
    case.refresh_from_db()
    assert case.plan is None
    assert firm.post(page, {"text": demo.planning.TEMPLATE, "keep": "1", **values}).status_code == 302
    case.refresh_from_db()
    assert case.plan is not None
    assert case.simulation["G1"]["false_alarm"] <= 0.05
    assert desk.client(Role.FIRM).post(f"{desk.case.get_absolute_url()}plan/", values).status_code == 403


def test_strangers_see_no_more_than_the_public(desk: Desk) -> None:
    other = Client(HTTP_HOST="localhost")
    person = get_user_model().objects.get(public_id=desk.stage.other_firm.person)
    other.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    page = desk.case.get_absolute_url()
    text = other.get(page).content.decode()
    assert "申请与筛查" not in text
    assert other.get(f"{page}bundle.zip").status_code == 403
    assert other.get(f"{page}incident/").status_code == 403
    draft = demo.apply_for(desk.stage, Text("草稿", "Draft"), ("quantum",))
    assert other.get(draft.get_absolute_url()).status_code == 404
    assert other.get(f"{draft.get_absolute_url()}plan/").status_code == 404
