"""What every verb of the ruler shares: its arguments, how its files are read, and the keys each answer opens with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.exchange.command import Invocation
from biaochi.exchange.parameter_files import load_parameters
from biaochi.exchange.source import Source
from biaochi.mechanisms.ruler.files import Loaded, load, read_plan
from biaochi.mechanisms.ruler.model import default_plan
from biaochi.methods.composite import Dataset, Framework, Method, Plan
from biaochi.methods.composite.errors import Problems

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="创新标尺：测量并引导 / innovation ruler: measure and guide"
)

FrameworkArg = Annotated[Path, typer.Argument(metavar="FRAMEWORK", help="指标体系 / framework.yaml or COINr iMeta.csv")]
ObservationsArg = Annotated[Path, typer.Argument(metavar="OBS", help="观测数据 / observations, long, wide or iData")]
UnitsOption = Annotated[Path | None, typer.Option("--units", help="单位表 / units.csv: names, groups, context")]
MethodOption = Annotated[Path | None, typer.Option("--method", help="另用的方法 / steps that replace the framework's")]
PlanOption = Annotated[Path | None, typer.Option("--plan", help="不确定性方案 / plan.yaml: which choices are open")]
BandsOption = Annotated[
    Path | None, typer.Option("--bands", help="主管部门设定的适度区间 / bands an office has set (biaochi.parameters/1)")
]
PeriodOption = Annotated[str, typer.Option("--period", help="时期，默认最后一期 / period, default the last")]
NodeOption = Annotated[str, typer.Option("--node", help="节点，默认根节点 / node, default the root")]
CountOption = Annotated[int, typer.Option("--n", min=2, help="每块的抽样数 / rows of each block")]
RanksOption = Annotated[bool, typer.Option("--ranks", help="同时给出名次（区间）/ give ranks too, as intervals")]


@dataclass(frozen=True)
class Files:
    """Where the inputs of a verb lie."""

    framework: Path
    observations: Path
    units: Path | None = None
    method: Path | None = None
    plan: Path | None = None
    bands: Path | None = None


def rules(call: Invocation) -> Snapshot:
    """Return the ruler's parameters in force at the call's date."""
    return load_parameters("biaochi.mechanisms.ruler").at(call.at)


def freeze(call: Invocation, *codes: str) -> Snapshot:
    """Return the parameters a verb uses, and keep them for its head beside the bands that were read."""
    found = rules(call).only(*codes)
    call.parameters = [*found.to_records(), *call.parameters]
    return found


def number(snapshot: Snapshot, code: str) -> float:
    """Return a parameter's value as a number."""
    return float(str(snapshot[code].value))


def load_files(call: Invocation, files: Files, period: str) -> Loaded:
    """Read a verb's files; faults stay in what is returned."""
    found = load(
        files.framework,
        files.observations,
        units=files.units,
        method=files.method,
        bands=files.bands,
        at=call.at,
        as_of=call.as_of,
        period=period,
    )
    for source, rows in found.sources:
        call.remember(source, rows)
    call.warnings.extend(found.warnings)
    call.parameters = found.bands.to_records()
    return found


def read_files(call: Invocation, files: Files, period: str) -> tuple[Framework, Dataset, Method]:
    """Read a verb's files, or raise every fault."""
    return load_files(call, files, period).sound()


def plan_of(call: Invocation, files: Files, framework: Framework, method: Method) -> Plan:
    """Return the plan given, the framework's own, or the default with a warning."""
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
                f"没有给出不确定性方案，采用默认因素：{words}",
                f"no plan was given; default factors are used: {words}",
            ),
        )
    return plan


def chosen(dataset: Dataset, period: str, node: str, framework: Framework) -> tuple[str, str]:
    """Return the period and node asked for, or raise that they do not exist."""
    problems = Problems("")
    if period and period not in dataset.periods:
        problems.add("bad_period", column="--period", seen=period)
    if node and node not in framework.columns:
        problems.add("unknown_path", column="--node", seen=node)
    problems.check()
    return period or dataset.periods[-1], node or framework.root


def known_unit(dataset: Dataset, unit: str, column: str) -> None:
    """Raise when there is no such unit."""
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
