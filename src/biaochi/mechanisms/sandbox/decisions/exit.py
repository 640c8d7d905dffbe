"""How a case leaves: graduated, extended once, adjusted, stopped or wound down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from biaochi.core.decision import Decision, Reason
from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.sandbox.model import Action, GuardrailStatus, Supervision
from biaochi.mechanisms.sandbox.model.grant import RuleChange

EXIT_CODES = ("exit_report_required", "extensions_max")


@dataclass(frozen=True, slots=True)
class ExitFile:
    """What is on the table at an exit review."""

    supervision: Supervision
    proposal: RuleChange | None = None
    public_summary: str = ""
    extensions: int = 0
    wants_extension: bool = False


def review_exit(file: ExitFile, *, at: date, parameters: Snapshot) -> Decision:
    """Recommend ``graduate``, ``extend``, ``adjust``, ``stop`` or ``more_info``; a person decides.

    A stop ends the case.  A pause that was never lifted, or an interval that still reaches over its cap, asks for
    adjustment or, once, for an extension.  Nobody graduates without a complete rule-change proposal and a public
    summary.
    """
    reasons = [*_alarm_reasons(file.supervision), *_metric_reasons(file.supervision), *_paper_reasons(file, parameters)]
    allowed = int(str(parameters["extensions_max"].value))
    may_extend = file.wants_extension and file.extensions < allowed
    if file.wants_extension:
        text = Text(
            f"已延期 {file.extensions} 次，最多 {allowed} 次", f"extended {file.extensions} times, at most {allowed}"
        )
        reasons.append(
            Reason(
                "extension", Verdict.MET if may_extend else Verdict.UNMET, text, file.extensions, allowed,
                citation=parameters["extensions_max"].citation,
            )
        )  # fmt: skip
    by_rule = {r.rule: r.verdict for r in reasons}
    if by_rule["no_stop"] is Verdict.UNMET:
        outcome = "stop"
    elif may_extend:
        outcome = "extend"
    elif by_rule["no_pause"] is Verdict.UNMET or by_rule.get("below_caps") is Verdict.UNMET:
        outcome = "adjust"
    elif any(by_rule[r] is not Verdict.MET for r in ("below_caps", "rule_change_proposal", "public_summary")):
        outcome = "more_info"
    else:
        outcome = "graduate"
    return Decision(outcome, tuple(reasons), at, parameters=parameters.only(*EXIT_CODES))


def _alarm_reasons(found: Supervision) -> Iterable[Reason]:
    for rule, action, zh, en in (
        ("no_stop", Action.STOP, "停止类报警", "alarms that stop"),
        ("no_pause", Action.PAUSE, "暂停类报警", "alarms that pause"),
    ):
        count = sum(a.action is action for a in found.alarms)
        yield Reason(rule, Verdict.UNMET if count else Verdict.MET, Text(f"{zh} {count} 次", f"{count} {en}"), count, 0)


def _metric_reasons(found: Supervision) -> Iterable[Reason]:
    over = [g for g in found.guardrails if g.status == "alarm"]
    silent = [g for g in found.guardrails if g.status in ("no_data", "waiting")]
    if over:
        verdict, names = Verdict.UNMET, over
    else:
        verdict, names = (Verdict.UNKNOWN, silent) if silent or not found.guardrails else (Verdict.MET, [])
    listed = ", ".join(_shown(g) for g in (names or found.guardrails)) or "–"
    yield Reason("below_caps", verdict, Text(f"护栏：{listed}", f"guardrails: {listed}"), listed)


def _shown(status: GuardrailStatus) -> str:
    if status.interval is None or status.estimate is None:
        return f"{status.guardrail} {status.status}"
    return f"{status.guardrail} {status.estimate:.4g} [{status.interval.low:.4g}, {status.interval.high:.4g}]"


def _paper_reasons(file: ExitFile, parameters: Snapshot) -> Iterable[Reason]:
    citation = parameters["exit_report_required"].citation
    proposal = file.proposal
    if proposal is None:
        verdict, text = Verdict.UNKNOWN, Text("没有规则修改建议", "there is no rule-change proposal")
    elif not proposal.complete:
        verdict, text = Verdict.UNKNOWN, Text("规则修改建议不完整", "the rule-change proposal is incomplete")
    else:
        verdict = Verdict.MET
        text = Text(f"建议修改{proposal.clause}", f"a change of {proposal.clause} is proposed")
    yield Reason("rule_change_proposal", verdict, text, proposal.clause if proposal else None, citation=citation)
    written = bool(file.public_summary.strip())
    yield Reason(
        "public_summary",
        Verdict.MET if written else Verdict.UNKNOWN,
        Text("公开摘要已写好", "the public summary is written")
        if written
        else Text("没有公开摘要", "no public summary"),
        citation=citation,
    )
