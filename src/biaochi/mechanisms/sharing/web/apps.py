"""Sharing as a Django application."""

from django.apps import AppConfig


class SharingConfig(AppConfig):
    """Name, label and key type."""

    name = "biaochi.mechanisms.sharing.web"
    label = "sharing"
    default_auto_field = "django.db.models.BigAutoField"
