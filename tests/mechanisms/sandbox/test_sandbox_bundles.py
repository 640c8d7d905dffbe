"""``biaochi sandbox bundle`` and ``verify``: same bytes again, every change found, limits stated."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from biaochi.core.errors import InputError
from biaochi.core.ledger import chain_body, next_line
from biaochi.exchange.source import Source
from biaochi.mechanisms.sandbox.files.bundle import packed, verify_bundle
from biaochi.mechanisms.sandbox.files.cases import read_cases

ROWS: list[list[object]] = [
    ["SB-01", "near_miss", f"2026-01-{d:02d}T23:00", 1 if d < 8 else 4, 50] for d in range(1, 13)
]
ROWS.append(["SB-01", "near_miss", "2026-01-05T23:00", 2, 50, "", "", "2026-01-12T09:00", 1])
NAMES = [
    "digests", "plan_digest", "registered_before_data", "alarms_recomputed", "waivers_in_force", "ledger_chain", "anchor",
]  # fmt: skip


def ledger_lines(cases: Path, digest: str | None = None) -> tuple[str, str]:
    """Return an exported ledger of two entries and its head."""
    noted = digest or read_cases(Source("cases.yaml", cases.read_bytes())).cases[0].plan.digest  # type: ignore[union-attr]
    entries = [
        ("sandbox.case:SB-01", {"outcome": "accept", "facts": {"plan_digest": noted}}),
        ("sandbox.case:SB-02", None),
    ]
    line, text = None, ""
    for subject, decision in entries:
        body = chain_body(
            actor="p", at="2026-01-01T00:00:00.000000Z", decision=decision, reason="因为", role="regulator",
            subject=subject, transition="agree_plan",
        )  # fmt: skip
        line = next_line(line, body)
        text += line.to_json() + "\n"
    assert line is not None
    return text, line.digest


@pytest.fixture
def made(desk: Any, one_case: Any) -> tuple[Any, Path, str]:
    """Return a desk, a bundle on it and the ledger's head."""
    cases = desk.cases(one_case(), one_case(id="SB-02"))
    text, head = ledger_lines(cases)
    bundle = desk.folder / "b.zip"
    found = desk.answer(
        "bundle", cases, desk.readings(ROWS), "--case", "SB-01", "--ledger", desk.text("ledger.jsonl", text), "--out",
        bundle,
    )  # fmt: skip
    assert found["schema"] == "biaochi.sandbox.bundle/1"
    assert found["ledger_head"] == head
    return desk, bundle, head


def test_an_intact_bundle(made: Any) -> None:
    desk, bundle, head = made
    found = desk.answer("verify", bundle, "--anchor", head)
    assert found["schema"] == "biaochi.sandbox.verify/1"
    assert [list(c) for c in found["checks"]] == [["check", "verdict", "seen", "expected"]] * 7
    assert [(c["check"], c["verdict"]) for c in found["checks"]] == [(n, "met") for n in NAMES]
    assert len(found["does_not_establish"]) >= 3
    without = desk.answer("verify", bundle)["checks"][-1]
    assert (without["check"], without["verdict"]) == ("anchor", "unknown")
    wrong = desk.answer("verify", bundle, "--anchor", "0" * 64, code=1)["checks"][-1]
    assert (wrong["check"], wrong["verdict"]) == ("anchor", "unmet")


def test_same_facts_same_bytes(made: Any, one_case: Any) -> None:
    desk, bundle, _ = made
    again = desk.folder / "again.zip"
    arguments = ("bundle", desk.folder / "cases.yaml", desk.folder / "readings.csv", "--case", "SB-01")
    desk.answer(*arguments, "--ledger", desk.folder / "ledger.jsonl", "--out", again)
    assert again.read_bytes() == bundle.read_bytes()
    with zipfile.ZipFile(bundle) as archive:
        assert archive.namelist() == sorted(archive.namelist())
        assert set(archive.namelist()) == {
            "manifest.json", "manifest.sha256", "case.json", "readings.csv", "incidents.csv", "alarms.json",
            "decisions.json", "ledger.jsonl", "parameters.json", "summary.zh.md", "summary.en.md",
        }  # fmt: skip
        assert "SB-02" not in archive.read("case.json").decode()
        assert "SB-01 示例机器人公司" in archive.read("summary.zh.md").decode()


