"""Run one turn of the loop: each mechanism's part in the order of the house, absent parts named, faults all at once.

A mechanism joins by three functions of its rooms:

``files.read_part(folder, turn, faults)``
    the part's inputs, or ``None`` when its own file is missing; every fault goes to ``faults``;
``decisions.run_part(inputs, turn, parameters)``
    the result, pure;
``report.findings(result, lang)``, ``report.sections(result, lang)``, ``report.results(result)``
    sentences, sections, and records for ``report.json``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Literal

from biaochi import __version__
from biaochi.core.canonical import Json, digest
from biaochi.core.document import Document, Grid, Section
from biaochi.core.errors import DefinitionError, Fault
from biaochi.core.ledger import GENESIS
from biaochi.core.parameters import ParameterSet, Snapshot
from biaochi.core.text import LANGS, Lang, Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms import MECHANISMS
from biaochi.programme.folder import ProgrammeFolder
from biaochi.programme.inputs import InputRecord, inputs_of

State = Literal["done", "absent", "faulty"]

_STATE: dict[State, Text] = {
    "done": Text("已完成", "done"),
    "absent": Text("未参与", "absent"),
    "faulty": Text("数据有误", "faulty"),
}


@dataclass(frozen=True)
class Part:
    """What one mechanism contributed to the turn."""

    mechanism: str
    state: State
    result: object | None
    parameters: Snapshot
    faults: tuple[Fault, ...] = ()

    @property
    def report(self) -> ModuleType:
        """The mechanism's report room."""
        return import_module(f"biaochi.mechanisms.{self.mechanism}.report")


@dataclass(frozen=True)
class Cycle:
    """One turn, complete: every part, every input, ready to be written."""

    folder: ProgrammeFolder
    parts: tuple[Part, ...]
    inputs: tuple[InputRecord, ...]

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Every fault of every part."""
        return tuple(f for p in self.parts for f in p.faults)


def run_cycle(folder: ProgrammeFolder, mechanisms: Sequence[str] = MECHANISMS) -> Cycle:
    """Run every part; a faulty part does not stop the others and is reported as such."""
    parts = tuple(_run(name, folder) for name in mechanisms)
    return Cycle(folder, parts, inputs_of(folder))


def _parameters(name: str, folder: ProgrammeFolder) -> Snapshot:
    shipped = load_parameters(f"biaochi.mechanisms.{name}")
    own = {code: value for code, value in folder.overrides.items() if code in {p.code for p in shipped}}
    merged: ParameterSet = shipped.with_values(own)
    return merged.at(folder.turn.at)


def _run(name: str, folder: ProgrammeFolder) -> Part:
    parameters = _parameters(name, folder)
    place = folder.part(name)
    if not place.is_dir():
        return Part(name, "absent", None, parameters)
    faults = Faults()
    files = import_module(f"biaochi.mechanisms.{name}.files")
    decisions = import_module(f"biaochi.mechanisms.{name}.decisions")
    if not hasattr(files, "read_part") or not hasattr(decisions, "run_part"):
        raise DefinitionError(name, ["the mechanism has no part in the yearly programme"])
    inputs = files.read_part(place, folder.turn, faults)
    if len(faults):
        return Part(name, "faulty", None, parameters, faults.all())
    if inputs is None:
        return Part(name, "absent", None, parameters)
    return Part(name, "done", decisions.run_part(inputs, folder.turn, parameters), parameters)


def document(cycle: Cycle, lang: Lang) -> Document:
    """Return the yearly report in one language: findings, then each mechanism's evidence, then what is missing."""
    turn = cycle.folder.turn
    done = [p for p in cycle.parts if p.state == "done"]
    findings = tuple(f for p in done for f in p.report.findings(p.result, lang))
    sections = tuple(s for p in done for s in p.report.sections(p.result, lang))
    title = Text(f"{turn.name.zh}:{turn.period} 年度报告", f"{turn.name.en}: yearly report {turn.period}")
    subtitle = Text(f"{turn.region} · 截至 {turn.as_of}", f"{turn.region} · data known by {turn.as_of}")
    head = cycle_head(cycle)
    colophon = (
        (Text("规则日期", "rules in force on").within(lang), turn.at.isoformat()),
        (Text("随机种子", "seed").within(lang), str(turn.seed)),
        (Text("版本", "version").within(lang), __version__),
        (Text("台账链首", "ledger head").within(lang), head),
    )
    none = Text("没有可用的部分。", "No part could be used.").within(lang)
    return Document(
        title.within(lang),
        subtitle.within(lang),
        lang,
        findings or (none,),
        (*sections, _coverage(cycle, lang)),
        _notices(cycle, lang),
        colophon,
    )


