"""Challenges as a Django application."""

from django.apps import AppConfig


class ChallengeConfig(AppConfig):
    """Name, label and key type."""

    name = "biaochi.mechanisms.challenge.web"
    label = "challenge"
    default_auto_field = "django.db.models.BigAutoField"
