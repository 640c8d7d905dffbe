"""Pages of purchases: the list, a new plan, and one purchase with its board, acts, suppliers, money and disclosure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.db import transaction as database
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone

from biaochi.core.decision import Decision
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.procurement.decisions import publications
from biaochi.mechanisms.procurement.decisions.disclose import TITLES
from biaochi.mechanisms.procurement.report.words import CHECK, CRITERION, MODE, OUTCOME, UNIT, seen_in_words
from biaochi.mechanisms.procurement.web import acts, forms, readings
from biaochi.mechanisms.procurement.web.facts import PurchaseFacts
from biaochi.mechanisms.procurement.web.models import CoPurchase, SealedOffer
from biaochi.mechanisms.procurement.web.models.purchase import AWARDED
from biaochi.mechanisms.procurement.web.services import evaluating, planning, procedure
from biaochi.mechanisms.procurement.web.services.refusing import refuse
from biaochi.mechanisms.procurement.web.views import board, ranking
from biaochi.registry.acting import acting, page_language
from biaochi.registry.models import Organisation
from biaochi.registry.views import CreateView, Item, ListColumn, ListView, ObjectView, Section
from biaochi.registry.views.objects import Act

PREFETCH = ("contracts__supplier", "participants__organisation", "offers__organisation", "offers__scores", "interests")
PLANNED = frozenset(
    {
        "ground", "level", "sme_share", "ip", "plan_complete", "group", "legal", "economics", "proposal_weight",
        "suppliers", "total", "routes", "needs", "no_track_record",
    }
)  # fmt: skip
EXTRA = {"first_purchase": Text("首购结果", "first-purchase result")}


class PurchaseList(ListView):
    """All purchases the viewer may see."""

    model = CoPurchase
    heading = Text("合作创新采购", "Co-innovation purchases")
    note = Text("订购研发，再首购成功的产品。", "Ordered development, then the first purchase of what succeeds.")
    columns = (
        ListColumn("buyer", Text("采购人", "buyer"), lambda c: c.organisation.title if c.organisation else None),
        ListColumn("closes", Text("申请截止", "applications close"), lambda c: c.dates.get("applications_close")),
    )
    create_url = "procurement:copurchase_new"


class NewPurchaseForm(forms.PlanForm, django_forms.ModelForm):  # type: ignore[type-arg]
    """A new plan; its needs follow on their own page."""

    class Meta:
        model = CoPurchase
        fields: tuple[str, ...] = ("title_zh", "title_en")


class NewPurchase(CreateView):
    """A new plan."""

    model = CoPurchase
    form_class = NewPurchaseForm
    heading = Text("编制采购方案", "Draft a purchase")
    consequence = Text(
        "存为草案；下一步写功能需求，逐条核对，由另一人批准。",
        "Kept as a draft; functional needs come next, every article is checked, another person approves.",
    )

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        """Return the usual criteria and group."""
        zh = page_language(request) == "zh"
        return {
            "group": "E1 | 法律\nE2 | 经济\nE3 | 技术\nE4 | 技术\nE5 | 采购人"
            if zh
            else "E1 | legal\nE2 | economics\nE3 | technical\nE4 | technical\nE5 | buyer",
            "criteria": "研发方案 | 60\n价格 | 40" if zh else "proposal | 60\nprice | 40",
            "planned_suppliers": 2,
            "level": "provincial",
            "iteration_duty": True,
        }

    def prepare(self, obj: CoPurchase, form: django_forms.ModelForm[Any], actor: Actor) -> None:
        """Keep the plan; the buyer is the actor's organisation."""
        house = Organisation.objects.filter(public_id=actor.organisation).first()
        name = house.name_zh if house is not None else "—"
        obj.plan = {**planning.plan_from_form(form.cleaned_data, name), "needs": []}
        obj.place(actor)


