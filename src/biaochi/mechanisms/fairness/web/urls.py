"""Addresses of fair-competition reviews."""

from django.urls import path

from biaochi.mechanisms.fairness.web.views import NewReview, PackPage, ReviewAct, ReviewList, ReviewPage
from biaochi.registry.views import room_urls

app_name = "fairness"
urlpatterns = [
    path("pack/", PackPage.as_view(), name="pack"),
    *room_urls("", listing=ReviewList, page=ReviewPage, creation=NewReview),
    path("<slug:public_id>/<slug:act>/", ReviewAct.as_view(), name="review_act"),
]
