"""The ruler as a Django application."""

from django.apps import AppConfig


class RulerConfig(AppConfig):
    """Name, label and key type."""

    name = "biaochi.mechanisms.ruler.web"
    label = "ruler"
    default_auto_field = "django.db.models.BigAutoField"
