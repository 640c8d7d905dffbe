"""Addresses of the sandbox."""

from django.urls import path

from biaochi.mechanisms.sandbox.web.views import acts, cases, ethics, grants, services, vouchers, waivers
from biaochi.registry.views import room_urls

app_name = "sandbox"
_ACTS = (
    acts.PlanEditor,
    acts.Assess,
    acts.AddWaiver,
    acts.Incident,
    acts.Amend,
    acts.Papers,
    acts.AskGrant,
    acts.AskService,
)
urlpatterns = [
    path("", cases.ControlRoom.as_view(), name="room"),
    path("schemes/", vouchers.SchemesPage.as_view(), name="schemes"),
    path("schemes/<slug:public_id>/", vouchers.SchemePage.as_view(), name="scheme"),
    path("cases/<slug:public_id>/bundle.zip", acts.Bundle.as_view(), name="bundle"),
    path("cases/<slug:public_id>/amendments/<slug:code>/", acts.ApproveAmendment.as_view(), name="amendment"),
    *[path(f"cases/<slug:public_id>/{a.code}/", a.as_view(), name=f"act_{a.code}") for a in _ACTS],
    path("ethics/<slug:public_id>/vote/", ethics.Vote.as_view(), name="vote"),
    path("services/<slug:public_id>/outcome/", services.Outcome.as_view(), name="outcome"),
    path("grants/<slug:public_id>/exports/", grants.ExportAct.as_view(), name="exports"),
    *room_urls("cases", listing=cases.CaseList, page=cases.CasePage, creation=cases.NewCase),
    *room_urls("waivers", listing=waivers.WaiverList, page=waivers.WaiverPage),
    *room_urls("ethics", listing=ethics.EthicsList, page=ethics.EthicsPage),
    *room_urls("vouchers", listing=vouchers.VoucherList, page=vouchers.VoucherPage),
    *room_urls("grants", listing=grants.GrantList, page=grants.GrantPage),
    *room_urls("services", listing=services.ServiceList, page=services.ServicePage),
]
