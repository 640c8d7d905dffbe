"""The sub-commands; thin: read, call, write."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from biaochi.core.period import date_or_end
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.exchange.command import (
    AtOption,
    ConfidenceOption,
    Format,
    FormatOption,
    LangOption,
    Language,
    Options,
    OutOption,
    SeedOption,
    invocation,
)
from biaochi.mechanisms.procurement.cli.ocds import ocds_app
from biaochi.mechanisms.procurement.decisions import check_purchase, evaluate, market, red_flags
from biaochi.mechanisms.procurement.files import (
    Releases,
    rates_in_range,
    read_calendar,
    read_offers,
    read_products,
    read_purchase,
    read_scores,
    read_settings,
    rules_on,
)
from biaochi.mechanisms.procurement.report import check_records, evaluation_records, market_record

app = typer.Typer(
    no_args_is_help=True,
    help="合作创新采购与首购 / co-innovation and first purchase: check, evaluate, red flags, OCDS",
)


_EVALUATION = ("domestic_rate", "domestic_package_share", "sme_rate", "sme_joint_rate")


def _day(text: str) -> date:
    try:
        return date_or_end(text)
    except ValueError:
        raise typer.BadParameter("not a date: write YYYY-MM-DD / 日期请写成 2026-03-31") from None


PurchaseArgument = Annotated[Path, typer.Argument(help="采购 YAML / purchase")]

app.add_typer(ocds_app, name="ocds")


class Profile(StrEnum):
    """Whose defaults the red flags use."""

    CARDINAL = "cardinal"
    CN = "cn"


@app.command("check")
def check_command(
    purchase: PurchaseArgument,
    products: Annotated[
        Path | None, typer.Option("--products", help="市场上的产品 CSV / products on the market")
    ] = None,
    calendar: Annotated[Path | None, typer.Option("--calendar", help="工作日历 CSV / declared working days")] = None,
    on: Annotated[
        date | None, typer.Option("--date", parser=_day, metavar="DATE", help="核对日期 / day of the check")
    ] = None,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    at: AtOption = None,
) -> None:
    """逐条核对采购的每一步 / Hold every step of a purchase against its article."""
    options = Options(out=out, format=format, lang=lang, at=at or on)
    with invocation("biaochi.procurement.check/1", options) as call:
        found = read_purchase(call, purchase)
        checked = market(found.needs, read_products(call, products, found)) if products is not None else None
        parameters = rules_on(call.at)
        call.parameters = parameters
        decision = check_purchase(
            found, at=call.at, parameters=parameters, market=checked, calendar=read_calendar(call, calendar)
        )
        firm = sum(r.verdict is Verdict.UNMET for r in decision.reasons)
        summary = Text(
            f"状态：{decision.outcome}；{firm} 项不符。",
            f"state: {decision.outcome}; {firm} checks unmet.",
        )
        call.finish(
            {
                "checks": check_records(decision),
                "market": market_record(checked) if checked is not None else None,
                "state": decision.outcome,
            },
            summary=summary,
        )


@app.command("evaluate")
def evaluate_command(
    purchase: PurchaseArgument,
    offers: Annotated[Path, typer.Argument(help="报价 CSV / offers")],
    scores: Annotated[Path | None, typer.Option("--scores", help="专家评分 CSV / expert scores")] = None,
    confidence: ConfidenceOption = 0.9,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
) -> None:
    """评审报价：政策扣除、总分与把握 / Evaluate offers: deductions, totals, how sure the selection is."""
    options = Options(out=out, format=format, lang=lang, seed=seed, at=at)
    with invocation("biaochi.procurement.evaluate/1", options) as call:
        found = read_purchase(call, purchase)
        listed = read_offers(call, offers, found)
        given = read_scores(call, scores, found, listed)
        parameters = rules_on(call.at)
        used = parameters.only(*(c for c in _EVALUATION if c in parameters))
        call.parameters = used
        rates_in_range(found, used).check()
        result = evaluate(
            found, listed, given, at=call.at, parameters=used, rng=np.random.default_rng(seed), level=confidence
        )
        call.finish(evaluation_records(result))


@app.command("redflags")
def redflags_command(
    file: Annotated[Path, typer.Argument(help="OCDS 发布 / releases: JSON lines or a package")],
    settings: Annotated[Path | None, typer.Option("--settings", help="设置 YAML / settings")] = None,
    profile: Annotated[Profile, typer.Option("--profile", help="默认值 / whose defaults")] = Profile.CARDINAL,
    maps: Annotated[bool, typer.Option("--map", help="列出各过程的主体 / list each process's organisations")] = False,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    at: AtOption = None,
) -> None:
    """计算十一面红旗及其覆盖面 / Compute the eleven red flags with their coverage."""
    with invocation("biaochi.procurement.redflags/1", Options(out=out, format=format, lang=lang, at=at)) as call:
        days = None
        if profile is Profile.CN:
            used = rules_on(call.at).only("tender_days_cn")
            call.parameters = used
            days = float(str(used["tender_days_cn"].value))
        found = red_flags(Releases(call, file), read_settings(call, settings, days), maps=maps)
        flagged = sum(len(v) for v in found.results.values())
        summary = Text(
            f"{found.releases} 个过程，{flagged} 个对象被标记。红旗是查看的理由，不是结论。",
            f"{found.releases} processes, {flagged} subjects flagged. A flag is a reason to look, not a verdict.",
        )
        if format in (Format.JSON,):
            call.finish(
                {"results": found.results, "meta": found.meta, "coverage": found.coverage, "maps": found.maps or {}},
                summary=summary,
            )
            return
        call.finish(
            {
                "results": [
                    {"group": g, "id": i, "code": c, "value": v}
                    for g, subjects in found.results.items()
                    for i, codes in subjects.items()
                    for c, v in codes.items()
                ],
                "meta": [{"code": c, "name": k, "value": v} for c, m in found.meta.items() for k, v in m.items()],
                "coverage": [
                    {"code": c, "computed": v["computed"], "excluded": v["excluded"]} for c, v in found.coverage.items()
                ],
                "maps": [{"ocid": o, **m} for o, m in found.maps.items()],
            },
            summary=summary,
        )
