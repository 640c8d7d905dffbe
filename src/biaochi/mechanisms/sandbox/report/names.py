"""What the codes of the sandbox are called on pages and in reports."""

from __future__ import annotations

from collections.abc import Mapping

from biaochi.core.text import Text
from biaochi.mechanisms.sandbox.model import AlarmKind

METHODS: dict[str, Text] = {
    "beta": Text("比率的 e 过程", "e-process of a rate"),
    "gamma": Text("次数的 e 过程", "e-process of counts"),
    "betting": Text("有界读数的 e 过程", "e-process of bounded readings"),
    "normal": Text("正态读数的 e 过程", "e-process of normal readings"),
    "asymptotic": Text("渐近置信序列", "asymptotic confidence sequence"),
    "cusum": Text("累积和", "CUSUM"),
    "e_detector": Text("变化检测（e 检测器）", "change detection (e-detector)"),
    "maxsprt": Text("最大序贯比", "MaxSPRT"),
    "hard": Text("一次即报", "every single reading"),
}
ALARM_KINDS: dict[AlarmKind, Text] = {
    AlarmKind.STATISTICAL: Text("护栏越界", "guardrail crossed"),
    AlarmKind.HARD: Text("严重伤害", "serious harm"),
    AlarmKind.FAMILY: Text("护栏族", "family of guardrails"),
    AlarmKind.MISSING_FEED: Text("数据沉默", "silent feed"),
    AlarmKind.INCIDENT: Text("事件", "incident"),
    AlarmKind.LATE_INCIDENT: Text("迟报事件", "incident reported late"),
    AlarmKind.EXPIRY: Text("豁免到期", "waiver ended"),
    AlarmKind.ETHICS_OVERDUE: Text("伦理跟踪审查逾期", "ethics review overdue"),
}
_ACCOUNTS: dict[str, Text] = {
    "appropriation": Text("拨入预算", "appropriation"),
    "available": Text("可发放余额", "available"),
    "voucher": Text("已发券", "vouchers held"),
    "paid": Text("已兑付", "paid"),
}


def account_name(code: str, holders: Mapping[str, Text] | None = None) -> Text:
    """Return the name of an account of a voucher scheme, with its holder (by name, where known) if it has one.

    Examples
    --------
    >>> account_name("voucher:OR-7").zh, account_name("available").en
    ('已发券（OR-7）', 'available')
    """
    kind, _, holder = code.partition(":")
    name = _ACCOUNTS.get(kind, Text.same(kind))
    if not holder:
        return name
    who = (holders or {}).get(holder, Text.same(holder))
    return Text(f"{name.zh}（{who.zh}）", f"{name.en} ({who.en})")
