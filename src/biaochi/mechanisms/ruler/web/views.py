"""Pages of the ruler: the units at a glance, one unit's profile, the method card, frameworks and submissions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views import View

from biaochi.core.decision import Decision
from biaochi.core.errors import InputError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.ruler.decisions import decide_adoption, decide_publication
from biaochi.mechanisms.ruler.model import AGAINST
from biaochi.mechanisms.ruler.web import profile_page, readings
from biaochi.mechanisms.ruler.web.checking import incomplete_leaves, read_tree
from biaochi.mechanisms.ruler.web.forms import FrameworkForm, OpinionForm, OverrideForm, RevisionForm
from biaochi.mechanisms.ruler.web.models import Framework, Opinion, Submission
from biaochi.registry.acting import acting, page_language
from biaochi.registry.transition import record
from biaochi.registry.views import CreateView, Item, ListColumn, ListView, ObjectView, Section

REFERENCES: Mapping[str, Text] = {
    "peers": Text("同类", "peers"),
    "past": Text("自身上一期", "own past"),
    "frontier": Text("前沿(第 95 百分位)", "frontier (95th percentile)"),
    "target": Text("目标", "targets"),
}


class UnitsPage(View):
    """Every unit at a glance: tier intervals by code; ranks only on request."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the units of the framework in force."""
        lang = page_language(request)
        framework = readings.adopted()
        if framework is None:
            return render(request, "ruler/none.html", {"lang": lang})
        files = readings.bundle(framework)
        if not files.observations.data.strip().count(b"\n"):
            return render(request, "ruler/none.html", {"lang": lang, "framework": framework})
        found = readings.audit_reading(framework, files)
        names = readings.built(files).names
        units = sorted(u["unit"] for u in found["tiers"]["units"])
        ranks = {i["unit"]: (i["rank_lo"], i["rank_hi"]) for i in found["intervals"]}
        return render(
            request,
            "ruler/units.html",
            {
                "framework": framework,
                "answer": Text.from_mapping(found["said"]).within(lang),
                "period": found["period"],
                "tiers": profile_page.tier_rows(found, units, "", names, lang),
                "ranks": ranks if request.GET.get("ranks") == "1" else None,
                "gate": found["gate"],
            },
        )


class ProfilePage(View):
    """One unit: where it stands, what its gap is made of, what moves it, what is too early."""

    def get(self, request: HttpRequest, unit: str) -> HttpResponse:
        """Show the profile against the reference asked for."""
        lang = page_language(request)
        framework = readings.adopted()
        if framework is None:
            raise Http404
        files = readings.bundle(framework)
        names = readings.built(files).names
        if unit not in names:
            raise Http404
        against = request.GET.get("against", "peers")
        if against not in AGAINST:
            against = "peers"
        reading = readings.profile_reading(framework, files, unit, against)
        found = readings.audit_reading(framework, files)
        like = [p["unit"] for p in reading["peers"]]
        steps, total = profile_page.gap(reading, lang)
        interval = next((i for i in found["intervals"] if i["unit"] == unit), None)
        context = {
            "framework": framework,
            "unit": unit,
            "name": names[unit],
            "units": [(code, names[code]) for code in sorted(names)],
            "against": against,
            "references": REFERENCES,
            "reference_name": REFERENCES[against],
            "heading": profile_page.heading(reading, names[unit], lang),
            "answer": Text.from_mapping(reading["said"]).within(lang),
            "period": reading["period"],
            "rows": profile_page.rows(reading, lang),
            "steps": steps,
            "total": total,
            "levers": profile_page.levers(reading, lang),
            "tiers": profile_page.tier_rows(found, [unit, *like], unit, names, lang),
            "trajectory": profile_page.trajectory(reading, names[unit], lang),
            "rank": interval if request.GET.get("ranks") == "1" else None,
            "card": card_items(framework, files),
        }
        return render(request, "ruler/profile.html", context)


