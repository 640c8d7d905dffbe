"""Pages of purchases: list, one purchase with needs, market, checks and disclosure; OCDS; red flags of a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction as database
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from biaochi.core.canonical import sha256
from biaochi.core.decision import Decision
from biaochi.core.errors import InputError
from biaochi.core.roles import Actor
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.procurement.decisions import publications, red_flags
from biaochi.mechanisms.procurement.report.ocds import release_package
from biaochi.mechanisms.procurement.web import readings
from biaochi.mechanisms.procurement.web.forms import FileForm, PurchaseForm
from biaochi.mechanisms.procurement.web.models import AWARDED, PREPARING, CoPurchase
from biaochi.registry.acting import acting, page_language
from biaochi.registry.transition import record
from biaochi.registry.views import CreateView, Item, ListView, ObjectView, Section

MOST = 5_000_000
DOCUMENT = {
    "intention": Text("采购意向", "intention"),
    "notice": Text("采购公告", "notice"),
    "negotiation_file": Text("谈判文件", "negotiation file"),
    "result": Text("采购结果", "result"),
    "rd_contract": Text("研发合同", "R&D contract"),
    "first_purchase_agreement": Text("首购协议", "first-purchase agreement"),
}
MARKET = {"clean": "met", "needs_context": "manual_review", "violation": "unmet"}


class PurchaseList(ListView):
    """All purchases the viewer may see."""

    model = CoPurchase
    heading = Text("合作创新采购", "Co-innovation purchases")
    create_url = "procurement:copurchase_new"


class NewPurchase(CreateView):
    """A purchase from its file."""

    model = CoPurchase
    form_class = PurchaseForm
    heading = Text("编制采购方案", "Draft a purchase")
    consequence = Text("存为草案，逐条核对。", "Kept as a draft and held against every article.")

    def prepare(self, obj: CoPurchase, form: Any, actor: Actor) -> None:
        """Take the titles from the file."""
        title = obj.purchase.title
        obj.title_zh, obj.title_en = title.zh[:200], title.en[:200]
        obj.place(actor)


def may_edit(obj: CoPurchase, actor: Actor) -> bool:
    """Return whether the actor keeps the file: the buying organisation, until the purchase ends."""
    own = obj.organisation is not None and obj.organisation.public_id == actor.organisation
    return own and actor.role in CoPurchase.creators and not obj.current.final


class PurchasePage(ObjectView):
    """One purchase."""

    model = CoPurchase

    def answer(self, obj: CoPurchase, actor: Actor, lang: Lang) -> str:
        """Return how many checks are unmet; for the public, what is public."""
        at, p = timezone.localdate(), obj.purchase
        if not obj.seen_from_inside(actor):
            done = sum(d.settled for d in publications(p, at=at))
            return Text(f"六种文件中已公开 {done} 种。", f"{done} of six documents are public.").within(lang)
        reasons = readings.checked(p, readings.market_of(p, obj.products), at).reasons
        unmet = sum(r.verdict.value == "unmet" for r in reasons)
        return Text(f"{len(reasons)} 项核对，{unmet} 项不符。", f"{len(reasons)} checks, {unmet} unmet.").within(lang)

    def facts(self, obj: CoPurchase, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return the buyer."""
        return [Item(Text("采购人", "buyer"), obj.purchase.buyer.name)]

    def sections(self, obj: CoPurchase, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return disclosure for everybody; needs, market, checks and the file for those inside."""
        at, p = timezone.localdate(), obj.purchase
        rows = [{"name": DOCUMENT[d.document], "d": d} for d in publications(p, at=at)]
        open_data = obj.state in AWARDED
        shown = [Section(Text("公开", "Disclosure"), "procurement/disclosure.html", {"rows": rows, "ocds": open_data})]
        if not obj.seen_from_inside(actor):
            return shown
        found = readings.market_of(p, obj.products)
        by_need = {n.need: n for n in found.needs} if found else {}
        needs = [{"need": n, "market": by_need.get(n.code)} for n in p.needs]
        strip = {"needs": needs, "market": found, "code": MARKET[found.verdict] if found else "unknown"}
        checks = {"reasons": readings.checked(p, found, at).reasons}
        limits = Text("只知道已录入的产品。", "It knows only the products entered.")
        return [
            Section(Text("需求与市场", "Needs and market"), "procurement/needs.html", strip, limits, now=True),
            Section(Text("逐条核对", "Checks"), "procurement/checks.html", checks),
            *shown,
            *self._file(obj, actor),
        ]

    def _file(self, obj: CoPurchase, actor: Actor) -> list[Section]:
        if not may_edit(obj, actor):
            return []
        form = FileForm(initial={"document": obj.document, "products": obj.products})
        return [Section(Text("采购文件", "Purchase file"), "procurement/file.html", {"form": form, "obj": obj})]


class FileAct(View):
    """The file is kept up to date; what was announced is frozen."""

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Keep a new file, or say what is wrong with it."""
        actor = acting(request).actor
        obj = CoPurchase.visible(actor, CoPurchase.objects.filter(public_id=public_id)).first()
        if obj is None:
            raise Http404
        if not may_edit(obj, actor):
            raise PermissionDenied
        form = FileForm(request.POST)
        faults = [] if form.is_valid() else [str(m) for ms in form.errors.values() for m in ms]
        if not faults:
            with database.atomic():
                row = CoPurchase.objects.select_for_update().get(pk=obj.pk)
                faults = _frozen(row, form.cleaned_data["document"], page_language(request))
                if not faults:
                    row.document, row.products = form.cleaned_data["document"], form.cleaned_data["products"]
                    row.save(update_fields=["document", "products"])
                    kept = {"sha256": sha256(row.document), "products": sha256(row.products)}
                    record(row, "file", actor, "", Decision("file_kept", (), timezone.now(), facts=kept))
        if faults:
            return render(request, "procurement/faults.html", {"obj": obj, "faults": faults}, status=422)
        return HttpResponseRedirect(obj.get_absolute_url())


def _frozen(row: CoPurchase, document: str, lang: Lang) -> list[str]:
    if row.state in PREPARING:
        return []
    old, new = row.purchase, readings.purchase_of(document)
    names = ("id", "needs", "criteria", "money", "ground")
    changed = [n for n in names if getattr(old, n) != getattr(new, n)]
    told = Text("公告后不得改动", "may not change after the notice")
    return [f"{n}: {told.within(lang)}" for n in changed]


class OcdsDownload(View):
    """A purchase as open data, once its result is public."""

    def get(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Give the release package with what has happened until today."""
        actor = acting(request).actor
        obj = CoPurchase.visible(actor, CoPurchase.objects.filter(public_id=public_id)).first()
        if obj is None or obj.state not in AWARDED:
            raise Http404
        package = release_package(obj.purchase)
        today = timezone.localdate().isoformat()
        listed: Any = package["releases"]
        kept = [r for r in listed if str(r["date"])[:10] <= today]
        body = json.dumps({**package, "releases": kept}, ensure_ascii=False, indent=1)
        headers = {"Content-Disposition": f'attachment; filename="{obj.public_id}-ocds.json"'}
        return HttpResponse(body, content_type="application/json", headers=headers)


class FlagsPage(View):
    """Red flags of an uploaded release file, with their coverage; nothing is kept."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form."""
        return render(request, "procurement/flags.html", {})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Compute the flags."""
        lang = page_language(request)
        upload = request.FILES.get("file")
        if upload is None or not hasattr(upload, "size") or not upload.size or upload.size > MOST:
            told = Text("请选择 5 MB 以内的文件", "choose a file of at most 5 MB").within(lang)
            return render(request, "procurement/flags.html", {"faults": [told]}, status=422)
        try:
            found = red_flags(readings.releases_of(upload.read(), str(upload.name)))
        except InputError as error:
            told_all = [f.line(lang) for f in error.faults][:50]
            return render(request, "procurement/flags.html", {"faults": told_all}, status=422)
        results = [
            (group, who, code, value)
            for group, subjects in found.results.items()
            for who, codes in subjects.items()
            for code, value in codes.items()
        ]
        context = {"found": found, "results": results[:500], "coverage": found.coverage.items(), "all": len(results)}
        return render(request, "procurement/flags.html", context)
