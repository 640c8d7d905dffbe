"""Addresses of the ruler."""

from django.urls import path

from biaochi.mechanisms.ruler.web.views import (
    BundleDownload,
    CardPage,
    FrameworkAct,
    FrameworkList,
    FrameworkPage,
    NewFramework,
    ProfilePage,
    SubmissionList,
    SubmissionPage,
    UnitsPage,
)
from biaochi.registry.views import room_urls

app_name = "ruler"
urlpatterns = [
    path("", UnitsPage.as_view(), name="units"),
    path("units/<slug:unit>/", ProfilePage.as_view(), name="profile"),
    path("card/", CardPage.as_view(), name="card"),
    path("bundle.zip", BundleDownload.as_view(), name="bundle"),
    path("frameworks/<slug:public_id>/<slug:act>/", FrameworkAct.as_view(), name="framework_act"),
    *room_urls("frameworks", listing=FrameworkList, page=FrameworkPage, creation=NewFramework),
    *room_urls("submissions", listing=SubmissionList, page=SubmissionPage),
]
