"""Pages of compute vouchers: schemes with their books, and one voucher."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views import View

from biaochi.core.decision import Decision
from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.sandbox.decisions import allocate_vouchers
from biaochi.mechanisms.sandbox.report import account_name
from biaochi.mechanisms.sandbox.web import vouchers
from biaochi.mechanisms.sandbox.web.forms import ConsumeForm, IssueForm, ReserveForm, SchemeForm
from biaochi.mechanisms.sandbox.web.models import Scheme, Voucher, rules_on
from biaochi.mechanisms.sandbox.web.views.cases import Whole
from biaochi.registry.acting import acting, page_language
from biaochi.registry.models import Organisation
from biaochi.registry.views import Item, ListColumn, ListView, ObjectView, Section


class SchemesPage(View):
    """Every scheme, with what is left of its budget; a form for a new one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the schemes."""
        return self._page(request, SchemeForm() if acting(request).role is Role.OFFICER else None, 200)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Open a scheme."""
        if acting(request).role is not Role.OFFICER:
            raise PermissionDenied
        form = SchemeForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, 422)
        data = dict(form.cleaned_data)
        kind, rate = data.pop("kind"), data.pop("rate")
        scheme = vouchers.open_scheme(Scheme(rates={kind: str(rate)}, **data))
        return HttpResponseRedirect(scheme.get_absolute_url())

    def _page(self, request: HttpRequest, form: SchemeForm | None, status: int) -> HttpResponse:
        rows = list(Scheme.objects.order_by("-start_on", "pk")[:100])
        shown = [{"scheme": s, "share": round(100 * float((s.budget - s.available) / s.budget), 1)} for s in rows]
        return render(request, "sandbox/schemes.html", {"rows": shown, "form": form}, status=status)


class SchemePage(View):
    """One scheme: budget, books in double entry, and issuing."""

    def get(self, request: HttpRequest, public_id: str) -> HttpResponse:
        """Show the scheme."""
        return self._page(request, get_object_or_404(Scheme, public_id=public_id), None, 200)

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Issue a voucher."""
        scheme, actor = get_object_or_404(Scheme, public_id=public_id), acting(request).actor
        if actor.role is not Role.OFFICER:
            raise PermissionDenied
        form = IssueForm(request.POST, holders=_holders())
        if not form.is_valid():
            return self._page(request, scheme, form, 422)
        try:
            made = vouchers.issue(scheme, form.cleaned_data["holder"], form.cleaned_data["amount"], actor)
        except RefusedError as error:
            form.add_error(None, error.text.within(page_language(request)))
            return self._page(request, scheme, form, 422)
        if made.face < form.cleaned_data["amount"]:
            told = Text(f"只能发放 {made.face} 元。", f"Only {made.face} yuan could be issued.")
            messages.warning(request, told.within(page_language(request)))
        return HttpResponseRedirect(made.get_absolute_url())

    def _page(self, request: HttpRequest, scheme: Scheme, form: IssueForm | None, status: int) -> HttpResponse:
        actor = acting(request).actor
        inside = actor.role in (Role.OFFICER, Role.AUDITOR)
        day = timezone.localdate()
        asked = allocate_vouchers(scheme.to_scheme(), [], parameters=rules_on(day)).fairness_questions
        balances = vouchers.balances(scheme)
        public = {"available": balances.get("available"), "appropriation": balances.get("appropriation")}
        names = {v.holder.public_id: v.holder.title for v in scheme.vouchers.all()} if inside else {}
        context = {
            "scheme": scheme,
            "spent": scheme.budget - scheme.available,
            "lines": list(scheme.lines.select_related("voucher__holder").order_by("-pk")[:200]) if inside else [],
            "balances": [(account_name(k, names), v) for k, v in (balances if inside else public).items()],
            "sum": sum(balances.values()),
            "questions": asked,
            "form": form or (IssueForm(holders=_holders()) if actor.role is Role.OFFICER else None),
        }
        return render(request, "sandbox/scheme.html", context, status=status)


def _holders() -> Any:
    kinds = (Organisation.Kind.ENTERPRISE, Organisation.Kind.STATE_OWNED, Organisation.Kind.UNIVERSITY)
    return Organisation.objects.filter(kind__in=[*kinds, Organisation.Kind.INSTITUTE]).order_by("name_zh")


class VoucherList(ListView):
    """All vouchers the viewer may see."""

    model = Voucher
    heading = Text("算力券", "Compute vouchers")
    columns = (
        ListColumn("holder", Text("持券单位", "holder"), lambda v: v.holder.title),
        ListColumn("face", Text("券面（元）", "face (yuan)"), lambda v: v.face, numeric=True),
        ListColumn("awarded", Text("核定（元）", "awarded (yuan)"), lambda v: v.awarded, numeric=True),
    )
    related = ("holder", "scheme")


class VoucherPage(Whole, ObjectView):
    """One voucher."""

    model = Voucher
    related = ("holder", "scheme")
    move_forms = {"reserve": ReserveForm, "consume": ConsumeForm}

    def answer(self, obj: Voucher, actor: Actor, lang: Lang) -> str:
        """Return what it is worth."""
        text = Text(
            f"券面 {obj.face} 元，{obj.scheme.end_on} 前有效；核定 {obj.awarded} 元。",
            f"Face {obj.face} yuan, valid until {obj.scheme.end_on}; {obj.awarded} yuan awarded.",
        )
        return text.within(lang)

    def facts(self, obj: Voucher, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return the facts of the claim."""
        return [
            Item(Text("持券单位", "holder"), obj.holder.title),
            Item(Text("服务方", "provider"), obj.provider),
            Item(Text("合同", "contract"), obj.contract),
            Item(Text("发票", "invoice"), obj.invoice),
            Item(Text("类别", "kind"), obj.kind),
            Item(Text("已付（元）", "paid (yuan)"), obj.paid_amount),
        ]

    def sections(self, obj: Voucher, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return its lines in the books."""
        context = {"lines": list(obj.lines.all()), "scheme": obj.scheme}
        return [Section(Text("账簿", "Books"), "sandbox/lines.html", context)]

    def decide(self, obj: Voucher, move: str, actor: Actor, data: Mapping[str, Any], now: datetime) -> Decision | None:
        """Keep what the holder says, or check the claim among all of its scheme."""
        if data:
            Voucher.objects.filter(pk=obj.pk).update(**data)
        if move == "verify":
            return vouchers.checked(obj, now).require("pay")
        return None
