"""Files of a small invented case, and a way to run the commands on them.  Every number here is simulated."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from biaochi.mechanisms.sandbox.cli import app

HEADER = "case,metric,at,value,exposure,exposure_low,exposure_high,received_at,revision,seq,source"


def case_of(**changes: Any) -> dict[str, Any]:
    """Return one case as cases.yaml holds it."""
    case: dict[str, Any] = {
        "id": "SB-01",
        "state": "running",
        "applicant": {"name": "示例机器人公司", "code": "X1"},
        "tracks": ["embodied"],
        "eligibility": {
            name: {"verdict": "met", "reason": "已核", "evidence": []}
            for name in ("in_scope", "genuine_innovation", "consumer_benefit", "readiness", "need_for_support")
        },
        "waivers": [
            {
                "id": "W1",
                "citation": "某规章第三条",
                "level": "department_rule",
                "authority": "某主管部门",
                "authorisation": None,
                "kind": "waive",
                "touches": [],
                "scope": {"area": "示范区", "users_max": 200, "volume_max": None, "value_max": None},
                "start_on": "2026-01-01",
                "end_on": "2026-12-31",
            }
        ],
        "safety_floor": [
            "life_safety", "criminal_law", "state_secrets", "personal_information_core", "ethics_red_lines",
        ],
        "ethics": {"answers": {"E7": "no"}},
        "plan": {
            "registered_at": "2025-12-20T09:00",
            "feeds": [
                {"metric": "near_miss", "period_hours": 24, "amber_after_hours": 30, "suspend_after_hours": 72}
            ],
            "guardrails": [
                {
                    "id": "G1", "metric": "near_miss", "method": "beta", "direction": "above", "cap": 0.02,
                    "alpha": 0.05, "action": "pause", "prior": [1, 24],
                }
            ],
            "incidents": {"report_within_hours": 24, "stop_at": "serious"},
        },
    }  # fmt: skip
    return case | changes


class Desk:
    """A folder with input files and the commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def cases(self, *cases: dict[str, Any], name: str = "cases.yaml", **top: Any) -> Path:
        """Write cases.yaml; dates stay as written."""
        content = {"schema": "biaochi.sandbox.cases/1", "timezone": "Asia/Shanghai", **top, "cases": list(cases)}
        plain = json.loads(json.dumps(content))  # no object twice, so no YAML aliases
        return self.text(name, yaml.safe_dump(plain, allow_unicode=True, sort_keys=False))

    def text(self, name: str, content: str) -> Path:
        """Write any file."""
        path = self.folder / name
        path.write_text(content, encoding="utf-8")
        return path

    def readings(self, rows: Sequence[Sequence[object]], header: str = HEADER, name: str = "readings.csv") -> Path:
        """Write readings.csv; rows may leave columns out at the end."""
        width = header.count(",") + 1
        lines = [",".join(str(c) for c in [*row, *[""] * (width - len(row))]) for row in rows]
        return self.text(name, "\n".join([header, *lines, ""]))

    def run(self, *arguments: object) -> Result:
        """Run a command."""
        return CliRunner().invoke(app, [str(a) for a in arguments])

    def answer(self, *arguments: object, code: int = 0) -> dict[str, Any]:
        """Run a command and return its JSON."""
        result = self.run(*arguments, "--format", "json")
        assert result.exit_code == code, result.output + result.stderr
        found: dict[str, Any] = json.loads(result.stdout)
        return found

    def codes(self, *arguments: object) -> list[tuple[str, int, str]]:
        """Run a command that must fail and return code, row and column of every fault."""
        found = self.answer(*arguments, code=1)
        return [(f["code"], f["row"], f["column"]) for f in found["faults"]]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return an empty desk."""
    return Desk(tmp_path)


@pytest.fixture
def one_case() -> Callable[..., dict[str, Any]]:
    """Return the maker of a case."""
    return case_of
