"""Addresses of the fund."""

from django.urls import path

from biaochi.mechanisms.fund.web.evidence import OutlookPage
from biaochi.mechanisms.fund.web.views import (
    NewProgramme,
    ProgrammeAct,
    ProgrammeList,
    ProgrammePage,
    ReviewList,
    ReviewPage,
)
from biaochi.registry.views import room_urls

app_name = "fund"
urlpatterns = [
    path("outlooks/<int:number>/", OutlookPage.as_view(), name="outlook"),
    *room_urls("reviews", listing=ReviewList, page=ReviewPage),
    path("<slug:public_id>/act/<slug:act>/", ProgrammeAct.as_view(), name="programme_act"),
    *room_urls("", listing=ProgrammeList, page=ProgrammePage, creation=NewProgramme),
]
