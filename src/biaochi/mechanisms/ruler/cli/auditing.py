"""``audit``: how far the index depends on choices somebody made."""

from __future__ import annotations

from biaochi.exchange.command import (
    AsOfOption,
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
from biaochi.exchange.tables import to_csv
from biaochi.mechanisms.ruler import report as sheets
from biaochi.mechanisms.ruler.cli.frame import (
    BandsOption,
    CountOption,
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
    freeze,
    head,
    number,
    plan_of,
    read_files,
)
from biaochi.mechanisms.ruler.model import audit


@app.command("audit")
def audit_command(
    framework: FrameworkArg,
    observations: ObservationsArg,
    units: UnitsOption = None,
    method: MethodOption = None,
    plan: PlanOption = None,
    bands: BandsOption = None,
    period: PeriodOption = "",
    node: NodeOption = "",
    n: CountOption = 512,
    ranks: RanksOption = False,
    confidence: ConfidenceOption = 0.9,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """稳健性审计：区间、层级、敏感性、一致性 / audit: intervals, tiers, sensitivity, coherence."""
    options = Options(out, format, lang, seed, at, as_of)
    with invocation("biaochi.ruler.audit/1", options) as call:
        files = Files(framework, observations, units, method, plan, bands)
        tree, dataset, steps = read_files(call, files, period)
        open_choices = plan_of(call, files, tree, steps)
        last, root = chosen(dataset, period, node or open_choices.node, tree)
        in_force = freeze(call, "tier_level", "correlation_low", "correlation_high")
        composite = steps.fit(dataset).transform(dataset)
        found = audit(
            composite,
            open_choices,
            n=n,
            seed=seed,
            node=root,
            period=last,
            confidence=confidence,
            tier_level=number(in_force, "tier_level"),
            low=number(in_force, "correlation_low"),
            high=number(in_force, "correlation_high"),
        )
        body = {**head(tree, steps, dataset, root), "period": last, **sheets.audit_tables(found, ranks=ranks)}
        design = {"design.csv": to_csv(found.design.to_frame())}
        call.finish(body, files=design, summary=sheets.said_audit(found))
