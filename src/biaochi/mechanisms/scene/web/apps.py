"""Scene as a Django application."""

from django.apps import AppConfig


class SceneConfig(AppConfig):
    """Name, label and key type."""

    name = "biaochi.mechanisms.scene.web"
    label = "scene"
    default_auto_field = "django.db.models.BigAutoField"
