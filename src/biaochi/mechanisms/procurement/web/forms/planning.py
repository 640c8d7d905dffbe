"""Forms of the plan: its contents, its needs, and the products known on the market."""

from __future__ import annotations

from typing import Any

from django import forms

from biaochi.core.text import Text
from biaochi.mechanisms.procurement.report.words import CRITERION, MODE
from biaochi.mechanisms.procurement.web.forms.parts import (
    Plain,
    area,
    choice,
    day,
    items,
    label,
    money,
    split_lines,
    told,
)


class PlanForm(Plain):
    """What the plan must say beside its needs (Art 12)."""

    title_zh = forms.CharField(label=label("中文名称", "title in Chinese"), max_length=150)
    title_en = forms.CharField(label=label("英文名称", "title in English"), max_length=150)
    level = choice(
        label("预算级次", "budget level"),
        (
            ("central", Text("中央", "central")),
            ("provincial", Text("省级", "provincial")),
            ("plan_city", Text("计划单列市", "city under state planning")),
            ("prefecture", Text("设区的市", "prefecture")),
            ("county", Text("县级", "county")),
        ),
    )
    consent_on = day(label("省级部门同意日（设区的市）", "consent of the province (prefecture)"), required=False)
    ground = choice(
        label("适用情形（第三条）", "ground (Art 3)"),
        (
            ("a", Text("甲：市场现有产品不能满足", "a: market products cannot meet the need")),
            ("b", Text("乙：新方案有明显改进", "b: a new solution with marked improvement")),
            ("c", Text("丙：财政部规定的其他情形", "c: other cases of the finance ministry")),
        ),
    )
    serves = forms.CharField(label=label("落实哪项规划", "plan it serves"), max_length=200)
    statement = area(label("为何需要合作研发", "why it needs co-development"), 3)
    max_cost = money(label("最高研发费用（元，含首购）", "maximum cost incl. first purchase, yuan"))
    first_purchase = money(label("其中首购预留（元）", "of it for the first purchase, yuan"))
    mode = choice(label("邀请方式", "mode"), MODE.items())
    mode_reason = forms.CharField(label=label("非公开方式的理由", "reason unless open"), max_length=400, required=False)
    planned_suppliers = forms.IntegerField(
        label=label("研发供应商家数（至多三家）", "R&D suppliers (at most 3)"), min_value=1, max_value=9
    )
    group = area(
        label(
            "谈判小组，每行：代号 | 法律、经济、技术或采购人",
            "group, a line each: id | legal, economics, technical, buyer",
        ),
        5,
    )
    criteria = area(
        label("评审标准，每行：标准 | 权重", "criteria, a line each: criterion | weight"),
        4,
        hint=label(
            "标准：研发方案、价格、期限、服务；权重之和为 100，研发方案不少于 50",
            "criteria: proposal, price, time, service; they sum to 100, the proposal at least 50",
        ),
    )
    sme_reserved = forms.BooleanField(
        label=label("面向中小企业预留", "reserved for small and medium-sized firms"), required=False
    )
    subcontract_share = forms.FloatField(
        label=label("向中小企业分包比例（0–1）", "subcontracted to them (0–1)"),
        required=False,
        min_value=0,
        max_value=1,
    )
    sme_rate = forms.FloatField(
        label=label("小微企业价格扣除（0.10–0.20）", "deduction for small firms (0.10–0.20)"),
        required=False,
        min_value=0,
        max_value=1,
    )
    ip_owner = choice(
        label("知识产权归", "intellectual property of"),
        (
            ("supplier", Text("供应商", "the supplier")),
            ("buyer", Text("采购人", "the buyer")),
            ("shared", Text("共有", "both")),
        ),
    )
    ip_reason = forms.CharField(
        label=label("不归供应商的理由", "reason unless the supplier's"), max_length=400, required=False
    )
    iteration_duty = forms.BooleanField(label=label("首购后有迭代义务", "duty to iterate"), required=False)
    risks = area(label("风险与控制，每行：风险 | 控制", "risks, a line each: risk | control"), 3)
    routes = area(
        label("技术路线，每行：目标 | 路线、路线", "routes, a line each: goal | route, route"),
        3,
        hint=label("每个目标至少两条路线", "at least two routes for each goal"),
    )

    def clean_group(self) -> list[dict[str, str]]:
        """Return the members of the group by their roles."""
        words = {"法律": "legal", "经济": "economics", "技术": "technical", "采购人": "buyer"}
        found = []
        for name, role in split_lines(self.cleaned_data["group"], 2):
            code = words.get(role, role)
            if code not in words.values():
                raise told(f"“{role}”：须是法律、经济、技术或采购人", f"“{role}”: legal, economics, technical or buyer")
            found.append({"id": name[:40], "role": code})
        return found

    def clean_criteria(self) -> list[dict[str, Any]]:
        """Return the criteria; the weights sum to 100."""
        words = {t.zh: c for c, t in CRITERION.items()} | {t.en: c for c, t in CRITERION.items()}
        found: list[dict[str, Any]] = []
        for name, weight in split_lines(self.cleaned_data["criteria"], 2):
            code = words.get(name, name)
            if code not in CRITERION:
                raise told(f"“{name}”：须是研发方案、价格、期限或服务", f"“{name}”: proposal, price, time or service")
            try:
                points = float(weight)
            except ValueError:
                raise told(f"“{weight}”不是数", f"“{weight}” is not a number") from None
            if not 0 < points <= 100:
                raise told("权重应在 0 与 100 之间", "a weight lies between 0 and 100")
            found.append({"code": code, "kind": "price" if code == "price" else "expert", "weight": points})
        if len({c["code"] for c in found}) != len(found):
            raise told("同一标准出现两次", "a criterion appears twice")
        total = sum(float(c["weight"]) for c in found)
        if abs(total - 100) > 1e-9:
            raise told(f"权重之和为 {total:g}，应为 100", f"the weights sum to {total:g}, not 100")
        return found

    def clean_risks(self) -> list[dict[str, str]]:
        """Return risks with their controls."""
        return [{"risk": r, "control": c} for r, c in split_lines(self.cleaned_data["risks"], 2)]

    def clean_routes(self) -> list[dict[str, Any]]:
        """Return goals with their routes."""
        return [{"goal": g, "routes": items(r)} for g, r in split_lines(self.cleaned_data["routes"], 2)]


