"""Reading cases.yaml: its exact shape, and every fault at its line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from biaochi.core.errors import InputError
from biaochi.core.period import date_or_end
from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.structured import build_model, line_numbers, read_data
from biaochi.mechanisms.sandbox.files.guardrails import GUARDRAIL_KEYS, rule_of
from biaochi.mechanisms.sandbox.files.shapes import CaseShape, EthicsShape, FileShape, PlanShape, WaiverShape
from biaochi.mechanisms.sandbox.lifecycle import CASE
from biaochi.mechanisms.sandbox.model import (
    CRITERIA,
    Action,
    Amendment,
    Applicant,
    Case,
    Criterion,
    EthicsFile,
    Family,
    Feed,
    Guardrail,
    IncidentRule,
    Plan,
    Portfolio,
    Scope,
    Version,
    Waiver,
    plan_digest,
    read_instant,
)
from biaochi.methods.surveillance import Rule

SCHEMA = "biaochi.sandbox.cases/1"
ETHICS_QUESTIONS = ("E1", "E2", "E3", "E4", "E5", "E6", "E7")
At = Callable[[Sequence[object]], int]


@dataclass(frozen=True)
class CaseFile:
    """All cases of a file; ``raw`` keeps each as it was written, by id."""

    source: Source
    zone: ZoneInfo
    portfolio: Portfolio | None
    cases: tuple[Case, ...]
    raw: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def case(self, name: str) -> Case | None:
        """Return a case by its id."""
        return next((c for c in self.cases if c.id == name), None)


def read_cases(path: Source) -> CaseFile:
    """Read cases.yaml (or the same as JSON).

    Raises
    ------
    InputError
        With every fault, each at its line.
    """
    data, source = read_data(path, written_dates=True)
    text = source.text()
    faults = Faults(source.name)
    content = build_model(data, FileShape, faults, schema=SCHEMA, text=text)
    if content is None:
        faults.check()
        raise InputError(faults.all())
    builder = _Builder(faults, line_numbers(text), content.timezone)
    cases = [builder.case(c, i) for i, c in enumerate(content.cases)]
    builder.once([(c.id, ("cases", i, "id")) for i, c in enumerate(content.cases)])
    faults.check()
    raw = {str(c["id"]): c for c in data["cases"]}
    digested = tuple(_with_digest(c, raw[c.id]) for c in cases)
    portfolio = Portfolio(content.portfolio.method, content.portfolio.alpha) if content.portfolio else None
    return CaseFile(source, builder.zone, portfolio, digested, raw)


def _with_digest(case: Case, raw: Mapping[str, Any]) -> Case:
    if case.plan is None:
        return case
    plan = Plan(**{**_fields(case.plan), "digest": plan_digest(raw["plan"])})
    return Case(**{**_fields(case), "plan": plan})


def _fields(thing: Any) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in thing.__dataclass_fields__}


class _Builder:
    """Turns the checked shape into the model, noting what the shape alone could not see."""

    def __init__(self, faults: Faults, line: At, timezone: str) -> None:
        self.faults, self.line = faults, line
        try:
            self.zone = ZoneInfo(timezone)
        except (KeyError, ValueError, OSError):
            self.zone = ZoneInfo("UTC")
            self.add(
                "unknown_value",
                ("timezone",),
                timezone,
                Text("没有这个时区", "there is no such time zone"),
                Text("请写 IANA 名称，如 Asia/Shanghai", "write an IANA name such as Asia/Shanghai"),
            )

    def add(self, code: str, place: Sequence[object], seen: object, message: Text, fix: Text) -> None:
        """Note a fault at a path of keys."""
        column = ""
        for part in place:
            column += f"[{part}]" if isinstance(part, int) else (f".{part}" if column else str(part))
        self.faults.add(code, message, fix, row=self.line(place), column=column, seen="" if seen is None else str(seen))

    def once(self, names: Sequence[tuple[str, Sequence[object]]]) -> None:
        """Note every name that repeats an earlier one."""
        seen: set[str] = set()
        for name, place in names:
            if name in seen:
                self.add("duplicate_key", place, name, Text("编号重复", "this id repeats"), Text("请改名", "rename it"))
            seen.add(name)

    def day(self, text: str, place: Sequence[object]) -> date:
        """Read a date; a month means its end."""
        try:
            return date_or_end(text)
        except ValueError:
            self.add(
                "bad_date", place, text, Text("不是日期", "this is not a date"),
                Text("请写成 2026-03-31", "write it as 2026-03-31"),
            )  # fmt: skip
            return date.min

    def instant(self, text: str, place: Sequence[object]) -> datetime:
        """Read an instant in the file's time zone."""
        try:
            return read_instant(text, self.zone)
        except ValueError:
            self.add(
                "bad_date", place, text, Text("不是时刻", "this is not an instant"),
                Text("请写成 2026-03-31T09:30", "write it as 2026-03-31T09:30"),
            )  # fmt: skip
            return datetime.min.replace(tzinfo=self.zone)

    def case(self, shape: CaseShape, i: int) -> Case:
        """Return one case."""
        place = ("cases", i)
        if shape.state not in {s.code for s in CASE.states}:
            listed = ", ".join(s.code for s in CASE.states)
            self.add(
                "unknown_value", (*place, "state"), shape.state, Text("没有这个状态", "there is no such state"),
                Text(f"可选：{listed}", f"choose from {listed}"),
            )  # fmt: skip
        self.once([(w.id, (*place, "waivers", j, "id")) for j, w in enumerate(shape.waivers)])
        given = shape.eligibility
        criteria = {name: getattr(given, name) if given is not None else None for name in CRITERIA}
        return Case(
            shape.id,
            shape.state,
            Applicant(shape.applicant.name, shape.applicant.code) if shape.applicant else Applicant(""),
            tuple(shape.tracks),
            {n: Criterion(c.verdict, c.reason, tuple(c.evidence)) if c else Criterion() for n, c in criteria.items()},
            tuple(self.waiver(w, (*place, "waivers", j)) for j, w in enumerate(shape.waivers)),
            tuple(dict.fromkeys(shape.safety_floor)),
            self.ethics(shape.ethics, (*place, "ethics")),
            self.plan(shape.plan, (*place, "plan")) if shape.plan is not None else None,
        )

    def waiver(self, shape: WaiverShape, place: Sequence[object]) -> Waiver:
        """Return one waiver; it may not end before it starts."""
        start_on, end_on = self.day(shape.start_on, (*place, "start_on")), self.day(shape.end_on, (*place, "end_on"))
        if date.min < end_on < start_on:
            self.add(
                "out_of_range", (*place, "end_on"), shape.end_on, Text("止期早于起期", "it ends before it starts"),
                Text("请核对起止日期", "check both dates"),
            )  # fmt: skip
        scope = shape.scope
        return Waiver(
            shape.id,
            shape.citation,
            shape.level,
            shape.authority,
            shape.kind,
            start_on,
            end_on,
            shape.authorisation,
            tuple(shape.touches) if shape.touches is not None else None,
            Scope(scope.area, scope.users_max, scope.volume_max, scope.value_max),
        )

    def ethics(self, shape: EthicsShape | None, place: Sequence[object]) -> EthicsFile:
        """Return the ethics file; a question without an answer stays unanswered."""
        if shape is None:
            return EthicsFile()
        answers: dict[str, bool] = {k: v in (True, "yes") for k, v in shape.answers.items() if v is not None}
        due, decided = shape.next_review_on, shape.decided_on
        return EthicsFile(
            answers,
            shape.decision,
            self.day(decided, (*place, "decided_on")) if decided is not None else None,
            shape.members,
            shape.external,
            shape.present,
            shape.in_favour,
            tuple(shape.conditions),
            self.day(due, (*place, "next_review_on")) if due is not None else None,
        )

    def plan(self, shape: PlanShape, place: Sequence[object]) -> Plan:
        """Return the plan, each guardrail with the versions its amendments made."""
        feeds = tuple(Feed(f.metric, f.period_hours, f.amber_after_hours, f.suspend_after_hours) for f in shape.feeds)
        self.once([(f.metric, (*place, "feeds", j, "metric")) for j, f in enumerate(feeds)])
        for j, feed in enumerate(feeds):
            if feed.suspend_after_hours < feed.amber_after_hours:
                self.add(
                    "out_of_range", (*place, "feeds", j, "suspend_after_hours"), feed.suspend_after_hours,
                    Text("暂停早于黄灯", "it suspends before it turns amber"),
                    Text("应不小于 amber_after_hours", "make it at least amber_after_hours"),
                )  # fmt: skip
        registered = self.instant(shape.registered_at, (*place, "registered_at"))
        amendments = self.amendments(shape, registered, place)
        metrics = {f.metric for f in feeds}
        guardrails = [
            self.guardrail(raw, metrics, amendments, (*place, "guardrails", j), j)
            for j, raw in enumerate(shape.guardrails)
        ]
        self.once([(g.id, (*place, "guardrails", j, "id")) for j, g in enumerate(guardrails) if g is not None])
        named = {g.id for g in guardrails if g is not None} | {str(raw.get("id", "")) for raw in shape.guardrails}
        for j, amendment in enumerate(amendments):
            for target in set(amendment.changes) - named:
                self.add(
                    "unknown_key", (*place, "amendments", j, "changes", target), target,
                    Text("没有这个护栏", "there is no such guardrail"), Text("请核对编号", "check the id"),
                )  # fmt: skip
        family = shape.family
        rule = shape.incidents
        return Plan(
            registered,
            feeds,
            tuple(g for g in guardrails if g is not None),
            Family(family.alpha, family.action, family.method) if family is not None else None,
            IncidentRule(rule.report_within_hours, rule.stop_at) if rule is not None else None,
            tuple(amendments),
        )

    def amendments(self, shape: PlanShape, registered: datetime, place: Sequence[object]) -> list[Amendment]:
        """Return the amendments in order of effect; none may reach back before registration."""
        found = []
        for j, a in enumerate(shape.amendments):
            here = (*place, "amendments", j)
            effective = self.instant(a.effective_at, (*here, "effective_at"))
            if effective < registered and effective.year > 1:
                self.add(
                    "before_registration", (*here, "effective_at"), a.effective_at,
                    Text("修订不得溯及登记之前", "an amendment may not reach back before registration"),
                    Text("请改为登记之后的时刻", "give an instant after registration"),
                )  # fmt: skip
            for key, value in (("reason", a.reason), ("approved_by", a.approved_by)):
                if not value.strip():
                    self.add(
                        "missing_field", (*here, key), value, Text("修订须写明这一项", "an amendment must state this"),
                        Text("请补上", "add it"),
                    )  # fmt: skip
            found.append(Amendment(a.id, effective, a.reason, a.approved_by, a.changes))
        self.once([(a.id, (*place, "amendments", j, "id")) for j, a in enumerate(shape.amendments)])
        return sorted(found, key=lambda a: a.effective_at)

    def guardrail(
        self,
        raw: Mapping[str, Any],
        metrics: set[str],
        amendments: Sequence[Amendment],
        place: Sequence[object],
        position: int,
    ) -> Guardrail | None:
        """Return one guardrail with all its versions, or ``None`` when its rule is at fault."""
        name, metric = str(raw.get("id", "")), str(raw.get("metric", ""))
        for key in ("id", "metric", "action"):
            if not raw.get(key):
                self.add(
                    "missing_field", (*place, key), None, Text("缺少这一项", "this key is missing"),
                    Text("请补上", "add it"),
                )  # fmt: skip
        if metric and metric not in metrics:
            self.add(
                "guardrail_without_feed", (*place, "metric"), metric,
                Text("护栏的指标没有数据源", "the guardrail's metric has no feed"),
                Text("请在 feeds 中登记该指标", "register the metric under feeds"),
            )  # fmt: skip
        first = self.version(raw, place)
        if first is None:
            return None
        versions, current = [first], dict(raw)
        for amendment in amendments:
            change = amendment.changes.get(name)
            if not change:
                continue
            current |= change
            where = (*place[:-2], "amendments", "changes", name)
            for key in set(change) & {"id", "metric", "family"}:
                self.add(
                    "unknown_key", where, key, Text("修订不能改这一项", "an amendment cannot change this key"),
                    Text("请另立护栏", "register another guardrail"),
                )  # fmt: skip
            made = self.version(current, where)
            if made is not None:
                versions.append(Version(made.rule, made.action, amendment.effective_at, amendment.id))
        family = raw.get("family", False)
        if family is True and not all(v.rule.method.is_e_process for v in versions):
            self.add(
                "out_of_range", (*place, "family"), first.rule.method,
                Text("只有 e 过程可入护栏族", "only e-processes may join a family"),
                Text("请用 beta、gamma、betting 或 normal", "use beta, gamma, betting or normal"),
            )  # fmt: skip
        return Guardrail(name, metric, tuple(versions), family is True)

    def version(self, raw: Mapping[str, Any], place: Sequence[object]) -> Version | None:
        """Return one version of a guardrail."""
        action = raw.get("action", "")
        rule = rule_of({k: v for k, v in raw.items() if k not in GUARDRAIL_KEYS}, place, self.add)
        if not isinstance(raw.get("family", False), bool):
            self.add(
                "bad_value", (*place, "family"), raw["family"], Text("应为 true 或 false", "it must be true or false"),
                Text("请改正", "correct it"),
            )  # fmt: skip
        if action and action not in tuple(Action):
            self.add(
                "unknown_value", (*place, "action"), action, Text("没有这种处置", "there is no such action"),
                Text("可选：notify、pause、stop", "choose notify, pause or stop"),
            )  # fmt: skip
            return None
        if rule is None or not action:
            return None
        self.allowed(rule, Action(action), place)
        return Version(rule, Action(action))

    def allowed(self, rule: Rule, action: Action, place: Sequence[object]) -> None:
        """Note an action graver than the method can bear."""
        if rule.method.notify_only and action is not Action.NOTIFY:
            self.add(
                "out_of_range", (*place, "action"), action.value,
                Text(f"{rule.method} 只能通知", f"{rule.method} may only notify"),
                Text("请写 notify，或换一种方法", "write notify, or choose another method"),
            )  # fmt: skip