def cycle_head(cycle: Cycle) -> str:
    """Return the head of the ledger the programme brought along, or the empty chain's."""
    found = [i for i in cycle.inputs if i.ledger_head]
    return found[0].ledger_head if found else GENESIS


def _coverage(cycle: Cycle, lang: Lang) -> Section:
    columns = {
        "mechanism": Text("机制", "mechanism").within(lang),
        "state": Text("状态", "state").within(lang),
        "faults": Text("错误数", "faults").within(lang),
    }
    rows: tuple[dict[str, Json], ...] = tuple(
        {"mechanism": p.mechanism, "state": _STATE[p.state].within(lang), "faults": len(p.faults)} for p in cycle.parts
    )
    fault_columns = {k: k for k in ("code", "file", "row", "column", "seen", "message", "fix")}
    blocks: list[Grid] = [Grid("coverage", Text("各机制", "mechanisms").within(lang), columns, rows)]
    if cycle.faults:
        records: tuple[Mapping[str, Json], ...] = tuple(f.to_dict(lang) for f in cycle.faults)
        blocks.append(Grid("faults", Text("数据错误", "faults in the data").within(lang), fault_columns, records))
    heading = Text("哪些部分参与了,哪些没有", "Which parts took part, and which did not").within(lang)
    return Section("coverage", heading, tuple(blocks))


def _notices(cycle: Cycle, lang: Lang) -> tuple[str, ...]:
    absent = [p.mechanism for p in cycle.parts if p.state == "absent"]
    faulty = [p.mechanism for p in cycle.parts if p.state == "faulty"]
    notices = []
    if absent:
        notices.append(Text(f"未参与:{'、'.join(absent)}。", f"Absent: {', '.join(absent)}.").within(lang))
    if faulty:
        notices.append(Text(f"数据有误:{'、'.join(faulty)}。", f"Faulty data: {', '.join(faulty)}.").within(lang))
    return tuple(notices)


def to_records(cycle: Cycle) -> dict[str, object]:
    """Return ``report.json``: schema ``biaochi.cycle/1``."""
    turn = cycle.folder.turn
    used: dict[str, Mapping[str, object]] = {
        str(record["code"]): record for part in cycle.parts for record in part.parameters.to_records()
    }
    return {
        "schema": "biaochi.cycle/1",
        "programme": {
            "name": turn.name.to_dict(),
            "region": turn.region,
            "period": turn.period,
            "language": turn.language,
        },
        "at": turn.at,
        "as_of": turn.as_of,
        "seed": turn.seed,
        "inputs": [i.to_dict() for i in cycle.inputs],
        "parameters": list(used.values()),
        "code_version": __version__,
        "warnings": [],
        "parts": {
            p.mechanism: {
                "state": p.state,
                "results": p.report.results(p.result) if p.state == "done" else None,
                "faults": [f.to_dict(turn.language) for f in p.faults],
            }
            for p in cycle.parts
        },
        "ledger_head": cycle_head(cycle),
        "digest": digest([i.to_dict() for i in cycle.inputs]),
    }


def documents(cycle: Cycle) -> list[Document]:
    """Return the report in both languages, the programme's own first."""
    first = cycle.folder.turn.language
    return [document(cycle, lang) for lang in sorted(LANGS, key=lambda code: code != first)]
