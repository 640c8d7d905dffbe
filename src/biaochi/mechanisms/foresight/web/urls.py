"""Addresses of foresight."""

from django.urls import path, re_path

from biaochi.mechanisms.foresight.web.views.acts import AnswersDownload, PaperTemplate, StudyAct
from biaochi.mechanisms.foresight.web.views.answering import AnswerPage
from biaochi.mechanisms.foresight.web.views.outlooks import (
    ForecastsPage,
    FunctionDownload,
    FunctionPage,
    FunctionsPage,
    NewFunction,
    PastForecasts,
    TechnologyPage,
)
from biaochi.mechanisms.foresight.web.views.questions import QuestionList, QuestionPage, ScoreboardPage
from biaochi.mechanisms.foresight.web.views.signals import NewScan, ScanDownload, ScanPage, ScansPage
from biaochi.mechanisms.foresight.web.views.studies import NewStudy, StudyList, StudyPage
from biaochi.registry.views import room_urls

app_name = "foresight"
urlpatterns = [
    path("", ForecastsPage.as_view(), name="forecasts"),
    path("technologies/<slug:code>/", TechnologyPage.as_view(), name="technology"),
    path("scoreboard/", ScoreboardPage.as_view(), name="scoreboard"),
    path("scoreboard/past-forecasts.csv", PastForecasts.as_view(), name="past"),
    path("functions/", FunctionsPage.as_view(), name="functions"),
    path("functions/new/", NewFunction.as_view(), name="function_new"),
    path("functions/<slug:public_id>/", FunctionPage.as_view(), name="function"),
    path("functions/<slug:public_id>/routes.yaml", FunctionDownload.as_view(), name="function_file"),
    path("studies/<slug:public_id>/answer/", AnswerPage.as_view(), name="answer"),
    path("signals/", ScansPage.as_view(), name="scans"),
    path("signals/new/", NewScan.as_view(), name="scan_new"),
    path("signals/<slug:public_id>/", ScanPage.as_view(), name="scan"),
    path("signals/<slug:public_id>/terms.csv", ScanDownload.as_view(), name="scan_file"),
    re_path(r"^studies/(?P<public_id>[\w-]+)/answers\.(?P<form>csv|xlsx)$", AnswersDownload.as_view(), name="answers"),
    re_path(r"^studies/(?P<public_id>[\w-]+)/paper\.(?P<form>csv|xlsx)$", PaperTemplate.as_view(), name="paper"),
    path("studies/<slug:public_id>/act/<slug:act>/", StudyAct.as_view(), name="study_act"),
    *room_urls("studies", listing=StudyList, page=StudyPage, creation=NewStudy),
    *room_urls("questions", listing=QuestionList, page=QuestionPage),
]
