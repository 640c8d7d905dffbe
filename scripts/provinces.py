"""Write observations.csv and units.csv of this example from the provincial facts.

    python scripts/provinces.py

The facts are one row a region, indicator and year, each with its source; nothing is interpolated.  Used are the safe
core only: rd_exp, inv_grant, tech_mkt, fis_st and their denominators gdp, pop, fis_all.  Left out on purpose: rd_int
(its GDP base breaks at each census; rd_exp/gdp serves instead), inv_apply (volume, never scored alone), and the
indicators known from a single copy.  Rows marked SUSPECT in the facts become ``provisional``.  Grade A is given to
figures seen in an official copy or equal in two independent copies; figures from one secondary copy carry no grade.

units.csv: names; ``zone``, the four economic zones of the National Bureau of Statistics; and two context columns from
the facts of 2024, ``pop_2024`` (10,000 people) and ``gdp_per_head_2024`` (10,000 yuan).
"""

from __future__ import annotations

import csv
from pathlib import Path

USED = ("rd_exp", "inv_grant", "tech_mkt", "fis_st", "gdp", "pop", "fis_all")
GRADE_A = ("seen in official copy", "two copies agree")
ZONES = {
    "东部": "11 12 13 31 32 33 35 37 44 46",
    "中部": "14 34 36 41 42 43",
    "西部": "15 45 50 51 52 53 54 61 62 63 64 65",
    "东北": "21 22 23",
}
DATA = Path(__file__).resolve().parents[1] / "src" / "biaochi" / "data"
HERE = DATA / "provinces" / "ruler"


def main(facts: Path) -> None:
    """Write both tables of the shipped example."""
    with facts.open(encoding="utf-8", newline="") as stream:
        rows = [r for r in csv.DictReader(stream) if r["indicator_code"] in USED]
    rows.sort(key=lambda r: (USED.index(r["indicator_code"]), r["year"], r["region_code"]))
    with (HERE / "observations.csv").open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(["unit", "indicator", "period", "value", "grade", "source", "status", "vintage"])
        for r in rows:
            source = f"{r['source_publisher']}《{r['source_title']}》({r['evidence']})"
            grade = "A" if r["evidence"] in GRADE_A else ""
            status = "provisional" if "SUSPECT" in r["note"] else "observed"
            out.writerow(
                [r["region_code"], r["indicator_code"], r["year"], r["value"], grade, source, status, r["source_date"]]
            )
    write_units(rows)


def write_units(rows: list[dict[str, str]]) -> None:
    """Write names, zone and context."""
    last = {(r["region_code"], r["indicator_code"]): float(r["value"]) for r in rows if r["year"] == "2024"}
    names = {r["region_code"]: (r["region_zh"], r["region_en"]) for r in rows}
    zone = {two: name for name, codes in ZONES.items() for two in codes.split()}
    with (HERE / "units.csv").open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(["unit", "name_zh", "name_en", "zone", "pop_2024", "gdp_per_head_2024"])
        for code, (zh, en) in sorted(names.items()):
            people = last[code, "pop"]
            out.writerow([code, zh, en, zone[code[:2]], f"{people:g}", f"{last[code, 'gdp'] / people:.4f}"])


if __name__ == "__main__":
    main(DATA / "facts" / "province_facts.csv")
