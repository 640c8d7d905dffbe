"""``capital check``, ``cashflow``, ``waterfall`` end to end, against hand-worked examples."""

from __future__ import annotations

import itertools
import json
from datetime import date
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from biaochi.mechanisms.capital.cli import app
from biaochi.mechanisms.capital.decisions import irr, tolerance
from biaochi.mechanisms.capital.lifecycle import WORKFLOWS
from biaochi.mechanisms.capital.model import Deal, LossTier

NATIONAL = """
schema: biaochi.capital.terms/1
fund: F
kind: national
purpose: early and small
term_years: 20
invest_years: 10
reinvestment_ratio: 0
registration_required: false
early_share: 0.7
ticket_max: 50000000
valuation_max: 500000000
largest_lp: false
sub_fund_share: 0.8
sub_fund_mean: 1000000000
evaluation: life_cycle
track_years_to_market: 12
"""
PARTIES = "parties: [{code: gov, role: lp, government: true}, {code: pe, role: lp, government: false}%s]\n"
HEAD = "schema: biaochi.capital.terms/1\nfund: F\nkind: local\npurpose: early\n"


def run(*words):
    return CliRunner().invoke(app, [str(w) for w in words])


@pytest.fixture
def put(tmp_path):
    def save(name, text):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return save


def check(path, at="2026-06-01"):
    data = json.loads(run("check", path, "--at", at, "--format", "json").stdout)
    return data, {r["rule"]: r for r in data["reasons"]}


def test_national_terms_that_keep_every_confirmed_limit(put):
    data, reasons = check(put("t.yaml", NATIONAL))
    assert data["outcome"] == "manual_review"
    unverified = {"reinvestment_clause", "registration_place", "investment_promotion", "evaluation"}
    for rule, reason in reasons.items():
        assert reason["verdict"] == ("manual_review" if rule in unverified else "met"), rule
        assert reason["status"] == ("unverified" if rule in unverified else "confirmed")
    assert data["warnings"] == []


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("early_share: 0.7", "early_share: 0.69", "early_share"),
        ("ticket_max: 50000000", "ticket_max: 50000000.01", "ticket_max"),
        ("valuation_max: 500000000", "valuation_max: 600000000", "valuation_max"),
        ("largest_lp: false", "largest_lp: true", "largest_lp"),
        ("sub_fund_mean: 1000000000", "sub_fund_mean: 1000000001", "sub_fund_mean"),
        ("track_years_to_market: 12", "track_years_to_market: 21", "term_for_track"),
    ],
)
def test_one_limit_broken(old, new, rule, put):
    data, reasons = check(put("t.yaml", NATIONAL.replace(old, new)))
    assert reasons[rule]["verdict"] == "unmet"
    assert data["outcome"] == "unmet"


def test_the_national_limits_bind_national_funds_from_their_day_only(put):
    _, local = check(put("a.yaml", NATIONAL.replace("kind: national", "kind: local").replace("0.7", "0.1")))
    assert local["early_share"]["verdict"] == "not_applicable"
    _, before = check(put("b.yaml", NATIONAL), at="2025-12-25")
    assert before["early_share"]["verdict"] == "not_applicable"
    missing = "\n".join(line for line in NATIONAL.splitlines() if "early_share" not in line)
    assert check(put("c.yaml", missing))[1]["early_share"]["verdict"] == "unknown"


def test_discouraged_clauses_warn_and_never_decide(put):
    text = (
        HEAD.replace("early", "招商引资") + "reinvestment_ratio: 1.5\nregistration_required: true\nevaluation: yearly\n"
    )
    data, reasons = check(put("t.yaml", text))
    rules = {"reinvestment_clause", "registration_place", "investment_promotion", "evaluation"}
    assert {w["code"] for w in data["warnings"]} == rules
    assert {reasons[r]["verdict"] for r in rules} == {"manual_review"}


FLOWS = "fund,at,kind,amount\nF,2020-01-01,call,100\nF,2021-01-01,call,100\nF,2023-01-01,distribution,150\nF,2024-01-01,nav,120\n"


