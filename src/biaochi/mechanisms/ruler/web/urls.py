"""Addresses of the ruler."""

from django.urls import path

from biaochi.mechanisms.ruler.web.views.changes import ChangesPage
from biaochi.mechanisms.ruler.web.views.editor import FrameworkEditor
from biaochi.mechanisms.ruler.web.views.frameworks import FrameworkAct, FrameworkList, FrameworkPage, NewFramework
from biaochi.mechanisms.ruler.web.views.gaming import GamingPage
from biaochi.mechanisms.ruler.web.views.method import BundleDownload, CardPage
from biaochi.mechanisms.ruler.web.views.process import ProcessPage
from biaochi.mechanisms.ruler.web.views.profiles import ProfilePage, UnitsPage
from biaochi.mechanisms.ruler.web.views.submissions import SubmissionList, SubmissionPage, ValidationQueue
from biaochi.registry.views import room_urls

app_name = "ruler"
urlpatterns = [
    path("", UnitsPage.as_view(), name="units"),
    path("units/<slug:unit>/", ProfilePage.as_view(), name="profile"),
    path("card/", CardPage.as_view(), name="card"),
    path("changes/", ChangesPage.as_view(), name="changes"),
    path("gaming/", GamingPage.as_view(), name="gaming"),
    path("process/", ProcessPage.as_view(), name="process"),
    path("validation/", ValidationQueue.as_view(), name="validation"),
    path("bundle.zip", BundleDownload.as_view(), name="bundle"),
    path("frameworks/<slug:public_id>/edit/", FrameworkEditor.as_view(), name="framework_edit"),
    path("frameworks/<slug:public_id>/<slug:act>/", FrameworkAct.as_view(), name="framework_act"),
    *room_urls("frameworks", listing=FrameworkList, page=FrameworkPage, creation=NewFramework),
    *room_urls("submissions", listing=SubmissionList, page=SubmissionPage),
]
