"""Every verb end to end: keys as promised, faults with file and row, exit codes."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., tuple[int, Any, str]]
TEXT = "一、资格要求：\n1.投标人须在本市注册；\n2.注册资本１０００万元以上。\n3.不得指定品牌。\n"


def test_review_of_a_document(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "a.txt"
    place.write_text(TEXT, "utf-8")
    code, body, _ = run("review", place, "--kind", "tender", "--date", "2026-01-05", "--format", "json")
    assert code == 0
    assert {"schema", "code_version", "pack", "inputs", "documents", "not_checked", "warnings"} <= set(body)
    assert body["schema"] == "biaochi.fairness.review/1"
    assert set(body["pack"]) == {"code", "version", "digest"}
    document = body["documents"][0]
    assert document["conclusion"] == "must_revise"
    assert document["date"] == "2026-01-05"
    clauses = document["clauses"]
    assert [c["verdict"] for c in clauses] == ["clean", "violation", "violation", "clean"]
    assert set(clauses[0]) == {"id", "document", "start", "end", "text", "path", "role", "stem", "verdict", "findings"}
    finding = clauses[1]["findings"][0]
    assert set(finding) == {
        "id", "verdict", "state", "start", "end", "quote", "force", "reason", "citation", "exception", "necessity",
        "evidence_needed", "suggestion", "precision", "also",
    }  # fmt: skip
    assert set(finding["precision"]) == {"estimate", "low", "high", "n"}
    for clause in clauses:
        assert TEXT[clause["start"] : clause["end"]] == clause["text"]
        for found in clause["findings"]:
            assert TEXT[found["start"] : found["end"]] == found["quote"]
    _, everything, _ = run("review", place, "--kind", "tender", "--format", "json", "--all")
    assert any(f["verdict"] == "clean" for c in everything["documents"][0]["clauses"] for f in c["findings"])


def test_records_keep_their_ids_and_override_the_options(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "a.jsonl"
    lines = [
        {"id": "x", "text": "申领的企业须在本区注册。第二句", "kind": "policy", "date": "2025-01-01"},
        {
            "id": "y",
            "text": "须具有ISO9001认证",
            "facts": {"necessity": [{"rule": "D13", "reason": "r", "evidence": "e"}]},
        },
        {"id": "z", "text": "具有两项业绩", "kind": "first_purchase"},
    ]
    place.write_text("\n".join(json.dumps(x, ensure_ascii=False) for x in lines), "utf-8")
    code, text, _ = run("review", place, "--kind", "tender", "--date", "2026-01-05", "--format", "jsonl")
    assert code == 0
    found = [json.loads(line) for line in text.strip().split("\n")]
    assert [f["id"] for f in found] == ["x", "y", "z"]
    assert [f["verdict"] for f in found] == ["violation", "clean", "violation"]
    assert found[0]["start"] == 0
    assert found[0]["end"] == len(lines[0]["text"])  # type: ignore[arg-type]
    assert all(f["schema"] == "biaochi.fairness.review/1" for f in found)
    code, text, _ = run(
        "review",
        "-",
        "--kind",
        "tender",
        "--format",
        "jsonl",
        "--segment",
        "always",
        stdin='{"id":"a","text":"甲。乙。"}\n',
    )
    assert [json.loads(line)["id"] for line in text.strip().split("\n")] == ["a#1", "a#2"]


def test_docx_and_html_become_lines(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_text("<script>x</script><p>须在本市注册。</p><table><tr><td>甲</td><td>乙</td></tr></table>", "utf-8")
    word = tmp_path / "a.docx"
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    with zipfile.ZipFile(word, "w") as archive:
        archive.writestr(
            "word/document.xml",
            f"<w:document {space}><w:body><w:p><w:r><w:t>须在本市注册。</w:t></w:r></w:p></w:body></w:document>",
        )
    code, body, _ = run("review", page, word, "--kind", "tender", "--format", "json")
    assert code == 0
    assert [d["counts"]["violation"] for d in body["documents"]] == [1, 1]
    word.write_bytes(b"PK\x03\x04broken")
    code, body, _ = run("review", word, "--kind", "tender", "--format", "json")
    assert code == 1
    assert body["faults"][0]["code"] == "bad_docx"


def test_csv_is_a_finding_a_row(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "a.txt"
    place.write_text(TEXT, "utf-8")
    assert run("review", place, "--kind", "tender", "--format", "csv", "--out", tmp_path / "o")[0] == 0
    rows = list(csv.DictReader(io.StringIO((tmp_path / "o" / "findings.csv").read_text("utf-8"))))
    assert [r["id"] for r in rows] == ["D01", "D05"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{", "bad_json"),
        ("[]", "bad_json"),
        ('{"id": "b"}', "missing_text"),
        ('{"id": "b", "text": " "}', "missing_text"),
        ('{"id": "b", "text": "x", "kind": "novel"}', "unknown_kind"),
        ('{"id": "b", "text": "x", "date": "2026-13-01"}', "bad_date"),
        ('{"id": "a", "text": "x"}', "duplicate_id"),
        ('{"id": "b", "text": "x", "colour": 1}', "unknown_key"),
        ('{"id": "b", "text": "x", "facts": {"colour": 1}}', "unknown_key"),
        ('{"id": "b", "text": "x", "date": "1990-01-01"}', "no_pack_in_force"),
    ],
)
def test_faults_name_file_and_row(run: Run, tmp_path: Path, line: str, code: str) -> None:
    place = tmp_path / "a.jsonl"
    place.write_text('{"id": "a", "text": "甲"}\n' + line + "\n", "utf-8")
    exit_code, body, _ = run("review", place, "--kind", "tender", "--format", "json")
    assert exit_code == 1
    assert [(f["code"], f["file"], f["row"]) for f in body["faults"]] == [(code, "a.jsonl", 2)]


def test_records_must_be_utf8(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "a.jsonl"
    place.write_bytes(b'{"id": "a", "text": "x"}\n\xff\xfe\n')
    code, body, _ = run("review", place, "--kind", "tender", "--format", "json")
    assert (code, body["faults"][0]["code"], body["faults"][0]["row"]) == (1, "not_utf8", 2)


def test_chinese_texts_in_gbk_are_read(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "a.txt"
    place.write_bytes("投标人须在本市注册。".encode("gbk"))
    assert run("review", place, "--kind", "tender", "--format", "json")[1]["documents"][0]["counts"]["violation"] == 1


def claim(**changes: object) -> dict[str, object]:
    whole: dict[str, object] = {
        "rule": "F3",
        "ground": "science",
        "statement": "试点期内仅对接入监测平台的主体开放",
        "alternatives": [{"option": "面向所有主体", "why_not": "跨省接口尚未上线"}],
        "end_on": "2027-12-31",
    }
    return {k: v for k, v in {**whole, **changes}.items() if v is not None}


@pytest.mark.parametrize(
    ("changes", "conclusion"),
    [
        ({}, None),
        ({"alternatives": None}, "must_revise"),
        ({"end_on": None}, "must_revise"),
        ({"end_on": None, "termination": "平台上线"}, None),
        ({"end_on": "2025-12-31"}, "must_revise"),
        ({"ground": "habit"}, "must_revise"),
        ({"rule": "D01"}, "must_revise"),
    ],
)
def test_claims_of_an_exception(run: Run, tmp_path: Path, changes: dict[str, object], conclusion: str | None) -> None:
    place = tmp_path / "a.txt"
    place.write_text("申领算力券的企业须在本区注册。", "utf-8")
    claims = tmp_path / "e.yaml"
    body = {"schema": "biaochi.fairness.exception/1", "claims": [claim(**changes)]}
    claims.write_text(json.dumps(body, ensure_ascii=False), "utf-8")
    code, found, _ = run(
        "review", place, "--kind", "voucher", "--date", "2026-01-05", "--exception", claims, "--format", "json"
    )
    assert code == 0
    document = found["documents"][0]
    assert document["conclusion"] == conclusion
    if conclusion is None:
        assert document["clauses"][0]["findings"][0]["state"] == "EXCEPTION_POSSIBLE"
    assert document["exception"]["claims"][0]["complete"] is (conclusion is None)


@pytest.mark.reference
def test_the_reference_files_are_read(run: Run, tmp_path: Path, shared: Path) -> None:
    place = tmp_path / "a.txt"
    place.write_text("甲。", "utf-8")
    folder = shared / "reference" / "procurement"
    code, _, _ = run(
        "review", place, "--kind", "policy", "--facts", folder / "facts.yaml", "--exception", folder / "exception.yaml",
        "--format", "json",
    )  # fmt: skip
    assert code == 0


def test_a_market_check_that_finds_one_supplier_settles_d11(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "a.txt"
    place.write_text("设备应采用厂家专有技术。", "utf-8")
    market = tmp_path / "m.json"
    market.write_text('{"market": {"verdict": "violation"}}', "utf-8")
    arguments = ("review", place, "--kind", "tender", "--format", "json")
    assert run(*arguments)[1]["documents"][0]["conclusion"] is None
    assert run(*arguments, "--market", market)[1]["documents"][0]["conclusion"] == "must_revise"
    market.write_text('{"market": {}}', "utf-8")
    assert run(*arguments, "--market", market)[0] == 1


def test_explain_rules_and_score(run: Run, tmp_path: Path) -> None:
    code, body, _ = run("explain", "D01", "--clause", "须在本市注册", "--kind", "tender", "--format", "json")
    assert code == 0
    assert body["rule"]["id"] == "D01"
    assert set(body["steps"][0]) == {"stage", "result", "seen", "start", "end"}
    assert body["steps"][-1]["result"] == "SUPPORTED"
    assert run("explain", "Z9")[0] == 2
    code, body, _ = run("rules", "--date", "2025-01-01", "--kind", "policy", "--format", "json")
    assert code == 0
    assert "I12.2" not in [r["id"] for r in body["rules"]]
    assert set(body["rules"][0]["labelled"]) == {"n", "precision", "recall"}
    labels = tmp_path / "l.jsonl"
    labels.write_text(
        '{"id": "1", "text": "须在本市注册", "kind": "tender", "verdict": "violation", "rules": ["D01"], "family": "f"}\n'
        '{"id": "2", "text": "交货地点为本市", "kind": "tender", "verdict": "violation"}\n',
        "utf-8",
    )
    code, body, _ = run("score", labels, "--format", "json")
    assert code == 0
    assert body["accuracy"] == 0.5
    assert {"verdict", "n", "precision", "recall", "f1"} == set(body["verdicts"][0])
    assert body["confusion"] == {"violation": {"violation": 1, "clean": 1}}
    assert body["macro_f1"] == pytest.approx(2 / 3)
    labels.write_text('{"id": "1", "text": "x", "verdict": "maybe"}\n', "utf-8")
    assert run("score", labels, "--format", "json")[0] == 1


def test_wrong_usage_leaves_with_two(run: Run, tmp_path: Path) -> None:
    assert run("review", tmp_path / "a.txt")[0] == 2
    assert run("review", tmp_path / "none.txt", "--kind", "tender")[0] == 1
