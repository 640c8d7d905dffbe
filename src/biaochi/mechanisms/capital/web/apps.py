"""Patient capital as a Django application."""

from django.apps import AppConfig


class CapitalConfig(AppConfig):
    """Name, label and key type."""

    name = "biaochi.mechanisms.capital.web"
    label = "capital"
    default_auto_field = "django.db.models.BigAutoField"
