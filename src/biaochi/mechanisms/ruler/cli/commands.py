"""The verbs of the ruler; each reads, computes by the model, and writes one answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from biaochi.core.errors import InputError, UsageError
from biaochi.core.parameters import Snapshot
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
    tell_faults,
)
from biaochi.exchange.documents import to_docx, to_html, to_xlsx
from biaochi.exchange.jsonfile import to_json
from biaochi.exchange.parameter_files import load_parameters
from biaochi.exchange.source import Source
from biaochi.exchange.tables import to_csv
from biaochi.mechanisms.ruler import report as sheets
from biaochi.mechanisms.ruler.files import Loaded, load, read_design, read_plan
from biaochi.mechanisms.ruler.model import AGAINST, PartResult, Place, audit, compare, default_plan, profile
from biaochi.methods.composite import Composite, Dataset, Framework, Method, Plan, replay
from biaochi.methods.composite.errors import CompositeError, Problems
from biaochi.methods.composite.pipeline import STAGES
from biaochi.methods.composite.weights import ahp_weights

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="创新标尺:测量并引导 / innovation ruler: measure and guide"
)

FrameworkArg = Annotated[Path, typer.Argument(metavar="FRAMEWORK", help="指标体系 / framework.yaml or COINr iMeta.csv")]
ObservationsArg = Annotated[Path, typer.Argument(metavar="OBS", help="观测数据 / observations, long, wide or iData")]
UnitsOption = Annotated[Path | None, typer.Option("--units", help="单位表 / units.csv: names, groups, context")]
MethodOption = Annotated[Path | None, typer.Option("--method", help="另用的方法 / steps that replace the framework's")]
PlanOption = Annotated[Path | None, typer.Option("--plan", help="不确定性方案 / plan.yaml: which choices are open")]
PeriodOption = Annotated[str, typer.Option("--period", help="时期,默认最后一期 / period, default the last")]
NodeOption = Annotated[str, typer.Option("--node", help="节点,默认根节点 / node, default the root")]
CountOption = Annotated[int, typer.Option("--n", min=2, help="每块的抽样数 / rows of each block")]
RanksOption = Annotated[bool, typer.Option("--ranks", help="同时给出名次(区间)/ give ranks too, as intervals")]


@dataclass(frozen=True)
class Files:
    """Where the inputs of a verb lie."""

    framework: Path
    observations: Path
    units: Path | None = None
    method: Path | None = None
    plan: Path | None = None


def rules(call: Invocation) -> Snapshot:
    """Return the ruler's parameters in force at the call's date."""
    return load_parameters("biaochi.mechanisms.ruler").at(call.at)


def _number(snapshot: Snapshot, code: str) -> float:
    return float(str(snapshot[code].value))


def _load(call: Invocation, files: Files, period: str) -> Loaded:
    found = load(
        files.framework, files.observations, units=files.units, method=files.method, as_of=call.as_of, period=period
    )
    for source, rows in found.sources:
        call.remember(source, rows)
    call.warnings.extend(found.warnings)
    return found


def _read(call: Invocation, files: Files, period: str) -> tuple[Framework, Dataset, Method]:
    return _load(call, files, period).sound()


def _plan(call: Invocation, files: Files, framework: Framework, method: Method) -> Plan:
    seed = call.options.seed
    own = Source.read(files.framework)
    plan, sources = read_plan(
        files.plan, framework, method, seed=seed, framework_source=own, folder=files.framework.parent
    )
    for source, rows in sources:
        call.remember(source, rows)
    if plan is None:
        plan = default_plan(method, framework.levels[framework.root], seed=seed)
        words = ", ".join(f.path for f in plan.factors)
        call.warn(
            "plan_default",
            Text(
                f"没有给出不确定性方案,采用默认因素:{words}",
                f"no plan was given; default factors are used: {words}",
            ),
        )
    return plan


def _chosen(dataset: Dataset, period: str, node: str, framework: Framework) -> tuple[str, str]:
    """Return the period and node asked for, or raise that they do not exist."""
    problems = Problems("")
    if period and period not in dataset.periods:
        problems.add("bad_period", column="--period", seen=period)
    if node and node not in framework.columns:
        problems.add("unknown_path", column="--node", seen=node)
    problems.check()
    return period or dataset.periods[-1], node or framework.root


def _known_unit(dataset: Dataset, unit: str, column: str) -> None:
    problems = Problems("")
    if unit not in dataset.units:
        problems.add("unknown_unit", column=column, seen=unit)
    problems.check()


def head(framework: Framework, method: Method, dataset: Dataset, node: str) -> dict[str, object]:
    """Return the keys every verb adds to the common head."""
    return {
        "framework": {"code": framework.code, "version": framework.version, "digest": framework.digest},
        "method": {"digest": method.digest, "steps": method.to_list()},
        "node": node,
        "periods": list(dataset.periods),
    }


@app.command()
def check(
    framework: FrameworkArg,
    observations: ObservationsArg,
    units: UnitsOption = None,
    method: MethodOption = None,
    plan: PlanOption = None,
    period: PeriodOption = "",
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """核验框架与数据,一次列出全部错误 / check framework and data; every fault at once."""
    options = Options(out, format, lang, seed, at, as_of)
    with invocation("biaochi.ruler.check/1", options) as call:
        files = Files(framework, observations, units, method, plan)
        found = _load(call, files, period)
        call.parameters = rules(call).only("availability", "consistency_ratio")
        _deeper(call, found, files)
        faults = sorted(found.faults, key=lambda f: (f.file, f.row))
        body: dict[str, object] = {}
        if found.framework is not None and found.method is not None:
            body |= {
                "framework": {
                    "code": found.framework.code,
                    "version": found.framework.version,
                    "digest": found.framework.digest,
                },
                "method": {"digest": found.method.digest, "steps": found.method.to_list()},
                "node": found.framework.root,
                "periods": list(found.dataset.periods) if found.dataset else [],
            }
        body["ok"] = not faults
        body["faults"] = [f.to_dict(call.lang) for f in faults]
        body["counts"] = found.dataset.counts() if found.dataset else {}
        body["availability"] = found.dataset.availability() if found.dataset else []
        if found.dataset is not None:
            _sparse(call, found.dataset)
        if faults:
            tell_faults(faults, call.lang)
        words = Text("核验通过", "the check found no fault") if not faults else None
        call.finish(body, summary=words, exit_code=1 if faults else 0)


def _deeper(call: Invocation, found: Loaded, files: Files) -> None:
    """Look for faults that show only when the method meets the data: constants, groups, plan."""
    if found.framework is None or found.method is None:
        return
    if found.dataset is not None:
        try:
            found.method.fit(found.dataset)
            _consistent(call, found.framework, found.method)
        except CompositeError as error:
            name = files.observations.name
            found.faults.extend(_at_observation(f, found.dataset, name) for f in error.faults)
    try:
        own = found.sources[0][0]
        _, sources = read_plan(
            files.plan, found.framework, found.method, framework_source=own, folder=files.framework.parent
        )
        for source, rows in sources:
            call.remember(source, rows)
    except InputError as error:
        found.faults.extend(error.faults)


def _consistent(call: Invocation, framework: Framework, method: Method) -> None:
    """Warn of pairwise comparisons that contradict themselves beyond the ratio in force."""
    rule = rules(call)["consistency_ratio"]
    for parent, matrix in (method.params("weights").get("matrices") or {}).items():
        if parent not in framework.children:
            continue
        ratio = ahp_weights(np.asarray(matrix, dtype=float)).consistency_ratio
        if ratio > float(str(rule.value)):
            text = Text(
                f"{parent}:一致性比率 {ratio:.3f} 高于 {rule.value},判断自相矛盾,请复议",
                f"{parent}: consistency ratio {ratio:.3f} is above {rule.value}; the judgements should be reviewed",
            )
            call.warn("inconsistent_judgements", text)


def _at_observation(fault: Any, dataset: Dataset, name: str) -> Any:
    """Give a fault found in computing the first file row of the indicator it concerns."""
    rows = dataset.records.loc[dataset.records["indicator"] == fault.column, "row"]
    row = int(rows.iloc[0]) if len(rows) and fault.code == "constant_indicator" else fault.row
    file = name if fault.file == "observations" else fault.file
    return type(fault)(fault.code, fault.message, fault.fix, file, row, fault.column, fault.seen)


def _sparse(call: Invocation, dataset: Dataset) -> None:
    limit = _number(rules(call), "availability")
    filled = np.isin(dataset.status, (0, 1)).mean((0, 1))
    for leaf, share in zip(dataset.framework.leaves, filled, strict=True):
        if share < limit and dataset.framework.by_code[leaf].scored:
            text = Text(
                f"{leaf}:可得率 {share:.0%},低于 {limit:.0%}",
                f"{leaf}: {share:.0%} available, below {limit:.0%}",
            )
            call.warn("low_availability", text)


@app.command()
def build(
    framework: FrameworkArg,
    observations: ObservationsArg,
    units: UnitsOption = None,
    method: MethodOption = None,
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
    """计算得分,留下每一步 / build scores and keep every step."""
    options = Options(out, format, lang, seed, at, as_of)
    with invocation("biaochi.ruler.build/1", options) as call:
        files = Files(framework, observations, units, method)
        tree, dataset, steps = _read(call, files, period)
        _, root = _chosen(dataset, period, node, tree)
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


@app.command("audit")
def audit_command(
    framework: FrameworkArg,
    observations: ObservationsArg,
    units: UnitsOption = None,
    method: MethodOption = None,
    plan: PlanOption = None,
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
    """稳健性审计:区间、层级、敏感性、一致性 / audit: intervals, tiers, sensitivity, coherence."""
    options = Options(out, format, lang, seed, at, as_of)
    with invocation("biaochi.ruler.audit/1", options) as call:
        files = Files(framework, observations, units, method, plan)
        tree, dataset, steps = _read(call, files, period)
        open_choices = _plan(call, files, tree, steps)
        last, root = _chosen(dataset, period, node or open_choices.node, tree)
        in_force = rules(call).only("tier_level", "correlation_low", "correlation_high")
        call.parameters = in_force
        composite = steps.fit(dataset).transform(dataset)
        found = audit(
            composite,
            open_choices,
            n=n,
            seed=seed,
            node=root,
            period=last,
            confidence=confidence,
            tier_level=_number(in_force, "tier_level"),
            low=_number(in_force, "correlation_low"),
            high=_number(in_force, "correlation_high"),
        )
        body = {**head(tree, steps, dataset, root), "period": last, **sheets.audit_tables(found, ranks=ranks)}
        design = {"design.csv": to_csv(found.design.to_frame())}
        call.finish(body, files=design, summary=sheets.said_audit(found))


@app.command("profile")
def profile_command(
    framework: FrameworkArg,
    observations: ObservationsArg,
    unit: Annotated[str, typer.Argument(metavar="UNIT", help="单位代码 / code of the unit")],
    against: Annotated[
        str, typer.Option("--against", help="peers|past|target|frontier|CODE 参照 / reference")
    ] = "peers",
    units: UnitsOption = None,
    method: MethodOption = None,
    plan: PlanOption = None,
    period: PeriodOption = "",
    n: CountOption = 512,
    confidence: ConfidenceOption = 0.9,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """一个单位的画像:差距、障碍、抓手 / one unit: gaps, obstacles, levers."""
    options = Options(out, format, lang, seed, at, as_of)
    with invocation("biaochi.ruler.profile/1", options) as call:
        files = Files(framework, observations, units, method, plan)
        tree, dataset, steps = _read(call, files, period)
        last, root = _chosen(dataset, period, "", tree)
        _known_unit(dataset, unit, "UNIT")
        if against not in AGAINST:
            _known_unit(dataset, against, "--against")
        open_choices = _plan(call, files, tree, steps)
        in_force = rules(call).only("tier_level")
        call.parameters = in_force
        composite = steps.fit(dataset).transform(dataset)
        found = profile(
            composite,
            open_choices,
            unit,
            period=last,
            against=against,
            n=n,
            seed=seed,
            confidence=confidence,
            tier_level=_number(in_force, "tier_level"),
        )
        if against == "peers" and not len(found.peers):
            call.warn(
                "no_context",
                Text(
                    "单位表没有背景列,以其余全部单位的均值为参照",
                    "the units have no context, so the mean of all others is the reference",
                ),
            )
        body = {**head(tree, steps, dataset, root), "period": last, **sheets.profile_tables(found)}
        call.finish(body, summary=sheets.said_profile(found, composite))


@app.command("compare")
def compare_command(
    framework: FrameworkArg,
    observations: ObservationsArg,
    left: Annotated[str, typer.Argument(metavar="LEFT", help="UNIT[@PERIOD]")],
    right: Annotated[str, typer.Argument(metavar="RIGHT", help="UNIT[@PERIOD]")],
    framework_right: Annotated[
        Path | None, typer.Option("--framework-right", help="右侧的框架 / framework of the right side")
    ] = None,
    observations_right: Annotated[
        Path | None, typer.Option("--observations-right", help="右侧的数据 / observations of the right side")
    ] = None,
    units: UnitsOption = None,
    method: MethodOption = None,
    plan: PlanOption = None,
    n: CountOption = 512,
    confidence: ConfidenceOption = 0.9,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """比较两处:差异有多可靠、由什么构成 / compare two places: how certain, and made of what."""
    options = Options(out, format, lang, seed, at, as_of)
    with invocation("biaochi.ruler.compare/1", options) as call:
        files = Files(framework, observations, units, method, plan)
        tree, dataset, steps = _read(call, files, "")
        composite = steps.fit(dataset).transform(dataset)
        first = _plan(call, files, tree, steps)
        other, second = composite, first
        if framework_right is not None or observations_right is not None:
            files_right = Files(framework_right or framework, observations_right or observations, units)
            tree_right, dataset_right, steps_right = _read(call, files_right, "")
            other = steps_right.fit(dataset_right).transform(dataset_right)
            second = _plan(call, files_right, tree_right, steps_right)
        a, b = _place(left, dataset, "LEFT"), _place(right, other.dataset, "RIGHT")
        found = compare(composite, other, a, b, first, second, n=n, seed=seed, confidence=confidence)
        body = {**head(tree, steps, dataset, tree.root), **sheets.comparison_tables(found)}
        call.finish(body, summary=sheets.said_comparison(found))


def _place(text: str, dataset: Dataset, column: str) -> Place:
    unit, _, period = text.partition("@")
    problems = Problems("")
    if unit not in dataset.units:
        problems.add("unknown_unit", column=column, seen=text)
    if period and period not in dataset.periods:
        problems.add("bad_period", column=column, seen=text)
    problems.check()
    return Place(unit, period or dataset.periods[-1])


@app.command("replay")
def replay_command(
    framework: FrameworkArg,
    observations: ObservationsArg,
    design: Annotated[Path, typer.Argument(metavar="DESIGN", help="design.csv")],
    units: UnitsOption = None,
    method: MethodOption = None,
    plan: PlanOption = None,
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
        files = Files(framework, observations, units, method, plan)
        tree, dataset, steps = _read(call, files, period)
        open_choices = _plan(call, files, tree, steps)
        last, root = _chosen(dataset, period, node or open_choices.node, tree)
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


@app.command("report")
def report_command(
    framework: FrameworkArg,
    observations: ObservationsArg,
    units: UnitsOption = None,
    method: MethodOption = None,
    plan: PlanOption = None,
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
    """写出报告:网页、Word、Excel、JSON / write the report: HTML, DOCX, XLSX, JSON."""
    options = Options(out, format, lang, seed, at, as_of)
    with invocation("biaochi.ruler.report/1", options) as call:
        if out is None:
            raise UsageError(Text("报告须用 --out 指定文件夹", "a report needs --out DIR"))
        files = Files(framework, observations, units, method, plan)
        tree, dataset, steps = _read(call, files, period)
        open_choices = _plan(call, files, tree, steps)
        last, root = _chosen(dataset, period, "", tree)
        in_force = rules(call).only("tier_level", "correlation_low", "correlation_high")
        call.parameters = in_force
        composite = steps.fit(dataset).transform(dataset)
        if unit:
            _known_unit(dataset, unit, "--unit")
        level = _number(in_force, "tier_level")
        found = audit(
            composite, open_choices, n=n, seed=seed, period=last, confidence=confidence, tier_level=level,
            low=_number(in_force, "correlation_low"), high=_number(in_force, "correlation_high"),
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
