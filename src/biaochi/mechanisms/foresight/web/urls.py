"""Addresses of foresight."""

from django.urls import path

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
from biaochi.mechanisms.foresight.web.views.studies import (
    AnswersDownload,
    NewStudy,
    QuestionList,
    QuestionPage,
    ScoreboardPage,
    StudyAct,
    StudyList,
    StudyPage,
)
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
    path("studies/<slug:public_id>/answers.csv", AnswersDownload.as_view(), name="answers"),
    path("studies/<slug:public_id>/act/<slug:act>/", StudyAct.as_view(), name="study_act"),
    *room_urls("studies", listing=StudyList, page=StudyPage, creation=NewStudy),
    *room_urls("questions", listing=QuestionList, page=QuestionPage),
]
