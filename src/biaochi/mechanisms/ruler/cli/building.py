"""``build`` and ``replay``: scores with every stage, and the scores of a design."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
from biaochi.exchange.jsonfile import to_json
from biaochi.exchange.tables import to_csv
from biaochi.mechanisms.ruler import report as sheets
from biaochi.mechanisms.ruler.cli.frame import (
    BandsOption,
    Files,
    FrameworkArg,
    MethodOption,
    NodeOption,
    ObservationsArg,
    PeriodOption,
    PlanOption,
    RanksOption,
    UnitsOption,
    app,
    chosen,
    head,
    plan_of,
    read_files,
)
from biaochi.mechanisms.ruler.files import read_design
from biaochi.methods.composite import Composite, replay
from biaochi.methods.composite.pipeline import STAGES


@app.command()
def build(
    framework: FrameworkArg,
    observations: ObservationsArg,
    units: UnitsOption = None,
    method: MethodOption = None,
    bands: BandsOption = None,
    period: PeriodOption = "",
    node: NodeOption = "",
    ranks: RanksOption = False,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """计算得分，留下每一步 / build scores and keep every step."""
    options = Options(out, format, lang, seed, at, as_of)
    with invocation("biaochi.ruler.build/1", options) as call:
        files = Files(framework, observations, units, method, bands=bands)
        tree, dataset, steps = read_files(call, files, period)
        _, root = chosen(dataset, period, node, tree)
        composite = steps.fit(dataset).transform(dataset)
        scores = composite.scores
        if period:
            scores = scores[scores["period"] == period]
        if node:
            scores = scores[scores["node"] == node]
        if ranks:
            scores = scores.assign(rank=scores.groupby(["period", "node"])["score"].rank(ascending=False, method="min"))
        body = {
            **head(tree, steps, dataset, root),
            "scores": scores,
            "screening": composite.screening(),
            "treatment": composite.treatment(),
            "weights": composite.weights(),
        }
        call.finish(body, files=_stages(composite), summary=sheets.said_build(composite))


def _stages(composite: Composite) -> dict[str, str]:
    return {
        **{f"{name}.csv": to_csv(composite.stage(name)) for name in STAGES},
        "card.json": to_json(composite.card()),
    }


@app.command("replay")
def replay_command(
    framework: FrameworkArg,
    observations: ObservationsArg,
    design: Annotated[Path, typer.Argument(metavar="DESIGN", help="design.csv")],
    units: UnitsOption = None,
    method: MethodOption = None,
    plan: PlanOption = None,
    bands: BandsOption = None,
    period: PeriodOption = "",
    node: NodeOption = "",
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """按给定设计重算每次重复 / score every replication of a design."""
    options = Options(out, format, lang, seed, at, as_of)
    with invocation("biaochi.ruler.replay/1", options) as call:
        files = Files(framework, observations, units, method, plan, bands)
        tree, dataset, steps = read_files(call, files, period)
        open_choices = plan_of(call, files, tree, steps)
        last, root = chosen(dataset, period, node or open_choices.node, tree)
        drawn, source, rows = read_design(design, open_choices)
        call.remember(source, rows)
        found = replay(steps, dataset, open_choices, drawn, node=root, period=last)
        body = {
            **head(tree, steps, dataset, root),
            "period": last,
            "replications": len(drawn.values),
            "rate": found.rate,
        }
        call.finish(body, files={k: to_csv(v) for k, v in sheets.replay_tables(found).items()})
