"""Running the procurement commands in one process, and a purchase to change."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from biaochi.mechanisms.procurement.cli import app

_PURCHASE = """
schema: biaochi.procurement.purchase/1
id: T-01
kind: co_innovation
title: {zh: 试验采购, en: Trial purchase}
buyer: {name: 示例单位, level: provincial}
ground: {case: a, plan: 规划, statement: 现有产品不达标, evidence: [e]}
money: {max_cost: "6000000", first_purchase: "2000000"}
group: [{id: a, role: legal}, {id: b, role: economics}, {id: c, role: technical}, {id: d, role: technical}, {id: e, role: buyer}]
criteria: [{code: proposal, kind: expert, weight: 60}, {code: price, kind: price, weight: 40}]
ties: [price]
needs:
  - {code: R1, function: {zh: 路数, en: channels}, op: ">=", threshold: 200, unit: 路, test_method: A}
  - {code: R2, function: {zh: 时延, en: latency}, op: "<=", threshold: 50, unit: ms, test_method: B}
sme: {rate: 0.15, joint_rate: 0.05, subcontract_share: 0.3}
planned_suppliers: 2
iteration_duty: true
risks: [{risk: r, control: c}]
dates: {argued: 2026-01-05, approved: 2026-01-12, intention: 2026-01-20, notice: 2026-02-02,
        applications_close: 2026-03-10, exchanged: 2026-03-16, file_issued: 2026-03-18, first_response: 2026-04-03, result: 2026-04-20}
disclosures:
  - {document: intention, on: 2026-01-20}
  - {document: notice, on: 2026-02-02}
  - {document: negotiation_file, exempt: 涉密}
  - {document: result, on: 2026-04-20}
  - {document: rd_contract, on: 2026-05-06}
routes: [{goal: G1, routes: [A, B]}]
contracts:
  - supplier: S1
    cap: "1500000"
    scope: [labour, testing]
    signed_on: 2026-05-06
    ends_on: 2028-05-05
    stages:
      - {code: design, midterm_on: 2026-05-08, starts_on: 2026-05-11, due_on: 2026-08-31, amount: "500000", scope: [labour], report: r, evidence: [e], verdict: met, decided_on: 2026-09-01}
  - supplier: S2
    cap: "1500000"
    scope: [labour]
    signed_on: 2026-05-06
    ends_on: 2028-05-05
    outcome: eliminated
    stages:
      - {code: design, midterm_on: 2026-05-08, starts_on: 2026-05-11, due_on: 2026-08-31, amount: "400000", scope: [labour], report: r, evidence: [e], verdict: unmet, decided_on: 2026-09-03}
"""


@pytest.fixture
def purchase() -> dict[str, Any]:
    """Return a purchase without a flaw, as plain data; invented, no real body is meant."""
    found: dict[str, Any] = yaml.safe_load(_PURCHASE)
    found["disclosures"] = [{("on" if k is True else k): v for k, v in d.items()} for d in found["disclosures"]]
    return found


@pytest.fixture
def written(tmp_path: Path) -> Callable[[dict[str, Any]], Path]:
    """Return a function that writes a purchase to a file."""

    def write(content: dict[str, Any]) -> Path:
        place = tmp_path / "purchase.yaml"
        place.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")
        return place

    return write


@pytest.fixture
def run() -> Callable[..., tuple[int, Any, str]]:
    """Return a function that runs a command: exit code, JSON of stdout (or text), stderr."""

    def call(*arguments: object) -> tuple[int, Any, str]:
        answer = CliRunner().invoke(app, [str(a) for a in arguments])
        try:
            body = json.loads(answer.stdout)
        except ValueError:
            body = answer.stdout
        return answer.exit_code, body, answer.stderr

    return call
