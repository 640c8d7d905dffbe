"""What pages beside the case share: the way to the case, and keeping what a later move needs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction as database
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views import View

from biaochi.core.decision import Decision, Scalar
from biaochi.core.errors import RefusedError
from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.mechanisms.sandbox.web.models import (
    EthicsReview,
    SandboxCase,
    Service,
)
from biaochi.registry.acting import acting, page_language
from biaochi.registry.transition import record
from biaochi.registry.views import ListColumn, Section

CASE = ListColumn("case", Text("案例", "case"), lambda o: o.trial.public_id)


def case_link(trial: SandboxCase) -> Section:
    """Return the section that leads to the case."""
    return Section(Text("案例", "Case"), "sandbox/case_link.html", {"case": trial})


class Fill(View):
    """A page that keeps what a later move needs, before the move: its guards read what is stored."""

    model: ClassVar[type[EthicsReview] | type[Service]]
    form_class: ClassVar[type[forms.Form]]
    heading: ClassVar[Text]
    consequence: ClassVar[Text]
    role: ClassVar[Role]
    state: ClassVar[str]
    code: ClassVar[str]

    def values(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is stored of the form; refuse what cannot be."""
        return dict(data)

    def found(self, request: HttpRequest, public_id: str) -> Any:
        """Return the object if the viewer may fill it in now."""
        actor = acting(request).actor
        rows: Any = self.model.visible(actor, self.model.objects.filter(public_id=public_id))
        obj = get_object_or_404(rows)
        house = obj.trial.organisation
        foreign = house is None or house.public_id != actor.organisation
        if actor.role is not self.role or obj.state != self.state or not foreign or not obj.seen_from_inside(actor):
            raise PermissionDenied
        return obj

    def get(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Show the form."""
        return self._page(request, self.found(request, public_id), self.form_class(), 200)

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Keep what was written, with a line in the ledger."""
        obj = self.found(request, public_id)
        form = self.form_class(request.POST)
        if not form.is_valid():
            return self._page(request, obj, form, 422)
        now = timezone.now()
        try:
            values = self.values(form.cleaned_data)
        except RefusedError as error:
            form.add_error(None, error.text.within(page_language(request)))
            return self._page(request, obj, form, 422)
        with database.atomic():
            self.model.objects.filter(pk=obj.pk).update(**values)
            facts: dict[str, Scalar] = {k: v if isinstance(v, int | date) else str(v) for k, v in values.items()}
            record(obj, self.code, acting(request).actor, "", Decision(self.code, (), now, facts=facts), now=now)
        return HttpResponseRedirect(obj.get_absolute_url())

    def _page(self, request: HttpRequest, obj: Any, form: forms.Form, status: int) -> HttpResponseBase:
        context = {"case": obj, "form": form, "heading": self.heading, "consequence": self.consequence}
        return render(request, "sandbox/act.html", context, status=status)
