"""Forms of the sandbox; labels in both languages."""

from __future__ import annotations

from typing import Any

import yaml
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language

from biaochi.core.text import Lang, Text
from biaochi.mechanisms.sandbox.model import CRITERIA, Floor, Level, Severity, WaiverKind
from biaochi.mechanisms.sandbox.web.models import Grant, SandboxCase, Service, WaiverRow
from biaochi.registry.models import Organisation

TRACKS = {
    "bci": Text("脑机接口", "brain–computer interfaces"),
    "embodied": Text("具身智能", "embodied intelligence"),
    "quantum": Text("量子科技", "quantum technology"),
    "other": Text("其他赛道", "another track"),
}
CRITERION = {
    "in_scope": Text("属于范围：受哪条现行规则约束", "in scope: which present rule binds it"),
    "genuine_innovation": Text("真正创新：与现有做法有何不同", "genuine innovation: how it differs"),
    "consumer_benefit": Text("对使用者有益：什么好处", "benefit to users: which"),
    "readiness": Text("已有准备：试验条件", "readiness: what is in place"),
    "need_for_support": Text("确需支持：为何常规许可不行", "need for support: why no ordinary permit will do"),
}
VERDICTS = {
    "unknown": Text("未知", "unknown"),
    "met": Text("满足", "met"),
    "unmet": Text("不满足", "unmet"),
    "manual_review": Text("人工复核", "manual review"),
}
QUESTIONS = {
    "E1": Text("E1 对人类生命健康、价值理念、生态环境有重大影响的新物种合成", "E1 synthesis of new species"),
    "E2": Text("E2 将人干细胞导入动物胚胎并在动物子宫孕育", "E2 human stem cells in animal embryos"),
    "E3": Text("E3 改变人类生殖细胞、受精卵、胚胎的核遗传物质的基础研究", "E3 changes of the human germ line"),
    "E4": Text("E4 侵入式脑机接口用于神经、精神类疾病治疗的临床研究", "E4 invasive brain–computer interfaces"),
    "E5": Text("E5 对人的主观行为、心理情绪、生命健康有较强影响的人机融合", "E5 strong human–machine integration"),
    "E6": Text("E6 有舆论动员能力和社会意识引导能力的算法", "E6 algorithms that mobilise opinion"),
    "E7": Text("E7 面向安全、人身健康风险场景的高度自主决策系统", "E7 highly autonomous decisions with safety risks"),
}


def lang_now() -> Lang:
    """Return the language of the page."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def _label(zh: str, en: str) -> Any:
    return Text(zh, en)


def _area(label: Any, rows: int = 3, *, required: bool = True, most: int = 4000, hint: Any = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, max_length=most, widget=widget, help_text=hint)


class Worded(forms.Form):
    """A form whose labels, hints and choices are texts in both languages."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lang = lang_now()
        for field in self.fields.values():
            label: object = field.label
            hint: object = field.help_text
            if isinstance(label, Text):
                field.label = label.within(lang)
            if isinstance(hint, Text):
                field.help_text = hint.within(lang)
            if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
                field.choices = [(k, v.within(lang) if isinstance(v, Text) else v) for k, v in field.choices]  # type: ignore[union-attr, misc]


class DatedInput(forms.DateInput):
    """A date as browsers offer it."""

    input_type = "date"


def _day(label: Any, *, required: bool = True) -> forms.DateField:
    return forms.DateField(label=label, required=required, widget=DatedInput(format="%Y-%m-%d"))


