"""``check``, ``cashflow``, ``waterfall``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from biaochi.core.text import Text
from biaochi.exchange.command import (
    AsOfOption,
    AtOption,
    Format,
    FormatOption,
    LangOption,
    Language,
    Options,
    OutOption,
    SeedOption,
    invocation,
)
from biaochi.exchange.faults import Faults
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms.capital.decisions import (
    check_terms,
    fund_figures,
    jcurve,
    shipped_tiers,
    tolerance,
    vintage_figures,
    waterfall,
)
from biaochi.mechanisms.capital.decisions.terms import WARNED, warned
from biaochi.mechanisms.capital.files import read_deals, read_flows, read_terms, read_tiers
from biaochi.mechanisms.capital.model import Deal
from biaochi.mechanisms.capital.report import cashflow_records, terms_records, waterfall_records

app = typer.Typer(no_args_is_help=True, add_completion=False, help="耐心资本 / patient capital")
PACKAGE = "biaochi.mechanisms.capital"
TermsArgument = Annotated[Path, typer.Argument(metavar="TERMS", help="基金条款 / terms of the fund")]
FlowsArgument = Annotated[Path, typer.Argument(metavar="FLOWS", help="现金流 fund,at,kind,party,amount / cash flows")]


@app.command(help="条款对照规则 / terms against the rules")
def check(
    terms: TermsArgument,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
) -> None:
    """Hold a fund's terms against the rules in force."""
    with invocation("biaochi.capital.check/1", Options(out, format, lang, seed, at)) as call:
        faults = Faults()
        found, source = read_terms(terms, faults)
        call.remember(source, 0)
        faults.check()
        if found is None:
            return
        parameters = load_parameters(PACKAGE).at(call.at)
        decision = check_terms(found, at=call.at, parameters=parameters)
        for rule in warned(found):
            call.warn(rule, WARNED[rule], file=terms.name)
        call.parameters = decision.parameters
        call.finish(terms_records(decision, parameters))


@app.command(help="现金流指标、J 曲线与容亏 / figures, J-curve and loss tolerance")
def cashflow(
    flows: FlowsArgument,
    deals: Annotated[Path | None, typer.Option("--deals", help="项目表 / deals")] = None,
    tiers: Annotated[Path | None, typer.Option("--tiers", help="容亏比例 / tolerated losses")] = None,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Figures of each fund and vintage from the flows known by the day."""
    with invocation("biaochi.capital.cashflow/1", Options(out, format, lang, seed, at, as_of)) as call:
        faults = Faults()
        every, money, rows = read_flows(flows, faults)
        call.remember(money, rows)
        known_deals: list[Deal] = []
        if deals is not None:
            known_deals, source, rows = read_deals(deals, faults)
            call.remember(source, rows)
        parameters = load_parameters(PACKAGE).at(call.at)
        levels = shipped_tiers(parameters)
        if tiers is not None:
            levels, source = read_tiers(tiers, faults)
            call.remember(source, 0)
        faults.check()
        call.parameters = parameters.only("capital.quiet_months", "capital.invest_years")
        own = [f for f in every if f.at <= call.as_of]
        if len(own) < len(every):
            call.warn(
                "later_flows",
                Text(
                    f"{len(every) - len(own)} 笔晚于截止日，未计入",
                    f"{len(every) - len(own)} flows after the day are left out",
                ),
                file=flows.name,
            )
        names = list(dict.fromkeys(f.fund for f in own))
        by_fund = {name: [f for f in own if f.fund == name] for name in names}
        for level in levels:
            if level.status == "unverified" and any(d.kind == level.kind for d in known_deals):
                call.warn(
                    "unverified_tier",
                    Text(f"“{level.kind}”的容亏比例未经核实", f"the tolerated loss of {level.kind} is unverified"),
                )
        call.finish(
            cashflow_records(
                [fund_figures(n, by_fund[n], at=call.as_of, parameters=parameters) for n in names],
                vintage_figures(own, at=call.as_of, parameters=parameters),
                [p for n in names for p in jcurve(n, by_fund[n])],
                tolerance(known_deals, levels, seed=seed),
            )
        )


@app.command("waterfall", help="分配 / who gets what")
def distribute(
    terms: TermsArgument,
    flows: FlowsArgument,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Distribute a fund's money by its tiers, first loss and concession."""
    with invocation("biaochi.capital.waterfall/1", Options(out, format, lang, seed, at, as_of)) as call:
        faults = Faults()
        found, source = read_terms(terms, faults)
        call.remember(source, 0)
        every, money, rows = read_flows(flows, faults)
        call.remember(money, rows)
        if found is not None:
            codes = {p.code for p in found.parties}
            own = [f for f in every if f.fund == found.fund and f.at <= call.as_of]
            for party in dict.fromkeys(f.party for f in own if f.party and f.party not in codes):
                faults.add(
                    "unknown_party",
                    Text("条款中没有这个当事方", "the terms name no such party"),
                    Text("请核对当事方代码", "compare the party's code with the terms"),
                    column="party",
                    seen=party,
                    file=flows.name,
                )
            if every and not own:
                faults.add(
                    "unknown_fund",
                    Text(f"没有基金“{found.fund}”的现金流", f"there are no flows of the fund {found.fund}"),
                    Text("请核对 fund 一列", "check the column fund"),
                    column="fund",
                    seen=found.fund,
                    file=flows.name,
                )
            if not any(p.role == "lp" for p in found.parties):
                faults.add(
                    "missing_field",
                    Text("条款中没有出资人（lp）", "the terms name no investor (lp)"),
                    Text("请补 parties", "add parties"),
                    column="parties",
                    file=terms.name,
                )
        faults.check()
        if found is not None:
            call.finish(waterfall_records(waterfall(found, own)))