def _found_out(data: bytes) -> bool:

    try:
        return verify_bundle(Source("b.zip", data))[0].verdict.value == "unmet"
    except InputError:
        return True


def test_any_changed_byte_is_found(made: Any) -> None:
    _, bundle, _ = made
    data = bundle.read_bytes()
    for place in range(0, len(data), 83):
        changed = bytearray(data)
        changed[place] ^= 0x01
        assert _found_out(bytes(changed)), place
    for longer in (data + b"\0", b"\0" + data, data[:-1], data[1:]):
        assert _found_out(longer)


def _rebuilt(bundle: Path, name: str, change: Any) -> Path:
    """Return a forged bundle whose digests were all made anew."""

    with zipfile.ZipFile(bundle) as archive:
        members = {n: archive.read(n) for n in archive.namelist()}
    members[name] = change(members[name])
    manifest = json.loads(members["manifest.json"])
    manifest["files"][name] = {"sha256": hashlib.sha256(members[name]).hexdigest(), "bytes": len(members[name])}
    members["manifest.json"] = json.dumps(manifest).encode()
    members["manifest.sha256"] = hashlib.sha256(members["manifest.json"]).hexdigest().encode() + b"\n"
    forged = bundle.with_name("forged.zip")
    forged.write_bytes(packed(members))
    return forged


FORGERIES = {
    "a milder reading": ("readings.csv", lambda d: d.replace(b",4.0,50.0", b",0.0,50.0"), "alarms_recomputed"),
    "a higher cap": ("case.json", lambda d: d.replace(b'"cap": 0.02', b'"cap": 0.2'), "plan_digest"),
    "a dropped alarm": ("alarms.json", lambda d: d.replace(b'"statistical"', b'"expiry"'), "alarms_recomputed"),
    "a longer waiver": ("case.json", lambda d: d.replace(b"2026-12-31", b"2026-01-03"), "waivers_in_force"),
    "older readings": (
        "readings.csv", lambda d: d.replace(b"2026-01-01T15", b"2025-12-01T15"), "registered_before_data",
    ),
    "a changed ledger": ("ledger.jsonl", lambda d: d.replace("因为".encode(), "所以".encode(), 1), "ledger_chain"),
    "a cut ledger": ("ledger.jsonl", lambda d: d.split(b"\n")[0] + b"\n", "ledger_chain"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_forgeries_with_fresh_digests_are_found(made: Any, name: str) -> None:
    desk, bundle, _ = made
    member, change, check = FORGERIES[name]
    found = desk.answer("verify", _rebuilt(bundle, member, change), code=1)
    verdicts = {c["check"]: c["verdict"] for c in found["checks"]}
    assert verdicts["digests"] == "met"
    assert verdicts[check] == "unmet"


def test_a_plan_that_the_ledger_did_not_note(desk: Any, one_case: Any) -> None:
    cases = desk.cases(one_case())
    text, _ = ledger_lines(cases, "f" * 64)
    arguments = ("bundle", cases, desk.readings(ROWS), "--case", "SB-01", "--ledger", desk.text("l.jsonl", text))
    desk.answer(*arguments, "--out", desk.folder / "b.zip")
    found = desk.answer("verify", desk.folder / "b.zip", code=1)
    assert {c["check"]: c["verdict"] for c in found["checks"]}["plan_digest"] == "unmet"


def test_what_is_no_bundle(desk: Any) -> None:
    assert desk.codes("verify", desk.text("b.zip", "hello"))[0][0] == "bad_bundle"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", "x")
    (desk.folder / "c.zip").write_bytes(stream.getvalue())
    assert desk.codes("verify", desk.folder / "c.zip")[0][0] == "bad_bundle"
    assert desk.codes("verify", desk.folder / "none.zip")[0][0] == "file_missing"


def test_bundle_of_an_unknown_case_and_a_bad_ledger(desk: Any, one_case: Any) -> None:
    cases, readings = desk.cases(one_case()), desk.readings(ROWS)
    assert desk.run("bundle", cases, readings, "--case", "SB-07", "--out", desk.folder / "b.zip").exit_code == 2
    bad = desk.text("ledger.jsonl", "{}\n")
    arguments = ("bundle", cases, readings, "--case", "SB-01", "--out", desk.folder / "b.zip", "--ledger", bad)
    assert desk.codes(*arguments) == [("bad_ledger_line", 1, "")]
    assert not (desk.folder / "b.zip").exists()