def cashflow(path, *words):
    return json.loads(run("cashflow", path, "--format", "json", *words).stdout)


def test_figures_of_a_fund(put):
    data = cashflow(put("f.csv", FLOWS), "--at", "2024-06-01")
    fund = data["funds"][0]
    assert fund["tvpi"] == pytest.approx(1.35)
    assert fund["irr"]["value"] == pytest.approx(0.107234, abs=1e-6)
    assert (fund["dpi"], fund["rvpi"]) == (0.75, 0.6)
    assert fund["trough"] == {"at": "2021-01-01", "amount": "-200.00"}
    assert (fund["paid_in"], fund["nav"], fund["payback_on"], fund["phase"]) == ("200.00", "120.00", None, "assessable")
    assert data["vintages"][0]["vintage"] == 2020
    assert [p["cumulative"] for p in data["jcurve"]] == ["-100.00", "-200.00", "-50.00"]


def test_what_is_not_known_yet_does_not_count_and_early_returns_are_not_assessed(put):
    path = put("f.csv", FLOWS)
    data = cashflow(path, "--at", "2021-06-01")
    fund = data["funds"][0]
    assert (fund["phase"], fund["nav"], fund["tvpi"], fund["irr"]["value"]) == ("too_early", None, None, None)
    assert {w["code"] for w in data["warnings"]} == {"later_flows"}


def test_a_rate_is_given_only_when_it_is_the_only_one():
    days = [date(2020, 1, 1), date(2020, 12, 31), date(2021, 12, 31)]
    assert irr(days, [-100.0, 230.0, -132.0]).reason == "several_roots"
    assert irr(days, [-1.0, -1.0, -1.0]).reason == "no_root"
    assert irr(days[:2], [-100.0, 110.0]).value == pytest.approx(0.1, abs=1e-9)
    assert irr([], []).value is None


def test_tolerance_with_and_without_a_shared_draw(put):
    deals = "deal,class,amount,p_success,loss_share,group,p_group\na,seed,100,0.5,1,,\nb,seed,100,0.5,1,,\n"
    deals += "c,angel,100,1,1,g,0.5\nd,angel,100,1,1,g,0.5\ne,industry,100,0.5,1,h,\nf,industry,100,0.5,1,h,\n"
    tiers = "".join(f"{k}: {{share: 0.5, citation: x, status: unverified}}\n" for k in ("seed", "angel", "industry"))
    data = cashflow(put("f.csv", FLOWS), "--deals", put("d.csv", deals), "--tiers", put("t.yaml", tiers))
    assert [(t["class"], t["p_exceeds"], t["se"]) for t in data["tolerance"]] == [
        ("seed", 0.25, 0),
        ("angel", 0.5, 0),
        ("industry", 0.5, 0),
    ]


def test_the_lattice_agrees_with_every_outcome_counted_and_with_simulation():
    deals = [
        Deal("a", "x", Decimal("120.50"), 0.3, 0.5, "g", 0.7),
        Deal("b", "x", Decimal("80"), 0.6, 1.0, "g", 0.7),
        Deal("c", "x", Decimal("33.33"), 0.9, 0.25),
        Deal("d", "x", Decimal("210"), 0.4, 0.8),
    ]
    tier = LossTier("x", 0.4, "", "unverified")
    total, limit = 0.0, Decimal("0.4") * sum(d.amount for d in deals)
    for viable in (True, False):
        for outcome in itertools.product((True, False), repeat=4):
            p = 0.7 if viable else 0.3
            lost = Decimal(0)
            for d, good in zip(deals, outcome, strict=True):
                chance = d.p_success if viable or not d.group else 0.0
                p *= chance if good else 1 - chance
                lost += Decimal(0) if good else d.amount * Decimal(str(d.loss_share))
            total += p * (lost > limit)
    assert tolerance(deals, [tier])[0].p_exceeds == pytest.approx(total, abs=1e-12)
    drawn = tolerance(deals, [tier], seed=1, most_cells=1)[0]
    assert abs(drawn.p_exceeds - total) < 5 * drawn.se


