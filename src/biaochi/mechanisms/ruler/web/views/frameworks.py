"""Frameworks: the list, one framework with its consultation, a new one from its file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views import View

from biaochi.core.decision import Decision
from biaochi.core.errors import InputError, RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.ruler.decisions import decide_adoption
from biaochi.mechanisms.ruler.web import readings, words
from biaochi.mechanisms.ruler.web.acts import fill, set_band, store_audit
from biaochi.mechanisms.ruler.web.checking import read_tree
from biaochi.mechanisms.ruler.web.forms import BandForm, FrameworkForm, OpinionForm, OverrideForm, RetireForm
from biaochi.mechanisms.ruler.web.models import Cell, Framework, Opinion
from biaochi.methods.composite.tree import Polarity
from biaochi.registry.acting import acting, page_language
from biaochi.registry.views import CreateView, Item, ListColumn, ListView, ObjectView, Section


class FrameworkList(ListView):
    """All frameworks."""

    model = Framework
    heading = Text("指标体系", "Indicator frameworks")
    columns = (
        ListColumn("code", Text("代码", "code"), lambda f: f.code),
        ListColumn("revision", Text("版本", "version"), lambda f: f.revision),
    )
    create_url = "ruler:framework_new"


class NewFramework(CreateView):
    """A framework from its file."""

    model = Framework
    form_class = FrameworkForm
    heading = Text("新的指标体系", "New indicator framework")
    consequence = Text(
        "存为草稿；征求意见、他人审定后施行。", "Is kept as a draft; adopted by another person after consultation."
    )

    def prepare(self, obj: Framework, form: Any, actor: Actor) -> None:
        """Take code, version and digest from the file."""
        obj.document = form.cleaned_data["framework_file"]
        obj.units = form.cleaned_data["units_file"]
        fill(obj)


class FrameworkPage(ObjectView):
    """One framework."""

    model = Framework
    move_forms: ClassVar = {"adopt": OverrideForm, "retire": RetireForm}

    def answer(self, obj: Framework, actor: Actor, lang: Lang) -> str:
        """Return what the audit says, or that there is none yet."""
        if obj.audit:
            return Text.from_mapping(obj.audit["said"]).within(lang)
        return Text("尚未留存稳健性审计。", "No audit is stored yet.").within(lang)

    def facts(self, obj: Framework, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return what the framework's file says."""
        tree, _ = read_tree(obj.document)
        leaves = len(tree.leaves) if tree else 0
        return [
            Item(Text("代码与版本", "code and version"), f"{obj.code} · {obj.revision}"),
            Item(Text("指标数", "indicators"), leaves),
            Item(
                Text("缺来源、责任人或滞后期的指标", "indicators without source, owner or lag"), obj.incomplete_leaves
            ),
            Item(Text("一致性关口", "coherence gate"), Verdict(obj.gate).text),
            Item(Text("内容摘要", "digest"), obj.digest[:16]),
        ]

    def sections(self, obj: Framework, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return the tree, and the opinions of the consultation."""
        tree, _ = read_tree(obj.document)
        nodes = list(tree.nodes) if tree else []
        officer = actor.role is Role.OFFICER
        banded = [n for n in nodes if n.polarity is Polarity.BAND]
        tools = {
            "framework": obj,
            "edits": officer and obj.state == "draft",
            "sets": officer and obj.state != "retired",
            "banded": banded,
            "bands": list(obj.bands.all()),
            "names": {n.code: n.name.within(lang) for n in banded},
            "form": BandForm(initial={"effective_on": timezone.localdate()}, indicators=banded),
        }
        changing = (
            [Section(Text("修改与适度区间", "Changes and bands"), "ruler/tools.html", tools)]
            if tools["edits"] or banded
            else []
        )
        return [
            Section(Text("指标树", "Tree"), "ruler/tree.html", {"nodes": nodes, "polarity": words.POLARITY}),
            *changing,
            Section(
                Text("征求意见", "Consultation"),
                "ruler/opinions.html",
                {
                    "opinions": list(obj.opinions.all()),
                    "framework": obj,
                    "may": actor.role is Role.OFFICER and obj.state in ("draft", "consulted"),
                    "form": OpinionForm(),
                },
            ),
        ]

    def decide(
        self, obj: Framework, move: str, actor: Actor, data: Mapping[str, Any], now: datetime
    ) -> Decision | None:
        """Return the reasons of an adoption."""
        if move == "retire":
            _succeed(obj, str(data.get("successor", "")))
            return None
        if move != "adopt":
            return None
        override = str(data.get("gate_override", "")).strip()
        if override:
            Framework.objects.filter(pk=obj.pk).update(gate_override=override)
            obj.gate_override = override
        found = decide_adoption(
            obj.to_domain(), consulted_on=obj.consulted_on, at=timezone.localdate(now), parameters=readings.rules()
        )
        return found.require("adopt", "review")


def _succeed(framework: Framework, public_id: str) -> None:
    """Note the successor, and how many periods both have published."""
    after = Framework.objects.filter(state="adopted", public_id=public_id).exclude(pk=framework.pk).first()
    if after is None:
        return

    def periods(one: Framework) -> set[str]:
        cells = Cell.objects.filter(submission__framework=one, submission__state__in=("published", "revised"))
        return set(cells.values_list("period", flat=True).distinct())

    framework.successor, framework.overlap_periods = after, len(periods(framework) & periods(after))
    framework.save(update_fields=["successor", "overlap_periods"])


class FrameworkAct(View):
    """What an officer does to a framework beside its moves: store an audit, note or answer an opinion, set a band."""

    def post(self, request: HttpRequest, public_id: str, act: str) -> HttpResponseBase:
        """Do one of them."""
        actor = acting(request).actor
        rows = Framework.visible(actor, Framework.objects.filter(Framework.scope_of(actor), public_id=public_id))
        framework = rows.first()
        if framework is None:
            raise Http404
        open_to = ("draft", "consulted", "adopted") if act == "band" else ("draft", "consulted")
        if actor.role is not Role.OFFICER or framework.state not in open_to:
            raise PermissionDenied
        if act == "audit":
            try:
                store_audit(framework, actor, timezone.now())
            except InputError as error:
                faults = [f.line(page_language(request)) for f in error.faults]
                return render(request, "ruler/faults.html", {"framework": framework, "faults": faults}, status=422)
        elif act == "band":
            self._band(request, framework, actor)
        elif act == "opinion" and request.POST.get("text", "").strip():
            Opinion.objects.create(framework=framework, text=request.POST["text"].strip()[:4000])
        elif act == "answer":
            opinion = get_object_or_404(Opinion, framework=framework, pk=_number(request.POST.get("opinion", "")))
            opinion.answer = request.POST.get("answer", "").strip()[:4000]
            opinion.save(update_fields=["answer"])
        return HttpResponseRedirect(framework.get_absolute_url())

    def _band(self, request: HttpRequest, framework: Framework, actor: Actor) -> None:
        tree, _ = read_tree(framework.document)
        banded = [n for n in tree.nodes if n.polarity is Polarity.BAND] if tree else []
        form = BandForm(request.POST, indicators=banded)
        if not form.is_valid():
            for field, errors in form.errors.items():
                label = form.fields[field].label if field in form.fields else ""
                messages.error(request, f"{label} {' '.join(map(str, errors))}".strip())
            return
        data = form.cleaned_data
        try:
            ends = (data["low"], data["high"])
            day, citation = data["effective_on"], data["citation"]
            set_band(framework, data["indicator"], ends, day, citation, actor, timezone.now())
        except RefusedError as error:
            messages.error(request, error.text.within(page_language(request)))


def _number(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 12 else 0
