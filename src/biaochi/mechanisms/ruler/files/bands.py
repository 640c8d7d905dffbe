"""Bands an office has set: dated, cited values of schema ``biaochi.parameters/1``, one code a ``band`` indicator."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from biaochi.core.errors import Fault
from biaochi.core.parameters import InForce, ParameterSet, Snapshot
from biaochi.exchange.parameter_files import parse_parameters
from biaochi.exchange.source import Source
from biaochi.exchange.structured import line_numbers
from biaochi.methods.composite import Framework
from biaochi.methods.composite.errors import Problems
from biaochi.methods.composite.tree import Polarity


@dataclass(frozen=True)
class Bands:
    """The bands in force on a day, by indicator, and their snapshot under the codes ``band:<indicator>``."""

    values: dict[str, tuple[float, float]] = field(default_factory=dict)
    snapshot: Snapshot = field(default_factory=Snapshot.empty)
    faults: tuple[Fault, ...] = ()


def read_bands(path: str | Path | Source, framework: Framework, at: date) -> tuple[Bands, Source]:
    """Read the bands in force on a day; a band that takes effect later, or has ended, is not set.

    Parameters
    ----------
    path : Path or Source
        Each parameter's code is an indicator of polarity ``band``, each value ``[low, high]``.

    Raises
    ------
    InputError
        When the file is no parameter file; faults of single bands are returned.
    """
    source = path if isinstance(path, Source) else Source.read(path)
    found = parse_parameters(source)
    lines, problems = line_numbers(source.text()), Problems(source.name)
    for i, parameter in enumerate(found):
        place = ("parameters", i)
        node = framework.by_code.get(parameter.code)
        if node is None or node.code in framework.children:
            row = lines((*place, "code"))
            problems.add("unknown_indicator", row=row, column=f"parameters[{i}].code", seen=parameter.code)
        elif node.polarity is not Polarity.BAND:
            row = lines((*place, "code"))
            problems.add("band_invalid", row=row, column=f"parameters[{i}].code", seen=parameter.code)
        for v, dated in enumerate(parameter.values):
            if not _is_band(dated.value):
                row = lines((*place, "values", v, "value"))
                problems.add("band_invalid", row=row, column=f"parameters[{i}].values[{v}].value", seen=dated.value)
    if problems.faults:
        return Bands(faults=tuple(problems.faults)), source
    in_force = ParameterSet(found).at(at)
    values = {code: _pair(rule.value) for code, rule in in_force.items()}
    named = {
        f"band:{code}": InForce(f"band:{code}", r.value, r.unit, r.status, r.citation, r.effective_on)
        for code, r in in_force.items()
    }
    return Bands(values, Snapshot(named, at)), source


def _is_band(value: object) -> bool:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        return False
    if any(isinstance(v, bool) or not isinstance(v, int | float) or not math.isfinite(v) for v in value):
        return False
    return bool(value[0] < value[1])


def _pair(value: object) -> tuple[float, float]:
    assert isinstance(value, Sequence)
    return float(value[0]), float(value[1])
