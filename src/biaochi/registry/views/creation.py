"""The page on which a new object is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.views import View

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor
from biaochi.core.text import Text
from biaochi.registry.acting import acting, page_language
from biaochi.registry.models.governed import Governed
from biaochi.registry.transition import create


class CreateView(View):
    """A form that becomes a new object in its first state.

    Attributes
    ----------
    model : type of Governed
        What is made; only its ``creators`` may.
    form_class : type of ModelForm
        The fields.
    heading, consequence : Text
        Heading, and what happens on sending it.
    """

    model: ClassVar[type[Governed]]
    form_class: ClassVar[type[forms.ModelForm[Any]]]
    heading: ClassVar[Text]
    consequence: ClassVar[Text]
    template_name: ClassVar[str] = "registry/create.html"

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        """Return what the form starts with."""
        return {}

    def prepare(self, obj: Any, form: forms.ModelForm[Any], actor: Actor) -> None:
        """Fill what the form does not ask for, before the object is stored."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Show the empty form."""
        self._may(request)
        return self._page(request, self.form_class(initial=dict(self.initial(request))), 200)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Store the object, or show every fault of the form."""
        self._may(request)
        form = self.form_class(request.POST, request.FILES)
        if not form.is_valid():
            return self._page(request, form, 422)
        obj = form.save(commit=False)
        actor = acting(request).actor
        self.prepare(obj, form, actor)
        try:
            create(obj, actor)
        except RefusedError as error:
            form.add_error(None, error.text.within(page_language(request)))
            return self._page(request, form, 422)
        form.save_m2m()
        return HttpResponseRedirect(obj.get_absolute_url())

    def _may(self, request: HttpRequest) -> None:
        if acting(request).role not in self.model.creators:
            raise PermissionDenied

    def _page(self, request: HttpRequest, form: forms.ModelForm[Any], status: int) -> HttpResponse:
        context = {"view": self, "form": form, "heading": self.heading, "consequence": self.consequence}
        return render(request, self.template_name, context, status=status)
