"""Fair-competition review as a Django application."""

from django.apps import AppConfig


class FairnessConfig(AppConfig):
    """Name, label and key type."""

    name = "biaochi.mechanisms.fairness.web"
    label = "fairness"
    default_auto_field = "django.db.models.BigAutoField"
