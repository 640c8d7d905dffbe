"""Small files to run the ruler's commands on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from biaochi.mechanisms.ruler.cli import app

FRAMEWORK = """schema: biaochi.ruler.framework/1
code: T
version: "1"
name: {zh: 例, en: example}
effective_on: 2024-01-01
nodes:
  - {code: T, name: {zh: 总, en: total}}
  - {code: P, name: {zh: 甲, en: P}, parent: T}
  - {code: a, name: {zh: 一, en: a}, parent: P, polarity: positive, denominator: pop, owner: o, source: s, lag_years: 0}
  - {code: b, name: {zh: 二, en: b}, parent: P, polarity: negative, owner: o, source: s, lag_years: 0}
  - {code: c, name: {zh: 三, en: c}, parent: T, polarity: band, band: [2, 3], owner: o, source: s, lag_years: 0}
denominators:
  - {code: pop, name: {zh: 人口, en: population}}
method:
  - denominate
  - impute: {method: group_mean, by: zone}
  - screen: {min_available: 0.5}
  - treat: {winmax: 1}
  - normalise: {method: minmax, to: [1, 100]}
  - weights: declared
  - aggregate: arithmetic
uncertainty:
  factors:
    treat.winmax: {choice: [0, 1]}
    weights: {scale: 0.25, levels: [1, 2], draws: 64}
    aggregate: {choice: [arithmetic, geometric]}
"""
UNITS = "unit,name_zh,name_en,zone,size\n" + "".join(
    f"u{i},单位{i},Unit {i},{'东' if i % 2 else '西'},{i * 3 % 7}\n" for i in range(1, 7)
)


def observations() -> str:
    """Six units, three years; one hole."""
    lines = ["unit,indicator,period,value,se,grade,source,status,vintage"]
    for year in (2021, 2022, 2023):
        for i in range(1, 7):
            step = year - 2020
            lines.append(f"u{i},pop,{year},{100 + 10 * i},,A,s,,")
            lines.append(f"u{i},a,{year},{(i * 7 % 11 + 1) * (10 + step)},0.5,A,s,,")
            value = "" if (i, year) == (3, 2022) else f"{(i * 5 % 13 + 1) / step}"
            lines.append(f"u{i},b,{year},{value},0.1,A,s,,")
            lines.append(f"u{i},c,{year},{1 + i * 3 % 5 + 0.2 * step},,A,s,provisional,")
    return "\n".join(lines) + "\n"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Return a folder with framework.yaml, observations.csv and units.csv."""
    (tmp_path / "framework.yaml").write_text(FRAMEWORK, encoding="utf-8")
    (tmp_path / "observations.csv").write_text(observations(), encoding="utf-8")
    (tmp_path / "units.csv").write_text(UNITS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(files: Path) -> Callable[..., Any]:
    """Return a function that runs a verb on the files and returns exit code, JSON and stderr."""
    runner = CliRunner()

    def call(verb: str, *more: str, framework: str = "framework.yaml", obs: str = "observations.csv") -> Any:
        arguments = [verb, str(files / framework), str(files / obs), *more]
        if not any(m == "--units" for m in more):
            arguments += ["--units", str(files / "units.csv")]
        result = runner.invoke(app, [*arguments, "--format", "json", "--lang", "en", "--at", "2024-06-30"])
        try:
            document = json.loads(result.stdout)
        except ValueError:
            document = None
        return result.exit_code, document, result.stderr

    return call
