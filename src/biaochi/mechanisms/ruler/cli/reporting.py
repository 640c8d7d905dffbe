"""``report``: HTML, DOCX, XLSX and JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from biaochi.core.errors import UsageError
from biaochi.core.text import Lang, Text
from biaochi.exchange.command import (
    AsOfOption,
    AtOption,
    ConfidenceOption,
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
from biaochi.exchange.documents import to_docx, to_html, to_xlsx
from biaochi.exchange.jsonfile import to_json
from biaochi.mechanisms.ruler import report as sheets
from biaochi.mechanisms.ruler.cli.frame import (
    BandsOption,
    CountOption,
    Files,
    FrameworkArg,
    MethodOption,
    ObservationsArg,
    PeriodOption,
    PlanOption,
    UnitsOption,
    app,
    chosen,
    freeze,
    head,
    known_unit,
    number,
    plan_of,
    read_files,
)
from biaochi.mechanisms.ruler.model import PartResult, audit, profile


@app.command("report")
def report_command(
    framework: FrameworkArg,
    observations: ObservationsArg,
    units: UnitsOption = None,
    method: MethodOption = None,
    plan: PlanOption = None,
    bands: BandsOption = None,
    period: PeriodOption = "",
    unit: Annotated[str, typer.Option("--unit", help="同时给出该单位的画像 / also the profile of this unit")] = "",
    n: CountOption = 256,
    confidence: ConfidenceOption = 0.9,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """写出报告：网页、Word、Excel、JSON / write the report: HTML, DOCX, XLSX, JSON."""
    options = Options(out, format, lang, seed, at, as_of)
    with invocation("biaochi.ruler.report/1", options) as call:
        if out is None:
            raise UsageError(Text("报告须用 --out 指定文件夹", "a report needs --out DIR"))
        files = Files(framework, observations, units, method, plan, bands)
        tree, dataset, steps = read_files(call, files, period)
        open_choices = plan_of(call, files, tree, steps)
        last, root = chosen(dataset, period, "", tree)
        in_force = freeze(call, "tier_level", "correlation_low", "correlation_high")
        composite = steps.fit(dataset).transform(dataset)
        if unit:
            known_unit(dataset, unit, "--unit")
        level = number(in_force, "tier_level")
        found = audit(
            composite, open_choices, n=n, seed=seed, period=last, confidence=confidence, tier_level=level,
            low=number(in_force, "correlation_low"), high=number(in_force, "correlation_high"),
        )  # fmt: skip
        own = None
        if unit:
            own = profile(
                composite, open_choices, unit, period=last, n=n, seed=seed, confidence=confidence, tier_level=level
            )
        default = any(w.code == "plan_default" for w in call.warnings)
        result = PartResult(composite, found, own, default, tuple(call.warnings))
        body = {**head(tree, steps, dataset, root), "period": last, **sheets.results(result)}
        call.finish(body, files=_report_files(call, result, body), summary=sheets.said_audit(found))


def _report_files(call: Invocation, result: PartResult, body: Mapping[str, object]) -> dict[str, str | bytes]:
    """Return index.html in both languages, report.docx, report.xlsx and report.json."""
    colophon = (("at", call.at.isoformat()), ("as_of", call.as_of.isoformat()), ("seed", str(call.options.seed)))
    first: Lang = call.lang
    second: Lang = "en" if first == "zh" else "zh"
    both = [sheets.document(result, lang, colophon) for lang in (first, second)]
    return {
        "index.html": to_html(both),
        "report.docx": to_docx(both),
        "report.xlsx": to_xlsx(both[0], sheets.stages(result)),
        "report.json": to_json({**call.head(), **body}),
    }
