"""Pages of the office: studies, what an officer does to one, questions and how they are settled, the scoreboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views import View

from biaochi.core.decision import Decision
from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.exchange.faults import Faults
from biaochi.mechanisms.foresight.decisions import decide_resolution, propose_resolution
from biaochi.mechanisms.foresight.files import read_items, template_source
from biaochi.mechanisms.foresight.model import Outcome
from biaochi.mechanisms.foresight.web import pages, readings, survey_page
from biaochi.mechanisms.foresight.web.forms import ItemForm, OutcomeForm, StudyForm
from biaochi.mechanisms.foresight.web.models import Invitation, Question, Sheet, Study, StudyItem
from biaochi.registry.acting import acting, page_language
from biaochi.registry.models import ExportLog, Membership, Notification, Person
from biaochi.registry.transition import record
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
            f"事先定下的规则说：{_outcome(decision.outcome).zh}。",
            f"Round {decision.facts['round']}: {settled} of {asked} items are settled. "
            f"The rule set beforehand says: {_outcome(decision.outcome).en}.",
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
            Item(Text("轮次上限", "round limit"), obj.round_limit),
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
        wanted = {"conclude": STOPS, "open_round": ("next_round",)}.get(move)
        found = readings.survey(obj) if wanted else None
        if wanted is None or found is None:
            return None
        decision = found[0].decision
        if decision.outcome not in wanted:
            told = _outcome(decision.outcome)
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
            "outcome": _outcome(found[0].decision.outcome),
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


def _outcome(code: str) -> Text:
    return {
        "next_round": Text("再问一轮", "ask another round"),
        "stop_consensus": Text("停止：各题已成共识", "stop: every item is agreed"),
        "stop_stable_dissent": Text("停止：已稳定，保留分歧", "stop: settled, with stable dissent"),
        "stop_limit": Text("停止：到了轮次上限", "stop: the round limit is reached"),
    }[code]


class StudyAct(View):
    """What an officer does to a study beside its moves: items, invitations, reminders."""

    def post(self, request: HttpRequest, public_id: str, act: str) -> HttpResponseBase:
        """Do one of them."""
        actor = acting(request).actor
        rows = Study.visible(actor, Study.objects.filter(Study.scope_of(actor), public_id=public_id))
        study = rows.first()
        if study is None:
            raise Http404
        if actor.role is not Role.OFFICER:
            raise PermissionDenied
        if act == "item" and study.state == "draft":
            return self._item(request, study)
        if act == "drop" and study.state == "draft":
            study.items.filter(code=request.POST.get("code", "")).delete()
        elif act == "template" and study.state == "draft":
            fill_from_template(study, request.POST.get("template", ""))
        elif act == "invite" and study.state in OPEN_TO_INVITE:
            invite(study, actor, request.POST.getlist("person"), request.POST.get("group", "").strip()[:40])
        elif act == "remind" and study.state == "round_open":
            remind(study, actor)
        else:
            raise PermissionDenied
        return HttpResponseRedirect(study.get_absolute_url())

    def _item(self, request: HttpRequest, study: Study) -> HttpResponseBase:
        form = ItemForm(request.POST)
        if form.is_valid() and not study.items.filter(code=form.cleaned_data["code"]).exists():
            item: StudyItem = form.save(commit=False)
            item.study = study
            item.save()
            return HttpResponseRedirect(study.get_absolute_url())
        if form.is_valid():
            form.add_error("code", Text("代号已有", "this code is taken").within(page_language(request)))
        return render(request, "foresight/item_new.html", {"form": form, "study": study}, status=422)


def fill_from_template(study: Study, name: str) -> None:
    """Add the items of a shipped template that the study has not yet; both templates are unverified."""
    if name not in ("nistep.yaml", "cn.yaml"):
        raise PermissionDenied
    faults = Faults(name)
    items = read_items(template_source(name), faults).items
    faults.check()
    known = set(study.items.values_list("code", flat=True))
    for item in items.values():
        if item.code not in known and item.type != "choice":
            StudyItem.objects.create(
                study=study,
                code=item.code,
                type=item.type,
                name_zh=item.name.zh,
                name_en=item.name.en,
                low=item.low,
                high=item.high,
            )


def invite(study: Study, actor: Actor, people: Sequence[str], group: str) -> None:
    """Invite reviewers by their public identifiers; each is told, and the ledger keeps how many."""
    members = Membership.objects.in_force().filter(role=Role.REVIEWER.value, person__public_id__in=list(people))
    persons = Person.objects.filter(pk__in=members.values("person")).exclude(pk__in=study.invitations.values("person"))
    found = list(persons)
    Invitation.objects.bulk_create([Invitation(study=study, person=p, group=group) for p in found])
    _tell(study, found, Text(f"邀请参与：{study.title_zh}", f"Invitation: {study.title_en}"))
    decision = Decision("invited", (), timezone.localdate(), facts={"experts": len(found)})
    record(study, "invited", actor, "", decision)


def remind(study: Study, actor: Actor) -> None:
    """Remind the whole panel, since nobody knows whose sheet is missing."""
    people = Person.objects.filter(pk__in=study.invitations.exclude(state="declined").values("person"))
    text = Text(
        f"第 {study.round} 轮未结束：{study.title_zh}。若已提交且没有空题，不必理会。",
        f"Round {study.round} is open: {study.title_en}. If your sheet is in and complete, nothing is left to do.",
    )
    _tell(study, list(people), text)
    record(study, "reminded", actor, "", Decision("reminded", (), timezone.localdate(), facts={"round": study.round}))


def _tell(study: Study, people: Sequence[Person], text: Text) -> None:
    now = timezone.now()
    Notification.objects.bulk_create(
        [
            Notification(person=p, subject=study.public_id, text_zh=text.zh, text_en=text.en, informed_at=now)
            for p in people
        ]
    )


class AnswersDownload(View):
    """Answers of closed rounds under pseudonyms: with reasons for the office, without for everybody else."""

    def get(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Give the table that ``biaochi foresight survey`` reads."""
        actor = acting(request).actor
        study = Study.visible(actor, Study.objects.filter(public_id=public_id)).first()
        inside = study is not None and study.seen_from_inside(actor)
        if study is None or not (inside or study.state in CONCLUDED) or readings.closed_round(study) < 1:
            raise Http404
        text = readings.answers_csv(study, with_words=inside)
        person = acting(request).person
        ExportLog.objects.create(
            person=person, role=actor.role.value, path=request.path, format="csv", rows=text.count("\n") - 1
        )
        headers = {"Content-Disposition": f'attachment; filename="{study.public_id}-answers.csv"'}
        return HttpResponse(text.encode("utf-8-sig"), content_type="text/csv; charset=utf-8", headers=headers)


