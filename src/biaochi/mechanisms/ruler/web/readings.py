"""Computing what the pages show, from exactly the files that can be downloaded; each result is computed once.

The basis of a reading is the digest of the bundle (framework, observations, units, bands, and the last day on which
anything of it changed), so a new publication makes new readings and an old one stays what it was.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

import pandas as pd
import yaml
from django.utils import timezone

from biaochi.core.parameters import Snapshot
from biaochi.core.period import Period
from biaochi.core.text import Text
from biaochi.exchange.jsonfile import jsonable
from biaochi.exchange.parameter_files import SCHEMA, load_parameters, parse_parameters
from biaochi.exchange.source import Source
from biaochi.exchange.tables import to_csv
from biaochi.mechanisms.ruler import report
from biaochi.mechanisms.ruler.files import Bundle, Loaded, load, read_plan
from biaochi.mechanisms.ruler.model import audit, default_plan, profile
from biaochi.mechanisms.ruler.web.models import Cell, Framework, Reading
from biaochi.methods.composite import Composite, Plan
from biaochi.methods.composite.dataset import units_mapping
from biaochi.methods.composite.long_cycle import matured_on

REPLICATIONS = 512
CELLS = ("unit", "indicator", "period", "value", "se", "grade", "source", "status", "vintage")


def bundle(framework: Framework) -> Bundle:
    """Return the files of a framework with everything published for it, as known today."""
    rows = (
        Cell.objects.filter(submission__framework=framework, submission__state__in=("published", "revised"))
        .order_by("indicator", "period", "unit", "vintage", "pk")
        .values(*CELLS)
    )
    frame = pd.DataFrame(list(rows), columns=list(CELLS))
    frame["vintage"] = [v.isoformat() if isinstance(v, date) else "" for v in frame["vintage"]]
    files = Bundle(
        Source("framework.yaml", framework.document.encode()),
        Source("observations.csv", to_csv(frame).encode()),
        Source("units.csv", framework.units.encode()) if framework.units else None,
        _bands(framework),
    )
    return as_known(files, timezone.localdate())


def as_known(files: Bundle, day: date) -> Bundle:
    """Return a bundle as it could be known on a day, by vintages and maturity."""
    plain = replace(files, as_of=None)
    return replace(files, as_of=max((d for d in change_days(plain) if d <= day), default=day))


def _bands(framework: Framework) -> Source | None:
    """Return the bands set for a framework as the file that states them; ``None`` without any."""
    found: dict[str, list[dict[str, object]]] = {}
    for band in framework.bands.all():
        found.setdefault(band.indicator, []).append(
            {
                "effective_on": band.effective_on,
                "value": [band.low, band.high],
                "status": "confirmed",
                "citation": {"title": band.citation},
            }
        )
    if not found:
        return None
    entries = [
        {"code": code, "name": {"zh": f"{code} 的适度区间", "en": f"band of {code}"}, "values": values}
        for code, values in found.items()
    ]
    text = yaml.safe_dump({"schema": SCHEMA, "parameters": entries}, allow_unicode=True, sort_keys=False)
    return Source("bands.yaml", text.encode())


@lru_cache(maxsize=8)
def change_days(files: Bundle) -> tuple[date, ...]:
    """Return the days on which what is known of a bundle changes: a vintage, a period that matures, a band.

    Between two such days nothing moves, so that a result computed on the first of them stays good until the next.
    """
    found = load(files.framework, files.observations, units=files.units)
    if found.dataset is None or found.framework is None:
        return ()
    lags = {found.framework.by_code[c].lag_years for c in found.framework.leaves}
    days = {matured_on(Period.parse(p), lag) for p in found.dataset.periods for lag in lags}
    table = pd.read_csv(io.BytesIO(files.observations.data), usecols=["vintage"], dtype=str)
    days |= {date.fromisoformat(v) for v in table["vintage"].dropna().unique()}
    if files.bands is not None:
        days |= {v.effective_on for p in parse_parameters(files.bands) for v in p.values}
    return tuple(sorted(days))


def rules() -> Snapshot:
    """Return the ruler's parameters in force today."""
    return load_parameters("biaochi.mechanisms.ruler").at(timezone.localdate())


@dataclass(frozen=True)
class Built:
    """A framework's published scores with the plan of open choices."""

    composite: Composite
    plan: Plan
    names: Mapping[str, Text]
    bands: Snapshot


@lru_cache(maxsize=16)
def built(files: Bundle) -> Built:
    """Return the published scores of a bundle."""
    found: Loaded = load(
        files.framework, files.observations, units=files.units, bands=files.bands, at=files.as_of, as_of=files.as_of
    )
    tree, dataset, steps = found.sound()
    plan, _ = read_plan(None, tree, steps, framework_source=files.framework)
    composite = steps.fit(dataset).transform(dataset)
    return Built(
        composite, plan or default_plan(steps, tree.levels[tree.root]), units_mapping(dataset.context), found.bands
    )


def _kept(framework: Framework, files: Bundle, kind: str, unit: str, compute: Any) -> Any:
    content = Reading.kept(framework, files.basis, kind, unit)
    if content is None:
        content = jsonable(compute())
        Reading.objects.get_or_create(
            framework=framework, basis=files.basis, kind=kind, unit=unit, defaults={"content": content}
        )
    return content


def audit_reading(framework: Framework, files: Bundle) -> Any:
    """Return the audit of what is published: intervals, tiers, coherence; ranks are kept but shown only on request."""

    def compute() -> dict[str, object]:
        made, in_force = built(files), rules()
        found = audit(
            made.composite,
            made.plan,
            n=REPLICATIONS,
            tier_level=float(str(in_force["tier_level"].value)),
            low=float(str(in_force["correlation_low"].value)),
            high=float(str(in_force["correlation_high"].value)),
        )
        tables = report.audit_tables(found, ranks=True)
        tables.pop("p_better")
        tables.pop("rate")
        return {**tables, "period": found.uncertainty.period, "said": report.said_audit(found).to_dict()}

    return _kept(framework, files, "audit", "", compute)


def profile_reading(framework: Framework, files: Bundle, unit: str, against: str) -> Any:
    """Return one unit's profile against a reference."""

    def compute() -> dict[str, object]:
        made, in_force = built(files), rules()
        found = profile(
            made.composite,
            made.plan,
            unit,
            against=against,
            n=REPLICATIONS,
            tier_level=float(str(in_force["tier_level"].value)),
        )
        tree = made.composite.dataset.framework
        nodes = {
            n.code: {
                "name": n.name.to_dict(),
                "parent": n.parent or "",
                "leaf": n.code not in tree.children,
                "unit": getattr(n, "unit", "") or "",
                "cost": bool(getattr(n, "cost", None)),
            }
            for n in tree.nodes
        }
        return {
            **report.profile_tables(found),
            "period": found.period,
            "tree": nodes,
            "root": tree.root,
            "said": report.said_profile(found, made.composite).to_dict(),
        }

    return _kept(framework, files, f"profile:{against}"[:20], unit, compute)


def units_of(framework: Framework) -> Mapping[str, Text]:
    """Return the names of a framework's own list of units; empty when it has none."""
    if not framework.units:
        return {}
    table = pd.read_csv(io.StringIO(framework.units.lstrip("\ufeff")), dtype=str, keep_default_na=False)
    return units_mapping(table.set_index("unit")) if "unit" in table else {}


def adopted() -> Framework | None:
    """Return the framework in force: the adopted one with the newest adoption."""
    return Framework.objects.filter(state="adopted").order_by("-entered_at").first()
