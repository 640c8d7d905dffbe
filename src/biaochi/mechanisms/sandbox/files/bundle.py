"""The evidence bundle: everything that made a case's alarms, in one deterministic file, checked again without us."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from biaochi import __version__
from biaochi.core.canonical import canonical_json, instant, sha256
from biaochi.core.errors import Fault, InputError
from biaochi.core.ledger import DOES_NOT_PROVE, ChainLine, parse_line, verify_chain
from biaochi.core.parameters import Snapshot
from biaochi.core.text import Lang, Text
from biaochi.core.verdict import Verdict
from biaochi.exchange.faults import Faults, unreadable
from biaochi.exchange.jsonfile import jsonable, to_json
from biaochi.exchange.source import Source
from biaochi.mechanisms.sandbox.decisions import moment, supervise
from biaochi.mechanisms.sandbox.files.cases import SCHEMA as CASES_SCHEMA
from biaochi.mechanisms.sandbox.files.cases import CaseFile, read_cases
from biaochi.mechanisms.sandbox.files.readings import (
    Readings,
    incident_frame,
    incidents_from,
    reading_frame,
    readings_from,
)
from biaochi.mechanisms.sandbox.model import Case, Incident, Supervision, end_of_day, plan_digest, start_of_day

SCHEMA = "biaochi.sandbox.bundle/1"
_EPOCH = (1980, 1, 1, 0, 0, 0)
MAX_MEMBER = 512 * 1024 * 1024

DOES_NOT_ESTABLISH: tuple[Text, ...] = (
    Text("不能证明读数真实或完整", "It does not show that the readings are true or complete."),
    Text("不能证明上限定得恰当", "It does not show that the cap was the right one."),
    Text(
        "没有库外留存链首时，不能证明台账未被整体重建",
        "Without a head kept outside, it does not show that the ledger was never rebuilt.",
    ),
    *DOES_NOT_PROVE,
)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing verified."""

    check: str
    verdict: Verdict
    seen: str
    expected: str

    def to_dict(self) -> dict[str, str]:
        """Return the record of the answer."""
        return {"check": self.check, "verdict": self.verdict.value, "seen": self.seen, "expected": self.expected}


def build_bundle(
    file: CaseFile,
    case: Case,
    supervision: Supervision,
    readings: Readings,
    incidents: Sequence[Incident],
    ledger: Sequence[ChainLine],
    parameters: Snapshot,
    summaries: Mapping[Lang, str],
    as_of: datetime,
) -> bytes:
    """Return the bytes of a bundle; the same facts give the same bytes on every machine.

    ``summaries`` are the public summaries by language, as the report writes them.
    """
    content: dict[str, Any] = {
        "schema": CASES_SCHEMA,
        "timezone": str(file.zone),
        "cases": [file.raw[case.id]],
    }
    if file.portfolio is not None:
        content["portfolio"] = {"method": file.portfolio.method, "alpha": file.portfolio.alpha}
    members: dict[str, bytes] = {
        "case.json": to_json(content).encode(),
        "readings.csv": _csv(reading_frame(readings, case.id, as_of)),
        "incidents.csv": _csv(incident_frame(case.id, incidents, as_of)),
        "alarms.json": to_json(supervision.to_record("zh")).encode(),
        "decisions.json": to_json(_decisions(case.id, supervision, ledger)).encode(),
        "ledger.jsonl": "".join(f"{line.to_json()}\n" for line in ledger).encode(),
        "parameters.json": to_json({"day": parameters.day, "parameters": parameters.to_records()}).encode(),
        **{f"summary.{lang}.md": text.encode() for lang, text in sorted(summaries.items())},
    }
    plan = case.plan
    manifest = {
        "schema": SCHEMA,
        "case": case.id,
        "as_of": instant(as_of),
        "code_version": __version__,
        "plan_digest": plan.digest if plan is not None else None,
        "registered_at": instant(plan.registered_at) if plan is not None else None,
        "ledger_head": ledger[-1].digest if ledger else None,
        "files": {name: {"sha256": sha256(data), "bytes": len(data)} for name, data in sorted(members.items())},
    }
    text = canonical_json(manifest) + "\n"
    return packed({"manifest.json": text.encode(), "manifest.sha256": f"{sha256(text)}\n".encode(), **members})


def _csv(frame: pd.DataFrame) -> bytes:
    """Return a table exactly as it will be read again; no cell is neutralised for spreadsheets."""
    return str(frame.to_csv(index=False, lineterminator="\n")).encode()


