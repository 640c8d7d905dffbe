"""Pages of ethics reviews, and how a committee voted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from biaochi.core.decision import Decision, Scalar
from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.sandbox.decisions import review_ethics
from biaochi.mechanisms.sandbox.web.forms import EthicsForm, lines
from biaochi.mechanisms.sandbox.web.models import (
    ZONE,
    EthicsReview,
    rules_on,
)
from biaochi.mechanisms.sandbox.web.views.cases import Whole
from biaochi.mechanisms.sandbox.web.views.filling import CASE, Fill, case_link
from biaochi.registry.views import Item, ListColumn, ListView, ObjectView, Section


class EthicsList(ListView):
    """All ethics reviews."""

    model = EthicsReview
    heading = Text("伦理审查", "Ethics reviews")
    columns = (CASE, ListColumn("next_review_on", Text("下次审查", "next review"), lambda e: e.next_review_on))
    related = ("trial",)


class EthicsPage(Whole, ObjectView):
    """One ethics review."""

    model = EthicsReview
    related = ("trial", "trial__organisation")

    def answer(self, obj: EthicsReview, actor: Actor, lang: Lang) -> str:
        """Return what was decided."""
        name = obj.current.name
        if obj.decided_on is None:
            return Text(f"{name.zh}，尚无结论。", f"{name.en.capitalize()}; not yet decided.").within(lang)
        text = Text(
            f"{obj.decided_on} {name.zh}，{obj.in_favour}/{obj.present} 赞成；下次审查 {obj.next_review_on}。",
            f"{name.en.capitalize()} on {obj.decided_on}, {obj.in_favour} of {obj.present} in favour; "
            f"next review {obj.next_review_on}.",
        )
        return text.within(lang)

    def facts(self, obj: EthicsReview, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return who sat."""
        return [
            Item(Text("委员", "members"), obj.members),
            Item(Text("外部委员", "outside members"), obj.external),
            Item(Text("到会", "present"), obj.present),
            Item(Text("赞成", "in favour"), obj.in_favour),
            Item(Text("下次审查", "next review"), obj.next_review_on),
        ]

    def sections(self, obj: EthicsReview, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return the conditions, what is due, and the case."""
        day = timezone.localdate()
        due = review_ethics(obj.trial.to_case(), at=day, parameters=rules_on(day))
        context: dict[str, Any] = {"conditions": obj.conditions, "reasons": due.reasons}
        context["vote"] = actor.role is Role.ETHICS_MEMBER and obj.state == "deliberating"
        return [
            Section(Text("条件与应办", "Conditions and what is due"), "sandbox/ethics.html", context),
            case_link(obj.trial),
        ]

    def decide(
        self, obj: EthicsReview, move: str, actor: Actor, data: Mapping[str, Any], now: datetime
    ) -> Decision | None:
        """Return the reasons a committee's decision rests on; how it voted was kept before."""
        outcome = _OUTCOMES.get(move)
        if outcome is None:
            return None
        if obj.present is None:
            raise RefusedError("no_vote", Text("请先记录表决", "record the vote first"))
        day = now.astimezone(ZONE).date()
        obj.outcome, obj.decided_on = outcome, day
        case = obj.trial.to_case_with(obj.raw())
        found = review_ethics(case, at=day, parameters=rules_on(day))
        facts: dict[str, Scalar] = {"conditions": len(obj.conditions)}
        return Decision(outcome, found.reasons, now, parameters=found.parameters, facts=facts)


_OUTCOMES = {"approve": "approved", "approve_with_conditions": "approved_with_conditions", "reject": "rejected"}


class Vote(Fill):
    """How the committee voted, on what conditions, and when it looks again."""

    model = EthicsReview
    form_class = EthicsForm
    heading = Text("记录表决", "Record the vote")
    consequence = Text("记入台账；随后可作出决定。", "Enters the ledger; then the decision can be made.")
    role, state, code = Role.ETHICS_MEMBER, "deliberating", "vote"

    def values(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the vote; nobody is counted twice."""
        if data["in_favour"] > data["present"] or data["present"] > data["members"]:
            told = Text("赞成不多于到会，到会不多于委员", "in favour ≤ present ≤ members")
            raise RefusedError("impossible_count", told)
        return dict(data) | {"conditions": lines(data["conditions"])}
