"""Addresses of cultivation."""

from django.urls import path

from biaochi.mechanisms.cultivation.web.register_page import RegisterPage
from biaochi.mechanisms.cultivation.web.rule_pages import RulePage, RulesPage
from biaochi.mechanisms.cultivation.web.views import (
    FirmList,
    FirmPage,
    NewTitle,
    TitleList,
    TitlePage,
)
from biaochi.registry.views import room_urls

app_name = "cultivation"
urlpatterns = [
    path("register/", RegisterPage.as_view(), name="register"),
    path("rules/", RulesPage.as_view(), name="rules"),
    path("rules/<slug:code>/<slug:version>/", RulePage.as_view(), name="rule"),
    *room_urls("titles", listing=TitleList, page=TitlePage, creation=NewTitle),
    *room_urls("firms", listing=FirmList, page=FirmPage),
]
