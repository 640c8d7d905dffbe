"""The composition root as a Django application: templates, static files, commands."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The site."""

    name = "biaochi.web"
    label = "site"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Site"

    def ready(self) -> None:
        """Make every mechanism's background work and the names of its acts known."""
        acts = import_module("biaochi.web.act_names").ACTS
        import_module("biaochi.registry.act_names").register(acts)
        for site in import_module("biaochi.web.sites").sites():
            for code, work in site.jobs.items():
                register_job(code, work)


def register_job(code: str, work: Any) -> None:
    """Make one kind of background work known; models are loaded by now."""
    import_module("biaochi.registry.jobs").register(code, work)