class NeedForm(Plain):
    """One functional requirement."""

    code = forms.SlugField(label=label("代号", "code"), max_length=20, help_text=label("如 R1", "such as R1"))
    function_zh = forms.CharField(label=label("功能（中文）", "function in Chinese"), max_length=120)
    function_en = forms.CharField(label=label("功能（英文）", "function in English"), max_length=120)
    op = choice(
        label("比较", "comparison"),
        (
            (">=", Text("不低于 ≥", "at least ≥")),
            ("<=", Text("不高于 ≤", "at most ≤")),
            ("==", Text("等于", "equals")),
            ("in", Text("属于其一", "one of")),
        ),
    )
    threshold = forms.CharField(label=label("门槛", "threshold"), max_length=200)
    unit = forms.CharField(label=label("单位", "unit"), max_length=40, required=False)
    test_method = forms.CharField(label=label("测试方法", "test method"), max_length=200)
    mandatory = forms.BooleanField(label=label("必须满足", "mandatory"), required=False, initial=True)

    def clean(self) -> dict[str, Any]:
        """Demand a number and a unit where the comparison needs one; say what, not how."""
        data: dict[str, Any] = super().clean() or {}
        raw, op = str(data.get("threshold", "")).strip(), data.get("op")
        if op in (">=", "<="):
            try:
                data["threshold"] = float(raw)
            except ValueError:
                self.add_error("threshold", told("该比较须是一个数", "this comparison needs a number"))
            else:
                if abs(data["threshold"]) == float("inf") or data["threshold"] != data["threshold"]:
                    self.add_error("threshold", told("须是有限的数", "the number must be finite"))
            if not data.get("unit"):
                self.add_error("unit", told("数值型需求须有单位", "a numeric need needs a unit"))
        elif op == "in":
            data["threshold"] = items(raw)
        return data


class ThresholdForm(Plain):
    """A new threshold for one need."""

    threshold = forms.FloatField(label=label("门槛", "threshold"))


class ProductForm(Plain):
    """What is known of one product for one need; a range where the value varies, nothing where unknown."""

    product = forms.CharField(label=label("产品", "product"), max_length=60)
    supplier = forms.CharField(label=label("供应商", "supplier"), max_length=60)
    group = forms.CharField(label=label("所属集团", "group"), max_length=60, required=False)
    need = choice(label("需求", "need"), ())
    value = forms.CharField(label=label("值", "value"), max_length=80, required=False)
    low = forms.FloatField(label=label("下限", "low"), required=False)
    high = forms.FloatField(label=label("上限", "high"), required=False)

    def clean(self) -> dict[str, Any]:
        """Demand ends in order."""
        data: dict[str, Any] = super().clean() or {}
        low, high = data.get("low"), data.get("high")
        if low is not None and high is not None and low > high:
            self.add_error("low", told("下限大于上限", "low exceeds high"))
        return data


class ProductsForm(Plain):
    """A table of products, pasted."""

    table = area(label("产品表（CSV）", "table of products (CSV)"), 8, 100_000)


class PlanFileForm(Plain):
    """A plan from its file."""

    document = area(label("采购文件（YAML）", "purchase file (YAML)"), 16, 100_000)
