"""``recommend`` and ``whatif``: this round's advice, and rules compared in other worlds."""

from __future__ import annotations

import math
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import nullcontext
from multiprocessing import get_context
from typing import Annotated

import typer

from biaochi.core.errors import UsageError
from biaochi.core.text import Text
from biaochi.exchange.command import (
    AtOption,
    Format,
    FormatOption,
    Invocation,
    LangOption,
    Language,
    Options,
    OutOption,
    SeedOption,
    invocation,
)
from biaochi.mechanisms.fund.cli.frame import (
    LimitOption,
    PathsOption,
    ProgrammeArgument,
    app,
    listed,
    read_programme,
    use_parameters,
)
from biaochi.mechanisms.fund.decisions import decide_team
from biaochi.mechanisms.fund.report import recommendation_records, whatif_records
from biaochi.methods.allocation import (
    DEFAULT_POLICIES,
    PLAIN,
    Programme,
    TooLargeError,
    World,
    policy_named,
    recommend,
    whatif,
    worlds_of,
)


@app.command("recommend", help="本轮建议、理由与翻转点 / this round's advice, reasons and flips")
def advise(
    programme: ProgrammeArgument,
    paths: PathsOption = 2000,
    exact_limit: LimitOption = 250_000,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
) -> None:
    """Whom to fund now; exact where that is possible, rollout elsewhere."""
    with invocation("biaochi.fund.recommend/1", Options(out, format, lang, seed, at)) as call:
        parameters = use_parameters(call)
        found = read_programme(call, programme)
        advice = recommend(found, rng=seed, paths=paths, limit=exact_limit)
        if advice.lottery:
            call.warn(
                "like_teams_lottery",
                Text(
                    "同类团队中只资助一部分：以抽签决定是哪几个，所列代码只是其中一种",
                    "only some of several like teams are funded: draw lots; the codes listed are one way it can fall",
                ),
                file=programme.name,
            )
        verdicts = {t.team: decide_team(t, found, at=call.at, parameters=parameters) for t in advice.teams}
        call.finish(recommendation_records(advice, verdicts))


PoliciesOption = Annotated[
    str | None,
    typer.Option("--policies", help="策略，逗号分隔；朴素规则总在其中 / policies; the plain rules always compete"),
]
WorldsOption = Annotated[str | None, typer.Option("--worlds", help="世界，逗号分隔 / worlds, comma-separated")]
BudgetOption = Annotated[str | None, typer.Option("--budget", help="预算，逗号分隔 / budgets, comma-separated")]
RunsOption = Annotated[int, typer.Option("--n", min=2, help="每格模拟次数 / runs of each cell")]
WorkersOption = Annotated[int, typer.Option("--workers", min=1, max=64, help="进程数 / worker processes")]


@app.command("whatif", help="规则 × 世界 × 预算 / rules in worlds with budgets")
def compare(
    programme: ProgrammeArgument,
    policies: PoliciesOption = None,
    worlds: WorldsOption = None,
    budget: BudgetOption = None,
    n: RunsOption = 20_000,
    workers: WorkersOption = 1,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
) -> None:
    """Simulate rules in worlds that differ from the model; say which is regretted least."""
    with invocation("biaochi.fund.whatif/1", Options(out, format, lang, seed, at)) as call:
        found = read_programme(call, programme)
        names = listed(policies) or list(DEFAULT_POLICIES)
        names += [p.name for p in PLAIN if p.name not in names]
        chosen = _worlds(call, found, worlds)
        budgets = _budgets(found, budget)
        pool = ProcessPoolExecutor(workers, get_context("spawn")) if workers > 1 else nullcontext()
        try:
            with pool as entered:
                executor = entered if isinstance(entered, Executor) else None
                result = whatif(found, names, chosen, budgets, named=policy_named, n=n, seed=seed, executor=executor)
        except TooLargeError as error:
            raise UsageError(
                Text(
                    "方案过大，不能用 exact、lookahead 或 rollout 策略",
                    f"the programme is too large for the policies exact, lookahead and rollout ({error})",
                )
            ) from error
        call.finish(whatif_records(result))


def _worlds(call: Invocation, programme: Programme, text: str | None) -> list[World]:
    known = worlds_of(programme)
    codes = listed(text) or [c for c in known if c != "reversed" or _reversible(call, programme)]
    unknown = [c for c in codes if c not in known]
    if unknown:
        options = ", ".join(known)
        raise UsageError(
            Text(
                f"没有世界 {', '.join(unknown)}；可用：{options}",
                f"no world {', '.join(unknown)}; choose from {options}",
            )
        )
    return [known[c] for c in codes]


def _reversible(call: Invocation, programme: Programme) -> bool:
    sizes = [r.prior.size for r in programme.routes]
    if sizes == sizes[::-1]:
        return True
    call.warn(
        "world_left_out",
        Text(
            "各路线类别数不同，略去世界 reversed",
            "routes differ in their number of classes; the world reversed is left out",
        ),
    )
    return False


def _budgets(programme: Programme, text: str | None) -> list[float]:
    items = listed(text)
    if not items:
        return [programme.budget]
    try:
        budgets = [float(item) for item in items]
    except ValueError:
        raise UsageError(Text(f"预算不是数：{text}", f"a budget is not a number: {text}")) from None
    if any(not math.isfinite(b) or b < programme.spent for b in budgets):
        raise UsageError(
            Text(
                f"预算须不小于已支出的 {programme.spent:g}",
                f"a budget must not be below the {programme.spent:g} already spent",
            )
        )
    return budgets
