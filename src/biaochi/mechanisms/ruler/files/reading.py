"""Reading the ruler's files: framework, observations (long, wide or COINr), units, plan, design; all faults at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from biaochi.core.errors import Fault, InputError, Warn
from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.exchange.source import Source
from biaochi.exchange.structured import line_numbers, read_data
from biaochi.exchange.tables import Column, Table, read_header, read_table
from biaochi.mechanisms.ruler.files.bands import Bands, read_bands
from biaochi.methods.composite import Dataset, Design, Framework, Method, Plan
from biaochi.methods.composite.coinr import coinr_framework, coinr_long, coinr_units, is_imeta
from biaochi.methods.composite.errors import Problems
from biaochi.methods.composite.observations import melt_wide

_PART = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


@dataclass
class Loaded:
    """What was read, as far as it could be; ``faults`` is empty when everything is sound."""

    framework: Framework | None = None
    dataset: Dataset | None = None
    method: Method | None = None
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Warn] = field(default_factory=list)
    sources: list[tuple[Source, int]] = field(default_factory=list)
    band_values: Bands = field(default_factory=Bands)

    @property
    def bands(self) -> Snapshot:
        """The bands an office has set, as the parameters in force."""
        return self.band_values.snapshot

    def sound(self) -> tuple[Framework, Dataset, Method]:
        """Return framework, dataset and method, or raise every fault."""
        if self.faults:
            raise InputError(sorted(self.faults, key=lambda f: (f.file, f.row)))
        assert self.framework is not None
        assert self.dataset is not None
        assert self.method is not None
        return self.framework, self.dataset, self.method


def load(
    framework: str | Path | Source,
    observations: str | Path | Source,
    *,
    units: str | Path | Source | None = None,
    method: str | Path | Source | None = None,
    as_of: date | None = None,
    period: str = "",
    bands: str | Path | Source | None = None,
    at: date | None = None,
) -> Loaded:
    """Read a framework and its observations; faults are collected, only unreadable files raise.

    Parameters
    ----------
    framework : Path or Source
        ``framework.yaml`` (or JSON), or a COINr iMeta table.
    observations : Path or Source
        Long, wide, or a COINr iData table; CSV or XLSX.
    method : Path or Source or None
        A list of steps (YAML) that replaces the framework's own.
    as_of : date or None
        Vintages and maturity as known on that day.
    period : str
        Period of a wide table without one.
    bands : Path or Source or None
        Bands an office has set: dated parameters whose codes are indicators of polarity ``band``.
    at : date or None
        The day whose bands apply; ``as_of`` by default, then the last ones.
    """
    found = Loaded()
    imeta = _framework(found, framework, method)
    table = _table(found, observations)
    context = None
    if units is not None:
        context = _units(found, units)
    if found.framework is not None and table is not None:
        if bands is not None:
            _bands(found, found.framework, bands, at or as_of or date.max)
        _observations(found, found.framework, table, imeta, context, as_of, period)
        _note_bands(found, found.framework, framework)
    return found


def _source(path: str | Path | Source) -> Source:
    return path if isinstance(path, Source) else Source.read(Path(path))


def _collect(found: Loaded, work: Any) -> Any:
    try:
        return work()
    except InputError as error:
        found.faults.extend(error.faults)
        return None


def placed(faults: Iterable[Fault], source: Source, inside: tuple[object, ...] = ()) -> list[Fault]:
    """Return faults with the lines that their paths have in a YAML file."""
    lines = line_numbers(source.text())
    result = []
    for fault in faults:
        place = tuple(int(i) if i else word for i, word in _PART.findall(fault.column))
        result.append(replace(fault, file=source.name, row=fault.row or lines((*inside, *place))))
    return result


def _framework(found: Loaded, path: str | Path | Source, method: str | Path | Source | None) -> pd.DataFrame | None:
    source = _collect(found, lambda: _source(path))
    steps = None
    if method is not None:
        steps = _collect(found, lambda: read_data(_source(method)))
        if steps is not None:
            found.sources.append((steps[1], 0))
    if source is None:
        return None
    listed: Any = steps[0] if steps is not None else None
    if isinstance(listed, Mapping) and "method" in listed:
        listed = listed["method"]
    imeta = None
    try:
        if not source.name.lower().endswith((".yaml", ".yml", ".json")):
            imeta = _text_table(source).frame
            if not is_imeta(list(imeta.columns)):
                imeta = None
        if imeta is not None:
            found.sources.append((source, len(imeta)))
            found.framework = coinr_framework(imeta, method=listed, file=source.name)
        else:
            data, _ = read_data(source)
            found.sources.append((source, 0))
            if listed is not None and isinstance(data, Mapping):
                data = {**data, "method": listed}
            found.framework = Framework.from_mapping(data, file=source.name)
    except InputError as error:
        yaml_like = imeta is None and not any(f.row for f in error.faults)
        found.faults.extend(placed(error.faults, source) if yaml_like else error.faults)
    if found.framework is not None:
        found.method = found.framework.method
    return imeta


def _text_table(source: Source) -> Table:
    header = [h for h in read_header(source) if h]
    columns = [Column(h, "text", Text.same(h), required=False, blank=True) for h in dict.fromkeys(header)]
    return read_table(source, columns, extra="keep")


def _table(found: Loaded, path: str | Path | Source) -> Table | None:
    table: Table | None = _collect(found, lambda: _text_table(_source(path)))
    if table is not None:
        found.sources.append((table.source, len(table)))
    return table


def _units(found: Loaded, path: str | Path | Source) -> pd.DataFrame | None:
    table = _table(found, path)
    if table is None:
        return None
    problems = Problems(table.source.name)
    frame = table.frame
    if "unit" not in frame:
        problems.add("missing_column", row=1, column="unit")
    else:
        for row, code in frame.loc[frame["unit"].duplicated(), ["row", "unit"]].itertuples(index=False):
            problems.add("duplicate_code", row=int(row), column="unit", seen=code)
    found.faults.extend(problems.faults)
    return None if problems.faults else frame


def _observations(
    found: Loaded,
    framework: Framework,
    table: Table,
    imeta: pd.DataFrame | None,
    units: pd.DataFrame | None,
    as_of: date | None,
    period: str,
) -> None:
    frame, problems = table.frame, Problems(table.source.name)
    if imeta is not None:
        if "uCode" in frame:
            units = coinr_units(frame, imeta) if units is None else units
            if "Time" not in frame:
                frame = frame.assign(Time=period or "2000")
                _assumed(found, table.source.name, period or "2000")
            frame = coinr_long(frame, framework)
        else:
            problems.add("missing_column", row=1, column="uCode")
    elif not {"indicator", "value"} <= set(frame.columns) and "unit" in frame:
        if "period" not in frame:
            assumed = period or (str(framework.effective_on.year) if framework.effective_on else "")
            _assumed(found, table.source.name, assumed)
        frame = melt_wide(frame, framework, problems, period=period)
    if not any(f.code == "missing_column" for f in problems.faults):
        found.dataset = Dataset.read_long(frame, framework, problems, units=units, as_of=as_of)
    found.faults.extend(problems.faults)


def _assumed(found: Loaded, file: str, period: str) -> None:
    text = Text(f"表中没有时期列，按 {period} 处理", f"the table has no period column; taken as {period}")
    found.warnings.append(Warn("period_assumed", text, file))


def _bands(found: Loaded, framework: Framework, path: str | Path | Source, at: date) -> None:
    read = _collect(found, lambda: read_bands(path, framework, at))
    if read is None:
        return
    found.band_values, source = read
    found.sources.append((source, 0))
    found.faults.extend(found.band_values.faults)
    found.framework = framework.with_bands(found.band_values.values)


def _note_bands(found: Loaded, framework: Framework, file: str | Path | Source) -> None:
    name = file.name if isinstance(file, Source) else Path(file).name
    for n in framework.nodes:
        if n.code not in framework.children and not n.scored:
            text = Text(
                f"{n.code}：适度区间尚未设定，不计分（band_not_set）",
                f"{n.code}: no band is set, so it is not scored (band_not_set)",
            )
            found.warnings.append(Warn("band_not_set", text, name))


def read_plan(
    path: Path | Source | None,
    framework: Framework,
    method: Method,
    *,
    seed: int = 0,
    framework_source: Source | None = None,
    folder: Path | None = None,
) -> tuple[Plan | None, list[tuple[Source, int]]]:
    """Read a plan (or the framework's own); ``None`` when there is neither.  Weight sets are read beside the plan.

    Raises
    ------
    InputError
        With every fault, at its line.

    Notes
    -----
    ``folder`` is where weight sets named by the framework's own plan lie.
    """
    sources: list[tuple[Source, int]] = []
    if path is None:
        if framework.uncertainty is None:
            return None, sources
        problems = Problems("framework.yaml")
        plan = Plan.read(_with_sets(framework.uncertainty, folder, sources), problems, seed=seed)
        plan.check(method, framework, problems)
        if problems.faults and framework_source is not None:
            raise InputError(placed(problems.faults, framework_source, ("uncertainty",)))
        problems.check()
        return plan, sources
    source = _source(path)
    data, _ = read_data(source)
    sources.append((source, 0))
    folder = path.parent if isinstance(path, Path) else None
    problems = Problems(source.name)
    if not isinstance(data, Mapping):
        problems.add("bad_structure", seen=type(data).__name__)
        problems.check()
    plan = Plan.read(_with_sets(data, folder, sources), problems, seed=seed)
    plan.check(method, framework, problems)
    if problems.faults:
        own = [f for f in problems.faults if f.file == source.name]
        rest = [f for f in problems.faults if f.file != source.name]
        raise InputError([*placed(own, source), *rest])
    return plan, sources


def _with_sets(data: Mapping[str, Any], folder: Path | None, sources: list[tuple[Source, int]]) -> dict[str, Any]:
    result = dict(data)
    factors = data.get("factors")
    if not isinstance(factors, Mapping):
        return result
    read: dict[str, Any] = {}
    for path, spec in factors.items():
        if isinstance(spec, Mapping) and isinstance(spec.get("sets"), str) and folder is not None:
            table = _text_table(Source.read(folder / spec["sets"]))
            sources.append((table.source, len(table)))
            read[path] = {**spec, "sets": table.frame}
        else:
            read[path] = spec
    result["factors"] = read
    return result


def read_design(path: Path | Source, plan: Plan) -> tuple[Design, Source, int]:
    """Read a design table for a plan; raise every fault with its row."""
    table = _text_table(_source(path))
    return Design.from_frame(table.frame, plan, file=table.source.name), table.source, len(table)
