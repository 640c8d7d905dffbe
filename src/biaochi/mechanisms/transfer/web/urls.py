"""Addresses of transfer."""

from django.urls import path

from biaochi.mechanisms.transfer.web.views import NewProject, ProjectList, ProjectPage, ShowView
from biaochi.registry.views import room_urls

app_name = "transfer"
urlpatterns = [
    path("<slug:public_id>/shown/", ShowView.as_view(), name="shown"),
    *room_urls("", listing=ProjectList, page=ProjectPage, creation=NewProject),
]
