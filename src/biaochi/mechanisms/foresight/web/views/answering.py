"""The page of an expert: taking a seat, the sheet of the round, what the panel said before, the own record after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views import View

from biaochi.core.errors import RefusedError
from biaochi.core.text import Text
from biaochi.mechanisms.foresight.web import panel, readings, survey_page
from biaochi.mechanisms.foresight.web.forms import CodeForm
from biaochi.mechanisms.foresight.web.models import Invitation, Seat, Sheet, Study
from biaochi.registry.acting import acting, page_language


class AnswerPage(View):
    """Where an invited expert answers; it exists for nobody else."""

    def get(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Show what this expert can do now."""
        study, invitation = self._invited(request, public_id)
        return self._page(request, study, invitation)

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Take a seat, decline, enter a code, keep or submit the sheet, leave the panel."""
        study, invitation = self._invited(request, public_id)
        act = request.POST.get("act", "")
        try:
            if act == "accept":
                return self._accept(request, study, invitation)
            if act == "decline" and invitation.state == "invited":
                invitation.state = "declined"
                invitation.save(update_fields=["state"])
            elif act == "code":
                return self._enter(request, study, invitation)
            elif act == "remark":
                return self._remark(request, study)
            elif act in ("save", "autosave", "submit", "withdraw"):
                return self._sheet(request, study, invitation, act)
        except RefusedError as error:
            return self._page(request, study, invitation, refused=error.text, status=422)
        return self._back(study)

    def _invited(self, request: HttpRequest, public_id: str) -> tuple[Study, Invitation]:
        study = Study.visible(acting(request).actor, Study.objects.filter(public_id=public_id)).first()
        invitation = panel.invitation_of(study, acting(request).person) if study is not None else None
        if study is None or invitation is None:
            raise Http404
        return study, invitation

    def _back(self, study: Study) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("foresight:answer", args=[study.public_id]))

    def _accept(self, request: HttpRequest, study: Study, invitation: Invitation) -> HttpResponseBase:
        code = panel.take_seat(study, invitation.person)
        response = render(request, "foresight/code.html", {"study": study, "code": code})
        panel.remember(response, request, study, code)
        response["Cache-Control"] = "no-store"
        return response

    def _enter(self, request: HttpRequest, study: Study, invitation: Invitation) -> HttpResponseBase:
        code = request.POST.get("code", "").strip().lower()[:40]
        if panel.seat_by_code(study, code) is None:
            raise RefusedError("no_such_code", Text("没有这个代码", "there is no such code"))
        response = self._back(study)
        panel.remember(response, request, study, code)
        return response

    def _sheet(self, request: HttpRequest, study: Study, invitation: Invitation, act: str) -> HttpResponseBase:
        seat = panel.seat_here(request, study)
        sheet = panel.open_sheet(seat) if seat is not None else None
        if seat is None or sheet is None:
            raise RefusedError(
                "no_seat", Text("本轮没有开放，或此浏览器没有席位代码", "no round is open, or no code is here")
            )
        if act == "withdraw":
            seat.move("withdraw")
            seat.save(update_fields=["state"])
            return self._back(study)
        content = survey_page.content_of(study, request.POST)
        if act == "submit":
            faults = survey_page.faults_of(study, content)
            if faults:
                return self._page(request, study, invitation, content=content, faults=faults, status=422)
        self._keep(seat, sheet, content, submitted=act == "submit")
        if act == "autosave":
            return HttpResponse(status=204)
        told = Text("已提交，本轮结束前可改。", "Submitted; it may be changed until the round closes.")
        kept = Text("已保存，尚未提交。", "Kept, not submitted yet.")
        messages.success(request, (told if act == "submit" else kept).within(page_language(request)))
        return self._back(study)

    def _remark(self, request: HttpRequest, study: Study) -> HttpResponseBase:
        """Keep what somebody of the panel replies; not who, not when."""
        if panel.seat_here(request, study) is None or study.state != "feedback_open":
            raise RefusedError(
                "no_discussion",
                Text("现在没有讨论，或此浏览器没有席位代码", "no discussion is open, or no code is here"),
            )
        said = survey_page.remarks_of(study, request.POST)
        if said:
            panel.reply(study, said)
            told = Text("已匿名发出。", "Sent without a name.")
            messages.success(request, told.within(page_language(request)))
        return self._back(study)

    def _keep(self, seat: Seat, sheet: Sheet, content: Mapping[str, Any], *, submitted: bool) -> None:
        """Keep the sheet; a submitted one changes only by submitting again."""
        if sheet.submitted and not submitted:
            return
        if submitted and seat.state != "submitted":
            seat.move("submit")
            seat.save(update_fields=["state"])
        # The round may have closed meanwhile: then nothing is written any more.
        Sheet.objects.filter(pk=sheet.pk, seat__study__state="round_open", seat__study__round=sheet.round).update(
            content=content, submitted=submitted or sheet.submitted
        )

    def _page(
        self,
        request: HttpRequest,
        study: Study,
        invitation: Invitation,
        *,
        content: Mapping[str, Any] | None = None,
        faults: Mapping[str, list[str]] | None = None,
        refused: Text | None = None,
        status: int = 200,
    ) -> HttpResponse:
        lang = page_language(request)
        seat = panel.seat_here(request, study)
        sheet = panel.open_sheet(seat) if seat is not None else None
        blocks = survey_page.blocks(study, seat, sheet, content, faults or {}, lang)
        context = {
            "study": study,
            "invitation": invitation,
            "seat": seat,
            "sheet": sheet,
            "blocks": blocks,
            "fault_count": sum(len(f) for f in (faults or {}).values()),
            "refused": refused,
            "form": CodeForm(),
            "heading": survey_page.answer_heading(study, invitation, seat, sheet, lang),
            "record": survey_page.own_record(study, seat, lang),
            "closed": readings.closed_round(study),
            "discussing": seat is not None and seat.state != "withdrawn" and study.state == "feedback_open",
        }
        response = render(request, "foresight/answer.html", context, status=status)
        response["Cache-Control"] = "no-store"
        return response
