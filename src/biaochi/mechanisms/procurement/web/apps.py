"""Procurement as a Django application."""

from django.apps import AppConfig


class ProcurementConfig(AppConfig):
    """Name, label and key type."""

    name = "biaochi.mechanisms.procurement.web"
    label = "procurement"
    default_auto_field = "django.db.models.BigAutoField"
