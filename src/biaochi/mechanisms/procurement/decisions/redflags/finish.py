"""From the running state of a pass to flags: fences over the whole file, then who lies beyond them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from biaochi.mechanisms.procurement.decisions.redflags.bids import BIDS, PROCESSES, REJECTED, VALID, WON
from biaochi.mechanisms.procurement.decisions.redflags.quantiles import Fences, quantile8
from biaochi.mechanisms.procurement.decisions.redflags.scan import Scan
from biaochi.mechanisms.procurement.decisions.redflags.settings import CODES, FlagSettings


@dataclass(frozen=True)
class RedFlags:
    """Flags with their coverage.

    Attributes
    ----------
    results : dict
        Group (``OCID``, ``Buyer``, ``ProcuringEntity``, ``Tenderer``) → id → code → value.
    meta : dict
        Code → quartiles and fences (or the thresholds set instead); NaN without data.
    coverage : dict
        Code → ``computed`` (processes the flag could be computed for) and ``excluded`` (reason → number).
    maps : dict
        OCID → its organisations, when asked for.
    releases : int
        Compiled releases read.
    """

    results: Mapping[str, Mapping[str, Mapping[str, float]]]
    meta: Mapping[str, Mapping[str, float]]
    coverage: Mapping[str, Mapping[str, object]]
    maps: Mapping[str, Mapping[str, object]]
    releases: int


def red_flags(
    releases: Iterable[Mapping[str, Any]], settings: FlagSettings | None = None, *, maps: bool = False
) -> RedFlags:
    """Compute the eleven red flags over compiled releases, in one pass.

    Parameters
    ----------
    releases : iterable of mapping
        OCDS compiled releases, one a contracting process; any iterator, never held.
    settings : FlagSettings or None
        Codes, thresholds and filters.
    maps : bool
        Whether to keep, for each process with bids, its organisations.

    Returns
    -------
    RedFlags
        A flag is a reason to look, not a verdict.

    Notes
    -----
    Definitions follow the Open Contracting Partnership's Cardinal (R003 … R058); dates are compared as instants.

    Examples
    --------
    >>> found = red_flags([{"ocid": "A", "tender": {"procurementMethod": "open", "numberOfTenderers": 1}}])
    >>> found.results["OCID"]
    {'A': {'R018': 1.0}}
    """
    scan = Scan(settings or FlagSettings(), maps=maps)
    for release in releases:
        scan.add(release)
    return finish(scan)


def finish(scan: Scan) -> RedFlags:
    """Close a pass: compute the fences and flag what lies beyond them."""
    meta: dict[str, dict[str, float]] = {}
    codes = scan.settings.codes
    if "R024" in codes:
        meta["R024"] = _r024(scan)
    if "R025" in codes:
        meta["R025"] = _r025(scan)
    if "R038" in codes:
        meta["R038"] = _r038(scan)
    if "R048" in codes:
        meta["R048"] = _r048(scan)
    if "R058" in codes:
        meta["R058"] = _r058(scan)
    return RedFlags(
        results={g: v for g, v in scan.results.items() if v},
        meta={c: m for c, m in meta.items() if m},
        coverage={
            c: {"computed": scan.computed[c], "excluded": dict(sorted(scan.excluded[c].items()))}
            for c in CODES
            if c in codes
        },
        maps=scan.mapped,
        releases=scan.releases,
    )


def _each_pair(scan: Scan) -> Iterable[tuple[str, float, str, str]]:
    names = list(scan.names)
    for i, distance in enumerate(scan.spreads):
        yield scan.ocids[i], distance, names[scan.pairs[2 * i]], names[scan.pairs[2 * i + 1]]


def _r024(scan: Scan) -> dict[str, float]:
    threshold = scan.settings.thresholds.get("R024")
    if threshold is None:
        fences = Fences.of(scan.spreads)
        meta = {"q1": fences.q1, "q3": fences.q3, "lower_fence": fences.lower}
        if not (fences.q1 > 0 and fences.lower > 0):
            return meta
    else:
        meta = {"lower_fence": threshold}
    for ocid, distance, winner, other in _each_pair(scan):
        if distance <= meta["lower_fence"]:
            scan.flag("OCID", ocid, "R024", distance)
            scan.flag("Tenderer", winner, "R024", 0.0)
            scan.flag("Tenderer", other, "R024", 0.0)
    return meta


def _r058(scan: Scan) -> dict[str, float]:
    threshold = scan.settings.thresholds.get("R058")
    if threshold is None:
        fences = Fences.of(scan.spreads)
        meta = {"q1": fences.q1, "q3": fences.q3, "upper_fence": fences.upper}
    else:
        meta = {"upper_fence": threshold}
    if meta["upper_fence"] > 0:
        for ocid, distance, winner, _ in _each_pair(scan):
            if distance >= meta["upper_fence"]:
                scan.flag("OCID", ocid, "R058", distance)
                scan.flag("Tenderer", winner, "R058", 0.0)
    return meta


def _r025(scan: Scan) -> dict[str, float]:
    threshold = scan.settings.thresholds.get("R025")
    won = {name: (r[WON], r[VALID]) for name, r in scan.tenderers.items() if r[VALID]}
    enough = quantile8(sorted(float(n) for _, n in won.values()), scan.settings.percentile / 100)
    ratios = {name: hits / n for name, (hits, n) in won.items()}
    if threshold is None:
        fences = Fences.of(list(ratios.values()))
        meta = {"q1": fences.q1, "q3": fences.q3, "upper_fence": enough, "lower_fence": fences.lower}
        if not (fences.q1 > 0 and fences.lower > 0):
            return meta
    else:
        meta = {"upper_fence": enough, "lower_fence": threshold}
    for name, ratio in ratios.items():
        if ratio <= meta["lower_fence"] and won[name][1] >= enough:
            scan.flag("Tenderer", name, "R025", ratio)
    return meta


def _r038(scan: Scan) -> dict[str, float]:
    settings = scan.settings
    meta: dict[str, float] = {}
    for group, counted in (*scan.rejected.items(), ("Tenderer", scan.tenderers)):
        ratios = {
            name: r[REJECTED] / r[BIDS]
            for name, r in counted.items()
            if r[BIDS] >= settings.minimum_submitted_bids and r[PROCESSES] >= settings.minimum_processes["R038"]
        }
        if not ratios:
            continue
        upper = settings.thresholds.get("R038")
        if upper is None:
            fences = Fences.of(list(ratios.values()))
            meta |= {f"{group}_q1": fences.q1, f"{group}_q3": fences.q3}
            upper = fences.upper
        meta[f"{group}_upper_fence"] = upper
        if upper > 0:
            for name, ratio in ratios.items():
                if ratio >= upper:
                    scan.flag(group, name, "R038", ratio)
    return meta


def _r048(scan: Scan) -> dict[str, float]:
    least = scan.settings.minimum_processes["R048"]
    counts = {name: float(len(kinds)) for name, (kinds, r) in scan.classes.items() if r[PROCESSES] >= least}
    threshold = scan.settings.thresholds.get("R048")
    if threshold is None:
        fences = Fences.of(list(counts.values()))
        meta = {"q1": fences.q1, "q3": fences.q3, "upper_fence": fences.upper}
    else:
        meta = {"upper_fence": threshold}
    if meta["upper_fence"] > 0:
        for name, count in counts.items():
            if count >= meta["upper_fence"]:
                scan.flag("Tenderer", name, "R048", count)
    return meta
