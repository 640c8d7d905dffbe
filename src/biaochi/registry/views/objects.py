"""The one object page: head and state line, what is due, facts, evidence, decisions, documents, ledger, comments.

The page is also where moves are made: buttons appear only for moves that are the viewer's to make, each with its
consequence beside it and a reason field before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from biaochi.core import document
from biaochi.core.decision import Decision as CoreDecision
from biaochi.core.errors import InputError, RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.core.workflow import Transition
from biaochi.registry import documents, ledger, papers
from biaochi.registry.acting import acting, page_language
from biaochi.registry.models.governed import Governed
from biaochi.registry.models.record import Decision
from biaochi.registry.models.work import Comment, Document, ExportLog
from biaochi.registry.reading import decisions_shown, is_own
from biaochi.registry.transition import transition


@dataclass(frozen=True, slots=True)
class Item:
    """One fact: its title and its value (a text, number, date, or safe HTML such as an interval mark)."""

    title: Text
    value: object


@dataclass(frozen=True)
class Section:
    """A section of the page: heading in the margin, the template that draws the matter, and what it needs.

    ``now`` marks the one section that answers the page's question; it comes first.
    """

    title: Text
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    note: Text | None = None
    now: bool = False


@dataclass(frozen=True)
class Act:
    """A move as offered: its button, its own form if it has one, and what holds it, if anything."""

    move: Transition
    form: forms.Form | None
    obstacles: Sequence[Text]
    public: bool


@dataclass(frozen=True)
class Step:
    """One stop of the state line."""

    name: Text
    when: str
    at: datetime | None = None
    by: str = ""


class ObjectView(View):
    """The page of one object.

    Attributes
    ----------
    model : type of Governed
        What is shown.
    move_forms : mapping
        Code of a move → form class for what it needs beside the reason; its data reach :meth:`decide`.
    upload_roles : tuple of Role
        Who may add documents, beside people of the object's own organisation.
    """

    model: ClassVar[type[Governed]]
    template_name: ClassVar[str] = "registry/object.html"
    move_forms: ClassVar[Mapping[str, type[forms.Form]]] = {}
    upload_roles: ClassVar[tuple[Role, ...]] = ()
    related: ClassVar[tuple[str, ...]] = ()

    def answer(self, obj: Any, actor: Actor, lang: Lang) -> str:
        """Return the sentence under the heading: what the page answers."""
        return ""

    def facts(self, obj: Any, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return the facts of the object."""
        return ()

    def sections(self, obj: Any, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return the sections between acts and decisions."""
        return ()

    def decide(self, obj: Any, move: str, actor: Actor, data: Mapping[str, Any], now: datetime) -> CoreDecision | None:
        """Return the decision that goes with a move, from the ``decisions`` room; ``None`` for a plain move."""
        return None

    def get_object(self, request: HttpRequest, public_id: str) -> Any:
        """Return the object, or 404 when it does not exist for the viewer."""
        rows = self.model._default_manager.select_related("organisation", "region", "creator", *self.related)
        found = self.model.visible(acting(request).actor, rows.filter(public_id=public_id)).first()
        if found is None:
            raise Http404
        return found

    def paper_sections(self, obj: Any, actor: Actor, lang: Lang) -> Sequence[document.Section]:
        """Return the sections a paper of the object holds between facts and decisions."""
        return ()

    def get(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Show the object, or give it as a paper."""
        obj = self.get_object(request, public_id)
        wanted = request.GET.get("format", "")
        return self._paper(request, obj, wanted) if wanted in papers.KINDS else self.page(request, obj)

    def _paper(self, request: HttpRequest, obj: Any, wanted: str) -> HttpResponse:
        who, lang = acting(request), page_language(request)
        inside = obj.seen_from_inside(who.actor)
        decisions = [(d, self._written(d, inside)) for d in decisions_shown(obj, who.actor, inside=inside)]
        made = papers.paper(self, obj, who.actor, lang, wanted, decisions, inside=inside)
        ExportLog.objects.create(
            person=who.person, role=who.role.value, path=request.path, format=wanted, rows=made.rows
        )
        name = f"{obj.public_id}-{timezone.localdate():%Y%m%d}.{wanted}"
        headers = {
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox",
        }
        return HttpResponse(made.content, content_type=made.kind, headers=headers)

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Make a move, add a comment or a document."""
        obj = self.get_object(request, public_id)
        actor = acting(request).actor
        if "move" in request.POST:
            return self._move(request, obj, actor, request.POST["move"])
        if not obj.seen_from_inside(actor) and not self._may_upload(obj, actor):
            raise PermissionDenied
        person = acting(request).person
        if person is None or actor.role is Role.AUDITOR:
            raise PermissionDenied
        if "comment" in request.POST and obj.seen_from_inside(actor):
            text = request.POST["comment"].replace("\x00", "").strip()[:4000]
            if text:
                Comment.objects.create(subject=obj.public_id, person=person, role=actor.role.value, text=text)
        elif "document" in request.FILES and self._may_upload(obj, actor):
            upload = cast("UploadedFile[Any]", request.FILES["document"])
            try:
                documents.keep(upload, obj.public_id, person, request.POST.get("visibility", ""))
            except InputError as error:
                return self.page(request, obj, upload_faults=error.faults, status=422)
        else:
            raise PermissionDenied
        return HttpResponseRedirect(obj.get_absolute_url())

    def _move(self, request: HttpRequest, obj: Any, actor: Actor, code: str) -> HttpResponseBase:
        form_class = self.move_forms.get(code)
        form = form_class(request.POST, request.FILES, prefix=code) if form_class else None
        reason = request.POST.get("reason", "").replace("\x00", "")[:4000]
        version = request.POST.get("version", "")
        if form is not None and not form.is_valid():
            return self.page(request, obj, forms_by_move={code: form}, reason=reason, status=422)
        if not version.isdigit() or len(version) > 9:
            return self.page(request, obj, refused=_("The form was incomplete; please try again."), status=422)
        obj.version = int(version)
        now = timezone.now()
        lang = page_language(request)
        try:
            decision = self.decide(obj, code, actor, form.cleaned_data if form else {}, now)
            moved = transition(obj, code, actor, reason, decision, now=now)
        except RefusedError as error:
            again = self.get_object(request, obj.public_id)
            status = 409 if error.code == "stale" else 422
            return self.page(request, again, refused=error.text.within(lang), reason=reason, status=status)
        except InputError as error:
            told = "; ".join(f.message.within(lang) for f in error.faults)
            return self.page(request, self.get_object(request, obj.public_id), refused=told, reason=reason, status=422)
        name = obj.workflow.state(moved.event.target).name.within(lang)
        messages.success(
            request, _("Done: now “%(state)s”, line %(seq)s of the ledger.") % {"state": name, "seq": moved.entry.seq}
        )
        if not self.model.visible(actor, self.model._default_manager.filter(pk=obj.pk)).exists():
            return HttpResponseRedirect("/")
        return HttpResponseRedirect(obj.get_absolute_url())

    def page(
        self,
        request: HttpRequest,
        obj: Any,
        *,
        refused: str = "",
        reason: str = "",
        forms_by_move: Mapping[str, forms.Form] | None = None,
        upload_faults: Sequence[Any] = (),
        status: int = 200,
    ) -> HttpResponse:
        """Draw the page."""
        actor = acting(request).actor
        lang = page_language(request)
        inside = obj.seen_from_inside(actor)
        decisions = decisions_shown(obj, actor, inside=inside)
        sections = list(self.sections(obj, actor, lang))
        acts = self._acts(obj, actor, forms_by_move or {}) if actor.role.decides else []
        context = {
            "view": self,
            "obj": obj,
            "inside": inside,
            "answer": self.answer(obj, actor, lang),
            "steps": self._steps(obj, decisions, inside),
            "acts": acts,
            "needs_reason": any(a.move.needs_reason for a in acts),
            "reason_is_public": any(a.public for a in acts),
            "refused": refused,
            "reason": reason,
            "facts": self.facts(obj, actor, lang),
            "now_sections": [s for s in sections if s.now],
            "sections": [s for s in sections if not s.now],
            "decisions": [{"row": d, "written": self._written(d, inside)} for d in decisions],
            "documents": self._documents(obj, inside, actor),
            "may_upload": self._may_upload(obj, actor),
            "upload_faults": upload_faults,
            "trail": [d.entry for d in decisions] if inside else [],
            "comments": list(Comment.objects.filter(subject=obj.public_id).select_related("person")) if inside else [],
        }
        return render(request, self.template_name, context, status=status)

    def _written(self, decision: Decision, inside: bool) -> str:
        if not decision.is_sealed:
            return decision.written
        return (ledger.unseal(decision.written) if inside else None) or _("(confidential)")

    def _steps(self, obj: Any, decisions: Sequence[Decision], inside: bool) -> list[Step]:
        flow = obj.workflow
        if not inside:
            return [Step(flow.state(obj.state).public, "current", obj.entered_at)]
        past = [d for d in reversed(decisions) if d.source != d.target]
        steps = [Step(flow.state(d.target).name, "past", d.decided_at, d.role) for d in past[:-1]][-7:]
        steps.append(Step(flow.state(obj.state).name, "current", obj.entered_at, past[-1].role if past else ""))
        for move in flow.leaving(obj.state)[:3]:
            roles = Text(
                "、".join(r.text.zh for r in move.roles) + ("，附理由" if move.needs_reason else ""),
                ", ".join(r.text.en for r in move.roles) + (", with a reason" if move.needs_reason else ""),
            )
            target = flow.state(move.target).name
            steps.append(Step(Text(f"可进入{target.zh}", f"may become {target.en}"), "next", None, roles))  # type: ignore[arg-type]
        return steps

    def _acts(self, obj: Any, actor: Actor, bound: Mapping[str, forms.Form]) -> list[Act]:
        if not obj.within_scope(actor):
            return []
        subject, now = obj.subject(), timezone.now()
        acts = []
        for move in obj.workflow.open_to(subject, actor):
            form_class = self.move_forms.get(move.code)
            form = bound.get(move.code) or (form_class(prefix=move.code) if form_class else None)
            obstacles = [o.text for o in obj.workflow.obstacles(subject, move.code, actor, now)]
            public = obj.visibility is not None and move.target in obj.visibility.public_states
            acts.append(Act(move, form, obstacles, public and move.code not in obj.sealed_moves))
        return acts

    def _documents(self, obj: Any, inside: bool, actor: Actor) -> list[Document]:
        rows = Document.objects.filter(subject=obj.public_id).order_by("uploaded_at")
        if not inside and not is_own(obj, actor):
            rows = rows.filter(visibility=Document.Visibility.PUBLIC)
        return list(rows)

    def _may_upload(self, obj: Any, actor: Actor) -> bool:
        if not actor.role.decides:
            return False
        return (is_own(obj, actor) and not obj.current.final) or actor.role in self.upload_roles
