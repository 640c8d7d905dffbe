"""Cultivation as a Django application."""

from django.apps import AppConfig


class CultivationConfig(AppConfig):
    """Name, label and key type."""

    name = "biaochi.mechanisms.cultivation.web"
    label = "cultivation"
    default_auto_field = "django.db.models.BigAutoField"
