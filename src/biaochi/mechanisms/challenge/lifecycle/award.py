"""An award and its milestones.

Award: contracted → active ⇄ paused → completed | terminated_no_fault | terminated_breach.
Milestone: planned → due → submitted ⇄ more_info → assessed → continued | adjusted | paused | stopped.
"""

from __future__ import annotations

from datetime import timedelta

from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.core.workflow import State, Transition, Workflow
from biaochi.mechanisms.challenge.lifecycle.conditions import holds

_ACTIVE = Text("实施中", "running")
_CAUSE = holds("cause_with_evidence", "须写明停止原因并附证据", "the cause of the stop must be named, with evidence")

AWARD = Workflow(
    "challenge.award",
    Text("揭榜项目", "award"),
    "contracted",
    (
        State("contracted", Text("已签军令状", "contracted"), Text("已立项", "contracted")),
        State("active", Text("实施中", "active"), _ACTIVE),
        State("paused", Text("已暂停", "paused"), Text("已暂停", "paused")),
        State("completed", Text("已完成", "completed"), Text("已完成", "completed"), final=True),
        State(
            "terminated_no_fault", Text("终止（无过错）", "ended without fault"), Text("已终止", "ended"), final=True
        ),
        State("terminated_breach", Text("终止（违约）", "ended for breach"), Text("已终止", "ended"), final=True),
    ),
    (
        Transition(
            "start",
            Text("启动", "start"),
            Text("第一阶段开始计时", "the first stage starts"),
            ("contracted",),
            "active",
            (Role.OFFICER,),
            (holds("tests_registered", "测试须在阶段开始前登记", "tests must be registered before a stage"),),
        ),
        Transition(
            "pause",
            Text("暂停", "pause"),
            Text("暂停出资，保留资格", "money stops; the place is kept"),
            ("active",),
            "paused",
            (Role.OFFICER,),
            needs_reason=True,
            not_from=("organisation",),
        ),
        Transition(
            "resume",
            Text("恢复", "resume"),
            Text("恢复出资", "money flows again"),
            ("paused",),
            "active",
            (Role.OFFICER,),
            needs_reason=True,
            not_from=("organisation",),
        ),
        Transition(
            "complete",
            Text("完成", "complete"),
            Text("用户验收后结题", "ends after the user has accepted"),
            ("active",),
            "completed",
            (Role.OFFICER,),
            (holds("accepted_by_user", "须经用户验收", "the user must have accepted"),),
            needs_reason=True,
            not_by=("creator",),
            not_from=("organisation",),
        ),
        Transition(
            "end_without_fault",
            Text("终止（无过错）", "end without fault"),
            Text("停止出资，生成尽职免责材料", "money stops; the exemption file is made"),
            ("active", "paused"),
            "terminated_no_fault",
            (Role.OFFICER,),
            (_CAUSE,),
            needs_reason=True,
            not_by=("creator",),
            not_from=("organisation",),
        ),
        Transition(
            "end_for_breach",
            Text("终止（违约）", "end for breach"),
            Text("停止出资，按合同追究", "money stops; the contract's remedies apply"),
            ("contracted", "active", "paused"),
            "terminated_breach",
            (Role.OFFICER,),
            (_CAUSE,),
            needs_reason=True,
            not_by=("creator",),
            not_from=("organisation",),
        ),
    ),
)

MILESTONE = Workflow(
    "challenge.milestone",
    Text("里程碑", "milestone"),
    "planned",
    (
        State("planned", Text("已计划", "planned"), Text("已计划", "planned")),
        State("due", Text("到期", "due"), Text("到期", "due")),
        State("submitted", Text("已提交", "submitted"), Text("考核中", "under review")),
        State("more_info", Text("待补充", "more information"), Text("待补充", "more information asked")),
        State("assessed", Text("已考核", "assessed"), Text("已考核", "assessed")),
        State("continued", Text("继续", "continued"), Text("继续", "continued"), final=True),
        State("adjusted", Text("调整", "adjusted"), Text("调整后继续", "adjusted"), final=True),
        State("paused", Text("暂停", "paused"), Text("暂停", "paused"), final=True),
        State("stopped", Text("停止", "stopped"), Text("停止", "stopped"), final=True),
    ),
    (
        Transition(
            "fall_due",
            Text("到期", "fall due"),
            Text("提醒团队提交", "reminds the team to submit"),
            ("planned",),
            "due",
            (Role.CLOCK,),
        ),
        Transition(
            "submit",
            Text("提交", "submit"),
            Text("证据交第三方检验", "the evidence goes to the verifier"),
            ("planned", "due"),
            "submitted",
            (Role.FIRM,),
            (
                holds("award_running", "本阶段须已开始", "the stage must have started"),
                holds("tests_registered", "测试须在阶段开始前登记", "tests must be registered before a stage"),
            ),
            deadline=timedelta(days=30),
            own="organisation",
        ),
        Transition(
            "ask",
            Text("要求补充", "ask for more"),
            Text("团队须补充证据", "the team must add evidence"),
            ("submitted",),
            "more_info",
            (Role.OFFICER, Role.REVIEWER),
            needs_reason=True,
            not_from=("organisation",),
        ),
        Transition(
            "answer",
            Text("补充", "answer"),
            Text("补充材料交检验", "the answer goes to the verifier"),
            ("more_info",),
            "submitted",
            (Role.FIRM,),
            deadline=timedelta(days=10),
            own="organisation",
        ),
        Transition(
            "assess",
            Text("考核", "assess"),
            Text("记录第三方检验的结果：达到、部分达到、未达到", "records the verifier's result: met, partly, unmet"),
            ("submitted",),
            "assessed",
            (Role.REVIEWER,),
            (
                holds(
                    "verifier_independent",
                    "检验方须独立于团队与发榜方",
                    "the verifier must be independent of team and owner",
                ),
                holds("tests_registered", "测试须在阶段开始前登记", "tests must be registered before a stage"),
            ),
            deadline=timedelta(days=30),
            not_from=("organisation", "owner_organisation"),
            own="verifier",
        ),
        *(
            Transition(
                code,
                name,
                consequence,
                ("assessed",),
                target,
                (Role.OFFICER,),
                guards,
                needs_reason=True,
                not_by=("creator",),
                not_from=("organisation",),
            )
            for code, name, consequence, target, guards in (
                (
                    "continue",
                    Text("继续", "continue"),
                    Text("进入下一阶段；达到者付款", "goes on to the next stage; a pass is paid"),
                    "continued",
                    (),
                ),
                (
                    "adjust",
                    Text("调整", "adjust"),
                    Text("重试、改变范围或规模", "tries again, rescopes or rescales"),
                    "adjusted",
                    (),
                ),
                (
                    "pause",
                    Text("暂停", "pause"),
                    Text("保留资格，暂不出资", "keeps the place, no money for now"),
                    "paused",
                    (),
                ),
                (
                    "stop",
                    Text("停止", "stop"),
                    Text("不再出资，原因与证据入档", "no more money; cause and evidence on file"),
                    "stopped",
                    (_CAUSE,),
                ),
            )
        ),
    ),
)
