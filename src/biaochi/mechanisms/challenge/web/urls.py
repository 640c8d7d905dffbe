"""Addresses of challenges."""

from django.urls import path

from biaochi.mechanisms.challenge.web.views import (
    BidList,
    BidPage,
    ChallengeAct,
    ChallengeList,
    ChallengePage,
    NewBid,
    NewChallenge,
    ScoreAct,
)
from biaochi.registry.views import room_urls

app_name = "challenge"
urlpatterns = [
    path("bids/<slug:public_id>/score/", ScoreAct.as_view(), name="score"),
    *room_urls("bids", listing=BidList, page=BidPage),
    path("<slug:challenge>/bid/", NewBid.as_view(), name="bid_new"),
    path("<slug:public_id>/act/<slug:act>/", ChallengeAct.as_view(), name="challenge_act"),
    *room_urls("", listing=ChallengeList, page=ChallengePage, creation=NewChallenge),
]
