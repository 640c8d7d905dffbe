"""What a clause is for, read from its headings, its stem and itself."""

from __future__ import annotations

import re
from typing import Literal, get_args

Role = Literal[
    "heading",
    "cue",
    "qualification",
    "scoring",
    "technical",
    "commercial",
    "contract",
    "eligibility",
    "benefit",
    "procedure",
    "definition",
    "other",
]
ROLES: tuple[str, ...] = get_args(Role)

_CUES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (role, re.compile(pattern, re.IGNORECASE))
    for role, pattern in (
        (
            "scoring",
            r"评分|评审(?:标准|因素|办法)|评标(?:办法|标准)|打分|得分|分值|award criteria|scoring|evaluation criteria",
        ),
        (
            "qualification",
            r"资格(?:要求|条件|审查|性)|合格(?:的)?(?:投标人|供应商)|投标人(?:应)?(?:须)?具备|qualification",
        ),
        ("eligibility", r"申报(?:条件|主体|对象)|支持对象|申请条件|准入|入驻条件|适用对象|适用范围|eligib"),
        ("benefit", r"奖励(?:标准|措施)?|扶持|补贴(?:标准)?|资助|支持(?:措施|政策|标准)|优惠|incentive|grant"),
        ("contract", r"合同(?:条款|主要条款|签订)?|违约|履约|验收|付款|质保|contract|warranty"),
        ("technical", r"技术(?:要求|参数|规格|需求)|采购需求|功能(?:要求|需求)|性能|规格|technical|specification"),
        ("commercial", r"商务(?:要求|条款)|报价|交货|commercial|pricing"),
        ("procedure", r"申报(?:程序|流程|材料)|办理流程|获取(?:招标|采购)?文件|报名|递交|开标|procedure|submission"),
        ("definition", r"定义|术语|释义|是指|所称|definition|means\b"),
    )
)


_ANY = re.compile("|".join(f"(?:{pattern.pattern})" for _, pattern in _CUES), re.IGNORECASE)


def role_of(text: str, path: tuple[str, ...], stem: str) -> str:
    """Return the role of a clause: the nearest heading that names one, then the stem, then the clause.

    Examples
    --------
    >>> role_of("注册资本500万元以上", ("第三章 评标办法",), "")
    'scoring'
    """
    for source in (stem, *reversed(path)):
        found = _named(source)
        if found:
            return found
    if text.rstrip().endswith(("：", ":")):
        return "cue"
    return _named(text[:80]) or "other"


def _named(text: str) -> str:
    if not text or _ANY.search(text) is None:
        return ""
    for role, pattern in _CUES:
        if pattern.search(text):
            return role
    return ""
