"""The exploration fund as a Django application."""

from django.apps import AppConfig


class FundConfig(AppConfig):
    """Name, label and key type."""

    name = "biaochi.mechanisms.fund.web"
    label = "fund"
    default_auto_field = "django.db.models.BigAutoField"
