"""Pages of waivers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from biaochi.core.decision import Decision
from biaochi.core.roles import Actor
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.sandbox.decisions import grant_waiver
from biaochi.mechanisms.sandbox.model import Floor, Level, WaiverKind
from biaochi.mechanisms.sandbox.web.models import (
    ZONE,
    WaiverRow,
    rules_on,
)
from biaochi.mechanisms.sandbox.web.views.cases import Whole
from biaochi.mechanisms.sandbox.web.views.filling import CASE, case_link
from biaochi.registry.views import Item, ListColumn, ListView, ObjectView, Section


class WaiverList(ListView):
    """All waivers."""

    model = WaiverRow
    heading = Text("豁免", "Waivers")
    columns = (
        CASE,
        ListColumn("start_on", Text("起", "from"), lambda w: w.start_on),
        ListColumn("end_on", Text("止", "to"), lambda w: w.end_on),
    )
    related = ("trial",)
    ordering = ("end_on", "pk")


class WaiverPage(Whole, ObjectView):
    """One waiver."""

    model = WaiverRow
    related = ("trial", "trial__organisation")

    def answer(self, obj: WaiverRow, actor: Actor, lang: Lang) -> str:
        """Return until when it holds."""
        left = (obj.end_on - timezone.localdate()).days
        if left >= 0:
            text = Text(
                f"止于 {obj.end_on}，余 {left} 天，到期自行终止。", f"Ends by itself on {obj.end_on}, in {left} days."
            )
        else:
            text = Text(f"已于 {obj.end_on} 终止。", f"Ended on {obj.end_on}.")
        return text.within(lang)

    def facts(self, obj: WaiverRow, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return the facts of the waiver."""
        touches = None if obj.touches is None else "、".join(Floor(f).text.within(lang) for f in obj.touches)
        none = Text("均不触及", "none").within(lang)
        return [
            Item(Text("条文", "clause"), obj.citation),
            Item(Text("规则层级", "rank"), Level(obj.level).text),
            Item(Text("主管部门", "authority"), obj.authority),
            Item(Text("授权", "authorisation"), obj.authorisation),
            Item(Text("方式", "manner"), WaiverKind(obj.kind).text),
            Item(Text("触及的底线", "floor items touched"), none if touches == "" else touches),
            Item(Text("地域", "area"), obj.area),
            Item(Text("使用者上限", "most users"), obj.users_max),
            Item(Text("起止", "dates"), f"{obj.start_on} – {obj.end_on}"),
        ]

    def sections(self, obj: WaiverRow, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return the case."""
        return [case_link(obj.trial)]

    def decide(
        self, obj: WaiverRow, move: str, actor: Actor, data: Mapping[str, Any], now: datetime
    ) -> Decision | None:
        """Return the reasons of a grant; what waits for a person is this person's to sign."""
        if move != "grant":
            return None
        day = now.astimezone(ZONE).date()
        return grant_waiver(obj.to_waiver(), at=day, parameters=rules_on(day)).require("grant", "more_info")
