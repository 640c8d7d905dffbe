"""Write what each shipped rule does on the shipped clauses: ``python scripts/measure_rules.py``."""

from __future__ import annotations

from pathlib import Path

from biaochi.mechanisms.fairness.files.shipped import measures_text

PLACE = Path(__file__).resolve().parents[1] / "src" / "biaochi" / "data" / "fairness" / "measured.json"

if __name__ == "__main__":
    PLACE.write_text(measures_text(), "utf-8")
