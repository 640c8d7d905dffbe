"""A plan document: found, coded, coded again by another person, published, superseded; or disputed.

Attributes read: ``coder``, ``second_coder`` (str), ``agreed`` (bool: κ at or above the office's least).
"""

from __future__ import annotations

from datetime import datetime

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.workflow import Guard, State, Transition, Workflow

_OFFICER = (Role.OFFICER,)


def _agreed(subject: object, actor: Actor, now: datetime) -> bool:
    return bool(getattr(subject, "agreed", False))


AGREED = Guard("coders_agree", Text("两人编码须基本一致（κ）", "the two codings must agree (κ)"), _agreed)

DOCUMENT = Workflow(
    "layout_document",
    Text("规划文件", "plan document"),
    "found",
    (
        State("found", Text("已发现", "found"), Text("收录中", "being recorded")),
        State("coded", Text("已编码", "coded"), Text("收录中", "being recorded")),
        State("second_coded", Text("已复核编码", "coded twice"), Text("收录中", "being recorded")),
        State("published", Text("已发布", "published"), Text("已发布", "published")),
        State("disputed", Text("有异议", "disputed"), Text("核对中", "being checked")),
        State("superseded", Text("已被替代", "superseded"), Text("已被替代", "superseded"), final=True),
    ),
    (
        Transition(
            "code",
            Text("编码", "code"),
            Text("登记文件点名的赛道与原文", "records the tracks named and their wording"),
            ("found",),
            "coded",
            _OFFICER,
        ),
        Transition(
            "code_again",
            Text("第二人编码", "code again"),
            Text("由另一人独立编码并计算一致性", "another person codes on their own; agreement is measured"),
            ("coded",),
            "second_coded",
            _OFFICER,
            not_by=("coder",),
        ),
        Transition(
            "recode",
            Text("退回重编", "send back"),
            Text("两人不一致时重新编码", "coded anew when the two disagree"),
            ("second_coded", "disputed"),
            "found",
            _OFFICER,
            needs_reason=True,
        ),
        Transition(
            "publish",
            Text("发布", "publish"),
            Text("进入拥挤度与相似度的计算", "enters crowding and similarity"),
            ("second_coded",),
            "published",
            _OFFICER,
            guards=(AGREED,),
            not_by=("coder",),
        ),
        Transition(
            "dispute",
            Text("提出异议", "dispute"),
            Text("地区对编码有异议，暂不用于计算", "a region disputes the coding; it is not used meanwhile"),
            ("published",),
            "disputed",
            _OFFICER,
            needs_reason=True,
        ),
        Transition(
            "settle",
            Text("维持编码", "uphold"),
            Text("异议不成立，恢复使用", "the dispute is not upheld; the document is used again"),
            ("disputed",),
            "published",
            _OFFICER,
            needs_reason=True,
            not_by=("coder",),
        ),
        Transition(
            "supersede",
            Text("被新文件替代", "supersede"),
            Text("同一地区有更新的完整文件", "the region has a newer complete document"),
            ("published",),
            "superseded",
            _OFFICER,
            needs_reason=True,
        ),
    ),
)
