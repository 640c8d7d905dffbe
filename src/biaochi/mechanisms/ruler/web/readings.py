"""Computing what the pages show, from exactly the files that can be downloaded; each result is computed once.

The basis of a reading is the digest of the bundle (framework, observations, units), so a new publication makes new
readings and an old one stays what it was.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import pandas as pd
from django.utils import timezone

from biaochi.core.canonical import digest
from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.exchange.jsonfile import jsonable
from biaochi.exchange.parameter_files import load_parameters
from biaochi.exchange.source import Source
from biaochi.exchange.tables import to_csv
from biaochi.mechanisms.ruler import report
from biaochi.mechanisms.ruler.files import Loaded, load, read_plan
from biaochi.mechanisms.ruler.model import audit, default_plan, profile
from biaochi.mechanisms.ruler.web.models import Cell, Framework, Reading
from biaochi.methods.composite import Composite, Plan
from biaochi.methods.composite.dataset import units_mapping

REPLICATIONS = 512
CELLS = ("unit", "indicator", "period", "value", "se", "grade", "source", "status", "vintage")


@dataclass(frozen=True)
class Bundle:
    """The files a reading rests on."""

    framework: Source
    observations: Source
    units: Source | None

    @property
    def basis(self) -> str:
        """Digest of all three."""
        return digest([self.framework.sha256, self.observations.sha256, self.units.sha256 if self.units else ""])

    def to_zip(self) -> bytes:
        """Return the files as an archive with fixed dates, so that equal content has equal bytes."""
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for source in (self.framework, self.observations, self.units):
                if source is not None:
                    archive.writestr(zipfile.ZipInfo(source.name, (1980, 1, 1, 0, 0, 0)), source.data)
        return stream.getvalue()


def bundle(framework: Framework) -> Bundle:
    """Return the files of a framework with everything published for it."""
    rows = (
        Cell.objects.filter(submission__framework=framework, submission__state__in=("published", "revised"))
        .order_by("indicator", "period", "unit", "vintage", "pk")
        .values(*CELLS)
    )
    frame = pd.DataFrame(list(rows), columns=list(CELLS))
    frame["vintage"] = [v.isoformat() if isinstance(v, date) else "" for v in frame["vintage"]]
    return Bundle(
        Source("framework.yaml", framework.document.encode()),
        Source("observations.csv", to_csv(frame).encode()),
        Source("units.csv", framework.units.encode()) if framework.units else None,
    )


def rules() -> Snapshot:
    """Return the ruler's parameters in force today."""
    return load_parameters("biaochi.mechanisms.ruler").at(timezone.localdate())


@dataclass(frozen=True)
class Built:
    """A framework's published scores with the plan of open choices."""

    composite: Composite
    plan: Plan
    names: Mapping[str, Text]


@lru_cache(maxsize=8)
def _built(basis: str, files: Bundle) -> Built:
    found: Loaded = load(files.framework, files.observations, units=files.units, as_of=timezone.localdate())
    tree, dataset, steps = found.sound()
    plan, _ = read_plan(None, tree, steps, framework_source=files.framework)
    composite = steps.fit(dataset).transform(dataset)
    return Built(composite, plan or default_plan(steps, tree.levels[tree.root]), units_mapping(dataset.context))


def built(files: Bundle) -> Built:
    """Return the published scores of a bundle."""
    return _built(files.basis, files)


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


def adopted() -> Framework | None:
    """Return the framework in force: the adopted one with the newest adoption."""
    return Framework.objects.filter(state="adopted").order_by("-entered_at").first()
