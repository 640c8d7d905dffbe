"""Pages of studies: the list, the designer, and one study with its rules, its round, its results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from biaochi.core.decision import Decision
from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.foresight.model import Design
from biaochi.mechanisms.foresight.model.study import CALLS
from biaochi.mechanisms.foresight.web import readings, survey_page
from biaochi.mechanisms.foresight.web.forms import ItemForm, StudyForm
from biaochi.mechanisms.foresight.web.models import DESIGNS, Sheet, Study
from biaochi.registry.models import Membership
from biaochi.registry.views import CreateView, Item, ListColumn, ListView, ObjectView, Section

CONCLUDED = ("concluded", "awaiting", "resolved")
OPEN_TO_INVITE = ("draft", "under_review", "frozen")
STOPS = ("stop_consensus", "stop_stable_dissent", "stop_limit")


class StudyList(ListView):
    """All studies the viewer may see."""

    model = Study
    heading = Text("预见研究", "Foresight studies")
    columns = (ListColumn("round", Text("轮次", "round"), lambda s: s.round, numeric=True),)
    create_url = "foresight:study_new"


class NewStudy(CreateView):
    """A study with its rules."""

    model = Study
    form_class = StudyForm
    heading = Text("新的预见研究", "New foresight study")
    consequence = Text(
        "存为草稿；加题、邀请后送另一人审核冻结。",
        "Is kept as a draft; with items and a panel another person freezes it.",
    )


class StudyPage(ObjectView):
    """One study: what was asked, how far the panel agrees, what the rule set beforehand says."""

    model = Study

    def answer(self, obj: Study, actor: Actor, lang: Lang) -> str:
        """Return what the panel has come to, or what is asked."""
        found = readings.survey(obj) if self._may_read(obj, actor) else None
        if found is None:
            return obj.purpose
        decision = found[0].decision
        settled, asked = decision.facts["settled"], decision.facts["items"]
        return Text(
            f"第 {decision.facts['round']} 轮：{asked} 题中 {settled} 题已定。"
            f"事先定下的规则说：{CALLS[decision.outcome].zh}。",
            f"Round {decision.facts['round']}: {settled} of {asked} items are settled. "
            f"The rule set beforehand says: {CALLS[decision.outcome].en}.",
        ).within(lang)

    def facts(self, obj: Study, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return the rules, set before the first round."""
        measure = (
            Text("最高档比例 ≥", "share of the top box ≥")
            if obj.consensus_measure == "top_share"
            else Text("四分位距占量程 ≤", "range, share of the scale ≤")
        )
        return [
            Item(
                Text("共识", "consensus"),
                f"{measure.within(lang)} {obj.consensus_threshold:g}" if obj.consensus_threshold is not None else "–",
            ),
            Item(Text("年份题：四分位距（年）≤", "year items: quartile range (years) ≤"), obj.year_range),
            Item(Text("稳定：改变回答的比例 ≤", "stable: share of answers changed ≤"), obj.stability_threshold),
            Item(Text("设计", "design"), dict(DESIGNS)[obj.design]),
            Item(Text("轮次（截取）上限", "limit of rounds (cuts)"), obj.round_limit),
            Item(
                Text("“部分实现”", "“partly realised”"),
                Text("算实现", "counts") if obj.partial == "counts" else Text("不算实现", "does not count"),
            ),
            Item(Text("分组最少人数", "fewest of a group shown"), obj.subgroup_minimum),
            Item(Text("调查年份", "year of the survey"), str(obj.survey_year) if obj.survey_year else None),
            Item(Text("受邀专家", "experts invited"), obj.invitations.count()),
        ]

    def sections(self, obj: Study, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return the invitation, the console, the items, the results, the record."""
        inside = obj.seen_from_inside(actor)
        found = [*self._invitation(obj, actor), *self._console(obj, actor, inside, lang)]
        if self._may_read(obj, actor):
            found += self._results(obj, lang)
        found.append(
            Section(
                Text("题目", "Items"),
                "foresight/items.html",
                {
                    "items": obj.asked,
                    "study": obj,
                    "may": actor.role is Role.OFFICER and obj.state == "draft" and inside,
                    "form": ItemForm(),
                },
            )
        )
        return [*found, *self._panel(obj, actor, inside)]

    def decide(self, obj: Study, move: str, actor: Actor, data: Mapping[str, Any], now: datetime) -> Decision | None:
        """Stop, or go on, only as the rule set beforehand says."""
        wanted = {
            "conclude": STOPS,
            "conclude_real_time": STOPS,
            "open_round": ("next_round",),
            "cut": ("next_round",),
        }.get(move)
        found = readings.survey(obj) if wanted else None
        if wanted is None or found is None:
            return None
        decision = found[0].decision
        if decision.outcome not in wanted:
            told = CALLS[decision.outcome]
            raise RefusedError(
                "rule_says_otherwise",
                Text(f"事先定下的规则说：{told.zh}", f"the rule set beforehand says: {told.en}"),
            )
        return decision

    def _may_read(self, obj: Study, actor: Actor) -> bool:
        if obj.state in CONCLUDED or obj.seen_from_inside(actor):
            return True
        return (
            obj.state in ("feedback_open", "round_open")
            and obj.invitations.filter(person__public_id=actor.person, state="accepted").exists()
        )

    def _invitation(self, obj: Study, actor: Actor) -> list[Section]:
        mine = obj.invitations.filter(person__public_id=actor.person).exclude(state="declined").first()
        if mine is None or obj.state in ("draft", "under_review"):
            return []
        return [Section(Text("您受邀作答", "You are invited"), "foresight/invited.html", {"study": obj}, now=True)]

    def _console(self, obj: Study, actor: Actor, inside: bool, lang: Lang) -> list[Section]:
        if not inside or obj.state != "round_open":
            return []
        sheets = list(Sheet.objects.filter(seat__study=obj, round=obj.round).values_list("content", "submitted"))
        done = [c for c, submitted in sheets if submitted]
        shown = len(done) >= obj.subgroup_minimum
        missing = [(item.title, sum(item.code not in c for c in done) if shown else None) for item in obj.asked]
        context = {
            "study": obj,
            "seats": len(sheets),
            "done": len(done) if shown else None,
            "least": obj.subgroup_minimum,
            "missing": missing,
            "may": actor.role is Role.OFFICER,
        }
        if obj.design == Design.REAL_TIME.value:
            context["cuts"] = obj.round - 1
        note = Text("看得到有多少，看不到是谁。", "How many, never who.")
        return [Section(Text("本轮进展", "This round"), "foresight/console.html", context, note, now=True)]

    def _results(self, obj: Study, lang: Lang) -> list[Section]:
        found = readings.survey(obj)
        if found is None:
            return []
        scored = survey_page.scored_rows(obj, lang)
        sections = []
        if scored is not None:
            sections.append(
                Section(
                    Text("说得准不准", "How good the panel was"),
                    "foresight/scored.html",
                    scored,
                    Text("只计已到期的题；得分越低越好。", "Only what has come due; a lower score is better."),
                    now=True,
                )
            )
        context = {
            "study": obj,
            "round": readings.closed_round(obj),
            "rows": survey_page.result_rows(obj, found, lang),
            "figures": survey_page.result_figures(obj, found, lang),
            "rounds": found[0].rounds,
            "attrition": found[0].attrition,
            "outcome": CALLS[found[0].decision.outcome],
            "questions": list(obj.questions.all()),
        }
        note = Text("中间一半与中位数；带与不带熟悉程度权重。", "Middle half and median; with and without familiarity.")
        sections.append(Section(Text("结果", "Results"), "foresight/results.html", context, note, now=scored is None))
        return sections

    def _panel(self, obj: Study, actor: Actor, inside: bool) -> list[Section]:
        if not inside or actor.role is not Role.OFFICER:
            return []
        invited = list(obj.invitations.select_related("person").order_by("person__public_id"))
        may = obj.state in OPEN_TO_INVITE
        free = []
        if may:
            members = Membership.objects.in_force().filter(role=Role.REVIEWER.value, person__is_active=True)
            free = list(
                members.exclude(person__in=[i.person_id for i in invited]).select_related("person", "organisation")[
                    :200
                ]
            )
        return [
            Section(
                Text("专家组", "Panel"),
                "foresight/panel.html",
                {"study": obj, "invited": invited, "free": free, "may": may},
                Text("知道请了谁，不知道谁说了什么。", "Who was asked is known; who said what is not."),
            )
        ]
