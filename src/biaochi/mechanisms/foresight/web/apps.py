"""Foresight as a Django application."""

from django.apps import AppConfig


class ForesightConfig(AppConfig):
    """Name, label and key type."""

    name = "biaochi.mechanisms.foresight.web"
    label = "foresight"
    default_auto_field = "django.db.models.BigAutoField"
