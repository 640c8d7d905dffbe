"""Pages of sealed offers: made empty, sealed in memory, read after the opening, scored blind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views import View

from biaochi.core.decision import Decision
from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.procurement.decisions.needs import meets
from biaochi.mechanisms.procurement.report.words import CRITERION
from biaochi.mechanisms.procurement.web import forms, record
from biaochi.mechanisms.procurement.web.models import CoPurchase, SealedOffer
from biaochi.mechanisms.procurement.web.services import evaluating, opening
from biaochi.mechanisms.procurement.web.views.purchases import WholeMove
from biaochi.registry.acting import acting, page_language
from biaochi.registry.views import CreateView, Item, ListColumn, ListView, Section

DOMESTIC = {"yes": Text("是", "yes"), "no": Text("否", "no"), "unknown": Text("不确定", "not sure")}
SME = {
    "none": Text("否", "no"),
    "small": Text("小型企业", "small"),
    "micro": Text("微型企业", "micro"),
    "joint": Text("联合体或分包", "joint or subcontract"),
}


class OfferForm(forms.Plain, django_forms.ModelForm):  # type: ignore[type-arg]
    """A new offer, still empty."""

    class Meta:
        model = SealedOffer
        fields: tuple[str, ...] = ()


class NewOffer(CreateView):
    """An empty offer on a purchase whose file was issued to this supplier."""

    model = SealedOffer
    form_class = OfferForm
    heading = Text("响应谈判文件", "Respond to the negotiation file")
    consequence = Text(
        "先建立空白响应；内容在下一页填写，密封后才保存。",
        "Makes an empty offer; its content is sealed on the next page.",
    )

    def get(self, request: HttpRequest, purchase: str = "") -> HttpResponseBase:
        """Show what making an offer means."""
        self._purchase(request)
        return super().get(request)

    def post(self, request: HttpRequest, purchase: str = "") -> HttpResponseBase:
        """Make the empty offer."""
        self._purchase(request)
        return super().post(request)

    def _purchase(self, request: HttpRequest) -> CoPurchase:
        actor = acting(request).actor
        obj = get_object_or_404(CoPurchase, public_id=self.kwargs["purchase"], state="file_issued")
        if not obj.participants.filter(organisation__public_id=actor.organisation, qualified=True).exists():
            raise PermissionDenied
        live = obj.offers.filter(organisation__public_id=actor.organisation).exclude(
            state__in=("withdrawn", "not_selected")
        )
        if live.exists() or obj.deadline is None or timezone.now() > obj.deadline:
            raise PermissionDenied
        return obj

    def prepare(self, obj: SealedOffer, form: django_forms.ModelForm[Any], actor: Actor) -> None:
        """Tie the offer to its purchase; its title says nothing of its content."""
        posting = self._purchase(self.request)
        obj.purchase, obj.region, obj.simulated = posting, posting.region, posting.simulated
        obj.title_zh, obj.title_en = f"{posting.title_zh[:180]} · 响应", f"{posting.title_en[:180]} · offer"


class OfferList(ListView):
    """The offers the viewer may see."""

    model = SealedOffer
    heading = Text("响应文件", "Offers")
    related = ("purchase",)
    columns = (ListColumn("purchase", Text("采购", "purchase"), lambda o: o.purchase.title),)


class OfferPage(WholeMove):
    """One offer."""

    model = SealedOffer
    related = ("purchase", "purchase__organisation")
    filled = {"seal": ("boxed",)}
    move_forms = {"seal": forms.SealForm}

    def get_object(self, request: HttpRequest, public_id: str) -> Any:
        """Return the offer; the form asks a value for each need of its purchase."""
        obj = super().get_object(request, public_id)
        self.move_forms = {"seal": seal_form(obj)}  # type: ignore[misc]
        return obj

    def answer(self, obj: SealedOffer, actor: Actor, lang: Lang) -> str:
        """Return until when it can be sealed, or what became of it."""
        posting = obj.purchase
        if obj.state in ("draft", "sealed") and posting.deadline is not None:
            at = f"{timezone.localtime(posting.deadline):%Y-%m-%d %H:%M}"
            return Text(
                f"截止 {at}；开启之前任何人都读不到。", f"Deadline {at}; nobody reads it before the opening."
            ).within(lang)
        return ""

    def facts(self, obj: SealedOffer, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return the purchase, and the receipt for whoever may check it."""
        found = [Item(Text("采购", "purchase"), obj.purchase.title)]
        if obj.receipt:
            found.append(Item(Text("回执（SHA-256）", "receipt (SHA-256)"), obj.receipt))
        return found

    def sections(self, obj: SealedOffer, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return the content once it is open; an expert's form; the result once it is public."""
        found = []
        if obj.content:
            found.append(
                Section(
                    Text("内容", "Content"),
                    "procurement/content.html",
                    _content(obj),
                    now=actor.role is not Role.REVIEWER,
                )
            )
        if actor.role is Role.REVIEWER and obj.state == "opened":
            done = {s.criterion: s.score for s in obj.scores.all() if s.person == actor.person}
            form = None if done or obj.purchase.selection else score_form(obj)(prefix="score")
            mine = [(CRITERION.get(c, Text.same(c)), v) for c, v in done.items()]
            found.insert(
                0,
                Section(
                    Text("评分", "Score"), "procurement/score.html", {"form": form, "mine": mine, "obj": obj}, now=True
                ),
            )
        told = any(d["document"] == "result" for d in obj.purchase.disclosures)
        row = next((o for o in obj.purchase.selection.get("offers", ()) if o["offer"] == obj.public_id), None)
        if row is not None and (told or actor.role in (Role.BUYER, Role.REGULATOR, Role.AUDITOR)):
            note = Text("本单位的得分与理由。", "Your own total and reasons.")
            found.append(
                Section(
                    Text("评审结果", "Result"),
                    "procurement/result.html",
                    {"row": row, "total": None if row["total"] is None else f"{row['total']:.2f}"},
                    note,
                )
            )
        return found

    def decide(
        self, obj: SealedOffer, move: str, actor: Actor, data: Mapping[str, Any], now: datetime
    ) -> Decision | None:
        """Sealing happens here, in memory."""
        if move != "seal":
            return None
        if obj.organisation is None or obj.organisation.public_id != actor.organisation:
            raise PermissionDenied
        values = {n.code: data.get(f"need_{n.code}") for n in record.plan_of(obj.purchase).needs}
        content = {k: data[k] for k in ("months", "domestic", "domestic_share", "sme", "proposal")}
        content |= {k: str(data[k]) for k in ("compensation", "first_price")}
        return opening.seal(obj, {**content, "values": {k: v for k, v in values.items() if v not in (None, "")}}, now)


def seal_form(obj: SealedOffer) -> type[django_forms.Form]:
    """Return the form of an offer with a field for each need of its purchase."""
    fields: dict[str, Any] = {}
    for need in record.plan_of(obj.purchase).needs:
        title = f"{need.code} {need.function.zh if forms.lang_now() == 'zh' else need.function.en}"
        unit = f"（{need.unit}）" if need.unit and forms.lang_now() == "zh" else f" ({need.unit})" if need.unit else ""
        kind = django_forms.FloatField if need.numeric else django_forms.CharField
        fields[f"need_{need.code}"] = kind(label=title + unit, required=need.mandatory)
    return type("SealWithNeeds", (forms.SealForm,), fields)


def score_form(obj: SealedOffer) -> type[django_forms.Form]:
    """Return the form of an expert's scores: one field for each expert criterion."""
    fields: dict[str, Any] = {}
    for criterion in record.plan_of(obj.purchase).criteria:
        if criterion.kind == "expert":
            name = CRITERION.get(criterion.code, Text.same(criterion.code))
            title = Text(f"{name.zh}（0–{criterion.weight:g}）", f"{name.en} (0–{criterion.weight:g})")
            title_now = title.within(forms.lang_now())
            fields[criterion.code] = django_forms.FloatField(label=title_now, min_value=0, max_value=criterion.weight)
    return type("ScoreForm", (forms.Plain,), fields)


def _content(obj: SealedOffer) -> dict[str, Any]:
    c = obj.content
    rows = []
    for need in record.plan_of(obj.purchase).needs:
        value = c.get("values", {}).get(need.code)
        code = "unmet" if value is None or not meets(need, value) else "met"
        rows.append({"need": need, "value": value, "code": code})
    return {"c": c, "rows": rows, "domestic": DOMESTIC[c["domestic"]], "sme": SME[c["sme"]]}


class ScoreAct(View):
    """An expert's scores of an offer."""

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Keep them, once."""
        actor, lang = acting(request).actor, page_language(request)
        obj = (
            SealedOffer.visible(actor, SealedOffer.objects.filter(public_id=public_id))
            .select_related("purchase")
            .first()
        )
        if obj is None:
            raise Http404
        if actor.role is not Role.REVIEWER:
            raise PermissionDenied
        form = score_form(obj)(request.POST, prefix="score")
        faults = [] if form.is_valid() else [f"{form.fields[k].label} {m}" for k, ms in form.errors.items() for m in ms]
        if not faults:
            try:
                evaluating.score(obj, form.cleaned_data, actor, timezone.now())
            except RefusedError as error:
                faults = [error.text.within(lang)]
        if faults:
            return render(request, "procurement/faults.html", {"obj": obj, "faults": faults}, status=422)
        messages.success(request, Text("评分已记录。", "The scores are kept.").within(lang))
        return HttpResponseRedirect(obj.get_absolute_url())