class QuestionList(ListView):
    """Everything that will come true or not."""

    model = Question
    heading = Text("待兑现的问题", "Questions")
    related = ("study",)
    ordering = ("due_on", "pk")
    columns = (
        ListColumn("study", Text("研究", "study"), lambda q: q.study.title),
        ListColumn("due_on", Text("判定日期", "due on"), lambda q: q.due_on),
    )


class QuestionPage(ObjectView):
    """One question: what the panel had said, what came, and who may settle it."""

    model = Question
    related = ("study", "item")
    move_forms: ClassVar = {"propose": OutcomeForm}

    def answer(self, obj: Question, actor: Actor, lang: Lang) -> str:
        """Return what the panel had said for the due day, and what came."""
        found = readings.survey(obj.study)
        year = obj.due_on.year
        rows = [r for r in found[0].items if r.item == obj.item.code] if found else []
        said = rows[-1].cdf.get(year) if rows else None
        came = survey_page.outcome_text(obj.outcome) if obj.state == "confirmed" else obj.current.public
        return Text(
            f"专家组曾给到 {year} 年实现的概率 {pages.share(said)}；现在：{came.zh}。",
            f"The panel had given {pages.share(said)} for {year}; now: {came.en}.",
        ).within(lang)

    def facts(self, obj: Question, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return when it is due and what was proposed."""
        inside = obj.seen_from_inside(actor) or obj.state == "confirmed"
        return [
            Item(Text("研究", "study"), obj.study.title),
            Item(Text("判定日期", "due on"), obj.due_on),
            Item(
                Text("提出的结果", "outcome proposed"),
                survey_page.outcome_text(obj.outcome) if inside and obj.outcome else None,
            ),
            Item(Text("实现日期", "came true on"), obj.realised_on if inside else None),
            Item(Text("依据", "evidence"), obj.evidence if inside and obj.evidence else None),
        ]

    def decide(self, obj: Question, move: str, actor: Actor, data: Mapping[str, Any], now: datetime) -> Decision | None:
        """Propose only with evidence; confirm only what stands."""
        if move == "propose":
            return propose_resolution(
                Outcome(data["outcome"]),
                data.get("realised_on"),
                data["evidence"],
                due_on=obj.due_on,
                at=timezone.localdate(now),
            ).require("propose")
        if move != "confirm" or not obj.outcome:
            return None
        return decide_resolution(
            Outcome(obj.outcome),
            obj.due_on,
            obj.realised_on,
            proposer=obj.proposed_by,
            confirmer=actor.person,
            answered=obj.study.panel(),
            at=timezone.localdate(now),
        ).require("confirm")


class ScoreboardPage(View):
    """What was said and what came: panels and models alike, for everybody."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the record of every panel and of every shipped series."""
        lang = page_language(request)
        studies = []
        for study in Study.objects.filter(state__in=("awaiting", "resolved")).order_by("-entered_at")[:12]:
            scored = survey_page.scored_rows(study, lang)
            if scored is not None:
                studies.append((study, scored))
        scores = readings.past_forecasts()
        technologies = readings.technologies()
        records = []
        for code, own in scores.groupby("technology", sort=True):
            inside = float(((own["pit"] >= 0.05) & (own["pit"] <= 0.95)).mean())
            records.append((technologies[str(code)], len(own), pages.share(inside), pages.came_rows(own, most=6)))
        held = float(((scores["pit"] >= 0.05) & (scores["pit"] <= 0.95)).mean())
        context = {
            "studies": studies,
            "records": records,
            "n": len(scores),
            "held": pages.share(held),
            "csv": reverse("foresight:past"),
        }
        return render(request, "foresight/scoreboard.html", context)