def card_items(framework: Framework, files: readings.Bundle) -> list[Item]:
    """Return the method card: what was counted, how, and from which files."""
    made = readings.built(files)
    tree = made.composite.dataset.framework
    scored = sum(1 for code in tree.leaves if tree.by_code[code].scored)
    steps = {next(iter(s)): next(iter(s.values())) for s in made.composite.method.to_list()}
    normalise, weights = steps.get("normalise", {}), steps.get("weights", {})
    return [
        Item(
            Text("指标", "indicators"),
            Text(f"{len(tree.leaves)} 项,计分 {scored} 项", f"{len(tree.leaves)}, {scored} scored"),
        ),
        Item(Text("归一", "normalisation"), Text.same(str(normalise.get("method", "")))),
        Item(Text("权重", "weights"), Text.same(str(weights.get("method", "")))),
        Item(
            Text("不确定性", "uncertainty"),
            Text(
                f"{len(made.plan.factors)} 个因素,{readings.REPLICATIONS} 次",
                f"{len(made.plan.factors)} factors, {readings.REPLICATIONS} replications",
            ),
        ),
        Item(Text("框架摘要", "framework digest"), Text.same(f"{tree.digest[:4]}…{tree.digest[-4:]}")),
        Item(Text("数据摘要", "data digest"), Text.same(f"{files.basis[:4]}…{files.basis[-4:]}")),
    ]


class CardPage(View):
    """The method card of the framework in force, with its tree, weights, screening and coherence."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the card."""
        framework = readings.adopted()
        if framework is None:
            raise Http404
        files = readings.bundle(framework)
        made = readings.built(files)
        found = readings.audit_reading(framework, files)
        tree = made.composite.dataset.framework
        weights = {w["node"]: w for w in made.composite.weights().to_dict("records")}
        nodes = [(tree.by_code[c], weights.get(c, {})) for c in tree.by_code]
        return render(
            request,
            "ruler/card.html",
            {
                "framework": framework,
                "items": card_items(framework, files),
                "nodes": nodes,
                "coherence": found["coherence"],
                "gate": found["gate"],
                "basis": files.basis,
                "rules": readings.rules().to_records(),
            },
        )


class BundleDownload(View):
    """The files behind every published number."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Give the bundle as an archive."""
        framework = readings.adopted()
        if framework is None:
            raise Http404
        files = readings.bundle(framework)
        name = f"biaochi-ruler-{files.basis[:12]}.zip"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(files.to_zip(), content_type="application/zip", headers=headers)


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
        "存为草稿;征求意见、他人审定后施行。", "Is kept as a draft; adopted by another person after consultation."
    )

    def prepare(self, obj: Framework, form: Any, actor: Actor) -> None:
        """Take code, version and digest from the file."""
        obj.document = form.cleaned_data["framework_file"]
        obj.units = form.cleaned_data["units_file"]
        fill(obj)


def fill(framework: Framework) -> None:
    """Set what a framework's file says of itself."""
    tree, faults = read_tree(framework.document)
    framework.faults = len(faults)
    if tree is not None:
        framework.code, framework.revision, framework.digest = tree.code, tree.version, tree.digest
        framework.incomplete_leaves = incomplete_leaves(tree)


def store_audit(framework: Framework, actor: Actor, now: datetime) -> None:
    """Compute the audit on what is handed in, keep it with the framework, and write it to the ledger.

    Before a framework is in force there is nothing published for it, so the audit rests on every clean submission.
    """
    files = readings.bundle(framework)
    found = readings.audit_reading(framework, files)
    framework.audit = {"gate": found["gate"], "tiers": found["tiers"], "said": found["said"]}
    framework.audit_digest = files.basis
    framework.gate = found["gate"]["verdict"]
    framework.save(update_fields=["audit", "audit_digest", "gate"])
    facts: dict[str, Any] = {"gate": framework.gate, "basis": files.basis}
    record(framework, "audit_stored", actor, "", Decision("audit_stored", (), now, facts=facts), now=now)


