"""Addresses of challenges."""

from django.urls import path

from biaochi.mechanisms.challenge.web.views.acts import ChallengeAct
from biaochi.mechanisms.challenge.web.views.awards import (
    AwardAct,
    AwardList,
    AwardPage,
    CaseFile,
    MilestoneAct,
    MilestoneList,
    MilestonePage,
    NewMilestone,
)
from biaochi.mechanisms.challenge.web.views.bids import BidList, BidPage, NewBid, ScoreAct
from biaochi.mechanisms.challenge.web.views.postings import (
    ChallengeList,
    ChallengePage,
    EditChallenge,
    LotteryPage,
    NewChallenge,
)
from biaochi.registry.views import room_urls

app_name = "challenge"
urlpatterns = [
    path("bids/<slug:public_id>/score/", ScoreAct.as_view(), name="score"),
    *room_urls("bids", listing=BidList, page=BidPage),
    path("awards/<slug:public_id>/act/<slug:act>/", AwardAct.as_view(), name="award_act"),
    path("awards/<slug:public_id>/milestone/", NewMilestone.as_view(), name="milestone_new"),
    path("awards/<slug:public_id>/case.json", CaseFile.as_view(), name="case_file"),
    *room_urls("awards", listing=AwardList, page=AwardPage),
    path("milestones/<slug:public_id>/pay/", MilestoneAct.as_view(), name="milestone_pay"),
    *room_urls("milestones", listing=MilestoneList, page=MilestonePage),
    path("<slug:challenge>/bid/", NewBid.as_view(), name="bid_new"),
    path("<slug:public_id>/edit/", EditChallenge.as_view(), name="challenge_edit"),
    path("<slug:public_id>/lottery/", LotteryPage.as_view(), name="lottery"),
    path("<slug:public_id>/act/<slug:act>/", ChallengeAct.as_view(), name="challenge_act"),
    *room_urls("", listing=ChallengeList, page=ChallengePage, creation=NewChallenge),
]
