"""A scene from draft to scale-up, an application from filing to answer, a trial from start to outcome."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.workflow import Guard, State, Transition, Workflow


def _true(attribute: str) -> Callable[[object, Actor, datetime], bool]:
    def test(subject: object, _actor: Actor, _now: datetime) -> bool:
        return bool(getattr(subject, attribute, False))

    return test


def _guard(code: str, zh: str, en: str) -> Guard:
    return Guard(code, Text(zh, en), _true(code))


REVIEW_CLEAR = _guard("review_clear", "须有公平竞争审查的明确通过", "a clear fair-competition review is needed")
RULE_BEFORE_OPENING = _guard(
    "rule_before_opening",
    "评选规则须早于开放日且权重之和为 1",
    "the rule must be dated before opening and its weights sum to 1",
)
LOG_COMPLETE = _guard("log_complete", "尽职记录须先于所涉行为", "the diligence log must precede the act")
METRICS_SET = _guard("metrics_set", "须事先定好评价指标", "metrics must be set beforehand")

SCENE = Workflow(
    "scene.scene",
    Text("场景", "scene"),
    "draft",
    (
        State("draft", Text("起草", "draft"), Text("准备中", "in preparation")),
        State("reviewed", Text("已审查", "reviewed"), Text("准备中", "in preparation")),
        State("listed", Text("已入清单", "listed"), Text("已发布", "published")),
        State("open", Text("开放申请", "open"), Text("可申请", "open for applications")),
        State("selecting", Text("评选中", "selecting"), Text("评选中", "selecting")),
        State("trial", Text("试用中", "in trial"), Text("试用中", "in trial")),
        State("evaluated", Text("已评价", "evaluated"), Text("结果已公布", "result published")),
        State("scaled", Text("已推广", "scaled"), Text("已推广", "scaled"), final=True),
        State("closed", Text("已关闭", "closed"), Text("已结束", "closed"), final=True),
    ),
    (
        Transition(
            "review",
            Text("送审通过", "review"),
            Text("记录公平竞争审查结论", "the fair-competition review is recorded"),
            ("draft",),
            "reviewed",
            (Role.COMPETITION_REVIEWER,),
            needs_reason=True,
            not_by=("created_by",),
        ),
        Transition(
            "return",
            Text("退回修改", "return"),
            Text("回到起草", "back to draft"),
            ("reviewed",),
            "draft",
            (Role.SCENE_OWNER, Role.COMPETITION_REVIEWER),
            needs_reason=True,
        ),
        Transition(
            "list",
            Text("列入清单", "list"),
            Text("场景公开", "the scene becomes public"),
            ("reviewed",),
            "listed",
            (Role.OFFICER,),
            guards=(REVIEW_CLEAR, RULE_BEFORE_OPENING, METRICS_SET),
            not_by=("created_by",),
        ),
        Transition(
            "open",
            Text("开放申请", "open"),
            Text("企业可以申请", "firms may apply"),
            ("listed",),
            "open",
            (Role.SCENE_OWNER, Role.CLOCK),
            guards=(RULE_BEFORE_OPENING,),
        ),
        Transition(
            "close_applications",
            Text("截止申请", "close applications"),
            Text("不再接收申请", "no more applications"),
            ("open",),
            "selecting",
            (Role.SCENE_OWNER, Role.CLOCK),
        ),
        Transition(
            "start",
            Text("开始试用", "start the trial"),
            Text("选中企业进场", "chosen firms begin"),
            ("selecting",),
            "trial",
            (Role.SCENE_OWNER,),
            guards=(LOG_COMPLETE,),
            needs_reason=True,
            own="owner",
        ),
        Transition(
            "evaluate",
            Text("评价", "evaluate"),
            Text("结果按事先指标评定并公布", "results are judged by the metrics set beforehand"),
            ("trial",),
            "evaluated",
            (Role.OFFICER,),
            needs_reason=True,
            not_from=("owner",),
            deadline=timedelta(days=365),
        ),
        Transition(
            "scale",
            Text("推广", "scale up"),
            Text("转入采购或推广", "turns into purchase or scale-up"),
            ("evaluated",),
            "scaled",
            (Role.SCENE_OWNER,),
            needs_reason=True,
            own="owner",
        ),
        Transition(
            "close",
            Text("关闭", "close"),
            Text("场景结束，记录理由", "the scene ends, with its reason"),
            ("draft", "reviewed", "listed", "open", "selecting", "evaluated"),
            "closed",
            (Role.SCENE_OWNER, Role.OFFICER),
            needs_reason=True,
        ),
    ),
)

APPLICATION = Workflow(
    "scene.application",
    Text("场景申请", "scene application"),
    "submitted",
    (
        State("submitted", Text("已申请", "submitted"), Text("已申请", "submitted")),
        State("eligible", Text("符合条件", "eligible"), Text("评选中", "in selection")),
        State("ineligible", Text("不符合条件", "ineligible"), Text("不符合条件", "ineligible"), final=True),
        State("selected", Text("入选", "selected"), Text("入选", "selected")),
        State("not_selected", Text("未入选", "not selected"), Text("未入选", "not selected"), final=True),
        State("accepted", Text("已接受", "accepted"), Text("已接受", "accepted"), final=True),
        State("declined", Text("已谢绝", "declined"), Text("已谢绝", "declined"), final=True),
    ),
    (
        Transition(
            "admit",
            Text("符合条件", "admit"),
            Text("进入评选", "enters the selection"),
            ("submitted",),
            "eligible",
            (Role.SCENE_OWNER,),
            needs_reason=True,
            not_from=("firm",),
        ),
        Transition(
            "exclude",
            Text("不符合条件", "exclude"),
            Text("说明所依条件并通知企业", "the condition is named and the firm informed"),
            ("submitted",),
            "ineligible",
            (Role.SCENE_OWNER,),
            needs_reason=True,
            not_from=("firm",),
        ),
        Transition(
            "select",
            Text("入选", "select"),
            Text("按已公布规则入选", "selected by the published rule"),
            ("eligible",),
            "selected",
            (Role.SCENE_OWNER,),
            needs_reason=True,
            not_from=("firm",),
            not_by=("admitted_by",),
        ),
        Transition(
            "pass_over",
            Text("未入选", "pass over"),
            Text("通知企业得分与理由", "the firm is told its score and the reason"),
            ("eligible",),
            "not_selected",
            (Role.SCENE_OWNER,),
            needs_reason=True,
            not_from=("firm",),
        ),
        Transition(
            "accept",
            Text("接受", "accept"),
            Text("占用一个名额", "takes a slot"),
            ("selected",),
            "accepted",
            (Role.FIRM,),
            own="firm",
            deadline=timedelta(days=14),
        ),
        Transition(
            "decline",
            Text("谢绝", "decline"),
            Text("名额让给下一家", "the slot goes to the next"),
            ("selected",),
            "declined",
            (Role.FIRM,),
            own="firm",
        ),
    ),
)

TRIAL = Workflow(
    "scene.trial",
    Text("试用", "trial"),
    "running",
    (
        State("running", Text("进行中", "running"), Text("进行中", "running")),
        State("paused", Text("暂停", "paused"), Text("暂停", "paused")),
        State("reported", Text("已报告", "reported"), Text("核验中", "being verified")),
        State("verified", Text("已核验", "verified"), Text("已核验", "verified")),
        State("outcome", Text("已有结论", "concluded"), Text("已有结论", "concluded"), final=True),
    ),
    (
        Transition(
            "pause",
            Text("暂停", "pause"),
            Text("试用停下，原因记录在案", "the trial stops; the cause is recorded"),
            ("running",),
            "paused",
            (Role.SCENE_OWNER, Role.FIRM),
            needs_reason=True,
        ),
        Transition(
            "resume",
            Text("恢复", "resume"),
            Text("试用继续", "the trial goes on"),
            ("paused",),
            "running",
            (Role.SCENE_OWNER,),
            needs_reason=True,
        ),
        Transition(
            "report",
            Text("报告", "report"),
            Text("提交测量结果", "measurements are filed"),
            ("running", "paused"),
            "reported",
            (Role.FIRM, Role.SCENE_OWNER),
        ),
        Transition(
            "verify",
            Text("核验", "verify"),
            Text("由他人核对测量", "measurements are checked by another"),
            ("reported",),
            "verified",
            (Role.OFFICER, Role.REVIEWER),
            needs_reason=True,
            not_by=("reported_by",),
            not_from=("firm",),
        ),
        Transition(
            "conclude",
            Text("作出结论", "conclude"),
            Text("失败、改进、采用或首购；失败不追责", "failed, iterate, adopt or first purchase; failing is no fault"),
            ("verified",),
            "outcome",
            (Role.SCENE_OWNER,),
            needs_reason=True,
            own="owner",
        ),
    ),
)

WORKFLOWS: tuple[Workflow, ...] = (SCENE, APPLICATION, TRIAL)
