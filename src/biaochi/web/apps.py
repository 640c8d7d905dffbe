"""The composition root as a Django application: templates, static files, commands."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The site."""

    name = "biaochi.web"
    label = "site"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Site"
