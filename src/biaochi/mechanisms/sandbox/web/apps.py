"""The sandbox as a Django application."""

from django.apps import AppConfig


class SandboxConfig(AppConfig):
    name = "biaochi.mechanisms.sandbox.web"
    label = "sandbox"
    default_auto_field = "django.db.models.BigAutoField"
