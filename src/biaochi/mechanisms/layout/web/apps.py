"""The layout as a Django application."""

from django.apps import AppConfig


class LayoutConfig(AppConfig):
    """Name, label and key type."""

    name = "biaochi.mechanisms.layout.web"
    label = "layout"
    default_auto_field = "django.db.models.BigAutoField"
