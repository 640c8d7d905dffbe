"""An offer: draft → sealed → opened → selected | not_selected; withdrawn before the deadline."""

from __future__ import annotations

from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.core.workflow import Workflow
from biaochi.mechanisms.procurement.lifecycle.conditions import (
    AFTER_DEADLINE,
    BEFORE_DEADLINE,
    FIRM,
    OWN_HOUSE,
    holds,
    move,
    state,
)

OFFER = Workflow(
    "procurement_offer",
    Text("响应文件", "offer"),
    "draft",
    (
        state("draft", "起草", "draft", "准备中", "in preparation"),
        state("sealed", "已密封", "sealed", "已提交", "submitted"),
        state("opened", "已开启", "opened"),
        state("selected", "入选", "selected", final=True),
        state("not_selected", "未入选", "not selected", final=True),
        state("withdrawn", "已撤回", "withdrawn", final=True),
    ),
    (
        move(
            "seal",
            ("draft",),
            "sealed",
            "密封提交",
            "seal and submit",
            ("截止前任何人都读不到；得到回执", "nobody can read it before the deadline; you get a receipt"),
            BEFORE_DEADLINE,
            holds("boxed", "须先填写并密封响应文件（第十九条）", "the offer must be filled in and sealed (Art 19)"),
            holds(
                "invited", "只有参加概念交流的供应商可以响应（第十七条）", "only who took part in the exchange (Art 17)"
            ),
            roles=FIRM,
            own="organisation",
        ),
        move(
            "replace",
            ("sealed",),
            "draft",
            "取回重写",
            "take back to change",
            ("退回起草，截止前可再次提交", "goes back to draft; may be submitted again before the deadline"),
            BEFORE_DEADLINE,
            roles=FIRM,
            own="organisation",
        ),
        move(
            "open",
            ("sealed",),
            "opened",
            "开启",
            "open",
            ("响应文件可以阅读", "the offer can be read"),
            AFTER_DEADLINE,
            holds("two_openers", "须由两人录入密钥份额（第十九条）", "two people enter their shares (Art 19)"),
            OWN_HOUSE,
            roles=(Role.BUYER, Role.REGULATOR),
            not_from=("organisation",),
        ),
        move(
            "select",
            ("opened",),
            "selected",
            "选定",
            "select",
            ("成为研发供应商", "becomes an R&D supplier"),
            holds("chosen", "评审结果未选定这份响应（第二十三条）", "the evaluation did not select it (Art 23)"),
            own="buyer",
        ),
        move(
            "decline",
            ("opened",),
            "not_selected",
            "不选定",
            "decline",
            ("告知结果", "the result is told"),
            holds("passed_over", "评审结果尚未作出，或已选定（第二十三条）", "not decided yet, or selected (Art 23)"),
            own="buyer",
        ),
        move(
            "withdraw",
            ("draft", "sealed"),
            "withdrawn",
            "撤回",
            "withdraw",
            ("退出本次采购", "leaves this purchase"),
            BEFORE_DEADLINE,
            roles=FIRM,
            reason=True,
            own="organisation",
        ),
    ),
)
