"""Facts of a scene to decisions: may it be listed, who is selected, is the record complete, what did a trial show."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from biaochi.core.decision import Decision, Reason
from biaochi.core.parameters import Citation, Snapshot
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict, all_of
from biaochi.mechanisms.scene.model import (
    ADOPTED,
    LOG_NAMES,
    TERM_NAMES,
    Application,
    LogEntry,
    LogKind,
    ReviewVerdict,
    Scene,
    Trial,
    TrialOutcome,
)

NOTICE_37 = Citation("国办发〔2025〕37号")
PROGRESS_LAW = Citation("中华人民共和国科学技术进步法", "Art 68, 97")
_ACTS: dict[LogKind, Text] = {
    LogKind.ALTERNATIVES: Text("开始试用", "the start of the trial"),
    LogKind.CONFLICT: Text("作出选择", "the selection"),
    LogKind.RISK: Text("开始试用", "the start of the trial"),
    LogKind.EXPERT: Text("作出选择", "the selection"),
    LogKind.BASIS: Text("作出选择", "the selection"),
    LogKind.MONITORING: Text("试用结束", "the end of the trial"),
    LogKind.CLOSING: Text("公布结果", "the publication of results"),
}


@dataclass(frozen=True, slots=True)
class LogCheck:
    """Whether an entry of the log is there, and dated before the act it belongs to (``None``: no act yet)."""

    scene: str
    kind: LogKind
    present: bool
    in_time: bool | None


def check_scene(
    scene: Scene,
    *,
    at: date,
    parameters: Snapshot,
    similar: Sequence[str] = (),
    applications: Sequence[Application] | None = None,
    log: Sequence[LogEntry] | None = None,
) -> Decision:
    """Decide whether a scene's record is complete.

    Parameters
    ----------
    scene : Scene
        The scene.
    at : datetime.date
        Day of the check.
    parameters : Snapshot
        ``supplier_wording``, ``inform_days``, ``duplicate_similarity``.
    similar : sequence of str
        Other scenes whose problem is so like this one that they may repeat it.
    applications, log : sequences or None
        Of this scene; ``None`` when they were not given.

    Returns
    -------
    Decision
        ``outcome`` the verdict over all criteria; reasons with rules functional, review, rule, terms, slots, metrics,
        period, duplicate, informed, log.
    """
    reasons = (
        _functional(scene, parameters),
        _review(scene),
        _rule(scene),
        _terms(scene),
        _slots(scene),
        _metrics(scene),
        _period(scene),
        _duplicate(similar, parameters),
        _informed(applications, at, parameters),
        _log(scene, applications, log, at),
    )
    verdict = all_of(r.verdict for r in reasons)
    used = parameters.only("supplier_wording", "inform_days", "duplicate_similarity")
    return Decision(verdict.value, reasons, at, parameters=used, facts={"scene": scene.scene})


def _functional(scene: Scene, parameters: Snapshot) -> Reason:
    if not scene.problem.strip():
        return Reason("functional", Verdict.UNKNOWN, Text("没有写明需求", "the need is not stated"), citation=NOTICE_37)
    patterns = parameters["supplier_wording"].value
    words = [str(p) for p in patterns] if isinstance(patterns, list) else []
    hits = [m.group(0) for p in words if (m := re.search(p, scene.problem, re.IGNORECASE))]
    if hits:
        text = Text(
            f"措辞可能指向特定供应者：{'、'.join(hits)}", f"wording may point to one supplier: {', '.join(hits)}"
        )
        return Reason("functional", Verdict.MANUAL_REVIEW, text, hits[0], citation=NOTICE_37)
    return Reason(
        "functional", Verdict.MET, Text("需求按功能表述", "the need is stated by function"), citation=NOTICE_37
    )


def _review(scene: Scene) -> Reason:
    verdict, day = scene.review_verdict, scene.review_on
    if verdict is None or day is None:
        text = Text("没有公平竞争审查结论或日期", "no verdict or date of the fair-competition review")
        return Reason("review", Verdict.UNKNOWN, text)
    if verdict is not ReviewVerdict.CLEAR:
        text = Text(f"公平竞争审查结论为 {verdict.value}", f"the fair-competition review says {verdict.value}")
        return Reason("review", Verdict.UNMET, text, verdict.value, "clear")
    if scene.opens_on is not None and day > scene.opens_on:
        text = Text(f"审查（{day}）晚于开放（{scene.opens_on}）", f"reviewed {day}, after opening {scene.opens_on}")
        return Reason("review", Verdict.UNMET, text, day, scene.opens_on)
    return Reason("review", Verdict.MET, Text(f"{day} 审查通过", f"clear on {day}"), verdict.value, "clear")


def _rule(scene: Scene) -> Reason:
    if not scene.rule or scene.rule_on is None or scene.opens_on is None:
        text = Text("没有评选规则、其日期或开放日", "the rule, its date or the opening day is missing")
        return Reason("rule", Verdict.UNKNOWN, text, citation=NOTICE_37)
    total = sum((w for _, w in scene.rule), Decimal(0))
    if total != 1:
        return Reason("rule", Verdict.UNMET, Text(f"权重之和为 {total}", f"weights sum to {total}"), total, Decimal(1))
    if scene.rule_on >= scene.opens_on:
        text = Text(
            f"规则（{scene.rule_on}）不早于开放（{scene.opens_on}）",
            f"the rule ({scene.rule_on}) is not dated before opening ({scene.opens_on})",
        )
        return Reason("rule", Verdict.UNMET, text, scene.rule_on, scene.opens_on, citation=NOTICE_37)
    text = Text(f"{scene.rule_on} 已定规则", f"rule fixed on {scene.rule_on}")
    return Reason("rule", Verdict.MET, text, scene.rule_on, scene.opens_on, citation=NOTICE_37)


def _terms(scene: Scene) -> Reason:
    named = {
        "access": scene.access,
        "safety": scene.safety,
        "data_terms": scene.data_terms,
        "ip_terms": scene.ip_terms,
        "pay": scene.pay.value if scene.pay else "",
        "scale_up": scene.scale_up,
    }
    missing = [n for n, v in named.items() if not v.strip()]
    if missing:
        names = [TERM_NAMES[n] for n in missing]
        text = Text(f"未写明{'、'.join(n.zh for n in names)}", f"not stated: {', '.join(n.en for n in names)}")
        return Reason("terms", Verdict.UNKNOWN, text, ", ".join(missing), citation=NOTICE_37)
    return Reason("terms", Verdict.MET, Text("条款齐全", "all terms are stated"), citation=NOTICE_37)


def _slots(scene: Scene) -> Reason:
    if scene.slots is None:
        return Reason("slots", Verdict.UNKNOWN, Text("未写明名额", "the number of slots is missing"))
    verdict = Verdict.MET if scene.slots >= 1 and 0 <= scene.reserved <= scene.slots else Verdict.UNMET
    text = Text(f"{scene.slots} 个名额", f"{scene.slots} slots")
    if scene.reserved:
        text = Text(
            f"{text.zh}，其中 {scene.reserved} 个先给初创企业（政策选择，由公平竞争审查决定）",
            f"{text.en}, {scene.reserved} of them to start-ups first (a policy choice; the review decides)",
        )
    return Reason("slots", verdict, text, scene.slots, 1)


def _metrics(scene: Scene) -> Reason:
    if not scene.metrics.strip():
        return Reason("metrics", Verdict.UNKNOWN, Text("没有评价指标", "no metrics are stated"), citation=NOTICE_37)
    return Reason("metrics", Verdict.MET, Text("已定评价指标", "metrics are set"), scene.metrics, citation=NOTICE_37)


def _period(scene: Scene) -> Reason:
    days = (scene.opens_on, scene.closes_on, scene.starts_on, scene.ends_on)
    known = [d for d in days if d is not None]
    if known != sorted(known):
        text = Text("开放、截止、开始、结束的先后不对", "opening, closing, start and end are out of order")
        return Reason("period", Verdict.UNMET, text)
    if len(known) < len(days):
        return Reason("period", Verdict.UNKNOWN, Text("日期不全", "dates are missing"))
    text = Text(f"{known[0]} 开放，{known[3]} 结束", f"opens {known[0]}, ends {known[3]}")
    return Reason("period", Verdict.MET, text)


def _duplicate(similar: Sequence[str], parameters: Snapshot) -> Reason:
    limit = parameters["duplicate_similarity"]
    if similar:
        text = Text(f"与 {'、'.join(similar)} 的需求相近，疑似重复", f"the need is like that of {', '.join(similar)}")
        return Reason("duplicate", Verdict.MANUAL_REVIEW, text, similar[0], str(limit.value), citation=limit.citation)
    text = Text("未见重复", "no other scene is alike")
    return Reason("duplicate", Verdict.MET, text, threshold=str(limit.value), citation=limit.citation)


def _informed(applications: Sequence[Application] | None, at: date, parameters: Snapshot) -> Reason:
    if not applications:
        return Reason("informed", Verdict.NOT_APPLICABLE, Text("没有申请", "there are no applications"))
    limit = parameters["inform_days"]
    days = int(str(limit.value))
    late: list[str] = []
    waiting: list[str] = []
    for a in applications:
        if a.decided_on is None or a.decided_on > at:
            continue
        due = a.decided_on + timedelta(days=days)
        if a.informed_on is not None and a.informed_on <= due:
            continue
        (late if a.informed_on is not None or at > due else waiting).append(a.firm)
    if late:
        text = Text(f"{len(late)} 家逾期未告知或逾期告知", f"{len(late)} firms informed late or not at all")
        return Reason("informed", Verdict.UNMET, text, late[0], days, "days", limit.citation)
    if waiting:
        text = Text(f"{len(waiting)} 家已决定、尚未告知", f"{len(waiting)} decided but not yet informed")
        return Reason("informed", Verdict.UNKNOWN, text, waiting[0], days, "days", limit.citation)
    text = Text("已按期告知", "all informed in time")
    return Reason("informed", Verdict.MET, text, threshold=days, unit="days", citation=limit.citation)


def _log(scene: Scene, applications: Sequence[Application] | None, log: Sequence[LogEntry] | None, at: date) -> Reason:
    if log is None:
        text = Text("没有尽职记录", "the diligence log was not given")
        return Reason("log", Verdict.UNKNOWN, text, citation=PROGRESS_LAW)
    checks = check_diligence(scene, log, applications=applications or (), at=at)
    bad = [c.kind for c in checks if c.in_time is False]
    if bad:
        names = _kinds(bad)
        text = Text(f"缺少或晚于所涉行为：{names.zh}", f"missing or after the act: {names.en}")
        return Reason("log", Verdict.UNMET, text, bad[0].value, citation=PROGRESS_LAW)
    open_ = [c.kind for c in checks if not c.present]
    if open_:
        names = _kinds(open_)
        text = Text(f"尚未到期而未记：{names.zh}", f"not yet due and not yet there: {names.en}")
        return Reason("log", Verdict.UNKNOWN, text, open_[0].value, citation=PROGRESS_LAW)
    text = Text("尽职记录齐全且先于行为", "the log is complete and precedes every act")
    return Reason("log", Verdict.MET, text, citation=PROGRESS_LAW)


def _kinds(kinds: Sequence[LogKind]) -> Text:
    names = [LOG_NAMES[k] for k in kinds]
    return Text("、".join(n.zh for n in names), ", ".join(n.en for n in names))


def check_diligence(
    scene: Scene, log: Iterable[LogEntry], *, applications: Sequence[Application] = (), at: date
) -> tuple[LogCheck, ...]:
    """Check that every kind of entry is in the log and dated before its act.

    Returns
    -------
    tuple of LogCheck
        One a kind.  ``in_time`` is ``None`` while the act lies ahead (or has no day) and the entry is not there yet.
    """
    decided = [a.decided_on for a in applications if a.decided_on is not None]
    chosen = min(decided) if decided else scene.starts_on
    acts: Mapping[LogKind, date | None] = {
        LogKind.ALTERNATIVES: scene.starts_on,
        LogKind.CONFLICT: chosen,
        LogKind.RISK: scene.starts_on,
        LogKind.EXPERT: chosen,
        LogKind.BASIS: chosen,
        LogKind.MONITORING: scene.ends_on,
        LogKind.CLOSING: scene.disclose_on,
    }
    first: dict[LogKind, date] = {}
    for entry in log:
        if entry.scene == scene.scene and entry.at is not None:
            day = entry.at.date()
            first[entry.kind] = min(day, first.get(entry.kind, day))
    found = []
    for kind, act in acts.items():
        written = first.get(kind)
        if written is not None:
            found.append(LogCheck(scene.scene, kind, True, None if act is None else written < act))
        else:
            found.append(LogCheck(scene.scene, kind, False, False if act is not None and act <= at else None))
    return tuple(found)


def act_of(kind: LogKind) -> Text:
    """Return what an entry of the log must precede."""
    return _ACTS[kind]


def judge_trial(trial: Trial, *, at: date) -> Decision:
    """Hold a trial's measurement against its target, set beforehand; failing is no fault.

    Returns
    -------
    Decision
        ``outcome`` is the recorded outcome, or ``running`` while there is none; a positive outcome whose measurement
        misses the target needs a person.
    """
    if trial.value is None or trial.target is None:
        reached, text = Verdict.UNKNOWN, Text("没有测量值或目标", "no measurement or no target")
    else:
        better = trial.value >= trial.target if trial.higher_is_better else trial.value <= trial.target
        reached = Verdict.MET if better else Verdict.UNMET
        text = Text(
            f"测得 {trial.value:g}，目标 {trial.target:g}", f"measured {trial.value:g}, target {trial.target:g}"
        )
    reasons = [Reason("target", reached, text, trial.value, trial.target)]
    if trial.outcome in ADOPTED and reached is not Verdict.MET:
        text = Text("未见达标而采用，需说明理由", "adopted without reaching the target; a reason is needed")
        reasons.append(Reason("outcome", Verdict.MANUAL_REVIEW, text, str(trial.outcome)))
    elif trial.outcome is TrialOutcome.FAILED:
        text = Text("试验失败不追责", "a failed trial is no fault")
        reasons.append(Reason("outcome", Verdict.NOT_APPLICABLE, text, "failed", citation=PROGRESS_LAW))
    outcome = trial.outcome.value if trial.outcome else "running"
    return Decision(outcome, tuple(reasons), at, facts={"scene": trial.scene, "firm": trial.firm})
