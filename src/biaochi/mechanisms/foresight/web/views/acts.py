"""What an officer does to a study beside its moves: items, invitations, reminders, answers on paper, downloads."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from biaochi.core.decision import Decision
from biaochi.core.errors import InputError, RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.tables import to_csv
from biaochi.exchange.workbook import to_workbook
from biaochi.mechanisms.foresight.files import read_items, template_source
from biaochi.mechanisms.foresight.web import paper, readings
from biaochi.mechanisms.foresight.web.forms import ItemForm
from biaochi.mechanisms.foresight.web.models import Invitation, Study, StudyItem
from biaochi.mechanisms.foresight.web.views.studies import CONCLUDED, OPEN_TO_INVITE
from biaochi.registry.acting import acting, page_language
from biaochi.registry.models import ExportLog, Membership, Notification, Person
from biaochi.registry.transition import record

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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
        elif act == "paper" and study.state == "round_open":
            return self._paper(request, study, actor)
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

    def _paper(self, request: HttpRequest, study: Study, actor: Actor) -> HttpResponseBase:
        upload = request.FILES.get("file")
        lines: list[str] = []
        lang = page_language(request)
        try:
            if upload is None or upload.size is None or upload.size > paper.MOST_BYTES:
                raise RefusedError("no_file", Text("请选择不超过 5 MB 的文件", "choose a file of at most 5 MB"))
            paper.take_in(study, str(upload.name), upload.read(), actor)
        except InputError as error:
            lines = [f.line(lang) for f in error.faults]
        except RefusedError as error:
            lines = [error.text.within(lang)]
        if lines:
            return render(request, "foresight/paper_faults.html", {"study": study, "faults": lines}, status=422)
        return HttpResponseRedirect(study.get_absolute_url())


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

    def get(self, request: HttpRequest, public_id: str, form: str) -> HttpResponseBase:
        """Give the table that ``biaochi foresight survey`` reads, as CSV or XLSX."""
        actor = acting(request).actor
        study = Study.visible(actor, Study.objects.filter(public_id=public_id)).first()
        inside = study is not None and study.seen_from_inside(actor)
        if study is None or not (inside or study.state in CONCLUDED) or readings.closed_round(study) < 1:
            raise Http404
        frame = readings.answers_frame(study, with_words=inside)
        person = acting(request).person
        ExportLog.objects.create(person=person, role=actor.role.value, path=request.path, format=form, rows=len(frame))
        return table_response(frame, f"{study.public_id}-answers", form)


class PaperTemplate(View):
    """The table to be filled in for answers given on paper: a row an item, for one expert as an example."""

    def get(self, request: HttpRequest, public_id: str, form: str) -> HttpResponseBase:
        """Give the empty table of the round that is open."""
        actor = acting(request).actor
        study = Study.visible(actor, Study.objects.filter(public_id=public_id)).first()
        if study is None or actor.role is not Role.OFFICER or study.state != "round_open":
            raise Http404
        return table_response(paper.blank(study), f"{study.public_id}-paper", form)


def table_response(frame: pd.DataFrame, name: str, form: str) -> HttpResponse:
    """Return a table as CSV (UTF-8 with BOM) or XLSX."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    if form == "xlsx":
        return HttpResponse(to_workbook({"answers": frame}), content_type=XLSX, headers=headers)
    return HttpResponse(to_csv(frame).encode("utf-8-sig"), content_type="text/csv; charset=utf-8", headers=headers)
