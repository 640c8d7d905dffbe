"""Forms of the fund."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language

from biaochi.core.errors import InputError
from biaochi.core.text import Lang, Text
from biaochi.exchange.source import Source
from biaochi.exchange.structured import read_data
from biaochi.mechanisms.fund.model import TeamVerdict
from biaochi.mechanisms.fund.web.models import Programme, Review
from biaochi.methods.allocation import Programme as Model

MOST_BYTES = 1_000_000


def page_lang() -> Lang:
    """Return the language of the page."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def read_document(content: bytes, name: str) -> Any:
    """Return the plain data of a programme file; raise every fault the file holds."""
    data, _ = read_data(Source(name, content))
    Model.from_json(data, file=name)
    return data


class ProgrammeForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new programme, from its file."""

    title_zh = forms.CharField(max_length=200)
    title_en = forms.CharField(max_length=200)
    file = forms.FileField()

    class Meta:
        model = Programme
        fields = ("title_zh", "title_en")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lang = page_lang()
        self.fields["title_zh"].label = Text("中文名称", "title in Chinese").within(lang)
        self.fields["title_en"].label = Text("英文名称", "title in English").within(lang)
        self.fields["file"].label = Text("方案文件（JSON）", "programme file (JSON)").within(lang)
        self.fields["file"].help_text = Text(
            "biaochi.fund.programme/1：阶段、路线、团队、钱与判断。所有错误一次列出。",
            "biaochi.fund.programme/1: stages, routes, teams, money, judgements. Every fault is listed at once.",
        ).within(lang)

    def clean_file(self) -> Any:
        """Read the file and list every fault."""
        upload = self.cleaned_data["file"]
        if upload.size > MOST_BYTES:
            raise ValidationError(Text("文件超过 1 MB", "the file is larger than 1 MB").within(page_lang()))
        try:
            return read_document(upload.read(), upload.name)
        except InputError as error:
            raise ValidationError([f.line(page_lang()) for f in error.faults]) from error


class PlanForm(forms.Form):
    """What an outlook does not know: stages, money, teams, how good the reviews are."""

    stages = forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
    rounds = forms.IntegerField(min_value=1, max_value=20, initial=5)
    budget = forms.FloatField(min_value=0, initial=40)
    teams = forms.IntegerField(min_value=1, max_value=12, initial=3)
    value = forms.FloatField(min_value=0, initial=100)
    overlap = forms.FloatField(min_value=0, max_value=1, initial=0.3)
    ready_if_viable = forms.FloatField(min_value=0, max_value=1, initial=0.5)
    false_pass = forms.FloatField(min_value=0, max_value=0.5, initial=0.1)
    false_miss = forms.FloatField(min_value=0, max_value=0.5, initial=0.1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lang = page_lang()
        self.fields["stages"].initial = "principle | 1 | -0.3\nprototype | 3 | 0.4\npilot | 8 | 1"
        words = {
            "stages": Text("阶段，每行：代码 | 成本 | 难度", "stages, a line each: code | cost | difficulty"),
            "rounds": Text("轮次", "rounds"),
            "budget": Text("预算", "budget"),
            "teams": Text("每条路线的团队数", "teams a route"),
            "value": Text("需求完全满足的价值", "worth of the need met in full"),
            "overlap": Text("同一路线再成功的重叠", "overlap of further successes on a route"),
            "ready_if_viable": Text("可行时已就绪的概率", "chance of being ready if viable"),
            "false_pass": Text("评审误过", "reviews that pass wrongly"),
            "false_miss": Text("评审误否", "reviews that miss wrongly"),
        }
        for name, text in words.items():
            self.fields[name].label = text.within(lang)
        self.fields["stages"].help_text = Text(
            "难度以 logit 计，越大越难；最后一个阶段是现实，其余是评审。",
            "Difficulty in logits, more is harder; the last stage is reality, the others are reviews.",
        ).within(lang)

    def clean_stages(self) -> tuple[tuple[str, float, float], ...]:
        """Return the stages."""
        found = []
        for line in self.cleaned_data["stages"].splitlines():
            parts = [p.strip() for p in line.replace("｜", "|").split("|")]
            if not any(parts):
                continue
            try:
                code, cost, difficulty = parts
                found.append((code, float(cost), float(difficulty)))
            except ValueError as error:
                told = Text(
                    f"“{line[:60]}”：须为 代码 | 成本 | 难度", f"“{line[:60]}”: must be code | cost | difficulty"
                )
                raise ValidationError(told.within(page_lang())) from error
        return tuple(found)


def decision_form(review: Review) -> type[forms.Form]:
    """Return the form of a board's decision: a verdict for each team, and why where it departs from the advice."""
    lang = page_lang()
    tried = {o["team"] for o in review.document.get("observations", [])}
    fields: dict[str, forms.Field] = {}
    for team, advised in review.advised.items():
        words = TeamVerdict(advised).text.within(lang)
        fields[f"verdict_{team}"] = forms.ChoiceField(
            label=Text(f"{team}（建议{words}）", f"{team} (advice: {words})").within(lang),
            choices=[(v.value, v.text.within(lang)) for v in _offered(team in tried, advised)],
            initial=advised,
        )
        fields[f"why_{team}"] = forms.CharField(
            label=Text(f"{team}：为何偏离建议", f"{team}: why not as advised").within(lang),
            required=False,
            max_length=1000,
        )
    return type("DecisionForm", (forms.Form,), fields)


def _offered(tried: bool, advised: str) -> tuple[TeamVerdict, ...]:
    if advised == TeamVerdict.SUCCEEDED:
        return (TeamVerdict.SUCCEEDED,)
    if not tried:
        return (TeamVerdict.START, TeamVerdict.RESERVE)
    return (TeamVerdict.CONTINUE, TeamVerdict.ADJUST, TeamVerdict.PAUSE, TeamVerdict.STOP)
