"""Pages of cultivation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from biaochi.core.decision import Decision
from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.cultivation.web import pages, readings
from biaochi.mechanisms.cultivation.web.forms import TitleForm
from biaochi.mechanisms.cultivation.web.models import FirmFile, Title
from biaochi.registry.acting import acting
from biaochi.registry.views import CreateView, Item, ListColumn, ListFilter, ListView, ObjectView, Section


class FirmList(ListView):
    """Firms on file."""

    model = FirmFile
    heading = Text("企业", "Firms")
    columns = (
        ListColumn("code", Text("标识", "identifier"), lambda f: f.code),
        ListColumn(
            "fiscal_year", Text("会计年度", "fiscal year"), lambda f: _whole(f.facts.get("fiscal_year")), numeric=True
        ),
        ListColumn("grade", Text("证据等级", "evidence grade"), lambda f: f.facts.get("grade") or "C"),
        ListColumn("updated_at", Text("更新", "updated"), lambda f: timezone.localdate(f.updated_at)),
    )

    def answer(self, actor: Actor, count: int, lang: Lang) -> str:
        """Return how many files there are and how to add one."""
        return Text(
            f"{count} 家企业在库。评定只为申报与审核作准备，不认定任何企业。",
            f"{count} firms on file. A verdict prepares a decision; it recognises nobody.",
        ).within(lang)


def _whole(value: object) -> object:
    return str(int(value)) if isinstance(value, int | float) else ""


class FirmPage(ObjectView):
    """Where a firm stands, why, the cheapest way up, what expires when."""

    model = FirmFile

    def get(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Show the firm on a day."""
        self.day, self.years, self.chosen = _asked(request)
        return super().get(request, public_id)

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Make a move or add a document; what is shown again is of today."""
        self.day, self.years, self.chosen = _asked(request)
        return super().post(request, public_id)

    def answer(self, obj: FirmFile, actor: Actor, lang: Lang) -> str:
        """Return the rung held and what the next asks."""
        return pages.answer(readings.standing(obj, self.day, self.years)).within(lang)

    def facts(self, obj: FirmFile, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return where the facts come from."""
        return [
            Item(Text("标识", "identifier"), obj.code),
            Item(Text("会计年度（_1）", "fiscal year (_1)"), _whole(obj.facts.get("fiscal_year"))),
            Item(Text("证据等级", "grade of evidence"), obj.facts.get("grade") or "C"),
            Item(Text("来源文件", "file"), obj.source),
            Item(Text("更新于", "updated"), obj.updated_at),
        ]

    def sections(self, obj: FirmFile, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return ladder, criteria, way up, lapses, titles and evidence."""
        found = readings.standing(obj, self.day, self.years)
        chosen = self.chosen if self.chosen in found.decisions else found.aim or found.held
        decision = found.decisions.get(chosen)
        version = str(decision.facts.get("version", "")) if decision else ""
        rules = next((r for r in readings.rules() if r.code == chosen and r.version == version), None)
        names = {c.code: c.name for c in rules.criteria} if rules else {}
        titles = Title.visible(actor, obj.titles.all()).order_by("-created_at")
        context = {"file": obj, "day": self.day, "years": self.years, "chosen": chosen}
        aim = readings.set_name(found.aim) if found.aim else None
        return [
            Section(
                Text("阶梯", "Ladder"),
                "cultivation/ladder.html",
                context | {"rungs": pages.ladder(found)},
                Text(
                    f"{self.day} 有效的规则。点名称看各条。",
                    f"By the rules in force on {self.day}. A name shows its criteria.",
                ),
                now=True,
            ),
            Section(
                Text("逐条结论", "Verdict by criterion"),
                "cultivation/criteria.html",
                context
                | {
                    "name": readings.set_name(chosen) if chosen else None,
                    "rules": rules,
                    "verdict": decision.outcome if decision else "",
                    "rows": pages.criteria(decision, names, lang) if decision else [],
                },
            ),
            Section(
                Text("到下一级最省的路", "The cheapest way up"),
                "cultivation/way.html",
                context
                | {"aim": aim, "gaps": pages.gaps(found), "plans": pages.plans(found), "costs": bool(obj.costs)},
            ),
            Section(
                Text("什么何时到期", "What expires when"),
                "cultivation/lapses.html",
                context
                | {
                    "rows": pages.expiries(found, self.day),
                    "duties": pages.duties(readings.duties(obj, found, self.day), self.day),
                    "titles": titles,
                    "may": _own(obj, actor),
                },
            ),
            Section(Text("证据", "Evidence"), "cultivation/evidence.html", {"rows": list(obj.evidence.all()[:50])}),
        ]


def _own(obj: FirmFile, actor: Actor) -> bool:
    return actor.role is Role.FIRM and obj.organisation is not None and obj.organisation.public_id == actor.organisation


def _asked(request: HttpRequest) -> tuple[date, int, str]:
    """Return day, horizon and set as the address asks; what makes no sense falls back to today, one year, none."""
    try:
        day = date.fromisoformat(request.GET.get("at", ""))
    except ValueError:
        day = timezone.localdate()
    if not date(2000, 1, 1) <= day <= date(2100, 12, 31):
        day = timezone.localdate()
    years = request.GET.get("years", "1")
    return day, int(years) if years in ("0", "1", "2", "3") else 1, request.GET.get("set", "")


class TitleList(ListView):
    """Titles: those applied for, those in force, those that ended."""

    model = Title
    heading = Text("称号", "Titles")
    related = ("firm",)
    columns = (
        ListColumn("grade", Text("级别", "grade"), lambda t: readings.set_name(t.grade)),
        ListColumn("granted_on", Text("认定日", "granted"), lambda t: t.granted_on),
        ListColumn("valid_to", Text("有效期至", "valid to"), lambda t: t.valid_to),
    )
    filters = (
        ListFilter(
            "grade",
            Text("级别", "grade"),
            "grade",
            lambda: [(c, readings.set_name(c)) for c in dict.fromkeys(r.code for r in readings.rules())],
        ),
    )


class TitlePage(ObjectView):
    """One title from the pool to its end."""

    model = Title
    related = ("firm",)

    def answer(self, obj: Title, actor: Actor, lang: Lang) -> str:
        """Return until when it is valid, or what is being decided."""
        if obj.valid_to:
            return Text(f"有效期至 {obj.valid_to}。", f"Valid to {obj.valid_to}.").within(lang)
        return Text(
            "评定按申报当日有效的规则；认定由人作出。",
            "Assessed by the rules in force; recognition is a person's decision.",
        ).within(lang)

    def facts(self, obj: Title, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return firm, grade and days."""
        return [
            Item(Text("级别", "grade"), readings.set_name(obj.grade)),
            Item(Text("认定日", "granted on"), obj.granted_on),
            Item(Text("有效期至", "valid to"), obj.valid_to),
        ]

    def sections(self, obj: Title, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return the verdict by criterion, for those who may see the firm's file."""
        if not FirmFile.visible(actor, FirmFile.objects.filter(pk=obj.firm_id)).exists():
            return []
        day = timezone.localdate()
        decision = readings.standing(obj.firm, day, 1).decisions.get(obj.grade)
        version = str(decision.facts.get("version", "")) if decision else ""
        rules = next((r for r in readings.rules() if r.code == obj.grade and r.version == version), None)
        names = {c.code: c.name for c in rules.criteria} if rules else {}
        context = {
            "file": obj.firm,
            "name": readings.set_name(obj.grade),
            "rules": rules,
            "verdict": decision.outcome if decision else "",
            "rows": pages.criteria(decision, names, lang) if decision else [],
        }
        return [Section(Text("逐条结论", "Verdict by criterion"), "cultivation/criteria.html", context, now=True)]

    def decide(self, obj: Title, move: str, actor: Actor, data: Mapping[str, Any], now: datetime) -> Decision | None:
        """Verify, recognise and renew with the assessment of the day; nobody is recognised against it."""
        if move not in ("verify", "recognise", "renew"):
            return None
        decision = readings.standing(obj.firm, timezone.localdate(now), 1).decisions.get(obj.grade)
        if decision is None:
            raise RefusedError("no_rule", Text("当日没有有效的规则", "no rule is in force on the day"))
        return decision if move == "verify" else decision.require("met", "manual_review")


class NewTitle(CreateView):
    """A firm enters the pool for a title."""

    model = Title
    form_class = TitleForm
    heading = Text("进入培育库", "Enter the pool")
    consequence = Text("进入培育库；备齐后再申报。", "Enters the pool; apply when everything is ready.")

    def prepare(self, obj: Title, form: forms.ModelForm[Any], actor: Actor) -> None:
        """Join it to the firm's own file."""
        file = own_files(actor).first()
        if file is None:
            raise PermissionDenied
        name = readings.set_name(obj.grade)
        obj.firm = file
        obj.region = file.region
        obj.title_zh, obj.title_en = f"{file.title_zh}：{name.zh}"[:200], f"{file.title_en}: {name.en}"[:200]

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Show the form; without a file there is nothing to apply with."""
        if not own_files(acting(request).actor).exists():
            return render(request, "cultivation/no_file.html", {"heading": self.heading})
        return super().get(request)


def own_files(actor: Actor) -> QuerySet[FirmFile]:
    """Return the files an actor's own organisation keeps."""
    rows = FirmFile.objects.filter(organisation__public_id=actor.organisation, state="kept")
    return FirmFile.visible(actor, rows).order_by("-updated_at") if actor.organisation else rows.none()
