"""The registry as a Django application."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

from biaochi.registry.append_only import install, missing


def keep_append_only(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Put the triggers back after a migration that rebuilt a table (SQLite drops them with the old one)."""
    connection = connections[using]
    if "registry_decision" in connection.introspection.table_names() and missing(connection):
        install(connection)


class RegistryConfig(AppConfig):
    """The registry."""

    name = "biaochi.registry"
    label = "registry"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Registry"

    def ready(self) -> None:
        """Watch migrations."""
        post_migrate.connect(keep_append_only, sender=self)
