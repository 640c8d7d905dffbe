"""Forms of the procedure: dates, disclosure, applications, offers, contracts and the first purchase."""

from __future__ import annotations

from datetime import date, datetime

from django import forms
from django.utils import timezone

from biaochi.core.text import Text
from biaochi.mechanisms.procurement.report.words import STAGE
from biaochi.mechanisms.procurement.web.forms.parts import Plain, area, choice, day, items, label, money, told


class CloseForm(Plain):
    """Until when suppliers may apply."""

    close = day(label("申请截止日", "applications close on"), required=False)


class DeadlineForm(Plain):
    """Until when sealed offers are taken."""

    deadline = forms.DateTimeField(
        label=label("首次响应截止时间", "deadline of the first response"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}),
    )

    def clean_deadline(self) -> datetime | None:
        """Refuse a deadline in the past."""
        found: datetime | None = self.cleaned_data["deadline"]
        if found is not None and found <= timezone.now():
            raise told("截止时间已过", "the deadline has passed")
        return found


class ComplaintForm(Plain):
    """Who challenges, and how."""

    kind = choice(
        label("性质", "kind"),
        (
            ("challenge", Text("质疑（向采购人）", "challenge (to the buyer)")),
            ("complaint", Text("投诉（向财政部门）", "complaint (to the finance department)")),
        ),
    )
    by = forms.CharField(label=label("提出单位", "by (organisation)"), max_length=120, required=False)


class DiscloseForm(Plain):
    """Publish a document, or exempt it for a stated reason."""

    exempt = area(
        label("如涉密不公开，写明理由", "if it is secret and stays closed: the reason"), 2, 400, required=False
    )


class ApplyForm(Plain):
    """An application to take part."""

    statement = area(label("符合资格的说明", "how you qualify"), 4)


class JudgeForm(Plain):
    """Whether an applicant qualifies."""

    qualified = choice(
        label("结论", "verdict"), (("yes", Text("合格", "qualifies")), ("no", Text("不合格", "does not")))
    )
    reason = area(label("理由（告知申请人）", "reason (told to the applicant)"), 2, 1000)


class HearForm(Plain):
    """The concept exchange with one supplier."""

    heard_on = day(label("交流日期", "day of the exchange"))
    minutes = area(label("纪要", "minutes"), 3)

    def clean_heard_on(self) -> date:
        """Refuse the future."""
        found: date = self.cleaned_data["heard_on"]
        if found > timezone.localdate():
            raise told("日期在将来", "the date lies in the future")
        return found


class ShareForm(Plain):
    """A share of the opening key."""

    share = forms.CharField(
        label=label("我的密钥份额", "my share of the key"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class InterestForm(Plain):
    """An expert's declaration."""

    conflict = choice(
        label("与任一响应供应商有利益关系吗", "any interest in a supplier that may offer"),
        (("no", Text("没有", "none")), ("yes", Text("有，回避", "yes; I stand aside"))),
    )


class TermsForm(Plain):
    """The terms of one R&D contract."""

    cap = money(label("补偿上限（元）", "cap of compensation, yuan"))
    ends_on = day(label("合同到期日", "the contract ends on"))
    major = forms.BooleanField(label=label("重大项目（至多三年）", "major project (up to 3 years)"), required=False)
    scope = forms.CharField(
        label=label("补偿范围，用顿号或逗号隔开", "scope of compensation, split by commas"),
        max_length=400,
        help_text=label("如：人工、材料、测试", "such as: labour, materials, testing"),
    )

    def clean_scope(self) -> list[str]:
        """Return the items of the scope."""
        return items(self.cleaned_data["scope"])


class StageForm(Plain):
    """The next stage, agreed at the mid-term negotiation."""

    code = choice(label("阶段", "stage"), STAGE.items())
    due_on = day(label("应完成日", "due on"))
    amount = money(label("本阶段补偿（元）", "compensation of the stage, yuan"))
    scope = forms.CharField(label=label("本阶段补偿范围", "scope of the stage"), max_length=400)

    def clean_scope(self) -> list[str]:
        """Return the items of the scope."""
        return items(self.cleaned_data["scope"])


class StageReportForm(Plain):
    """What the supplier reports at the end of a stage."""

    report = area(label("成果报告", "result report"), 4, required=False)
    costs = money(label("实际成本（元）", "actual cost, yuan"), required=False)
    cost_statement = area(label("成本说明", "cost statement"), 3, required=False)


class VerifyForm(Plain):
    """What was verified, and on what evidence."""

    verdict = choice(label("里程碑", "milestone"), (("met", Text("达到", "met")), ("unmet", Text("未达到", "not met"))))
    evidence = area(
        label("核实的证据，一行一件", "verified evidence, one a line"),
        3,
        required=False,
        hint=label("检测报告编号、现场记录、文件的 SHA-256", "test report, record of a visit, SHA-256 of a document"),
    )


class TestForm(Plain):
    """The result of one test of acceptance."""

    need = choice(label("需求", "need"), ())
    value = forms.CharField(label=label("实测值", "measured value"), max_length=80)
    evidence = forms.CharField(label=label("测试报告编号", "test report"), max_length=200)


class SettleForm(Plain):
    """Reasonable costs of an eliminated supplier."""

    costs = money(label("合理成本（元，按成本说明核定）", "reasonable costs, yuan, from the cost statement"))


class FirstForm(Plain):
    """Whom the first purchase is made from, and at which price."""

    supplier = choice(label("验收合格的供应商", "accepted supplier"), ())
    price = money(label("首购总价（元）", "price of the first purchase, yuan"))
    quantity = forms.CharField(label=label("数量", "quantity"), max_length=80)


class SealForm(Plain):
    """The content of an offer; it lives in memory only, until it is sealed."""

    compensation = money(label("研发补偿报价（元）", "compensation asked, yuan"))
    first_price = money(label("首购报价（元）", "price of the first purchase, yuan"))
    months = forms.IntegerField(label=label("研发期限（月）", "months of development"), min_value=1, max_value=36)
    domestic = choice(
        label("本国产品", "domestic product"),
        (("yes", Text("是", "yes")), ("no", Text("否", "no")), ("unknown", Text("不确定", "not sure"))),
    )
    domestic_share = forms.FloatField(
        label=label("本国产品成本占比（0–1）", "domestic share of cost (0–1)"), required=False, min_value=0, max_value=1
    )
    sme = choice(
        label("中小企业", "small or medium-sized"),
        (
            ("none", Text("否", "no")),
            ("small", Text("小型", "small")),
            ("micro", Text("微型", "micro")),
            ("joint", Text("联合体或分包", "joint or subcontract")),
        ),
    )
    proposal = area(label("研发方案", "R&D proposal"), 8, 20_000)
