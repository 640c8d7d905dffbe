"""Every address of the site: the house's own, then one folder a mechanism, then the API."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.conf import settings
from django.urls import include, path

from biaochi.registry.views import ImportView
from biaochi.web import api
from biaochi.web.sites import sites
from biaochi.web.views import (
    account,
    calendars,
    files,
    home,
    journeys,
    keys,
    ledger,
    loop,
    parameters,
    people,
    programme,
    public,
)

handler400 = "biaochi.web.errors.bad_request"
handler403 = "biaochi.web.errors.permission_denied"
handler404 = "biaochi.web.errors.not_found"
handler500 = "biaochi.web.errors.server_error"


def _mechanisms() -> list[Any]:
    """Return one folder of addresses a mechanism, in its own namespace; its uploads come first."""
    found: list[Any] = []
    for site in sites():
        room = import_module(f"biaochi.mechanisms.{site.code}.web.urls")
        uploads = [path(f"import/{i.code}/", ImportView.of(i), name=f"import_{i.code}") for i in site.importers]
        patterns = ([*uploads, *room.urlpatterns], room.app_name)
        found.append(path(f"{site.code}/", include(patterns, namespace=site.code)))
    return found


def _single_sign_on() -> list[Any]:
    """Return the addresses of single sign-on, where it is set up; whatever fails there ends at the log-in page."""
    if not settings.SSO_NAME:
        return []
    names = ("socialaccount_login_error", "socialaccount_login_cancelled", "socialaccount_signup")
    again = [path(f"sso/{n.rsplit('_', 1)[-1]}/", account.log_in, name=n) for n in names]
    return [*again, path("sso/", include("allauth.socialaccount.providers.openid_connect.urls"))]


interface = api.build()
urlpatterns = [
    path("", home.home, name="home"),
    path("public/", public.portal, name="portal"),
    path("public/feed.atom", calendars.atom, name="feed"),
    path("public/calendar.ics", calendars.public_feed, name="public_calendar"),
    path("calendar/", calendars.page, name="calendar"),
    path("calendar/<str:token>.ics", calendars.own_feed, name="calendar_feed"),
    path("programme/", programme.programme, name="programme"),
    path("parameters/", parameters.listing, name="parameters"),
    path("parameters/<slug:mechanism>/<str:code>/", parameters.one, name="parameter"),
    path("station/<slug:station>/", home.station, name="station"),
    path("search/", home.search, name="search"),
    path("o/<slug:public_id>/", home.any_object, name="object"),
    path("role/", home.role, name="role"),
    path("language/<slug:code>/", home.language, name="language"),
    path("theme/", home.theme, name="theme"),
    path("login/", account.log_in, name="login"),
    path("login/code/", account.log_in_code, name="login_code"),
    path("logout/", account.log_out, name="logout"),
    path("account/", account.account, name="account"),
    path("messages/", account.notifications, name="notifications"),
    path("first/<str:token>/", account.first_administrator, name="first_administrator"),
    path("invitation/<str:token>/", account.invitation, name="invitation"),
    path("enter/", account.enter, name="enter"),
    path("mail/", account.mailbox, name="mailbox"),
    path("people/", people.listing, name="people"),
    path("people/<slug:public_id>/", people.person, name="person"),
    path("ledger/", ledger.browse, name="ledger"),
    path("ledger/anchor.json", ledger.anchor, name="ledger_anchor"),
    path("ledger/ledger.jsonl", ledger.export, name="ledger_export"),
    path("ledger/<int:seq>/", ledger.entry, name="ledger_entry"),
    path("document/<slug:public_id>/", files.document, name="document"),
    path("healthz", files.healthz, name="healthz"),
    path("readyz", files.readyz, name="readyz"),
    path("metrics", files.prometheus, name="metrics"),
    path("journeys/", journeys.journeys, name="journeys"),
    path("loop/", loop.loop, name="loop"),
    path("keys/", keys.keys, name="keys"),
    path("api/v1/docs/", keys.description, name="api_docs"),
    path("api/v1/", interface.urls),
    *_single_sign_on(),
    *_mechanisms(),
]
