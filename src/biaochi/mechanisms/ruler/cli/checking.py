"""``check``: framework, data, method and plan; every fault at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from biaochi.core.errors import InputError
from biaochi.core.text import Text
from biaochi.exchange.command import (
    AsOfOption,
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
    tell_faults,
)
from biaochi.exchange.source import Source
from biaochi.mechanisms.ruler.cli.frame import (
    BandsOption,
    Files,
    FrameworkArg,
    MethodOption,
    ObservationsArg,
    PeriodOption,
    PlanOption,
    UnitsOption,
    app,
    freeze,
    load_files,
    number,
    rules,
)
from biaochi.mechanisms.ruler.files import Loaded, read_plan
from biaochi.methods.composite import Dataset, Framework, Method
from biaochi.methods.composite.errors import CompositeError
from biaochi.methods.composite.weights import ahp_weights


@app.command()
def check(
    framework: FrameworkArg,
    observations: ObservationsArg,
    units: UnitsOption = None,
    method: MethodOption = None,
    plan: PlanOption = None,
    bands: BandsOption = None,
    period: PeriodOption = "",
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """核验框架与数据，一次列出全部错误 / check framework and data; every fault at once."""
    options = Options(out, format, lang, seed, at, as_of)
    with invocation("biaochi.ruler.check/1", options) as call:
        files = Files(framework, observations, units, method, plan, bands)
        found = load_files(call, files, period)
        freeze(call, "availability", "consistency_ratio")
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
        own = Source.read(files.framework)
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
                f"{parent}：一致性比率 {ratio:.3f} 高于 {rule.value}，判断自相矛盾，请复议",
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
    limit = number(rules(call), "availability")
    filled = np.isin(dataset.status, (0, 1)).mean((0, 1))
    for leaf, share in zip(dataset.framework.leaves, filled, strict=True):
        if share < limit and dataset.framework.by_code[leaf].scored:
            text = Text(
                f"{leaf}：可得率 {share:.0%}，低于 {limit:.0%}",
                f"{leaf}: {share:.0%} available, below {limit:.0%}",
            )
            call.warn("low_availability", text)
