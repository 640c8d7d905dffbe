"""The house's own pages on the demonstration: the year, parameters, bulk moves, papers; what processes share."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.utils import timezone

from biaochi.core.roles import Role
from biaochi.exchange.parameter_files import load_parameters, office_values
from biaochi.registry import act_names, bulk, ledger, office
from biaochi.registry.models import ExternalDigest, LedgerEntry, Membership, Notification, OfficeParameter
from biaochi.web import environment, metrics, reminders
from biaochi.web.act_names import ACTS
from biaochi.web.middleware import ClientAddress, client_address
from biaochi.web.shared_cache import SharedCache
from biaochi.web.sites import sites

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("rooms")]
PACKAGE = Path(__file__).resolve().parents[2] / "src" / "biaochi"


def client_of(role: Role, number: int = 0, language: str = "en") -> Client:
    client = Client(HTTP_HOST="localhost")
    client.cookies["language"] = language
    person = Membership.objects.filter(role=role).order_by("pk")[number].person
    client.force_login(get_user_model().objects.get(pk=person.pk), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("role", [Role.OFFICER, Role.FIRM, Role.AUDITOR])
def test_the_year_at_a_glance(filled: list[str], role: Role, language: str) -> None:
    page = client_of(role, language=language).get("/programme/").content.decode()
    assert "<svg" in page or "没有到期" in page or "No deadline" in page
    assert " style=" not in page


def test_an_officer_sets_an_office_setting_from_tomorrow_on(filled: list[str]) -> None:
    officer, tomorrow = client_of(Role.OFFICER), timezone.localdate() + timedelta(days=1)
    code, site = next(
        (p.code, s.code)
        for s in sites()
        for p in load_parameters(f"biaochi.mechanisms.{s.code}")
        if office.adjustable(p) and isinstance(p.values[-1].value, int)
    )
    address = f"/parameters/{site}/{code}/"
    asked = {"value": "7", "effective_on": str(tomorrow), "citation": "示例办〔2026〕1号"}
    before = LedgerEntry.objects.count()
    assert officer.post(address, {**asked, "effective_on": str(timezone.localdate())}).status_code == 422
    assert officer.post(address, {**asked, "value": "many"}).status_code == 422
    assert officer.post(address, {**asked, "value": "-1"}).status_code == 422
    assert officer.post(address, {**asked, "citation": "\x00"}).status_code == 422
    assert client_of(Role.FIRM).post(address, asked).status_code == 403
    assert client_of(Role.AUDITOR).post(address, asked).status_code == 403
    assert OfficeParameter.objects.count() == 0
    assert LedgerEntry.objects.count() == before
    assert officer.post(address, asked).status_code == 302
    assert officer.post(address, asked).status_code == 422, "one value a day"
    line = ledger.head()
    assert line is not None
    assert line.transition == "parameter_set"
    package = f"biaochi.mechanisms.{site}"
    with office_values(office.added_values):
        assert load_parameters(package).at(tomorrow)[code].value == 7
        assert load_parameters(package).at(timezone.localdate())[code].value != 7, "nothing of today is decided by it"
    assert load_parameters(package).at(tomorrow)[code].value != 7, "outside the site only what ships"
    assert "示例办" in officer.get(address).content.decode()
    assert client_of(Role.AUDITOR).get(f"/ledger/{line.seq}/").status_code == 200


def test_a_number_of_the_law_is_not_the_offices_to_set(filled: list[str]) -> None:
    officer = client_of(Role.OFFICER)
    law = next(
        (s.code, p.code)
        for s in sites()
        for p in load_parameters(f"biaochi.mechanisms.{s.code}")
        if not office.adjustable(p)
    )
    asked = {"value": "7", "effective_on": "2099-01-01", "citation": "x"}
    assert officer.post(f"/parameters/{law[0]}/{law[1]}/", asked).status_code == 403
    assert officer.get("/parameters/").status_code == 200


def test_a_page_is_taken_as_a_paper_with_the_head_on_it(filled: list[str]) -> None:
    officer = client_of(Role.OFFICER)
    model = next(
        m for s in sites() for m in s.models if m.visible(actor_of(Role.OFFICER), m._default_manager.all()).exists()
    )
    obj: Any = model.visible(actor_of(Role.OFFICER), model._default_manager.all())[0]
    head = ledger.head()
    assert head is not None
    page = officer.get(f"{obj.get_absolute_url()}?format=html")
    assert head.digest in page.content.decode()
    assert obj.public_id in page.content.decode()
    assert page["Content-Disposition"].startswith("attachment")
    for kind in ("docx", "xlsx"):
        assert officer.get(f"{obj.get_absolute_url()}?format={kind}").content[:2] == b"PK"
    assert ExternalDigest.objects.filter(seq=head.seq).count() == 1
    assert Client(HTTP_HOST="localhost").get(f"{obj.get_absolute_url()}?format=html").status_code in (200, 302, 404)


def actor_of(role: Role) -> Any:
    return Membership.objects.filter(role=role).order_by("pk")[0].actor


def test_bulk_moves_are_those_that_need_no_reason_and_each_is_a_decision(filled: list[str]) -> None:
    for site in sites():
        for model in site.models:
            for role in Role:
                held = Membership.objects.filter(role=role).first()
                if held is None:
                    continue
                for move in bulk.moves_of(model, held.actor):
                    assert not move.needs_reason
                    assert role in move.roles
    officer = client_of(Role.OFFICER)
    listed = "/ruler/submissions/"
    assert officer.post(listed, {"bulk": "no such move", "chosen": "X"}).status_code == 403
    before = LedgerEntry.objects.count()
    assert client_of(Role.AUDITOR).post(listed, {"bulk": "publish", "chosen": "X"}).status_code == 403
    assert LedgerEntry.objects.count() == before


def test_no_act_is_shown_by_its_code() -> None:
    for site in sites():
        for model in site.models:
            for move in model.workflow.transitions:
                assert act_names.act_name(move.code, model._meta.label_lower) == move.name
    assert act_names.act_name("role_granted").en == "role given"
    assert act_names.act_name("never_heard_of") is act_names.RECORDED
    assert all(t.zh and t.en and t.zh != code for code, t in ACTS.items())


def test_reminders_come_once_a_day(filled: list[str]) -> None:
    models = [m for s in sites() for m in s.models]
    reminders.ClockMark.objects.filter(code=reminders.CODE).delete()
    now = timezone.now()
    count = reminders.remind(models, now)
    assert Notification.objects.filter(tell_at=now).count() == count
    assert reminders.remind(models, now + timedelta(minutes=1)) == 0


def test_processes_count_together(tmp_path: Path) -> None:
    place = str(tmp_path / "cache.sqlite3")
    cache = SharedCache(place, {})
    assert cache.add("n", 0, 60)
    assert not cache.add("n", 5, 60)
    count = "import sys; from biaochi.web.shared_cache import SharedCache as C; c = C(sys.argv[1], {}); [c.incr('n') for _ in range(200)]"
    several = [subprocess.Popen([sys.executable, "-c", count, place]) for _ in range(2)]
    for _ in range(200):
        cache.incr("n")
    assert [one.wait(120) for one in several] == [0, 0]
    assert cache.get("n") == 600
    cache.set("object", {"a": [1, "二"]}, 60)
    assert SharedCache(place, {}).get("object") == {"a": [1, "二"]}
    cache.set("gone", 1, -1)
    assert cache.get("gone", "default") == "default"
    with pytest.raises(ValueError):
        cache.incr("gone")
    assert cache.touch("object", 60)
    assert cache.delete("object")
    assert cache.get("object") is None
    cache.clear()
    assert cache.get("n") is None


@pytest.mark.parametrize(
    ("peer", "told", "expected"),
    [
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "6.6.6.6, 203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "203.0.113.7, 127.0.0.1", "203.0.113.7"),
        ("::ffff:127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("198.51.100.9", "203.0.113.7", "198.51.100.9"),
    ],
)
def test_only_our_own_proxies_are_believed(peer: str, told: str, expected: str) -> None:
    seen: list[str] = []

    def answer(request: HttpRequest) -> HttpResponse:
        seen.append(client_address(request))
        seen.append(request.META.get("HTTP_X_FORWARDED_PROTO", ""))
        return HttpResponse()

    request = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=told, HTTP_X_FORWARDED_PROTO="https")
    with override_settings(PROXIES=environment.networks("BIAOCHI_PROXIES_UNSET", ("127.0.0.0/8",))):
        ClientAddress(answer)(request)
    assert seen[0] == expected
    assert (seen[1] == "https") is peer.endswith("127.0.0.1")


def test_counters_of_other_processes_are_added(tmp_path: Path) -> None:
    other = '{"requests": [["sandbox", "GET", 200, 41]], "seconds": {"elsewhere": [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.002]}}'
    (tmp_path / "1.json").write_text(other)
    text = metrics.text({"biaochi_ledger_lines": 3.0}, tmp_path)
    assert 'biaochi_http_requests_total{place="sandbox",method="GET",status="200"}' in text
    assert 'biaochi_http_seconds_count{place="elsewhere"} 1' in text
    assert "biaochi_ledger_lines 3" in text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_variable_of_the_surroundings_is_explained(language: str) -> None:
    ours = "".join(p.read_text(encoding="utf-8") for p in PACKAGE.glob("web/*.py"))
    named = set(re.findall(r'"(BIAOCHI_[A-Z_]+)"', ours)) - {environment.SERVED, "BIAOCHI_DEMO", "BIAOCHI_PLAYED"}
    told = (PACKAGE.parents[1] / "docs" / language / "how-to" / "deploy.md").read_text(encoding="utf-8")
    assert not [name for name in sorted(named) if name not in told]


@pytest.fixture(autouse=True)
def _documents(tmp_path: Path) -> Iterator[None]:
    with override_settings(DOCUMENT_ROOT=tmp_path / "documents"):
        assert settings.DOCUMENT_ROOT
        yield
