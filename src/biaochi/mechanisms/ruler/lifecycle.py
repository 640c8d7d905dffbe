"""The life cycles of a framework and of a submission of observations, as data."""

from __future__ import annotations

from datetime import datetime

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.core.workflow import Guard, State, Transition, Workflow


def _clean(subject: object, actor: Actor, now: datetime) -> bool:
    return getattr(subject, "faults", -1) == 0


def _audited(subject: object, actor: Actor, now: datetime) -> bool:
    return bool(getattr(subject, "audit_digest", ""))


def _complete(subject: object, actor: Actor, now: datetime) -> bool:
    return getattr(subject, "incomplete_leaves", 1) == 0


def _answered(subject: object, actor: Actor, now: datetime) -> bool:
    return getattr(subject, "comments_open", 1) == 0


def _coherent(subject: object, actor: Actor, now: datetime) -> bool:
    return getattr(subject, "gate", Verdict.UNKNOWN) is not Verdict.UNMET or bool(
        getattr(subject, "gate_override", "").strip()
    )


def _succeeded(subject: object, actor: Actor, now: datetime) -> bool:
    return bool(getattr(subject, "successor", "")) and getattr(subject, "overlap_periods", 0) >= 1


CHECK_CLEAN = Guard("check_clean", Text("最近一次核验没有错误", "the last check found no fault"), _clean)
AUDIT_STORED = Guard("audit_stored", Text("已留存稳健性审计", "an audit is stored"), _audited)
LEAVES_COMPLETE = Guard(
    "leaves_complete",
    Text("每项指标写明来源、责任人和滞后期", "every indicator states its source, owner and lag"),
    _complete,
)
COMMENTS_ANSWERED = Guard("comments_answered", Text("征集到的意见都已答复", "every comment is answered"), _answered)
GATE_PASSED = Guard(
    "gate_passed",
    Text("一致性关口未判“未达到”，或已写明放行理由", "the coherence gate is not unmet, or is overridden with a reason"),
    _coherent,
)
SUCCESSOR_OVERLAPS = Guard(
    "successor_overlaps",
    Text("有后继框架且至少重叠一个时期", "a successor exists and overlaps by at least one period"),
    _succeeded,
)

FRAMEWORK = Workflow(
    "ruler_framework",
    Text("指标体系", "indicator framework"),
    "draft",
    (
        State("draft", Text("起草", "draft"), Text("编制中", "in preparation")),
        State("consulted", Text("征求意见", "under consultation"), Text("征求意见", "open for comments")),
        State("adopted", Text("施行", "adopted"), Text("施行", "in force")),
        State("retired", Text("停用", "retired"), Text("停用", "retired"), final=True),
    ),
    (
        Transition(
            "consult",
            Text("征求意见", "consult"),
            Text("对外公开征求意见，内容暂不再改", "opens it for public comments; it stays as it is meanwhile"),
            ("draft",),
            "consulted",
            (Role.OFFICER,),
            (CHECK_CLEAN, AUDIT_STORED, LEAVES_COMPLETE),
        ),
        Transition(
            "withdraw",
            Text("退回起草", "return to draft"),
            Text("收回征求意见稿继续修改", "takes it back for changes"),
            ("consulted",),
            "draft",
            (Role.OFFICER,),
            needs_reason=True,
        ),
        Transition(
            "adopt",
            Text("施行", "adopt"),
            Text("冻结内容摘要与基期，此后按此计分", "freezes its digest and base; scores follow it from now on"),
            ("consulted",),
            "adopted",
            (Role.OFFICER,),
            (CHECK_CLEAN, COMMENTS_ANSWERED, GATE_PASSED),
            not_by=("author",),
        ),
        Transition(
            "retire",
            Text("停用（有后继）", "retire for a successor"),
            Text("由后继框架接续，指数链接不断", "its successor goes on; the index is linked"),
            ("adopted",),
            "retired",
            (Role.OFFICER,),
            (SUCCESSOR_OVERLAPS,),
        ),
        Transition(
            "retire_without_successor",
            Text("停用（无后继）", "retire without a successor"),
            Text("指数就此中断", "the index ends here"),
            ("adopted",),
            "retired",
            (Role.OFFICER,),
            needs_reason=True,
        ),
    ),
)

SUBMISSION = Workflow(
    "ruler_submission",
    Text("数据报送", "submission of observations"),
    "submitted",
    (
        State("submitted", Text("已报送", "submitted"), Text("审核中", "being checked")),
        State("returned", Text("退回", "returned"), Text("审核中", "being checked")),
        State("validated", Text("已核验", "validated"), Text("审核中", "being checked")),
        State("published", Text("已发布", "published"), Text("已发布", "published")),
        State("revised", Text("已修订", "revised"), Text("已有修订版", "superseded by a revision"), final=True),
    ),
    (
        Transition(
            "validate",
            Text("核验通过", "validate"),
            Text("确认数据可用，待发布", "confirms that the data can be used"),
            ("submitted",),
            "validated",
            (Role.OFFICER,),
            (CHECK_CLEAN,),
            not_by=("submitter",),
            not_from=("organisation",),
        ),
        Transition(
            "return",
            Text("退回", "return"),
            Text("退回报送单位修改", "goes back to who handed it in"),
            ("submitted", "validated"),
            "returned",
            (Role.OFFICER,),
            needs_reason=True,
            not_by=("submitter",),
        ),
        Transition(
            "resubmit",
            Text("重新报送", "resubmit"),
            Text("修改后重新进入核验", "goes into checking again"),
            ("returned",),
            "submitted",
            (Role.OFFICER,),
            own="organisation",
        ),
        Transition(
            "publish",
            Text("发布", "publish"),
            Text("公开可见；此后单元格不再改动", "becomes public; its cells never change again"),
            ("validated",),
            "published",
            (Role.OFFICER,),
            (CHECK_CLEAN,),
            not_by=("submitter",),
        ),
        Transition(
            "revise",
            Text("以新版本修订", "revise by a new vintage"),
            Text("旧版本保留并注明被取代", "the old vintage stays, marked as superseded"),
            ("published",),
            "revised",
            (Role.OFFICER,),
            needs_reason=True,
        ),
    ),
)

WORKFLOWS: tuple[Workflow, ...] = (FRAMEWORK, SUBMISSION)
