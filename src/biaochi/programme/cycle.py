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
from dataclasses import dataclass, replace
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
from biaochi.programme.names import STATIONS, full_width, name_of, station_of

State = Literal["done", "absent", "faulty"]

_FAULT: dict[str, Text] = {
    "code": Text("错误", "fault"),
    "file": Text("文件", "file"),
    "row": Text("行", "row"),
    "column": Text("列", "column"),
    "seen": Text("所见", "seen"),
    "message": Text("问题", "problem"),
    "fix": Text("怎么办", "what to do"),
}
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
    """Return the yearly report in one language: findings by station, each mechanism's evidence, what is missing."""
    turn = cycle.folder.turn
    done = sorted((p for p in cycle.parts if p.state == "done"), key=_place)
    findings = tuple(_said(p, p.report.findings(p.result, lang), lang) for p in done)
    sections = tuple(_headed(p, s, lang) for p in done for s in p.report.sections(p.result, lang))
    title = Text(f"{turn.name.zh}：{turn.period} 年度报告", f"{turn.name.en}: yearly report {turn.period}")
    subtitle = Text(
        f"行政区划代码 {turn.region} · 数据截至 {turn.as_of}", f"region {turn.region} · data known by {turn.as_of}"
    )
    head = cycle_head(cycle)
    colophon = (
        (Text("规则日期", "rules in force on").within(lang), turn.at.isoformat()),
        (Text("随机种子", "seed").within(lang), str(turn.seed)),
        (Text("版本", "version").within(lang), __version__),
        (
            Text("台账链首", "ledger head").within(lang),
            head if head != GENESIS else Text("未附台账", "no ledger came with it").within(lang),
        ),
    )
    none = Text("没有可用的部分。", "No part could be used.").within(lang)
    return Document(
        title.within(lang),
        subtitle.within(lang),
        lang,
        findings or (none,),
        (*sections, _coverage(cycle, lang), _signing(lang)),
        _notices(cycle, lang),
        colophon,
    )


def _place(part: Part) -> int:
    """Return where a part stands in the report: stations in the order of the loop."""
    return list(STATIONS).index(station_of(part.mechanism))


def _said(part: Part, findings: Sequence[str], lang: Lang) -> str:
    """Return what a mechanism found as one item under its name, so that all of it fits one page."""
    name = name_of(part.mechanism).within(lang)
    own = [_without(f, name).strip() for f in findings] or [Text("没有结论。", "nothing found.").within(lang)]
    text = f"{name}：{''.join(own)}" if lang == "zh" else f"{name[0].upper()}{name[1:]}: {' '.join(own)}"
    return full_width(text) if lang == "zh" else text


def _without(finding: str, name: str) -> str:
    """Return a finding without its mechanism's name in front, which the item says already."""
    if not finding.lower().startswith(name.lower()):
        return finding
    rest = finding[len(name) :].lstrip()
    return rest[1:] if rest[:1] in (":", "：") else finding


def _headed(part: Part, section: Section, lang: Lang) -> Section:
    """Return a section whose heading names its station and mechanism."""
    name = name_of(part.mechanism).within(lang)
    station = STATIONS[station_of(part.mechanism)].within(lang)
    mark = f"{station} · {name}"
    if name in section.heading:
        return section
    heading = full_width(f"{mark}：{section.heading}") if lang == "zh" else f"{mark}: {section.heading}"
    return replace(section, heading=heading)


def _signing(lang: Lang) -> Section:
    """Return the lines on which an office signs; they stay empty."""
    columns = {
        "act": Text("环节", "step").within(lang),
        "house": Text("单位", "organisation").within(lang),
        "name": Text("签字", "signature").within(lang),
        "day": Text("日期", "date").within(lang),
    }
    steps = (Text("编制", "drawn up"), Text("审核", "checked"), Text("签发", "issued"))
    rows: tuple[dict[str, Json], ...] = tuple(
        {"act": s.within(lang), "house": "", "name": "", "day": ""} for s in steps
    )
    note = Text("签发前请核对结论页与证据是否一致。", "Before issuing, hold the page of findings against the evidence.")
    grid = Grid("signing", Text("编制与签发", "drawn up and issued").within(lang), columns, rows, note.within(lang))
    return Section("signing", Text("编制与签发", "Drawn up and issued").within(lang), (grid,))


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
        {
            "mechanism": name_of(p.mechanism).within(lang),
            "state": _STATE[p.state].within(lang),
            "faults": len(p.faults),
        }
        for p in cycle.parts
    )
    fault_columns = {k: t.within(lang) for k, t in _FAULT.items()}
    blocks: list[Grid] = [Grid("coverage", Text("各机制", "mechanisms").within(lang), columns, rows)]
    if cycle.faults:
        records: tuple[Mapping[str, Json], ...] = tuple(f.to_dict(lang) for f in cycle.faults)
        blocks.append(Grid("faults", Text("数据错误", "faults in the data").within(lang), fault_columns, records))
    heading = Text("哪些部分参与了，哪些没有", "Which parts took part, and which did not").within(lang)
    return Section("coverage", heading, tuple(blocks))


def _notices(cycle: Cycle, lang: Lang) -> tuple[str, ...]:
    notices = []
    for state, zh, en in (("absent", "未参与", "Absent"), ("faulty", "数据有误，未计入", "Faulty data, left out")):
        names = [name_of(p.mechanism) for p in cycle.parts if p.state == state]
        if names:
            listed = Text("、".join(n.zh for n in names), ", ".join(n.en for n in names))
            notices.append(Text(f"{zh}：{listed.zh}。", f"{en}: {listed.en}.").within(lang))
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
