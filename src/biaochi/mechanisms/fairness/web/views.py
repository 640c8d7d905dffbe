"""Pages of fair-competition reviews: list, hand-in, one review with its marked text, and what is done between moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from biaochi.core.decision import Decision
from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.fairness.model import Ground
from biaochi.mechanisms.fairness.report import cited
from biaochi.mechanisms.fairness.web import acts, readings
from biaochi.mechanisms.fairness.web.comparing import NAMES, changed, clock, rules_between
from biaochi.mechanisms.fairness.web.forms import (
    KIND,
    ClaimForm,
    HearingForm,
    ReasonForm,
    ReviewForm,
    TextForm,
)
from biaochi.mechanisms.fairness.web.models import FairnessReview
from biaochi.methods.textreview.engine import Finding, Review
from biaochi.registry.acting import acting, page_language
from biaochi.registry.views import CreateView, Item, ListColumn, ListFilter, ListView, ObjectView, Section

CONCLUSION = {
    "compliant": Text("符合", "compliant"),
    "compliant_with_exception": Text("例外适用", "compliant with exception"),
    "must_revise": Text("须修改", "must be revised"),
    "": Text("尚无结论", "none yet"),
}
VERDICT = {
    "violation": (Text("违反", "violation"), "unmet"),
    "needs_context": (Text("待查", "needs context"), "manual_review"),
    "lawful_preference": (Text("合法优惠", "lawful preference"), "met"),
}
FORMS: Mapping[str, type[forms.Form]] = {
    "text": TextForm,
    "claim": ClaimForm,
    "hearing": HearingForm,
    "settle": ReasonForm,
    "sign": ReasonForm,
    "override": ReasonForm,
    "regulator": ReasonForm,
}


class ReviewList(ListView):
    """All reviews the viewer may see."""

    model = FairnessReview
    heading = Text("公平竞争审查", "Fair-competition reviews")
    note = Text("提示复核之处，不是法律意见。", "Points for review, no legal advice.")
    columns = (
        ListColumn("kind", Text("类型", "kind"), lambda r: KIND.get(r.kind, Text.same(r.kind))),
        ListColumn("conclusion", Text("结论", "conclusion"), lambda r: CONCLUSION[r.conclusion]),
    )
    filters = (ListFilter("kind", Text("类型", "Kind"), "kind", lambda: list(KIND.items())),)
    create_url = "fairness:fairnessreview_new"


class NewReview(CreateView):
    """A text handed in."""

    model = FairnessReview
    form_class = ReviewForm
    heading = Text("送审一份文本", "Hand in a text")
    consequence = Text(
        "存为草稿并立即审读；审查由起草人之外的人完成。",
        "Kept as a draft and read at once; another person than the drafter reviews it.",
    )

    def prepare(self, obj: FairnessReview, form: Any, actor: Actor) -> None:
        """Keep the text and who wrote it."""
        obj.text = form.cleaned_data["text"]
        obj.drafter = actor.person
        obj.place(actor)


class ReviewPage(ObjectView):
    """One review: its text with marks, what is open, exceptions, and who signed."""

    model = FairnessReview

    def answer(self, obj: FairnessReview, actor: Actor, lang: Lang) -> str:
        """Return the conclusion once there is one, else what the rules found in the text."""
        ends = [c.end_on for c in obj.claims.all() if c.end_on is not None]
        if obj.conclusion == "compliant_with_exception" and ends:
            return Text(
                f"结论：例外适用，{min(ends)} 到期；两人认定，理由见下。",
                f"Compliant with an exception that ends on {min(ends)}; two people concluded, reasons below.",
            ).within(lang)
        counts = readings.read(obj, timezone.localdate()).claimed.counts()
        return Text(
            f"{sum(counts.values())} 条：违反 {counts['violation']}，待查 {counts['needs_context']}，"
            f"合法优惠 {counts['lawful_preference']}，未查 {counts['not_checked']}。",
            f"Of {sum(counts.values())} clauses: violations {counts['violation']}, "
            f"needing context {counts['needs_context']}, "
            f"lawful preferences {counts['lawful_preference']}, not checked {counts['not_checked']}.",
        ).within(lang)

    def facts(self, obj: FairnessReview, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return kind, date, pack and conclusion."""
        pack = readings.pack()
        ends = [c.end_on for c in obj.claims.all() if c.end_on is not None]
        return [
            Item(Text("文件类型", "kind"), KIND.get(obj.kind, Text.same(obj.kind))),
            Item(Text("文件日期", "date of the document"), obj.dated),
            Item(Text("版本", "version"), obj.number),
            Item(Text("结论", "conclusion"), CONCLUSION[obj.conclusion]),
            Item(Text("例外到期", "exception ends"), min(ends, default=None)),
            Item(Text("规则包", "rule pack"), f"{pack.code} {pack.version} · {pack.digest[:12]}"),
        ]

    def sections(self, obj: FairnessReview, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return findings, the marked text, exceptions, hearings and versions."""
        found = readings.read(obj, timezone.localdate())
        inside, basis = obj.seen_from_inside(actor), obj.basis
        may = {code: acts.allowed(obj, code, actor) for code in acts.ACTS}
        clauses, left = readings.marked(found.claimed)
        settled = {s.clause: s for s in obj.settlements.filter(basis=basis)}
        rows = [
            {
                "number": n,
                "finding": f,
                "clause": c.clause.id,
                **word_of(f, approved=obj.conclusion == "compliant_with_exception"),
                "cited": cited(f.rule),
                "settled": settled.get(c.clause.id) if f.verdict == "needs_context" else None,
                "may_settle": may["settle"] and f.verdict == "needs_context" and c.clause.id not in settled,
            }
            for n, c, f in readings.numbered(found.claimed)
        ]
        today = timezone.localdate()
        claims = [
            {
                "claim": c,
                "check": k,
                "ground": Ground(c.ground).text,
                "clock": clock(timezone.localdate(c.at), c.end_on, today) if c.end_on is not None else None,
            }
            for c, k in zip(obj.claims.order_by("pk"), found.checks, strict=True)
        ]
        given = {code: form(prefix=code) for code, form in FORMS.items() if may[code]}
        if "claim" in given:
            offer_rules(given["claim"], found.plain, lang)
        common = {"review": obj, "may": may, "forms": given, "inside": inside}
        sections = [
            Section(Text("逐处说明", "Findings"), "fairness/findings.html", {**common, "rows": rows}, now=True),
            Section(Text("原文", "Text"), "fairness/marked.html", {"clauses": clauses, "left": left}),
            Section(
                Text("例外与签署", "Exceptions and signatures"),
                "fairness/claims.html",
                {**common, "claims": claims, "signatures": list(obj.signatures.filter(basis=basis).order_by("pk"))},
                Text(
                    "第十二条：理由、替代方案、期限；两人认定。",
                    "Art 12: ground, alternative, end; two people conclude.",
                ),
            ),
            Section(
                Text("听取意见", "Hearings"),
                "fairness/hearings.html",
                {**common, "hearings": list(obj.hearings.order_by("on"))},
                Text("第十六条。", "Art 16."),
            ),
        ]
        if inside:
            kept = list(obj.versions.order_by("-number"))
            pieces = changed(kept[0].text, obj.text) if kept else []
            versions = {**common, "versions": kept, "pieces": pieces}
            sections.append(Section(Text("版本", "Versions"), "fairness/versions.html", versions))
        return sections

    def decide(
        self, obj: FairnessReview, move: str, actor: Actor, data: Mapping[str, Any], now: datetime
    ) -> Decision | None:
        """Return the screening, the conclusion or the override behind a move."""
        if move in ("review", "conclude") and actor.person in acts.drafters(obj):
            raise RefusedError("same_person", Text("起草过文本的人不能审查", "who drafted a version may not review it"))
        if move == "screen":
            counts = readings.read(obj, timezone.localdate(now)).claimed.counts()
            facts: dict[str, Any] = {**counts, "basis": obj.basis, "pack": readings.pack().digest}
            return Decision("screened", (), now, facts=facts)
        if move == "conclude":
            return acts.concluded(obj, now).require("compliant", "compliant_with_exception", "must_revise")
        if move == "issue" and obj.conclusion == "must_revise":
            return acts.overriding(obj, now).require("overridden")
        return None


class PackPage(View):
    """The rule pack: what is in force, and what changed between two days."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Show the rules of a day, and with ``from`` in the address what came and went since."""
        today = timezone.localdate()
        after = _day(request.GET.get("to", ""), today)
        before = _day(request.GET.get("from", ""), after)
        rows = rules_between(readings.pack(), before, after)
        shown = [
            {"r": c.rule, "kind": NAMES[c.kind], "code": PACK_CODE[c.kind], "cited": cited(c.rule)}
            for c in rows
            if before == after or c.kind != "held"
        ]
        counts = {k: sum(c.kind == k for c in rows) for k in NAMES}
        pack = readings.pack()
        context = {
            "rows": shown,
            "counts": counts,
            "before": before,
            "after": after,
            "pack": pack,
            "now": len(rows) - counts["went"],
        }
        return render(request, "fairness/pack.html", context)


PACK_CODE = {"came": "soon", "went": "expired", "held": "met"}


def _day(text: str, fallback: date) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return fallback


def word_of(finding: Finding, *, approved: bool) -> dict[str, Any]:
    """Return a finding's verdict in words and the code of its badge; a claimed exception says so."""
    word, code = VERDICT[finding.verdict]
    if finding.exception_result == "claimed":
        word = Text("例外已认定", "exception approved") if approved else Text("例外主张", "exception claimed")
        code = "met" if approved else code
    return {"word": word, "code": code}


def offer_rules(form: forms.Form, found: Review, lang: Lang) -> None:
    """Let a claim name only a rule that was found and that an exception may cover (Art 12)."""
    rules = {f.rule.id: f.rule for c in found.clauses for f in c.findings if f.rule.id[0] in "CIF"}
    field = form.fields["rule"]
    if rules:
        choices = [(code, f"{code} {rule.title.within(lang)}") for code, rule in sorted(rules.items())]
        form.fields["rule"] = forms.ChoiceField(label=field.label, choices=choices)


class ReviewAct(View):
    """What is done between moves."""

    def post(self, request: HttpRequest, public_id: str, act: str) -> HttpResponseBase:
        """Do it, or say what is wrong with it."""
        actor, lang = acting(request).actor, page_language(request)
        obj = FairnessReview.visible(actor, FairnessReview.objects.filter(public_id=public_id)).first()
        if obj is None or act not in acts.ACTS:
            raise Http404
        if actor.role is Role.AUDITOR or not acts.allowed(obj, act, actor):
            raise PermissionDenied
        data, faults = _read(request, act)
        if not faults:
            try:
                acts.act(obj, act, actor, data)
                return HttpResponseRedirect(obj.get_absolute_url())
            except RefusedError as error:
                faults = [error.text.within(lang)]
        return render(request, "fairness/faults.html", {"review": obj, "faults": faults}, status=422)


def _read(request: HttpRequest, act: str) -> tuple[dict[str, Any], list[str]]:
    if act == "drop":
        wanted = request.POST.get("claim", "")
        return {"claim": int(wanted) if wanted.isdigit() and len(wanted) < 12 else 0}, []
    form = FORMS[act](request.POST, request.FILES, prefix=act)
    if not form.is_valid():
        named = [(form.fields[k].label if k in form.fields else "", m) for k, ms in form.errors.items() for m in ms]
        return {}, [f"{label}：{message}" if label else str(message) for label, message in named]
    return {**form.cleaned_data, "clause": request.POST.get("clause", "")[:80]}, []
