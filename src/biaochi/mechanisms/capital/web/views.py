"""Pages of patient capital: funds, their terms, money, J-curve, distribution, tolerance, and the portfolio's life."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views import View

from biaochi.core.decision import Decision
from biaochi.core.errors import InputError, RefusedError
from biaochi.core.roles import Actor
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.capital.model import Flow
from biaochi.mechanisms.capital.report import KIND_NAMES, PHASE_NAMES
from biaochi.mechanisms.capital.web import screens, services
from biaochi.mechanisms.capital.web.forms import FlowForm, FundForm, TermsForm, read_upload
from biaochi.mechanisms.capital.web.models import GuidanceFund
from biaochi.registry.acting import acting, page_language
from biaochi.registry.views import CreateView, Item, ListColumn, ListView, ObjectView, Section


class FundList(ListView):
    """All funds the viewer may see."""

    model = GuidanceFund
    heading = Text("政府投资基金", "Guidance funds")
    columns = (
        ListColumn("kind", Text("级别", "kind"), lambda f: KIND_NAMES[f.terms.kind]),
        ListColumn("term", Text("存续期（年）", "term, years"), lambda f: f.terms.term_years, numeric=True),
    )
    create_url = "capital:guidancefund_new"


class NewFund(CreateView):
    """A fund from the file of its terms."""

    model = GuidanceFund
    form_class = FundForm
    heading = Text("新基金", "New fund")
    consequence = Text(
        "存为已批准；条款对照规则之后，由另一人启动投资期。",
        "Is kept as approved; its terms are checked, then another person lets it invest.",
    )

    def prepare(self, obj: GuidanceFund, form: forms.ModelForm[Any], actor: Actor) -> None:
        """Keep what the file says."""
        obj.document = form.cleaned_data["file"]


class FundPage(ObjectView):
    """One fund."""

    model = GuidanceFund

    def answer(self, obj: GuidanceFund, actor: Actor, lang: Lang) -> str:
        """Return the state of the fund in one sentence."""
        return screens.answer(screens.result_of(obj), lang)

    def facts(self, obj: GuidanceFund, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return term and figures; a rate only once the fund may be judged."""
        terms, found = obj.terms, screens.result_of(obj).funds
        items = [
            Item(Text("级别", "kind"), KIND_NAMES[terms.kind]),
            Item(Text("存续期（年）", "term, years"), terms.term_years),
            Item(Text("投资期（年）", "investing period, years"), terms.invest_years),
        ]
        if found:
            f = found[0]
            row = screens.figures_row(f, obj.title, lang)
            items += [
                Item(Text("阶段", "phase"), PHASE_NAMES[f.phase]),
                Item(Text("实缴（元）", "paid in, yuan"), f.paid_in),
                Item(Text("已分配（元）", "distributed, yuan"), f.distributed),
                Item(Text("净值（元）", "NAV, yuan"), f.nav),
                Item(Text("DPI", "DPI"), row["dpi"]),
                Item(Text("TVPI", "TVPI"), row["tvpi"]),
                Item(Text("IRR", "IRR"), row["irr"]),
                Item(Text("回本日", "paid back on"), f.payback_on),
            ]
        return items

    def sections(self, obj: GuidanceFund, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return acts, terms, money, J-curve, who got what, tolerance, the whole life."""
        keeps, result = services.may_keep(obj, actor), screens.result_of(obj)
        inside = obj.seen_from_inside(actor)
        parts = []
        if keeps and obj.state != "liquidated":
            title = Text("现在可做", "What you can do")
            context = {"obj": obj, "form": FlowForm(obj), "approved": obj.state == "approved"}
            parts.append(Section(title, "capital/acts.html", context, now=True))
        chart = screens.figure(result, obj, lang)
        if chart is not None:
            note = Text(
                "低于零为净投入，最低点之后才回升。", "Below nought: money still out; it turns after the trough."
            )
            parts.append(Section(Text("J 曲线", "J-curve"), "capital/curve.html", {"figure": chart}, note))
        rule_note = Text(
            "按生效日期；未核实的规则只提示人工审核。", "By date in force; unverified rules ask for a person."
        )
        title = Text("条款对照规则", "Terms against the rules")
        parts.append(Section(title, "capital/terms.html", screens.terms_rows(obj, lang), rule_note))
        if inside:
            parts.append(
                Section(
                    Text("缴款与分配", "Calls and distributions"), "capital/money.html", screens.money_rows(obj, keeps)
                )
            )
        shares = screens.waterfall_rows(result)
        if shares:
            note = Text(
                "本金、优先回报、追补、分成，再到先行损失与让利；精确到分。",
                "Capital, preferred, catch-up, split, then first loss and concession; to the fen.",
            )
            parts.append(Section(Text("分配结果", "Who got what"), "capital/waterfall.html", shares, note))
        if inside and result.tolerance:
            note = Text(
                "超过规则容忍的亏损比例的概率；亏损是信息，不是处罚。",
                "Chance of losing more than the rule tolerates; a loss informs, it does not punish.",
            )
            context = {"rows": screens.tolerance_rows(result, obj, lang)}
            parts.append(Section(Text("容亏", "Loss tolerance"), "capital/tolerance.html", context, note))
        return parts

    def decide(
        self, obj: GuidanceFund, move: str, actor: Actor, data: Mapping[str, Any], now: datetime
    ) -> Decision | None:
        """A fund invests on the check of its terms; what is unmet stands in the decision."""
        if move != "start_investing":
            return None
        found = services.check_terms_now(obj)
        return found.require("met", "manual_review", "unknown", "not_applicable")


Doer = Callable[[GuidanceFund, HttpRequest, Actor], Text]


def _check(obj: GuidanceFund, request: HttpRequest, actor: Actor) -> Text:
    services.check(obj, actor)
    return Text("条款已对照现行规则。", "The terms were held against the rules in force.")


def _flow(obj: GuidanceFund, request: HttpRequest, actor: Actor) -> Text:
    form = FlowForm(obj, request.POST)
    if not form.is_valid():
        told = "; ".join(str(e) for errors in form.errors.values() for e in errors)
        raise RefusedError("bad_flow", Text.same(told))
    data = form.cleaned_data
    services.add_flow(obj, Flow(obj.public_id, data["at"], data["kind"], data["party"], data["amount"]), actor)
    return Text("已记入台账。", "It is in the ledger.")


def _flows(obj: GuidanceFund, request: HttpRequest, actor: Actor) -> Text:
    n = services.add_flows(obj, read_upload(_file(request)), actor)
    return Text(f"已记录 {n} 笔现金流。", f"{n} flows recorded.")


def _deals(obj: GuidanceFund, request: HttpRequest, actor: Actor) -> Text:
    n = services.set_deals(obj, read_upload(_file(request)), actor)
    return Text(f"已登记 {n} 个项目。", f"{n} deals registered.")


def _void(obj: GuidanceFund, request: HttpRequest, actor: Actor) -> Text:
    number = request.POST.get("flow", "")
    services.void_flow(
        obj,
        int(number) if number.isdigit() and len(number) < 10 else 0,
        request.POST.get("why", ""),
        actor,
        timezone.now(),
    )
    return Text("已作废，仍留在记录中。", "Void; it stays on record.")


def _terms(obj: GuidanceFund, request: HttpRequest, actor: Actor) -> Text:
    form = TermsForm(request.POST, request.FILES)
    if not form.is_valid():
        told = "; ".join(str(e) for errors in form.errors.values() for e in errors)
        raise RefusedError("bad_terms", Text.same(told))
    services.change_terms(obj, form.cleaned_data["file"], actor)
    return Text("条款已更新，须重新对照。", "The terms are changed; check them anew.")


def _file(request: HttpRequest) -> Any:
    if "file" not in request.FILES:
        raise RefusedError("no_file", Text("请选择文件", "choose a file"))
    return request.FILES["file"]


ACTS: dict[str, Doer] = {
    "check": _check, "flow": _flow, "flows": _flows, "deals": _deals, "void": _void, "terms": _terms,
}  # fmt: skip


class FundAct(View):
    """What is done to a fund beside its moves."""

    def post(self, request: HttpRequest, public_id: str, act: str) -> HttpResponseBase:
        """Do it, or say every reason why not."""
        actor, lang = acting(request).actor, page_language(request)
        obj = get_object_or_404(GuidanceFund.visible(actor, GuidanceFund.objects.filter(public_id=public_id)))
        if act not in ACTS:
            raise Http404
        if not services.may_keep(obj, actor):
            raise PermissionDenied
        try:
            messages.success(request, ACTS[act](obj, request, actor).within(lang))
        except RefusedError as error:
            messages.error(request, error.text.within(lang))
        except InputError as error:
            for fault in error.faults[:20]:
                messages.error(request, fault.line(lang))
        except ValidationError as error:
            for line in error.messages:
                messages.error(request, line)
        return HttpResponseRedirect(obj.get_absolute_url())


class PortfolioPage(View):
    """All funds over their whole life: by fund, by vintage, together."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Show them."""
        actor, lang = acting(request).actor, page_language(request)
        funds = list(GuidanceFund.visible(actor, GuidanceFund.objects.order_by("created_at")).distinct()[:200])
        return render(request, "capital/portfolio.html", {"data": screens.portfolio(funds, lang)})