class WholeMove(ObjectView):
    """What a move records is stored with the move or not at all; what its form supplies is no obstacle before.

    ``filled`` names, by move, the guards that the move's own form makes hold; they are tested when it is made.
    """

    filled: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    def _acts(self, obj: Any, actor: Actor, bound: Mapping[str, django_forms.Form]) -> list[Act]:
        return [self._open(obj, act) for act in super()._acts(obj, actor, bound)]

    def _open(self, obj: Any, act: Act) -> Act:
        mine = self.filled.get(act.move.code, ())
        supplied = {g.text for g in act.move.guards if g.code in mine}
        return replace(act, obstacles=[o for o in act.obstacles if o not in supplied])

    def _move(self, request: HttpRequest, obj: Any, actor: Actor, code: str) -> HttpResponseBase:
        with database.atomic():
            answer = super()._move(request, obj, actor, code)
            if answer.status_code >= 400:
                database.set_rollback(True)
        return answer


class PurchasePage(WholeMove):
    """One purchase."""

    model = CoPurchase
    filled = {"notice": ("close_set",), "issue_file": ("deadline_set",)}
    move_forms = {
        "notice": forms.CloseForm,
        "issue_file": forms.DeadlineForm,
        "challenge": forms.ComplaintForm,
        "challenge_first_purchase": forms.ComplaintForm,
    }

    def get_object(self, request: HttpRequest, public_id: str) -> Any:
        """Return the purchase with what its facts need, in a few queries; 404 when it does not exist for the viewer."""
        rows = CoPurchase.objects.select_related("organisation", "region", "creator").prefetch_related(*PREFETCH)
        found = CoPurchase.visible(acting(request).actor, rows.filter(public_id=public_id)).first()
        if found is None:
            raise Http404
        return found

    def answer(self, obj: CoPurchase, actor: Actor, lang: Lang) -> str:
        """Return where the purchase stands; for the public, what is public."""
        at, p = timezone.localdate(), obj.purchase
        done = sum(d.settled for d in publications(p, at=at))
        if not obj.seen_from_inside(actor):
            closing = p.dates.applications_close
            if obj.state == "noticed" and closing is not None:
                return Text(
                    f"申请截至 {closing}；六种文件已公开 {done} 种。",
                    f"Applications until {closing}; {done} of six documents are public.",
                ).within(lang)
            return Text(f"六种文件中已公开 {done} 种。", f"{done} of six documents are public.").within(lang)
        reasons = PurchaseFacts(obj).checked.reasons
        unmet = sum(r.verdict.value == "unmet" for r in reasons)
        open_ = sum(r.verdict.value in ("manual_review", "unknown") for r in reasons)
        return Text(
            f"{len(reasons)} 项核对：{unmet} 项不符，{open_} 项待人工或待定。",
            f"{len(reasons)} checks: {unmet} unmet, {open_} for a person or open.",
        ).within(lang)

    def facts(self, obj: CoPurchase, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return buyer, amounts, mode and the days that matter now."""
        p = obj.purchase
        found = [
            Item(Text("采购人", "buyer"), p.buyer.name),
            Item(Text("邀请方式", "mode"), MODE[p.mode]),
            Item(Text("研发供应商", "R&D suppliers"), Text(f"{p.planned_suppliers} 家", f"{p.planned_suppliers}")),
        ]
        if p.money is not None:
            found.append(Item(Text("最高费用（元）", "maximum cost, yuan"), p.money.max_cost))
        if obj.deadline is not None:
            found.append(Item(Text("首次响应截止", "first response by"), obj.deadline))
        end = readings.standstill_end(p, timezone.localdate(), first=obj.state.startswith("first_purchase"))
        if end is not None and obj.state in ("standstill", "complaint", "first_purchase_standstill"):
            found.append(Item(Text("静候期至", "standstill until"), end))
        return found

    def sections(self, obj: CoPurchase, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return what the viewer can do, the board, needs, suppliers, evaluation, disclosure and checks."""
        facts, inside = PurchaseFacts(obj), obj.seen_from_inside(actor)
        found = [*self._doing(obj, facts, actor), self._board(obj, facts, actor)]
        if inside or obj.state not in ("approved",):
            found.append(self._needs(obj, facts, inside))
        if inside:
            found.append(self._suppliers(obj, facts, actor))
            found += ranking.sections(obj, facts)
            if obj.evidence:
                rows_taken = {"rows": [(Text(e["zh"], e["en"]), e["subject"]) for e in obj.evidence]}
                found.append(Section(Text("采用的证据", "Evidence taken"), "procurement/evidence.html", rows_taken))
        found.append(self._disclosure(obj, facts))
        if obj.complaints:
            rows = [
                {"c": c, "kind": OUTCOME[c["kind"]], "outcome": OUTCOME.get(c.get("outcome") or "")}
                for c in obj.complaints
            ]
            limits = Text(
                "质疑七个工作日内提出、七个工作日内答复；投诉十五日内提出、三十日内处理（政府采购法第五十二至五十六条）。",
                "Challenge within 7 working days, answer within 7; complaint within 15, decision within 30 "
                "（政府采购法 Art 52–56）.",
            )
            found.append(
                Section(Text("质疑与投诉", "Challenges"), "procurement/complaints.html", {"rows": rows}, limits)
            )
        if inside:
            rows = [
                {
                    "r": r,
                    "name": CHECK.get(r.rule, Text.same(r.rule)),
                    "seen": seen_in_words(r.seen),
                    "unit": UNIT.get(r.unit),
                }
                for r in facts.checked.reasons
            ]
            found.append(Section(Text("逐条核对", "Checks"), "procurement/checks.html", {"rows": rows}))
        return found

    def _doing(self, obj: CoPurchase, facts: PurchaseFacts, actor: Actor) -> list[Section]:
        may = {code: acts.allowed(obj, code, actor) for code in acts.ACTS}
        own = next((p for p in facts.participants if p.organisation.public_id == actor.organisation), None)
        firm = actor.role is Role.FIRM
        given: dict[str, Any] = {"obj": obj, "may": may, "own": own if firm else None, "read": []}
        given["forms"] = self._forms(obj, actor, may, applied=own is not None)
        if may["declare"] and "declare" not in given["forms"]:
            mine = SealedOffer.visible(actor, SealedOffer.objects.filter(purchase=obj)).order_by("public_id")
            given["read"] = list(mine)
        given["waiting"] = may["share"] and not obj.opened
        given["judging"] = [p for p in facts.participants if p.qualified is None] if may["judge"] else []
        given["hearing"] = [p for p in facts.participants if p.qualified and p.heard_on is None] if may["hear"] else []
        names = {**TITLES, **EXTRA}
        given["disclosing"] = (
            [{"code": d, "name": names[d]} for d in procedure.disclosable(obj)] if may["disclose"] else []
        )
        given["terms"] = self._terms(obj) if may["terms"] else []
        given["taken"], given["mine"] = len(obj.holders), actor.person in obj.holders
        given["offer"] = None
        if firm:
            given["offer"] = (
                SealedOffer.visible(actor, SealedOffer.objects.filter(purchase=obj))
                .exclude(state__in=("withdrawn", "not_selected"))
                .first()
            )
        given["may_offer"] = (
            firm and obj.state == "file_issued" and own is not None and bool(own.qualified) and given["offer"] is None
        )
        parts = ("judging", "hearing", "disclosing", "terms", "offer", "may_offer", "own", "waiting", "read")
        own_forms = given["forms"].keys() - {"disclose", "terms", "judge", "hear"}
        if not (own_forms or any(given[p] for p in parts) or any(may[c] for c in ("key", "take", "need", "evaluate"))):
            return []
        return [Section(Text("现在可做", "What you can do"), "procurement/doing.html", given, now=True)]

    def _forms(self, obj: CoPurchase, actor: Actor, may: Mapping[str, bool], *, applied: bool) -> dict[str, Any]:
        """Return the forms of what the actor may do and has not done."""
        given: dict[str, Any] = {}
        for code in ("apply", "judge", "hear", "share", "declare", "first", "terms", "disclose"):
            form_class = acts.ACTS[code].form
            if may[code] and form_class is not None:
                given[code] = form_class(prefix=code)
        if applied:
            given.pop("apply", None)
        if any(i.person == actor.person for i in obj.interests.all()):
            given.pop("declare", None)
        if obj.opened or obj.deadline is None or timezone.now() <= obj.deadline:
            given.pop("share", None)
        if "first" in given:
            lang = forms.lang_now()
            done = [c for c in obj.contracts.all() if c.state == "accepted"]
            forms.choose(given["first"], "supplier", [(c.public_id, c.supplier.title.within(lang)) for c in done])
        return given

    def _terms(self, obj: CoPurchase) -> list[dict[str, Any]]:
        rows = {o["offer"]: o for o in obj.selection.get("offers", ())}
        content = {o.public_id: o.content for o in obj.offers.all()}
        return [
            {
                "offer": public_id,
                "supplier": rows[public_id]["supplier"],
                "asked": content[public_id].get("compensation"),
                "terms": obj.terms.get(public_id),
            }
            for public_id in obj.selection.get("selected", ())
        ]

    def _board(self, obj: CoPurchase, facts: PurchaseFacts, actor: Actor) -> Section:
        context = {"steps": board.steps(obj, facts.purchase), "lanes": board.lanes(list(obj.contracts.all()), actor)}
        note = Text("日子由时钟记录，不由人填写。", "Days are given by the clock, nobody types them.")
        return Section(Text("阶段板", "Stage board"), "procurement/board.html", context, note)

    def _needs(self, obj: CoPurchase, facts: PurchaseFacts, inside: bool) -> Section:
        market = facts.market if inside else None
        by_need = {n.need: n for n in market.needs} if market else {}
        rows = [{"need": n, "market": by_need.get(n.code)} for n in facts.purchase.needs]
        context: dict[str, Any] = {
            "needs": rows,
            "market": market,
            "inside": inside,
            "obj": obj,
            "co": market is not None and market.possible == 0,
        }
        context["criteria"] = [(CRITERION.get(c.code, Text.same(c.code)), c.weight) for c in facts.purchase.criteria]
        limits = (
            Text("市场检查只知道已录入的产品。", "The market check knows only the products entered.")
            if inside
            else None
        )
        return Section(Text("功能需求", "Functional needs"), "procurement/needs.html", context, limits)

    def _suppliers(self, obj: CoPurchase, facts: PurchaseFacts, actor: Actor) -> Section:
        opened = SealedOffer.visible(actor, SealedOffer.objects.filter(purchase=obj)).select_related("organisation")
        context = {"rows": facts.participants, "offers": list(opened.order_by("pk")), "obj": obj}
        note = Text("开启之前没有人知道谁提交了响应。", "Before the opening nobody knows who has offered.")
        return Section(Text("供应商", "Suppliers"), "procurement/suppliers.html", context, note)

    def _disclosure(self, obj: CoPurchase, facts: PurchaseFacts) -> Section:
        at = timezone.localdate()
        found = publications(facts.purchase, at=at, parameters=readings.rules_on(at), calendar=readings.calendar())
        rows = [{"name": TITLES[d.document], "d": d, "limit": d.limit.citation if d.limit else None} for d in found]
        note = Text("财库〔2024〕13号第十三条。", "财库〔2024〕13号 Art 13.")
        return Section(
            Text("公开", "Disclosure"),
            "procurement/disclosure.html",
            {"rows": rows, "ocds": obj.state in AWARDED, "obj": obj},
            note,
        )

    def decide(
        self, obj: CoPurchase, move: str, actor: Actor, data: Mapping[str, Any], now: datetime
    ) -> Decision | None:
        """Keep what the move needs, and return the decision that goes with it."""
        at = timezone.localdate(now)
        if move in ("argue", "approve"):
            found = PurchaseFacts(obj).checked
            reasons = tuple(
                replace(r, seen=None if isinstance(r.seen, str) else r.seen, unit="")
                for r in found.reasons
                if r.rule in PLANNED
            )
            return Decision(found.outcome, reasons, at, parameters=found.parameters)
        if move == "notice":
            close = data.get("close")
            obj.dates = {**obj.dates, "applications_close": close.isoformat() if close else None}
            obj.save(update_fields=["dates"])
        elif move == "issue_file":
            obj.deadline = data.get("deadline")
            if obj.deadline is not None:
                obj.dates = {**obj.dates, "first_response": timezone.localdate(obj.deadline).isoformat()}
            obj.save(update_fields=["deadline", "dates"])
        elif move in ("challenge", "challenge_first_purchase"):
            if not data.get("by", "").strip():
                raise refuse("by", "须写明提出单位（政府采购法第五十二条）", "say who challenges (政府采购法 Art 52)")
            return Decision("taken", (), at, facts={"by": data["by"].strip(), "kind": data["kind"]})
        elif move == "select":
            return evaluating.decided(obj, now)
        return None
