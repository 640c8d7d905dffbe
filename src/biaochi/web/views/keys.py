"""API keys of one's organisation, and the description of the API for readers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from biaochi.core.errors import RefusedError
from biaochi.registry import callers
from biaochi.registry.acting import acting, page_language
from biaochi.registry.models.keys import ApiKey


class KeyForm(forms.Form):
    """A new key."""

    purpose = forms.CharField(label=gettext_lazy("Purpose"), max_length=80)
    scopes = forms.MultipleChoiceField(label=gettext_lazy("Scopes"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, lang: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [(c, t.within(lang)) for c, t in callers.SCOPES.items()]  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
def keys(request: HttpRequest) -> HttpResponse:
    """Show the organisation's keys of this role; make, rotate or revoke one."""
    who = acting(request)
    membership = who.membership
    if membership is None:
        return redirect("login")
    if membership.organisation is None or not who.role.decides:
        raise PermissionDenied
    lang = page_language(request)
    rows = ApiKey.objects.filter(
        organisation=membership.organisation, role=membership.role, scope=membership.scope
    ).order_by("-pk")
    act = request.POST.get("act", "")
    form = KeyForm(request.POST if act == "issue" else None, lang=lang)
    fresh = ""
    chosen = rows.filter(public_id=request.POST.get("key", ""), revoked_at__isnull=True).first()
    if act == "issue" and form.is_valid():
        try:
            _, fresh = callers.issue(membership, form.cleaned_data["purpose"], form.cleaned_data["scopes"])
            form = KeyForm(lang=lang)
        except RefusedError as error:
            form.add_error(None, error.text.within(lang))
    elif act == "rotate" and chosen is not None:
        fresh = callers.rotate(chosen, who.actor)
    elif act == "revoke" and chosen is not None:
        callers.revoke(chosen, who.actor)
        return redirect("keys")
    named = [(k, [callers.SCOPES[s].within(lang) for s in k.scopes if s in callers.SCOPES]) for k in rows]
    return render(request, "web/keys.html", {"rows": named, "form": form, "fresh": fresh})


@require_GET
def description(request: HttpRequest) -> HttpResponse:
    """Show the API's operations as a plain table."""
    schema = import_string("biaochi.web.urls.interface").get_openapi_schema()  # urls import the views
    found = [
        {"method": method.upper(), "path": path, "summary": operation.get("summary", "")}
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]
    return render(request, "web/api.html", {"operations": found})
