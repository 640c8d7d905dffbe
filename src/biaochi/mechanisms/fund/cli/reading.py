"""``check``, ``posterior``, ``solve``: what is in the file, what it says, and what is best."""

from __future__ import annotations

from typing import Annotated

import typer

from biaochi.core.errors import InputError, UsageError
from biaochi.core.text import Text
from biaochi.exchange.command import (
    AtOption,
    Format,
    FormatOption,
    LangOption,
    Language,
    Options,
    OutOption,
    SeedOption,
    invocation,
    tell_faults,
)
from biaochi.mechanisms.fund.cli.frame import LimitOption, ProgrammeArgument, app, listed, read_programme
from biaochi.mechanisms.fund.report import fault_records, posterior_records, solution_records, spent_and_left
from biaochi.methods.allocation import TooLargeError, count_states, evaluate, policy_named, posterior, solve


@app.command(help="核对方案文件 / check a programme file")
def check(
    programme: ProgrammeArgument,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
) -> None:
    """List every fault, or say what was spent, what is left and how many histories lie ahead."""
    with invocation("biaochi.fund.check/1", Options(out, format, lang, seed, at)) as call:
        try:
            found = read_programme(call, programme)
        except InputError as error:
            tell_faults(error.faults, call.lang)
            faults = fault_records(error.faults, call.lang)
            body = {"ok": False, "spent": None, "left": None, "states": None, "faults": faults}
            call.finish(body, exit_code=1)
            return
        try:
            states: int | None = count_states(found)
        except TooLargeError:
            states = None
            call.warn(
                "too_many_states",
                Text("状态过多，建议将用模拟给出", "too many states to solve exactly; advice will be simulated"),
                file=programme.name,
            )
        call.finish({"ok": True, **spent_and_left(found), "states": states, "faults": []})


@app.command("posterior", help="路线与团队的后验判断 / what is believed of routes and teams")
def show_posterior(
    programme: ProgrammeArgument,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
) -> None:
    """Class probabilities after the observations, with their bands."""
    with invocation("biaochi.fund.posterior/1", Options(out, format, lang, seed, at)) as call:
        call.finish(posterior_records(posterior(read_programme(call, programme))))


EvaluateOption = Annotated[
    str | None, typer.Option("--evaluate", help="要精确评价的策略，逗号分隔 / policies to evaluate, comma-separated")
]


@app.command("solve", help="精确最优 / the exact optimum from the present state")
def solve_exactly(
    programme: ProgrammeArgument,
    evaluate_: EvaluateOption = None,
    exact_limit: LimitOption = 250_000,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
) -> None:
    """Every distinct action with its exact value, and policies compared with the best."""
    with invocation("biaochi.fund.solve/1", Options(out, format, lang, seed, at)) as call:
        found = read_programme(call, programme)
        try:
            solution = solve(found, limit=exact_limit)
            evaluated = []
            for name in listed(evaluate_):
                policy = policy_named(name, found, limit=exact_limit)
                value = evaluate(found, policy).value
                ratio = value / solution.value if solution.value else None
                evaluated.append({"policy": policy.name, "value": value, "ratio": ratio})
        except TooLargeError as error:
            raise UsageError(
                Text(
                    "状态超过上限，不能精确求解；请提高 --exact-limit，或用 fund recommend、fund whatif",
                    f"too large to solve exactly ({error}); raise --exact-limit, or use fund recommend or fund whatif",
                )
            ) from error
        call.finish({**solution_records(solution), "evaluated": evaluated})
