"""Addresses of purchases, offers and R&D contracts."""

from django.urls import path

from biaochi.mechanisms.procurement.web.views.acting import DocumentPage, NeedsPage, OcdsDownload, PlanPage, PurchaseAct
from biaochi.mechanisms.procurement.web.views.contracts import ContractAct, ContractList, ContractPage
from biaochi.mechanisms.procurement.web.views.flags import FlagsPage
from biaochi.mechanisms.procurement.web.views.offers import NewOffer, OfferList, OfferPage, ScoreAct
from biaochi.mechanisms.procurement.web.views.purchases import NewPurchase, PurchaseList, PurchasePage
from biaochi.registry.views import room_urls

app_name = "procurement"
urlpatterns = [
    path("flags/", FlagsPage.as_view(), name="flags"),
    path("offers/<slug:public_id>/score/", ScoreAct.as_view(), name="score"),
    *room_urls("offers", listing=OfferList, page=OfferPage),
    path("contracts/<slug:public_id>/act/<slug:act>/", ContractAct.as_view(), name="contract_act"),
    *room_urls("contracts", listing=ContractList, page=ContractPage),
    path("<slug:purchase>/offer/", NewOffer.as_view(), name="offer_new"),
    path("<slug:public_id>/act/<slug:act>/", PurchaseAct.as_view(), name="purchase_act"),
    path("<slug:public_id>/needs/", NeedsPage.as_view(), name="needs"),
    path("<slug:public_id>/plan/", PlanPage.as_view(), name="plan"),
    path("<slug:public_id>/documents/<slug:document>/", DocumentPage.as_view(), name="document"),
    path("<slug:public_id>/ocds.json", OcdsDownload.as_view(), name="ocds"),
    *room_urls("", listing=PurchaseList, page=PurchasePage, creation=NewPurchase),
]
