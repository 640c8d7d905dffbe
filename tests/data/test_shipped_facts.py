"""Shipped facts: every one has its source, a known region, a defined indicator and a number."""

from __future__ import annotations

import csv
from importlib.resources import files

import pytest

from biaochi.core.region import RegionLevel, region_level

FACTS = files("biaochi.data") / "facts"


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((FACTS / name).read_text(encoding="utf-8").splitlines()))


def test_every_fact_names_its_source() -> None:
    for row in rows("province_facts.csv"):
        assert all(row[k] for k in ("source_title", "source_publisher", "evidence")), row
        assert region_level(row["region_code"]) is RegionLevel.PROVINCE
        assert 2018 <= int(row["year"]) <= 2024
        float(row["value"])


def test_the_safe_core_is_whole() -> None:
    found = rows("province_facts.csv")
    defined = {r["code"] for r in rows("indicators.csv")}
    assert {r["indicator_code"] for r in found} == defined
    assert len({r["region_code"] for r in found}) == 31
    assert len(found) == 1951
    keys = [(r["region_code"], r["indicator_code"], r["year"]) for r in found]
    assert len(set(keys)) == len(keys)


def test_research_intensity_is_its_own_ratio() -> None:
    """Golden: the revised 2023 intensity equals expenditure over product within its printed digits."""
    value = {(r["indicator_code"], r["region_code"], r["year"]): float(r["value"]) for r in rows("province_facts.csv")}
    revised = {k[1]: v for k, v in value.items() if k[0] == "rd_int_rev"}
    assert len(revised) >= 30
    for region, intensity in revised.items():
        ratio = 100 * value["rd_exp", region, "2023"] / value["gdp", region, "2023"]
        assert ratio == pytest.approx(intensity, abs=0.0051)


def test_regions_add_up_to_the_nation() -> None:
    national = {
        (r["indicator_code"], r["year"]): float(r["value"])
        for r in rows("national_facts.csv")
        if r["note"].count("first published") == 0
    }
    regional: dict[tuple[str, str], float] = {}
    for r in rows("province_facts.csv"):
        key = (r["indicator_code"], r["year"])
        regional[key] = regional.get(key, 0.0) + float(r["value"])
    checked = [k for k in national if k[0] == "rd_exp" and k in regional]
    assert checked
    for key in checked:
        assert regional[key] == pytest.approx(national[key], abs=0.35)
