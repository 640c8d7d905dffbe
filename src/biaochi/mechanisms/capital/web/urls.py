"""Addresses of patient capital."""

from django.urls import path

from biaochi.mechanisms.capital.web.views import FundAct, FundList, FundPage, NewFund, PortfolioPage
from biaochi.registry.views import room_urls

app_name = "capital"
urlpatterns = [
    path("portfolio/", PortfolioPage.as_view(), name="portfolio"),
    path("<slug:public_id>/act/<slug:act>/", FundAct.as_view(), name="fund_act"),
    *room_urls("", listing=FundList, page=FundPage, creation=NewFund),
]
