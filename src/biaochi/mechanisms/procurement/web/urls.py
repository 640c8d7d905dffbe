"""Addresses of purchases."""

from django.urls import path

from biaochi.mechanisms.procurement.web.views import (
    FileAct,
    FlagsPage,
    NewPurchase,
    OcdsDownload,
    PurchaseList,
    PurchasePage,
)
from biaochi.registry.views import room_urls

app_name = "procurement"
urlpatterns = [
    path("flags/", FlagsPage.as_view(), name="flags"),
    path("<slug:public_id>/file/", FileAct.as_view(), name="file"),
    path("<slug:public_id>/ocds.json", OcdsDownload.as_view(), name="ocds"),
    *room_urls("", listing=PurchaseList, page=PurchasePage, creation=NewPurchase),
]
