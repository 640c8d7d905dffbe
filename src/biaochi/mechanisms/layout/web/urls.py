"""Addresses of the layout."""

from django.urls import path

from biaochi.mechanisms.layout.web.views import CrowdingPage

app_name = "layout"
urlpatterns = [
    path("", CrowdingPage.as_view(), name="crowding"),
]