def waterfall(terms, flows):
    data = json.loads(run("waterfall", terms, flows, "--format", "json").stdout)
    return {p["party"]: p for p in data["parties"]}, data["steps"]


def calls(*rows):
    return "fund,at,kind,party,amount\n" + "".join(f"F,{row}\n" for row in rows)


def test_first_loss(put):
    terms = HEAD + PARTIES % "" + "tiers: [return_of_capital]\nfirst_loss: [{party: gov, share: 0.3}]\n"
    flows = calls("2021-01-01,call,gov,60", "2021-01-01,call,pe,40", "2022-01-01,distribution,,80")
    parties, _ = waterfall(put("t.yaml", terms), put("f.csv", flows))
    assert (parties["gov"]["received"], parties["pe"]["received"]) == ("40.80", "39.20")


TIERS = "tiers: [return_of_capital, {preferred: {rate: 0.08}}, {catch_up: {share: 1, until: 0.2}}, {split: {lps: 0.8, gp: 0.2}}]\n"


def test_four_tiers_and_a_concession(put):
    terms = HEAD + PARTIES % ", {code: gp, role: gp, government: false}" + TIERS
    terms += "concession: {from: gov, share: 0.5, to: pe}\n"
    flows = calls("2021-01-01,call,gov,60", "2021-01-01,call,pe,40", "2022-01-01,distribution,,130")
    parties, steps = waterfall(put("t.yaml", terms), put("f.csv", flows))
    assert [parties[p]["received"] for p in ("gov", "pe", "gp")] == ["67.20", "56.80", "6.00"]
    assert parties["gp"]["multiple"] is None
    assert {s["step"] for s in steps} == {"return_of_capital", "preferred", "catch_up", "split", "concession"}


@pytest.mark.parametrize("amount", ["0.01", "33.33", "99.99", "107.77", "109.99", "500.03"])
def test_no_fen_is_lost_or_made(amount, put):
    terms = HEAD + PARTIES % ", {code: gp, role: gp, government: false}" + TIERS
    terms += "first_loss: [{party: gov, share: 0.3}]\nconcession: {from: gov, share: 0.5, to: pe}\n"
    flows = calls(
        "2021-01-01,call,,33.34",
        "2021-07-01,call,gov,20.01",
        "2021-07-01,call,pe,46.65",
        f"2022-03-05,distribution,,{amount}",
        f"2023-11-30,distribution,,{amount}",
    )
    parties, steps = waterfall(put("t.yaml", terms), put("f.csv", flows))
    assert sum(Decimal(p["received"]) for p in parties.values()) == 2 * Decimal(amount)
    assert sum(Decimal(p["contributed"]) for p in parties.values()) == Decimal("100.00")
    assert sum(Decimal(s["amount"]) for s in steps) == 2 * Decimal(amount)


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "surprise: 1\n",
        HEAD + PARTIES % "" + "first_loss: [{party: nobody, share: 0.3}]\n",
        HEAD + "tiers: [{catch_up: {share: 0.2, until: 0.2}}]\n",
        HEAD + "tiers: [{split: {lps: 0.8, gp: 0.1}}]\n",
        HEAD + "tiers: [mystery]\n",
        HEAD.replace("local", "galactic"),
        "",
    ],
)
def test_faulty_terms(text, put):
    assert run("check", put("t.yaml", text)).exit_code == 1


def test_faulty_flows_are_listed_with_their_rows(put):
    terms = put("t.yaml", HEAD + PARTIES % "")
    flows = put(
        "f.csv", calls("2021-01-01,call,zz,60", "someday,call,pe,40", "2022-01-01,gift,,1", "2022-01-01,nav,,-5")
    )
    result = run("waterfall", terms, flows, "--format", "json")
    assert result.exit_code == 1
    found = {(f["code"], f["row"]) for f in json.loads(result.stdout)["faults"]}
    assert {("bad_date", 3), ("unknown_value", 4), ("negative_value", 5), ("unknown_party", 0)} <= found


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda w: w.code)
def test_every_state_can_be_reached_and_left(workflow):
    workflow.validate()
