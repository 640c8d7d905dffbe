"""Telling the files of foresight apart and checking each as what it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from biaochi.core.errors import Fault, InputError
from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.structured import read_data
from biaochi.exchange.tables import read_header
from biaochi.mechanisms.foresight.files.answers import read_answers
from biaochi.mechanisms.foresight.files.items import read_items, read_rules
from biaochi.mechanisms.foresight.files.routes import build_graph, read_readiness, read_routes
from biaochi.mechanisms.foresight.files.series import read_experience, read_series
from biaochi.mechanisms.foresight.files.truth import read_counts, read_dtt, read_evidence, read_outcomes, read_seeds

STRUCTURED = (".yaml", ".yml", ".json")


@dataclass(frozen=True)
class CheckedFile:
    """A file, what it was taken for, its rows and faults."""

    name: str
    kind: str
    rows: int
    faults: tuple[Fault, ...]
    source: Source | None


def check_file(path: Path, *, prior: tuple[float, float], at: date) -> CheckedFile:
    """Read a file as what its name, header or top-level key says it is, and collect its faults."""
    faults = Faults(path.name)
    kind, rows, source = "unknown", 0, None
    try:
        source = Source.read(path)
        kind = _kind(source)
        rows = _read(kind, path, source, faults, prior, at)
    except InputError as error:
        faults.extend(error)
    if kind == "unknown" and not len(faults):
        faults.add(
            "unknown_kind",
            Text("看不出这是哪种文件", "this is not a known kind of file"),
            Text("请核对表头或最外层的键", "check its header or its top-level key"),
        )
    return CheckedFile(path.name, kind, rows, faults.all(), source)


def _kind(source: Source) -> str:
    lower = source.name.lower()
    if lower.endswith((".dtt", ".rls")):
        return lower[-3:]
    if lower.endswith(STRUCTURED):
        data, _ = read_data(source)
        keys = set(data) if isinstance(data, Mapping) else set()
        by_key = (("functions", "routes"), ("nodes", "readiness"), ("items", "items"))
        rules = {"consensus", "stability", "round_limit", "by_type", "partial"}
        return next((kind for key, kind in by_key if key in keys), "rules" if keys & rules else "unknown")
    header = set(read_header(source))
    by_columns = (
        ({"expert", "item", "round"}, "answers"),
        ({"item", "realisation"}, "seeds"),
        ({"item", "outcome"}, "outcomes"),
        ({"term", "period"}, "counts"),
        ({"node", "from", "to"}, "evidence"),
        ({"series", "value"}, "series"),
        ({"technology", "value"}, "series"),
        ({"technology", "kind"}, "series"),
        ({"technology", "experience"}, "experience"),
        ({"technology", "p50"}, "experience"),
        ({"item", "type"}, "answers"),
    )
    return next((kind for columns, kind in by_columns if columns <= header), "unknown")


def _read(kind: str, path: Path, source: Source, faults: Faults, prior: tuple[float, float], at: date) -> int:
    if kind == "series":
        return read_series(source, faults).rows
    if kind == "answers":
        return len(read_answers(source, faults).frame)
    if kind in ("seeds", "rls"):
        return read_seeds(source, faults).rows
    if kind == "outcomes":
        return len(read_outcomes(source, faults)[0])
    if kind == "counts":
        return read_counts(source, faults)[3]
    if kind == "evidence":
        return len(read_evidence(source, faults)[0])
    if kind == "experience":
        return read_experience(path, faults)[2]
    if kind == "dtt":
        answers, _ = read_dtt(source, faults)
        return int(answers.answered.sum()) if answers is not None else 0
    if kind == "items":
        return len(read_items(source, faults).items)
    if kind == "rules":
        read_rules(source, faults)
    elif kind == "routes":
        return _check_routes(source, faults, prior, at)
    elif kind == "readiness":
        nodes, _ = read_readiness(source, faults)
        if not len(faults):
            build_graph(nodes, None, prior=prior, at=at, faults=faults, file=source.name)
        return len(nodes)
    return 0


def _check_routes(source: Source, faults: Faults, prior: tuple[float, float], at: date) -> int:
    functions, _ = read_routes(source, faults)
    for function in functions:
        for route in function.routes:
            if route.nodes:
                build_graph(route.nodes, None, prior=prior, at=at, faults=faults, file=source.name)
    return sum(len(f.routes) for f in functions)
