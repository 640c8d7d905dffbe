"""What is done beside moves: acts on a purchase, its needs builder, its plan, its public documents, open data."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from biaochi.core.errors import InputError, RefusedError
from biaochi.core.secret_sharing import Share
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.procurement.decisions import Market
from biaochi.mechanisms.procurement.decisions.disclose import TITLES
from biaochi.mechanisms.procurement.model import Need, Purchase
from biaochi.mechanisms.procurement.report.ocds import release_package
from biaochi.mechanisms.procurement.report.words import CRITERION
from biaochi.mechanisms.procurement.web import acts, forms, readings
from biaochi.mechanisms.procurement.web.models import CoPurchase
from biaochi.mechanisms.procurement.web.models.purchase import AWARDED
from biaochi.mechanisms.procurement.web.services import planning
from biaochi.mechanisms.procurement.web.views.purchases import PREFETCH
from biaochi.registry.acting import acting, page_language

MARKET = {"clean": "met", "needs_context": "manual_review", "violation": "unmet"}
_BUILDER = frozenset({"need", "drop_need", "threshold", "fact", "products", "drop_product"})


def seen(request: HttpRequest, public_id: str) -> CoPurchase:
    """Return a purchase the viewer may see, or 404."""
    actor = acting(request).actor
    rows = CoPurchase.objects.select_related("organisation", "region", "creator").prefetch_related(*PREFETCH)
    found = CoPurchase.visible(actor, rows.filter(public_id=public_id)).first()
    if found is None:
        raise Http404
    return found


class PurchaseAct(View):
    """An act: done, or told what is wrong with it; nothing is half done."""

    def post(self, request: HttpRequest, public_id: str, act: str) -> HttpResponseBase:
        """Do it."""
        actor, lang = acting(request).actor, page_language(request)
        obj = seen(request, public_id)
        if act not in acts.ACTS:
            raise Http404
        if not acts.allowed(obj, act, actor):
            raise PermissionDenied
        target = request.POST.get("target", "")[:80]
        form_class = acts.ACTS[act].form
        form = bound(obj, act, form_class, request.POST) if form_class is not None else None
        faults = [] if form is None or form.is_valid() else faults_of(form)
        if not faults:
            try:
                done = acts.do(obj, act, target, form.cleaned_data if form is not None else {}, actor)
            except RefusedError as error:
                faults = [error.text.within(lang)]
            except InputError as error:
                faults = [t.within(lang) for t in planning.faults_of(error)]
            else:
                return self._done(request, obj, act, done, lang)
        return render(request, "procurement/faults.html", {"obj": obj, "faults": faults}, status=422)

    def _done(self, request: HttpRequest, obj: CoPurchase, act: str, done: object, lang: Lang) -> HttpResponseBase:
        if isinstance(done, Share):
            answer = HttpResponse(done.to_text() + "\n", content_type="text/plain; charset=utf-8")
            answer["Content-Disposition"] = f'attachment; filename="{obj.public_id}-share.txt"'
            answer["Cache-Control"] = "no-store"
            return answer
        if act == "share":
            told = Text(f"已开启 {done} 份响应文件。", f"{done} offers opened.")
            wait = Text("份额已录入，等待第二人。", "Share entered; waiting for a second person.")
            messages.success(request, (told if done else wait).within(lang))
        if act in _BUILDER:
            return HttpResponseRedirect(f"{obj.get_absolute_url()}needs/")
        return HttpResponseRedirect(obj.get_absolute_url())


def bound(
    obj: CoPurchase, act: str, form_class: type[django_forms.Form], data: Mapping[str, Any] | None
) -> django_forms.Form:
    """Return a form with the choices of this purchase."""
    form = form_class(data, prefix=act) if data is not None else form_class(prefix=act)
    if act == "fact":
        needs = obj.plan.get("needs", [])
        lang = forms.lang_now()
        forms.choose(form, "need", [(n["code"], f"{n['code']} {n['function'][lang]}") for n in needs])
    if act == "first":
        done = [c for c in obj.contracts.all() if c.state == "accepted"]
        forms.choose(form, "supplier", [(c.public_id, c.supplier.title.within(forms.lang_now())) for c in done])
    return form


def faults_of(form: django_forms.Form) -> list[str]:
    """Return every fault of a form with its label."""
    named = [(form.fields[k].label if k in form.fields else "", m) for k, ms in form.errors.items() for m in ms]
    colon = "：" if forms.lang_now() == "zh" else ": "
    return [f"{title}{colon}{message}" if title else str(message) for title, message in named]


class NeedsPage(View):
    """The needs builder: each need with its market, thresholds tried without being kept, products known so far."""

    def get(self, request: HttpRequest, public_id: str) -> HttpResponse:
        """Show it; with ``try_<need>`` in the address, the market at these thresholds."""
        actor = acting(request).actor
        obj = seen(request, public_id)
        if not obj.seen_from_inside(actor):
            raise Http404
        purchase = obj.purchase
        tried = {
            n.code: v for n in purchase.needs if (v := _tried(n, request.GET.get(f"try_{n.code}", ""))) is not None
        }
        trial = replace(
            purchase, needs=tuple(replace(n, threshold=tried.get(n.code, n.threshold)) for n in purchase.needs)
        )
        found = readings.market_of(trial, obj.facts_of_market)
        context: dict[str, Any] = {
            "obj": obj,
            "answer": _answer(trial, found, page_language(request)),
            "strip": _strip(trial, found, tried),
            "market": found,
            "code": MARKET[found.verdict] if found else "unknown",
            "co": found is not None and found.possible == 0,
            "tried": bool(tried),
            "products": _products(obj, trial),
            "needs": trial.needs,
            "may": {code: acts.allowed(obj, code, actor) for code in _BUILDER},
        }
        if request.headers.get("HX-Request") == "true" and request.GET.get("part") == "strip":
            return render(request, "procurement/strip.html", context)
        edit = next((n for n in obj.plan.get("needs", []) if n["code"] == request.GET.get("edit", "")), None)
        if acts.allowed(obj, "need", actor):
            context["need_form"] = forms.NeedForm(prefix="need", initial=_need_initial(edit))
            context["fact_form"] = bound(obj, "fact", forms.ProductForm, None)
            context["products_form"] = forms.ProductsForm(prefix="products")
        context["editing"] = edit["code"] if edit else ""
        return render(request, "procurement/needs_page.html", context)


def _tried(need: Need, text: str) -> float | None:
    if not need.numeric or not text:
        return None
    try:
        value = float(text[:40])
    except ValueError:
        return None
    return value if math.isfinite(value) and value != need.threshold else None


def _need_initial(need: Mapping[str, Any] | None) -> dict[str, Any]:
    if need is None:
        return {"mandatory": True}
    threshold = need["threshold"]
    shown = "、".join(str(t) for t in threshold) if isinstance(threshold, list) else threshold
    flat = {k: need.get(k) for k in ("code", "op", "unit", "test_method", "mandatory")}
    return {**flat, "threshold": shown, "function_zh": need["function"]["zh"], "function_en": need["function"]["en"]}


def _answer(purchase: Purchase, found: Market | None, lang: Lang) -> str:
    """Return in one sentence how many suppliers could meet all needs, and which threshold does it."""
    if not purchase.needs:
        return Text("先写一项功能需求。", "Begin with one functional need.").within(lang)
    if found is None:
        return Text("没有录入产品，市场未查。", "No product entered: the market is not checked.").within(lang)
    n = found.possible
    head = Text(
        f"可能满足全部需求的供应商有 {n} 家，确定满足的 {found.certain} 家。",
        f"{n} suppliers may meet all needs, {found.certain} certainly do.",
    )
    if n >= 3:
        return head.within(lang)
    names = {need.code: need for need in purchase.needs}
    levers = [m for m in found.needs if m.relaxed_to is not None]
    if levers:
        zh = "；".join(f"{m.need} 放宽到 {m.relaxed_to:g} {names[m.need].unit or ''}" for m in levers)
        en = "; ".join(f"{m.need} relaxed to {m.relaxed_to:g} {names[m.need].unit or ''}" for m in levers)
        tail = Text(
            f"不足三家，起作用的门槛：{zh}即有三家。",
            f" Fewer than three; the threshold that does it: {en} leaves three.",
        )
    else:
        worst = max(found.needs, key=lambda m: m.dropped)
        tail = Text(
            f"不足三家；去掉 {worst.need} 后可能满足的有 {worst.dropped} 家，没有单独一项放宽可以达到三家。",
            f" Fewer than three; {worst.dropped} without {worst.need}; no single threshold leaves three.",
        )
    return head.within(lang) + tail.within(lang)


def _strip(purchase: Purchase, found: Market | None, tried: Mapping[str, float]) -> list[dict[str, Any]]:
    by_need = {m.need: m for m in found.needs} if found else {}
    return [
        {
            "need": n,
            "market": by_need.get(n.code),
            "numeric": n.numeric,
            "tried": n.code in tried,
            "value": f"{float(n.threshold):g}" if n.numeric else "",  # type: ignore[arg-type]
        }
        for n in purchase.needs
    ]


def _products(obj: CoPurchase, purchase: Purchase) -> list[dict[str, Any]]:
    """Return what is known, a row for each product with a cell for each need."""
    rows: dict[str, dict[str, Any]] = {}
    for f in obj.facts_of_market:
        row = rows.setdefault(f.product, {"product": f.product, "supplier": f.supplier, "group": f.group, "by": {}})
        ranged = f.low is not None or f.high is not None
        low = "" if f.low is None else f"{f.low:g}"
        high = "" if f.high is None else f"{f.high:g}"
        value = f"{f.value:g}" if isinstance(f.value, float | int) else f.value
        row["by"][f.need] = f"{low}–{high}" if ranged else value
    return [{**r, "cells": [r["by"].get(n.code) for n in purchase.needs]} for r in rows.values()]


class PlanPage(View):
    """The plan in one form, or from a file."""

    def get(self, request: HttpRequest, public_id: str) -> HttpResponse:
        """Show the form with what is kept."""
        obj = seen(request, public_id)
        if not acts.allowed(obj, "plan", acting(request).actor):
            raise Http404
        kept = forms.PlanForm(prefix="plan", initial=planning.plan_in_form(obj))
        return render(
            request, "procurement/plan_page.html", {"obj": obj, "form": kept, "file": forms.PlanFileForm(prefix="file")}
        )


class DocumentPage(View):
    """A document as it was disclosed, with its digest; public once the purchase is."""

    def get(self, request: HttpRequest, public_id: str, document: str) -> HttpResponse:
        """Show what it says; ``?format=json`` gives exactly what was digested."""
        obj = seen(request, public_id)
        kept = next((d for d in obj.disclosures if d["document"] == document and "said" in d), None)
        if kept is None or document not in TITLES:
            raise Http404
        if request.GET.get("format") == "json":
            body = json.dumps(kept["said"], ensure_ascii=False, sort_keys=True, indent=1)
            return HttpResponse(body, content_type="application/json")
        return render(
            request,
            "procurement/document.html",
            {"obj": obj, "kept": kept, "name": TITLES[document], "criteria": _criteria(kept["said"])},
        )


def _criteria(said: Mapping[str, Any]) -> list[tuple[Text, Any]]:
    return [(CRITERION.get(c["code"], Text.same(c["code"])), c["weight"]) for c in said.get("criteria", ())]


class OcdsDownload(View):
    """A purchase as open data, once its result is public."""

    def get(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Give the release package with what has happened until today; opened offers only to who handles it."""
        obj = seen(request, public_id)
        if obj.state not in AWARDED:
            raise Http404
        inside = obj.seen_from_inside(acting(request).actor)
        package = package_of(obj, offers=inside)
        body = json.dumps(package, ensure_ascii=False, indent=1)
        headers = {"Content-Disposition": f'attachment; filename="{obj.public_id}-ocds.json"'}
        return HttpResponse(body, content_type="application/json", headers=headers)


def package_of(obj: CoPurchase, *, offers: bool) -> dict[str, object]:
    """Return the release package of a purchase; what is dated later than today has not happened."""
    given = [o.to_offer() for o in readings.opened_offers(obj)] if offers else []
    package = release_package(obj.purchase, given)
    today = timezone.localdate().isoformat()
    listed: Any = package["releases"]
    return {**package, "releases": [r for r in listed if str(r["date"])[:10] <= today]}
