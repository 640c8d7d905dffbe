"""Pages of the accelerator's services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from biaochi.core.decision import Decision
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.sandbox.web.forms import MatchForm, OutcomeForm
from biaochi.mechanisms.sandbox.web.models import (
    Service,
)
from biaochi.mechanisms.sandbox.web.views.cases import Whole
from biaochi.mechanisms.sandbox.web.views.filling import CASE, Fill, case_link
from biaochi.registry.views import Item, ListColumn, ListView, ObjectView, Section


class Outcome(Fill):
    """What came of an accelerator's service."""

    model = Service
    form_class = OutcomeForm
    heading = Text("写明成效", "Write down the outcome")
    consequence = Text("记入台账；随后可办结。", "Enters the ledger; then the service can be completed.")
    role, state, code = Role.OFFICER, "delivering", "outcome"


class ServiceList(ListView):
    """All services of accelerators."""

    model = Service
    heading = Text("加速器服务", "Accelerator services")
    columns = (CASE, ListColumn("provider", Text("服务方", "provider"), lambda s: s.provider))
    related = ("trial",)


class ServicePage(Whole, ObjectView):
    """One service."""

    model = Service
    related = ("trial", "trial__organisation")
    move_forms = {"match": MatchForm}

    def facts(self, obj: Service, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return the facts of the service."""
        return [
            Item(Text("需求", "need"), obj.need),
            Item(Text("服务方", "provider"), obj.provider),
            Item(Text("成效", "outcome"), obj.outcome),
        ]

    def sections(self, obj: Service, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return the case."""
        fill = actor.role is Role.OFFICER and obj.state == "delivering"
        note = [Section(Text("成效", "Outcome"), "sandbox/outcome.html", {})] if fill else []
        return [*note, case_link(obj.trial)]

    def decide(self, obj: Service, move: str, actor: Actor, data: Mapping[str, Any], now: datetime) -> Decision | None:
        """Keep the provider."""
        if data:
            Service.objects.filter(pk=obj.pk).update(**data)
        return None
