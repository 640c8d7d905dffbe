"""Transfer as a Django application."""

from django.apps import AppConfig


class TransferConfig(AppConfig):
    """Name, label and key type."""

    name = "biaochi.mechanisms.transfer.web"
    label = "transfer"
    default_auto_field = "django.db.models.BigAutoField"
