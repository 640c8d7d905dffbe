"""A challenge: draft → reviewing → published → closed → evaluating → awarded → running → completed | cancelled."""

from __future__ import annotations

from datetime import timedelta

from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.core.workflow import State, Transition, Workflow
from biaochi.mechanisms.challenge.lifecycle.conditions import AFTER_DEADLINE, holds

_PREPARING = Text("准备中", "in preparation")
_RUNNING = Text("实施中", "running")

CHALLENGE = Workflow(
    "challenge.challenge",
    Text("榜单", "challenge"),
    "draft",
    (
        State("draft", Text("起草", "draft"), _PREPARING),
        State("reviewing", Text("审核中", "reviewing"), _PREPARING),
        State("published", Text("已发榜", "published"), Text("征集中", "open for bids")),
        State("closed", Text("已截止", "closed"), Text("已截止", "closed")),
        State("evaluating", Text("评审中", "evaluating"), Text("评审中", "under review")),
        State("awarded", Text("已揭榜", "awarded"), Text("已公布入围", "awarded")),
        State("running", Text("实施中", "running"), _RUNNING),
        State("completed", Text("已完成", "completed"), Text("已完成", "completed"), final=True),
        State("cancelled", Text("已取消", "cancelled"), Text("已取消", "cancelled"), final=True),
    ),
    (
        Transition(
            "submit",
            Text("送审", "submit for review"),
            Text("送交审核", "sends the text for review"),
            ("draft",),
            "reviewing",
            (Role.OFFICER,),
        ),
        Transition(
            "return",
            Text("退回修改", "return"),
            Text("退回起草", "goes back to draft"),
            ("reviewing",),
            "draft",
            (Role.OFFICER,),
            needs_reason=True,
        ),
        Transition(
            "publish",
            Text("发榜", "publish"),
            Text(
                "向社会公开；生成密钥并分给三名经办人", "becomes public; the key is made and split among three officers"
            ),
            ("reviewing",),
            "published",
            (Role.OFFICER,),
            (
                holds("indicators_functional", "每项指标须是功能性指标", "every indicator must be functional"),
                holds("fairness_passed", "须有通过的公平竞争审查决定", "a fair-competition decision must have passed"),
                holds("key_split", "私钥须已拆分", "the private key must have been split"),
            ),
            needs_reason=True,
            not_by=("creator",),
        ),
        Transition(
            "close",
            Text("截止", "close"),
            Text("不再接收标书", "no further bids are received"),
            ("published",),
            "closed",
            (Role.CLOCK,),
            (AFTER_DEADLINE,),
        ),
        Transition(
            "open_bids",
            Text("开标", "open the bids"),
            Text("两名经办人共同开启标书", "two officers open the bids together"),
            ("closed",),
            "evaluating",
            (Role.OFFICER,),
            (
                AFTER_DEADLINE,
                holds(
                    "two_shares_entered", "须由两名经办人录入密钥份额", "two officers must have entered their shares"
                ),
            ),
        ),
        Transition(
            "award",
            Text("揭榜", "award"),
            Text("公布入围团队与理由", "publishes the teams and the reasons"),
            ("evaluating",),
            "awarded",
            (Role.OFFICER,),
            (
                holds("routes_plural", "须至少两条路线，或写明理由", "at least two routes, or a reason why not"),
                holds(
                    "conflicts_settled", "全部评审须已申报并回避", "all reviewers must have declared and stood aside"
                ),
            ),
            needs_reason=True,
            not_by=("creator",),
        ),
        Transition(
            "start",
            Text("启动实施", "start"),
            Text("合同生效，里程碑开始计时", "contracts take effect; milestones start"),
            ("awarded",),
            "running",
            (Role.OFFICER,),
            deadline=timedelta(days=60),
        ),
        Transition(
            "complete",
            Text("完成", "complete"),
            Text("公布结果", "publishes the results"),
            ("running",),
            "completed",
            (Role.OFFICER,),
            (holds("awards_ended", "全部揭榜项目须已结束", "every award must have ended"),),
            needs_reason=True,
            not_by=("creator",),
        ),
        Transition(
            "cancel",
            Text("取消", "cancel"),
            Text("终止征集并公开理由", "ends the challenge and publishes the reason"),
            ("draft", "reviewing", "published", "closed", "evaluating"),
            "cancelled",
            (Role.OFFICER,),
            needs_reason=True,
        ),
    ),
)