def packed(members: Mapping[str, bytes]) -> bytes:
    """Return a ZIP of members in the order of their names, uncompressed, all dated 1980-01-01."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, members[name])
    return stream.getvalue()


def _decisions(case: str, supervision: Supervision, ledger: Sequence[ChainLine]) -> dict[str, object]:
    """Return what is due now, and every ledger entry whose subject is the case."""
    return {"due": supervision.decision.to_dict(), "ledger": _own_entries(case, ledger)}


def _own_entries(case: str, ledger: Sequence[ChainLine]) -> list[dict[str, Any]]:
    bodies = [json.loads(line.body) for line in ledger]
    return [b for b in bodies if case in str(b.get("subject", "")).replace("/", ":").split(":")]


def _noted_digests(entries: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    """Give every plan digest that a decision in the ledger noted among its facts."""
    for entry in entries:
        decision = entry.get("decision")
        facts = decision.get("facts") if isinstance(decision, Mapping) else None
        if isinstance(facts, Mapping) and "plan_digest" in facts:
            yield str(facts["plan_digest"])


def read_ledger(source: Source) -> tuple[ChainLine, ...]:
    """Read an exported ledger; every line that is none is a fault."""
    faults, found = Faults(source.name), []
    for number, line in enumerate(source.text().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found.append(parse_line(line))
        except ValueError as error:
            faults.add(
                "bad_ledger_line",
                Text("不是台账的一行", "this is not a ledger line"),
                Text("请用“biaochi ledger”导出的文件", "use a file exported by “biaochi ledger”"),
                row=number,
                seen=error,
            )
    faults.check()
    return tuple(found)


def verify_bundle(source: Source, anchor: str = "") -> tuple[Check, ...]:
    """Check a bundle from its own content: digests, plan, order in time, alarms, waivers, ledger, anchor.

    Raises
    ------
    InputError
        When the file is no bundle at all.
    """
    members = _members(source)
    manifest = _manifest(members, source.name)
    checks = [_digests(source, members, manifest)]
    try:
        opened = _Opened(members, manifest)
    except (InputError, ValueError, KeyError, TypeError) as error:
        seen = f"unreadable: {type(error).__name__}"
        names = ("plan_digest", "registered_before_data", "alarms_recomputed", "waivers_in_force")
        checks += [Check(name, Verdict.UNKNOWN, seen, "readable content") for name in names]
    else:
        checks += [opened.plan_digest(), opened.registered_before_data(), opened.alarms(), opened.waivers()]
    checks += _ledger_checks(members, manifest, anchor)
    return tuple(checks)


def _members(source: Source) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
            infos = archive.infolist()
            names = [i.filename for i in infos]
            if len(set(names)) != len(names) or any(i.file_size > MAX_MEMBER for i in infos):
                raise zipfile.BadZipFile("repeated or oversized members")
            return {i.filename: archive.read(i) for i in infos}
    except (zipfile.BadZipFile, ValueError, RuntimeError, EOFError, OSError) as error:
        raise unreadable(
            source.name,
            Text("不是完好的证据包", "this is not an intact bundle"),
            Text("请重新取得该文件", "obtain the file again"),
            "bad_bundle",
            str(error),
        ) from error


def _manifest(members: Mapping[str, bytes], name: str) -> dict[str, Any]:
    try:
        manifest = json.loads(members["manifest.json"])
        if manifest["schema"] != SCHEMA or not isinstance(manifest["files"], dict):
            raise ValueError("schema")
        return dict(manifest)
    except (KeyError, ValueError, TypeError) as error:
        raise InputError(
            [
                Fault(
                    "bad_bundle",
                    Text("证据包没有可读的清单", "the bundle has no readable manifest"),
                    Text("请重新取得该文件", "obtain the file again"),
                    file=name,
                    seen=str(error),
                )
            ]
        ) from error


def _digests(source: Source, members: Mapping[str, bytes], manifest: Mapping[str, Any]) -> Check:
    """Every member as listed, the manifest as digested, and the file exactly what packing them again gives."""
    listed: Mapping[str, Any] = manifest["files"]
    names = sorted(set(listed) | (set(members) - {"manifest.json", "manifest.sha256"}))
    wrong = [n for n in names if not _same(n, members, listed)]
    if members.get("manifest.sha256", b"").decode("ascii", "replace").strip() != sha256(members["manifest.json"]):
        wrong.insert(0, "manifest.json")
    if not wrong and packed(members) != source.data:
        wrong.append("the container")
    expected = f"{len(listed)} files as listed"
    if wrong:
        return Check("digests", Verdict.UNMET, "changed: " + ", ".join(wrong), expected)
    return Check("digests", Verdict.MET, expected, expected)


def _same(name: str, members: Mapping[str, bytes], listed: Mapping[str, Any]) -> bool:
    entry, data = listed.get(name), members.get(name)
    if not isinstance(entry, Mapping) or data is None:
        return False
    return entry.get("sha256") == sha256(data) and entry.get("bytes") == len(data)


class _Opened:
    """A bundle whose case, readings and incidents could be read."""

    def __init__(self, members: Mapping[str, bytes], manifest: Mapping[str, Any]) -> None:
        self.manifest = manifest
        self.file = read_cases(Source("case.json", members["case.json"]))
        self.case = self.file.cases[0]
        self.raw = self.file.raw[self.case.id]
        self.as_of = datetime.fromisoformat(str(manifest["as_of"]).replace("Z", "+00:00")).astimezone(UTC)
        zone, cases = self.file.zone, self.file.cases
        self.readings = readings_from(Source("readings.csv", members["readings.csv"]), cases, zone)
        happened = incidents_from(Source("incidents.csv", members["incidents.csv"]), cases, zone)
        self.incidents = happened.get(self.case.id, ())
        self.recorded = json.loads(members["alarms.json"])
        lines = read_ledger(Source("ledger.jsonl", members["ledger.jsonl"]))
        self.decisions = _own_entries(self.case.id, lines)

    def plan_digest(self) -> Check:
        """The plan in the case is the plan the manifest names, and the one the ledger noted if it noted any."""
        expected = str(self.manifest.get("plan_digest"))
        plan = self.raw.get("plan")
        seen = plan_digest(plan) if isinstance(plan, Mapping) else "None"
        noted = {d for d in _noted_digests(self.decisions) if d != expected}
        if noted:
            return Check("plan_digest", Verdict.UNMET, seen, ", ".join(sorted(noted)))
        return Check("plan_digest", _verdict(seen == expected), seen, expected)

    def registered_before_data(self) -> Check:
        """No reading is older than the registered plan."""
        plan = self.case.plan
        first = min((int(a.at.min()) for a in self._arrivals()), default=None)
        if plan is None or first is None:
            return Check("registered_before_data", Verdict.NOT_APPLICABLE, "no readings", "readings after registration")
        seen = instant(moment(first))
        holds = moment(first) >= plan.registered_at and instant(plan.registered_at) == self.manifest.get(
            "registered_at"
        )
        return Check("registered_before_data", _verdict(holds), seen, f"not before {instant(plan.registered_at)}")

    def alarms(self) -> Check:
        """The alarms and every status follow from the readings again."""
        found = supervise(
            self.case,
            self.readings.by_case.get(self.case.id, {}),
            self.incidents,
            as_of=self.as_of,
            zone=self.file.zone,
        )
        again = jsonable(found.to_record("zh"))
        expected, seen = (f"{len(r.get('alarms', []))} alarms" for r in (self.recorded, again))
        if alike(self.recorded, again):
            return Check("alarms_recomputed", Verdict.MET, seen, expected)
        return Check("alarms_recomputed", Verdict.UNMET, f"{seen}, differing", expected)

    def waivers(self) -> Check:
        """Every reading lies within the dates of a waiver."""
        zone = self.file.zone
        spans = [(start_of_day(w.start_on, zone), end_of_day(w.end_on, zone)) for w in self.case.waivers]
        outside = sum(
            not any(begin <= moment(t) <= end for begin, end in spans) for a in self._arrivals() for t in a.at.tolist()
        )
        expected = "every reading within a waiver"
        if not spans:
            return Check("waivers_in_force", Verdict.UNKNOWN, "no waiver", expected)
        return Check("waivers_in_force", _verdict(outside == 0), f"{outside} readings outside", expected)

    def _arrivals(self) -> Iterable[Any]:
        return [a for a in self.readings.by_case.get(self.case.id, {}).values() if len(a)]


def _ledger_checks(members: Mapping[str, bytes], manifest: Mapping[str, Any], anchor: str) -> list[Check]:
    try:
        lines = read_ledger(Source("ledger.jsonl", members.get("ledger.jsonl", b"")))
    except InputError:
        return [
            Check("ledger_chain", Verdict.UNMET, "a line is not readable", "every line holds"),
            Check("anchor", Verdict.UNKNOWN, "not reached", anchor or "an anchor given"),
        ]
    head = str(manifest.get("ledger_head") or "")
    if not lines:
        chain = Check("ledger_chain", _verdict(not head) if head else Verdict.UNKNOWN, "no ledger", head or "a ledger")
    else:
        result = verify_chain(lines)
        chain = Check("ledger_chain", _verdict(result.intact and result.head == head), result.head, head)
    if not anchor:
        return [chain, Check("anchor", Verdict.UNKNOWN, "no anchor given", "a head kept outside")]
    known = {line.digest for line in lines} | {sha256(members["manifest.json"])}
    found = anchor.lower() in known and chain.verdict is not Verdict.UNMET
    return [chain, Check("anchor", _verdict(found), "found" if found else "not in the chain", anchor.lower())]


def _verdict(holds: bool) -> Verdict:
    return Verdict.MET if holds else Verdict.UNMET


def alike(one: object, other: object) -> bool:
    """Whether two JSON values agree, numbers to nine digits, so that another machine's rounding is no tampering."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return set(one) == set(other) and all(alike(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(alike(a, b) for a, b in zip(one, other, strict=True))
    number = (int, float)
    if isinstance(one, number) and isinstance(other, number) and not isinstance(one, bool):
        return abs(one - other) <= 1e-9 * max(1.0, abs(one), abs(other))
    return one == other
