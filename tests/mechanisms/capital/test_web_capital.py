"""The web room of patient capital: terms checked before investing, money on record, whole-life figures, who sees what."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.mechanisms.capital.decisions import waterfall
from biaochi.mechanisms.capital.web import screens, services
from biaochi.mechanisms.capital.web.demonstration import demo
from biaochi.mechanisms.capital.web.models import GuidanceFund, MoneyFlow
from biaochi.registry.ledger import verify_database
from biaochi.registry.site import Demo
from biaochi.registry.transition import transition
from biaochi.web import demonstration as whole

pytestmark = pytest.mark.django_db
TERMS = Path(__file__).resolve().parents[3] / "examples" / "explore" / "capital" / "terms.yaml"


@pytest.fixture
def stage(db: None) -> Demo:
    """Return the cast of the demonstration."""
    return whole.cast()


def login(actor: Actor, lang: str = "en") -> Client:
    client = Client(HTTP_HOST="localhost")
    client.cookies["language"] = lang
    person = get_user_model().objects.get(public_id=actor.person)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def act(client: Client, fund: GuidanceFund, name: str, **data: object) -> str:
    answer = client.post(reverse("capital:fund_act", args=[fund.public_id, name]), data, follow=True)
    return str(answer.content.decode())


def day(ago: int) -> str:
    return (timezone.localdate() - timedelta(days=ago)).isoformat()


def new_fund(stage: Demo) -> GuidanceFund:
    client = login(stage.actors[Role.FUND_MANAGER])
    names = {"title_zh": "基金", "title_en": "fund"}
    bad = SimpleUploadedFile("t.yaml", TERMS.read_bytes().replace(b"party: guidance", b"party: nobody"))
    answer = client.post(reverse("capital:guidancefund_new"), {**names, "file": bad})
    assert answer.status_code == 422
    assert "nobody" in answer.content.decode()
    good = SimpleUploadedFile("t.yaml", TERMS.read_bytes())
    assert client.post(reverse("capital:guidancefund_new"), {**names, "file": good}).status_code == 302
    return GuidanceFund.objects.get()


def test_a_fund_invests_only_on_checked_terms(stage: Demo) -> None:
    fund = new_fund(stage)
    manager, second = stage.actors[Role.FUND_MANAGER], stage.second[Role.FUND_MANAGER]
    with pytest.raises(RefusedError, match="terms_checked"):
        transition(fund, "start_investing", second, "go")
    page = act(login(manager), fund, "check")
    assert "reinvestment" in page
    assert 'data-code="manual_review"' in page
    fund.refresh_from_db()
    with pytest.raises(RefusedError, match="same_person"):
        transition(fund, "start_investing", manager, "go")
    fund.document = {**fund.document, "term_years": 9}
    fund.save()
    with pytest.raises(RefusedError, match="terms_checked"):
        transition(GuidanceFund.objects.get(), "start_investing", second, "go")
    outsider = login(stage.actors[Role.FIRM])
    assert outsider.post(reverse("capital:fund_act", args=[fund.public_id, "check"])).status_code == 404
    officer = login(stage.actors[Role.OFFICER])
    assert officer.post(reverse("capital:fund_act", args=[fund.public_id, "check"])).status_code in (403, 404)


def test_national_limits_bind_a_national_fund(stage: Demo) -> None:
    fund = new_fund(stage)
    fund.document = {**fund.document, "kind": "national", "early_share": 0.5, "term_years": 20}
    fund.save()
    fund = GuidanceFund.objects.get()
    second = stage.second[Role.FUND_MANAGER]
    services.check(fund, stage.actors[Role.FUND_MANAGER])
    fund = GuidanceFund.objects.get()
    say = {"move": "start_investing", "reason": "go", "version": str(fund.version)}
    answer = login(second).post(fund.get_absolute_url(), say)
    assert answer.status_code == 422
    assert "share in seed" in answer.content.decode()


def test_money_is_recorded_whole_or_not_and_only_voided(stage: Demo) -> None:
    demo(stage)
    young = GuidanceFund.objects.get(state="investing")
    manager = stage.actors[Role.FUND_MANAGER]
    client = login(manager)
    before = MoneyFlow.objects.count()
    faulty = b"fund,at,kind,party,amount\nV1,2020-01-01,call,,5\nV1,2020-13-01,loan,,-1\n"
    page = act(client, young, "flows", file=SimpleUploadedFile("f.csv", faulty))
    assert MoneyFlow.objects.count() == before
    assert "f.csv" in page
    assert "loan" in page
    foreign = b"fund,at,kind,party,amount\nX9,2020-01-01,call,,5\n"
    assert "not a flow of this fund" in act(client, young, "flows", file=SimpleUploadedFile("f.csv", foreign))
    late = {"kind": "call", "at": day(-400), "party": "", "amount": "5"}
    assert "future" in act(client, young, "flow", **late)
    assert MoneyFlow.objects.count() == before
    act(client, young, "flow", kind="distribution", at=day(30), party="", amount="1000000")
    made = MoneyFlow.objects.latest("pk")
    assert "reason must be given" in act(client, young, "void", flow=str(made.pk), why=" ")
    act(client, young, "void", flow=str(made.pk), why="entered twice")
    made.refresh_from_db()
    assert made.voided_at is not None
    assert made.pk not in {f.pk for f in young.flows.filter(voided_at__isnull=True)}
    assert "entered twice" in login(manager).get(young.get_absolute_url()).content.decode()
    old = GuidanceFund.objects.get(state="exiting")
    assert "only while the fund invests" in act(client, old, "flow", kind="call", at=day(30), party="", amount="1")
    assert verify_database().intact


def test_a_page_says_the_same_as_the_methods(stage: Demo) -> None:
    demo(stage)
    old = GuidanceFund.objects.get(state="exiting")
    result = screens.result_of(old)
    shares = waterfall(old.terms, old.known_flows(date(2999, 1, 1)))
    assert result.waterfall == shares
    paid, got = sum(p.contributed for p in shares.parties), sum(p.received for p in shares.parties)
    assert (paid, got) == (Decimal("200000000.00"), Decimal("205000000.00"))
    for lang, words in (
        ("zh", ("J 曲线", "分配结果", "容亏", "让利")),
        ("en", ("J-curve", "Who got what", "Loss tolerance")),
    ):
        page = login(stage.actors[Role.FUND_MANAGER], lang).get(old.get_absolute_url()).content.decode()
        assert all(w in page for w in words)
        assert "return_of_capital" not in page
        assert "too_early" not in page.replace('data-code="too_early"', "")
    public = Client(HTTP_HOST="localhost").get(old.get_absolute_url()).content.decode()
    assert "累计缴款" not in public
    assert "J 曲线" in public


def test_returns_are_not_assessed_while_a_fund_invests(stage: Demo) -> None:
    demo(stage)
    page = login(stage.actors[Role.FUND_MANAGER]).get(reverse("capital:portfolio")).content.decode()
    young = GuidanceFund.objects.get(state="investing")
    assert young.title_en in page
    assert "too early to assess" in page
    result = screens.result_of(young)
    assert result.funds[0].phase == "too_early"
    assert "not assessed" in screens.answer(result, "en")


def test_a_fund_is_liquidated_when_nothing_is_held(stage: Demo) -> None:
    demo(stage)
    old = GuidanceFund.objects.get(state="exiting")
    manager, second = stage.actors[Role.FUND_MANAGER], stage.second[Role.FUND_MANAGER]
    with pytest.raises(RefusedError, match="holdings_settled"):
        transition(old, "liquidate", second, "done")
    client = login(manager)
    act(client, old, "flow", kind="distribution", at=day(10), party="", amount="85000000")
    act(client, old, "flow", kind="nav", at=day(10), party="", amount="0")
    transition(GuidanceFund.objects.get(pk=old.pk), "liquidate", second, "all sold")
    assert "liquidated" in act(client, old, "flow", kind="nav", at=day(9), party="", amount="1")
