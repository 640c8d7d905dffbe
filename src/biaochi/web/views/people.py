"""What administrators do: people, organisations, roles, invitations.  They never decide anything else."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Role
from biaochi.registry import rights
from biaochi.registry.acting import acting, page_language
from biaochi.registry.models.people import Membership, Organisation, Person


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new person."""

    class Meta:
        model = Person
        fields = ["username", "name", "email"]


class OrganisationForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new organisation."""

    class Meta:
        model = Organisation
        fields = ["kind", "name_zh", "name_en", "credit_code", "region"]


class MembershipForm(forms.Form):
    """A role for a person."""

    role = forms.ChoiceField(label=gettext_lazy("Role"))
    organisation = forms.ModelChoiceField(
        Organisation.objects.order_by("name_zh"), required=False, label=gettext_lazy("Organisation")
    )
    scope = forms.CharField(
        label=gettext_lazy("Scope"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("A region code, or the identifier of a fund, case or purchase; empty for everything."),
    )

    def __init__(self, *args: Any, lang: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(r.value, r.text.within("zh" if lang == "zh" else "en")) for r in Role]
        self.fields["role"].choices = [(c, n) for c, n in named if c not in ("clock", "public")]  # type: ignore[attr-defined]


def _administrators_only(request: HttpRequest) -> None:
    if acting(request).role is not Role.ADMINISTRATOR:
        raise PermissionDenied


@require_http_methods(["GET", "POST"])
def listing(request: HttpRequest) -> HttpResponse:
    """Show everybody; add a person or an organisation."""
    _administrators_only(request)
    kind = request.POST.get("kind_of_form", "")
    person_form = PersonForm(request.POST if kind == "person" else None, prefix="person")
    organisation_form = OrganisationForm(request.POST if kind == "organisation" else None, prefix="organisation")
    if kind == "person" and person_form.is_valid():
        made = person_form.save(commit=False)
        made.set_unusable_password()
        made.save()
        return redirect("person", public_id=made.public_id)
    if kind == "organisation" and organisation_form.is_valid():
        organisation_form.save()
        messages.success(request, _("The organisation was added."))
        return redirect("people")
    everybody = Person.objects.order_by("name").prefetch_related("memberships__organisation")[:500]
    context = {"people": everybody, "person_form": person_form, "organisation_form": organisation_form}
    return render(request, "web/people.html", context, status=422 if kind else 200)


@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show one person: give or end roles, make an invitation link, switch the person off or on."""
    _administrators_only(request)
    found = Person.objects.filter(public_id=public_id).first()
    if found is None:
        raise Http404
    actor, lang = acting(request).actor, page_language(request)
    form = MembershipForm(request.POST if request.POST.get("act") == "grant" else None, lang=lang)
    link = ""
    act = request.POST.get("act", "")
    if act == "grant" and form.is_valid():
        data = form.cleaned_data
        try:
            rights.grant(found, Role(data["role"]), actor, organisation=data["organisation"], scope=data["scope"])
            return HttpResponseRedirect(request.path)
        except RefusedError as error:
            form.add_error(None, error.text.within(lang))
    elif act == "end":
        membership = Membership.objects.filter(person=found, public_id=request.POST.get("membership", "")).first()
        if membership is not None:
            rights.end(membership, actor)
        return HttpResponseRedirect(request.path)
    elif act == "invite":
        link = request.build_absolute_uri(f"/invitation/{rights.new_link(rights.INVITATION, found)}/")
    elif act == "active" and found.public_id != actor.person:
        found.is_active = not found.is_active
        found.save(update_fields=["is_active"])
        found.end_sessions()
        return HttpResponseRedirect(request.path)
    today = list(Membership.objects.in_force().filter(person=found).select_related("organisation", "person"))
    context = {"shown": found, "held": today, "form": form, "link": link}
    return render(request, "web/person.html", context)