class FrameworkPage(ObjectView):
    """One framework."""

    model = Framework
    move_forms: ClassVar = {"adopt": OverrideForm}

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
        return [
            Section(Text("指标树", "Tree"), "ruler/tree.html", {"nodes": nodes}),
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


class FrameworkAct(View):
    """What an officer does to a framework beside its moves: store an audit, note or answer an opinion."""

    def post(self, request: HttpRequest, public_id: str, act: str) -> HttpResponseBase:
        """Do one of them."""
        actor = acting(request).actor
        rows = Framework.visible(actor, Framework.objects.filter(Framework.scope_of(actor), public_id=public_id))
        framework = rows.first()
        if framework is None:
            raise Http404
        if actor.role is not Role.OFFICER or framework.state not in ("draft", "consulted"):
            raise PermissionDenied
        if act == "audit":
            try:
                store_audit(framework, actor, timezone.now())
            except InputError as error:
                faults = [f.line(page_language(request)) for f in error.faults]
                return render(request, "ruler/faults.html", {"framework": framework, "faults": faults}, status=422)
        elif act == "opinion" and request.POST.get("text", "").strip():
            Opinion.objects.create(framework=framework, text=request.POST["text"].strip()[:4000])
        elif act == "answer":
            opinion = get_object_or_404(Opinion, framework=framework, pk=_number(request.POST.get("opinion", "")))
            opinion.answer = request.POST.get("answer", "").strip()[:4000]
            opinion.save(update_fields=["answer"])
        return HttpResponseRedirect(framework.get_absolute_url())


def _number(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 12 else 0


class SubmissionList(ListView):
    """All submissions the viewer may see."""

    model = Submission
    heading = Text("数据报送", "Submissions")
    related = ("framework",)
    columns = (
        ListColumn("framework", Text("指标体系", "framework"), lambda s: s.framework.code),
        ListColumn("file", Text("文件", "file"), lambda s: s.file),
        ListColumn("rows", Text("行数", "rows"), lambda s: s.rows, numeric=True),
    )


class SubmissionPage(ObjectView):
    """One submission."""

    model = Submission
    related = ("framework",)
    move_forms: ClassVar = {"publish": RevisionForm}

    def answer(self, obj: Submission, actor: Actor, lang: Lang) -> str:
        """Return what the file held."""
        held = obj.published_cells()
        more = Text(
            f";其中 {held} 个单元格已发布过,发布时须写修订原因",
            f"; {held} cells are published already and need a reason of revision",
        )
        text = Text(f"{obj.rows} 行,核验无错", f"{obj.rows} rows, no fault found")
        return text.within(lang) + (more.within(lang) if held else "") + ("。" if lang == "zh" else ".")

    def facts(self, obj: Submission, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return the file's facts."""
        return [
            Item(Text("指标体系", "framework"), obj.framework.title),
            Item(Text("文件", "file"), obj.file),
            Item(Text("行数", "rows"), obj.rows),
            Item(Text("SHA-256", "SHA-256"), obj.sha256[:16]),
            Item(Text("版本日期", "vintage"), obj.vintage),
        ]

    def sections(self, obj: Submission, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return the first cells."""
        cells = list(obj.cells.order_by("indicator", "period", "unit")[:100])
        return [Section(Text("单元格", "Cells"), "ruler/cells.html", {"cells": cells, "rows": obj.rows})]

    def decide(
        self, obj: Submission, move: str, actor: Actor, data: Mapping[str, Any], now: datetime
    ) -> Decision | None:
        """Return the reasons of a publication; it is refused when one of them is not met."""
        if move != "publish":
            return None
        reason, vintage = str(data.get("revision_reason", "")), data.get("vintage")
        if reason or vintage:
            Submission.objects.filter(pk=obj.pk).update(revision_reason=reason, vintage=vintage)
            obj.revision_reason, obj.vintage = reason, vintage if isinstance(vintage, date) else None
        found = decide_publication(
            obj.to_domain(),
            validator=obj.validator,
            validator_organisation=obj.validator_organisation,
            published_cells=obj.published_cells(),
            at=timezone.localdate(now),
        )
        return found.require("publish")
