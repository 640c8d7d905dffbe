"""Addresses of the layout."""

from django.urls import path

from biaochi.mechanisms.layout.web.views.calendar import ZoneCalendar
from biaochi.mechanisms.layout.web.views.declared import (
    CrowdingPage,
    DocumentList,
    DocumentPage,
    NewDocument,
    PlansPage,
)
from biaochi.mechanisms.layout.web.views.menus import MenuAct, MenuList, MenuPage
from biaochi.mechanisms.layout.web.views.outlooks import OutlooksPage
from biaochi.mechanisms.layout.web.views.study import StudyPage
from biaochi.mechanisms.layout.web.views.tables import RealPage, TablesPage
from biaochi.mechanisms.layout.web.views.zones import NewZone, ZoneAct, ZoneList, ZonePage
from biaochi.registry.views import room_urls

app_name = "layout"
urlpatterns = [
    path("", CrowdingPage.as_view(), name="crowding"),
    path("plans/", PlansPage.as_view(), name="plans"),
    path("outlooks/", OutlooksPage.as_view(), name="outlooks"),
    path("activity/", TablesPage.as_view(), name="tables"),
    path("activity/<slug:public_id>/", RealPage.as_view(), name="real"),
    path("activity/<slug:public_id>/study/", StudyPage.as_view(), name="study"),
    path("menus/<slug:public_id>/<slug:act>/", MenuAct.as_view(), name="menu_act"),
    path("zones/calendar/", ZoneCalendar.as_view(), name="zone_calendar"),
    path("zones/<slug:public_id>/<slug:act>/", ZoneAct.as_view(), name="zone_act"),
    *room_urls("documents", listing=DocumentList, page=DocumentPage, creation=NewDocument),
    *room_urls("menus", listing=MenuList, page=MenuPage),
    *room_urls("zones", listing=ZoneList, page=ZonePage, creation=NewZone),
]
