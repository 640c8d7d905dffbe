"""How forms are drawn: label, control, hint, fault, in that order, as the design has it."""

from __future__ import annotations

from django.forms.renderers import DjangoTemplates


class Renderer(DjangoTemplates):
    """Draws every form and field with the registry's templates."""

    form_template_name = "registry/form.html"
    field_template_name = "registry/field.html"
