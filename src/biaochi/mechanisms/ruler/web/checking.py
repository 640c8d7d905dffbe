"""Checking what is uploaded: a framework's own file, and observations against the framework they are for."""

from __future__ import annotations

import pandas as pd

from biaochi.core.errors import Fault, InputError
from biaochi.core.roles import Actor
from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.structured import read_data
from biaochi.mechanisms.ruler.files import placed
from biaochi.mechanisms.ruler.web.models import Framework
from biaochi.methods.composite import Framework as Tree


def read_tree(document: str) -> tuple[Tree | None, tuple[Fault, ...]]:
    """Return a framework's tree, or every fault of its file with its line."""
    source = Source("framework.yaml", document.encode())
    try:
        data, _ = read_data(source)
        return Tree.from_mapping(data, file=source.name), ()
    except InputError as error:
        return None, tuple(placed(error.faults, source))


def incomplete_leaves(tree: Tree) -> int:
    """Return how many indicators state no source, owner or lag."""
    nodes = [tree.by_code[code] for code in tree.leaves]
    return sum(1 for n in nodes if not n.source or not n.owner or n.lag_years is None)


def known_units(framework: Framework) -> set[str]:
    """Return the units of a framework's own list; empty when it has none."""
    if not framework.units:
        return set()
    lines = framework.units.splitlines()
    place = lines[0].lstrip("\ufeff").split(",").index("unit") if lines else 0
    return {line.split(",")[place].strip() for line in lines[1:] if line.strip()}


def check_observations(frame: pd.DataFrame, faults: Faults, framework: Framework, actor: Actor) -> None:
    """Add the faults that show only against the framework: unknown indicators and units, zero denominators."""
    tree, _ = read_tree(framework.document)
    if tree is None:
        return
    known = {*tree.leaves, *(d.code for d in tree.denominators)}
    dividing = {d.code for d in tree.denominators}
    units = known_units(framework)
    for number, unit, indicator, value in zip(
        frame["row"], frame["unit"], frame["indicator"], frame["value"], strict=True
    ):
        if indicator not in known:
            faults.add(
                "unknown_indicator",
                Text("框架里没有这项指标", "the framework has no such indicator"),
                Text("请核对代码", "check the code"),
                row=int(number),
                column="indicator",
                seen=indicator,
            )
        if units and unit not in units:
            faults.add(
                "unknown_unit",
                Text("单位表里没有这个单位", "the list of units has no such unit"),
                Text("请核对代码", "check the code"),
                row=int(number),
                column="unit",
                seen=unit,
            )
        if indicator in dividing and value == 0:
            faults.add(
                "denominator_zero",
                Text("分母不能为零", "a denominator cannot be zero"),
                Text("缺失请留空", "leave it empty when it is missing"),
                row=int(number),
                column="value",
                seen="0",
            )