class CaseForm(Worded, forms.ModelForm):  # type: ignore[type-arg]
    """An application: what is tried, which floor is kept, why a sandbox, what ethics asks."""

    title_zh = forms.CharField(label=_label("中文名称", "title in Chinese"), max_length=200)
    title_en = forms.CharField(label=_label("英文名称", "title in English"), max_length=200)
    tracks = forms.MultipleChoiceField(
        label=_label("赛道", "tracks"), choices=list(TRACKS.items()), widget=forms.CheckboxSelectMultiple
    )
    floor = forms.MultipleChoiceField(
        label=_label("承诺保留的安全底线（五项缺一不可）", "safety floor kept (all five)"),
        choices=[(f.value, f.text) for f in Floor],
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = SandboxCase
        fields = ("title_zh", "title_en")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lang = lang_now()
        for code in CRITERIA:
            self.fields[f"why_{code}"] = _area(CRITERION[code].within(lang), 2, required=False, most=1000)
        answers = [("", _label("未答", "not answered")), ("no", _label("否", "no")), ("yes", _label("是", "yes"))]
        for code, question in QUESTIONS.items():
            self.fields[code] = forms.ChoiceField(
                label=question.within(lang),
                required=False,
                choices=[(k, v if isinstance(v, str) else v.within(lang)) for k, v in answers],
            )


class AssessForm(Worded):
    """The regulator's finding on each criterion."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lang = lang_now()
        for code in CRITERIA:
            choices = [(k, v.within(lang)) for k, v in VERDICTS.items()]
            self.fields[code] = forms.ChoiceField(label=CRITERION[code].within(lang), choices=choices)
            self.fields[f"why_{code}"] = _area(Text("理由", "reason").within(lang), 2, required=False, most=1000)


class WaiverForm(Worded, forms.ModelForm):  # type: ignore[type-arg]
    """A rule to be relieved."""

    citation = forms.CharField(label=_label("条文", "clause"), max_length=300)
    level = forms.ChoiceField(label=_label("规则层级", "rank of the rule"), choices=[(x.value, x.text) for x in Level])
    authority = forms.CharField(label=_label("主管部门", "authority"), max_length=120)
    authorisation = forms.CharField(
        label=_label("授权决定（法律层级须有）", "authorising decision (needed for a law)"),
        max_length=300,
        required=False,
    )
    kind = forms.ChoiceField(label=_label("方式", "manner"), choices=[(x.value, x.text) for x in WaiverKind])
    touching = forms.MultipleChoiceField(
        label=_label("触及的安全底线（触及任何一项都不予批准）", "floor items it touches (any one refuses it)"),
        choices=[("none", _label("均不触及", "none")), *((f.value, f.text) for f in Floor)],
        widget=forms.CheckboxSelectMultiple,
    )
    area = forms.CharField(label=_label("地域", "area"), max_length=200, required=False)
    users_max = forms.IntegerField(label=_label("使用者上限", "most users"), min_value=0, required=False)
    start_on = _day(_label("起期", "from"))
    end_on = _day(_label("止期（到期自行终止）", "to (it ends by itself)"))

    class Meta:
        model = WaiverRow
        fields = (
            "citation", "level", "authority", "authorisation", "kind", "area", "users_max", "start_on", "end_on",
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Refuse dates in the wrong order, and “none” beside an item."""
        found = dict(super().clean() or self.cleaned_data)
        begin, end = found.get("start_on"), found.get("end_on")
        if begin and end and end < begin:
            self.add_error("end_on", Text("止期早于起期", "it ends before it starts").within(lang_now()))
        touching = found.get("touching") or []
        if "none" in touching and len(touching) > 1:
            self.add_error(
                "touching", Text("“均不触及”不能与其他并选", "“none” excludes the others").within(lang_now())
            )
        return found


class EthicsForm(Worded):
    """Who sat and how it voted; conditions and the next review."""

    members = forms.IntegerField(label=_label("委员人数", "members"), min_value=1)
    external = forms.IntegerField(label=_label("外部委员", "outside members"), min_value=0)
    present = forms.IntegerField(label=_label("到会人数", "members present"), min_value=1)
    in_favour = forms.IntegerField(label=_label("赞成人数", "in favour"), min_value=0)
    conditions = _area(_label("条件（每行一条；附条件批准时必填）", "conditions, one a line"), required=False)
    next_review_on = _day(_label("下次跟踪审查日期", "next review on"))


class PlanForm(Worded):
    """A plan as text, and what to simulate it with."""

    text = forms.CharField(
        label=_label("监测方案（YAML）", "supervision plan (YAML)"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false"}),
        help_text=_label(
            "数据源、护栏、事件报告；登记时刻由系统写入",
            "feeds, guardrails, incidents; the site writes the instant of registration",
        ),
    )
    exposure = forms.FloatField(label=_label("每次读数的暴露量", "exposure a reading"), min_value=1, max_value=1e6)
    readings = forms.IntegerField(label=_label("模拟的读数次数", "readings simulated"), min_value=5, max_value=400)
    worse = forms.FloatField(label=_label("变差到上限的几倍", "worse by, times the cap"), min_value=1.05, max_value=50)


class PapersForm(Worded):
    """What a case leaves behind: a rule-change proposal and what the public reads."""

    clause = forms.CharField(label=_label("建议修改的条文", "clause to be changed"), max_length=300)
    text = _area(_label("建议文本", "proposed text"))
    evidence = _area(_label("证据（每行一条）", "evidence, one a line"))
    authority = forms.CharField(label=_label("提交给", "submitted to"), max_length=120)
    summary_zh = _area(_label("公开摘要（中文）：试了什么、学到什么", "public summary in Chinese"))
    summary_en = _area(_label("公开摘要（英文）", "public summary in English"))


class AmendmentForm(Worded):
    """A change of guardrails from an instant on."""

    effective_at = forms.CharField(
        label=_label("生效时刻（不得溯及既往）", "effective at (never backwards)"),
        max_length=40,
        help_text=_label("如 2026-12-01T09:00", "such as 2026-12-01T09:00"),
    )
    reason = _area(_label("理由", "reason"))
    changes = forms.CharField(
        label=_label("改动（YAML）", "changes (YAML)"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_label(
            "如 G1: {cap: 0.03}；该护栏从零重新计，旧记录保留",
            "such as G1: {cap: 0.03}; it starts afresh, its record stays",
        ),
    )

    def clean_changes(self) -> dict[str, Any]:
        """Read the changes as a table of tables."""
        try:
            found = yaml.safe_load(self.cleaned_data["changes"])
        except yaml.YAMLError as error:
            raise ValidationError(Text("读不懂这段 YAML", "this is not readable YAML").within(lang_now())) from error
        if not isinstance(found, dict) or not all(isinstance(v, dict) and v for v in found.values()):
            raise ValidationError(Text("应写成 护栏：{键：值}", "write guardrail: {key: value}").within(lang_now()))
        return {str(k): v for k, v in found.items()}


class IncidentForm(Worded):
    """An incident."""

    occurred_at = forms.CharField(
        label=_label("发生时刻", "when it happened"),
        max_length=40,
        help_text=_label("如 2026-12-01T09:00", "such as 2026-12-01T09:00"),
    )
    severity = forms.ChoiceField(label=_label("严重程度", "severity"), choices=[(s.value, s.text) for s in Severity])
    text = _area(_label("说明（不写个人信息）", "what happened (no personal data)"), required=False, most=2000)


class IssueForm(Worded):
    """A voucher for one holder."""

    holder: forms.ModelChoiceField[Organisation] = forms.ModelChoiceField(
        label=_label("持券单位", "holder"), queryset=None
    )
    amount = forms.DecimalField(label=_label("券面（元）", "face (yuan)"), min_value=1, max_digits=14, decimal_places=2)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        holders = kwargs.pop("holders")
        super().__init__(*args, **kwargs)
        self.fields["holder"].queryset = holders  # type: ignore[attr-defined]


class SchemeForm(Worded):
    """A new voucher scheme."""

    title_zh = forms.CharField(label=_label("中文名称", "title in Chinese"), max_length=200)
    title_en = forms.CharField(label=_label("英文名称", "title in English"), max_length=200)
    budget = forms.DecimalField(
        label=_label("预算（元）", "budget (yuan)"), min_value=1, max_digits=14, decimal_places=2
    )
    holder_cap = forms.DecimalField(
        label=_label("单位上限（元）", "cap of a holder (yuan)"), min_value=1, max_digits=14, decimal_places=2
    )
    cap_by = forms.ChoiceField(
        label=_label("上限按", "cap by"),
        choices=[
            ("group", _label("关联单位合计", "group of affiliates")),
            ("holder", _label("单个单位", "single holder")),
        ],
    )
    kind = forms.CharField(label=_label("算力类别", "kind of compute"), max_length=40)
    rate = forms.DecimalField(label=_label("补贴比例（0–1）", "rate (0–1)"), min_value=0, max_value=1, decimal_places=4)
    start_on = _day(_label("起期", "from"))
    end_on = _day(_label("止期", "to"))
    local_only = forms.BooleanField(label=_label("只补贴本地注册单位", "only local holders"), required=False)


class ReserveForm(Worded):
    """The contract a voucher is bound to."""

    provider = forms.CharField(label=_label("算力服务方", "provider"), max_length=120)
    contract = forms.CharField(label=_label("合同编号", "contract"), max_length=120)
    contract_amount = forms.DecimalField(
        label=_label("合同金额（元）", "contract (yuan)"), min_value=1, max_digits=14, decimal_places=2
    )
    kind = forms.CharField(label=_label("算力类别", "kind of compute"), max_length=40)


class ConsumeForm(Worded):
    """What was paid."""

    paid_amount = forms.DecimalField(
        label=_label("已付金额（元）", "paid (yuan)"), min_value=0, max_digits=14, decimal_places=2
    )
    invoice = forms.CharField(label=_label("发票号码", "invoice"), max_length=120)
    other_subsidy = forms.BooleanField(label=_label("已享受其他补贴", "another subsidy was taken"), required=False)


class GrantForm(Worded, forms.ModelForm):  # type: ignore[type-arg]
    """Data to be used where they are."""

    purpose = _area(_label("目的", "purpose"), most=2000)
    basis = forms.CharField(label=_label("依据", "basis"), max_length=300)
    field_names = _area(_label("字段（每行一个）", "fields, one a line"), most=2000)
    start_on = _day(_label("起期", "from"))
    end_on = _day(_label("止期", "to"))
    rows_per_day = forms.IntegerField(label=_label("每日导出行数上限", "rows a day at most"), min_value=1)
    smallest_cell = forms.IntegerField(label=_label("最小单元", "smallest cell"), min_value=1)

    class Meta:
        model = Grant
        fields = ("purpose", "basis", "start_on", "end_on", "rows_per_day", "smallest_cell")


class ExportForm(Worded):
    """A result that should leave the data room."""

    field_names = _area(_label("字段（每行一个）", "fields, one a line"), most=2000)
    rows = forms.IntegerField(label=_label("行数", "rows"), min_value=1)
    smallest_count = forms.IntegerField(
        label=_label("最小单元的人数或单位数", "persons or units behind the smallest cell"), min_value=0, required=False
    )
    purpose = _area(_label("用途", "purpose"), most=2000)


class ServiceForm(Worded, forms.ModelForm):  # type: ignore[type-arg]
    """What a case needs of the accelerator."""

    kind = forms.CharField(label=_label("服务", "service"), max_length=60)
    need = _area(_label("需求", "need"), most=2000)

    class Meta:
        model = Service
        fields = ("kind", "need")


class MatchForm(Worded):
    """Who delivers."""

    provider = forms.CharField(label=_label("服务方", "provider"), max_length=120)


class OutcomeForm(Worded):
    """What came of it."""

    outcome = _area(_label("成效", "outcome"), most=2000)


def lines(text: str) -> list[str]:
    """Return the filled lines of a text."""
    return [line.strip() for line in text.splitlines() if line.strip()]
