"""A bid: draft → sealed → opened → eligible | ineligible → under_review ⇄ more_info → shortlisted → awarded | not."""

from __future__ import annotations

from datetime import timedelta

from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.core.workflow import State, Transition, Workflow
from biaochi.mechanisms.challenge.lifecycle.conditions import AFTER_DEADLINE, BEFORE_DEADLINE, holds

_UNDER_REVIEW = Text("评审中", "under review")

BID = Workflow(
    "challenge.bid",
    Text("标书", "bid"),
    "draft",
    (
        State("draft", Text("起草", "draft"), Text("准备中", "in preparation")),
        State("sealed", Text("已密封", "sealed"), Text("已提交", "submitted")),
        State("opened", Text("已开启", "opened"), Text("已开启", "opened")),
        State("eligible", Text("资格合格", "eligible"), _UNDER_REVIEW),
        State("ineligible", Text("资格不合格", "ineligible"), Text("未入选", "not selected"), final=True),
        State("under_review", Text("评审中", "under review"), _UNDER_REVIEW),
        State("more_info", Text("待补充", "more information"), Text("待补充", "more information asked")),
        State("shortlisted", Text("入围", "shortlisted"), _UNDER_REVIEW),
        State("awarded", Text("已揭榜", "awarded"), Text("入选", "selected"), final=True),
        State("not_selected", Text("未入选", "not selected"), Text("未入选", "not selected"), final=True),
        State("withdrawn", Text("已撤回", "withdrawn"), Text("已撤回", "withdrawn"), final=True),
    ),
    (
        Transition(
            "seal",
            Text("密封提交", "seal and submit"),
            Text(
                "密封后任何人在截止前都无法阅读，得到回执", "nobody can read it before the deadline; you get a receipt"
            ),
            ("draft",),
            "sealed",
            (Role.FIRM,),
            (BEFORE_DEADLINE,),
            own="organisation",
        ),
        Transition(
            "replace",
            Text("撤回重写", "take back to change"),
            Text("退回起草，截止前可再次提交", "goes back to draft; may be submitted again before the deadline"),
            ("sealed",),
            "draft",
            (Role.FIRM,),
            (BEFORE_DEADLINE,),
            own="organisation",
        ),
        Transition(
            "open",
            Text("开启", "open"),
            Text("标书可以阅读", "the bid can be read"),
            ("sealed",),
            "opened",
            (Role.OFFICER,),
            (
                AFTER_DEADLINE,
                holds(
                    "two_shares_entered", "须由两名经办人录入密钥份额", "two officers must have entered their shares"
                ),
            ),
            not_from=("organisation",),
        ),
        Transition(
            "admit",
            Text("资格合格", "admit"),
            Text("进入评审", "goes on to review"),
            ("opened",),
            "eligible",
            (Role.OFFICER,),
            not_from=("organisation",),
        ),
        Transition(
            "reject",
            Text("资格不合格", "reject"),
            Text("告知理由，不再评审", "the reason is told; no review follows"),
            ("opened",),
            "ineligible",
            (Role.OFFICER,),
            needs_reason=True,
            not_from=("organisation",),
        ),
        Transition(
            "assign",
            Text("分送评审", "send to review"),
            Text("评审专家可以阅读并评分", "reviewers may read and score"),
            ("eligible",),
            "under_review",
            (Role.OFFICER,),
            (
                holds("conflicts_settled", "评审须已申报利益关系", "reviewers must have declared their interests"),
                holds("lots_committed", "两名经办人须已公布抽签摘要", "two officers must have published their digests"),
            ),
            not_from=("organisation",),
        ),
        Transition(
            "ask",
            Text("要求补充", "ask for more"),
            Text("投标方须在期限内补充", "the bidder must answer in time"),
            ("under_review",),
            "more_info",
            (Role.OFFICER, Role.REVIEWER),
            needs_reason=True,
            not_from=("organisation",),
        ),
        Transition(
            "answer",
            Text("补充", "answer"),
            Text("补充材料交评审", "the answer goes to the reviewers"),
            ("more_info",),
            "under_review",
            (Role.FIRM,),
            deadline=timedelta(days=10),
            own="organisation",
        ),
        Transition(
            "shortlist",
            Text("入围", "shortlist"),
            Text("进入揭榜决定", "goes on to the award decision"),
            ("under_review",),
            "shortlisted",
            (Role.OFFICER,),
            (holds("scores_in", "每位评审须已评分", "every reviewer must have scored"),),
            not_from=("organisation",),
        ),
        Transition(
            "award",
            Text("揭榜", "award"),
            Text("入选并公布理由", "selected, with the reason published"),
            ("shortlisted",),
            "awarded",
            (Role.OFFICER,),
            needs_reason=True,
            not_by=("creator",),
            not_from=("organisation",),
        ),
        Transition(
            "decline",
            Text("不入选", "decline"),
            Text("未入选，告知理由", "not selected; the reason is told"),
            ("under_review", "shortlisted"),
            "not_selected",
            (Role.OFFICER,),
            needs_reason=True,
            not_from=("organisation",),
        ),
        Transition(
            "withdraw",
            Text("撤回", "withdraw"),
            Text("退出本次揭榜", "leaves this challenge"),
            ("draft", "sealed", "opened", "eligible", "under_review", "more_info", "shortlisted"),
            "withdrawn",
            (Role.FIRM,),
            needs_reason=True,
            own="organisation",
        ),
    ),
)
