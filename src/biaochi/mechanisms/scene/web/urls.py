"""Addresses of scenes."""

from django.urls import path

from biaochi.mechanisms.scene.web.views import (
    ApplicationList,
    ApplicationPage,
    LogEntryView,
    NewApplication,
    NewScene,
    SceneList,
    ScenePage,
    TrialList,
    TrialPage,
)
from biaochi.mechanisms.scene.web.workbench import WorkbenchPage
from biaochi.registry.views import room_urls

app_name = "scene"
urlpatterns = [
    *room_urls("applications", listing=ApplicationList, page=ApplicationPage, creation=NewApplication),
    *room_urls("trials", listing=TrialList, page=TrialPage),
    path("workbench/", WorkbenchPage.as_view(), name="workbench"),
    path("<slug:public_id>/log/", LogEntryView.as_view(), name="log"),
    *room_urls("", listing=SceneList, page=ScenePage, creation=NewScene),
]
