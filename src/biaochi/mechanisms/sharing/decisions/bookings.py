"""Bookings: does one more fit, is it charged as listed, how much is used, who is let in at which price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd

from biaochi.core.decision import Decision, Reason, Scalar
from biaochi.core.money import yuan
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.sharing.model import ACCEPTED, HOLDING, Resource
from biaochi.methods.matching.calendar import load
from biaochi.methods.survival import wilson

_HOLDING = [s.value for s in HOLDING]
_ACCEPTED = [s.value for s in ACCEPTED]


def confirm_booking(
    resource: Resource, held: pd.DataFrame, start: datetime, end: datetime, units: float, *, at: datetime
) -> Decision:
    """Decide whether a booking fits beside those already held.

    Parameters
    ----------
    resource : Resource
        What is booked.
    held : pandas.DataFrame
        Bookings that hold its capacity: ``from``, ``to``, ``units``.
    start, end : datetime
        ``[start, end)``.
    units : float
        Units asked for.
    at : datetime
        Instant of the decision.

    Returns
    -------
    Decision
        ``outcome`` ``confirmed`` or ``refused``; reasons ``period``, ``open``, ``capacity``.
    """
    ordered = end > start and units > 0
    reasons = [
        Reason(
            "period",
            Verdict.MET if ordered else Verdict.UNMET,
            Text("起止与单位数须成立", "the period and the units must make sense"),
            f"{start.isoformat()} … {end.isoformat()}",
        )
    ]
    inside = (resource.open_from is None or start >= resource.open_from) and (
        resource.open_to is None or end <= resource.open_to
    )
    reasons.append(
        Reason(
            "open", Verdict.MET if inside else Verdict.UNMET, Text("须在开放时段内", "it must lie within open hours")
        )
    )
    if ordered:
        peak = peak_units(held, start, end) + units
        fits = peak <= resource.capacity + 1e-9
        text = Text(
            f"该时段最多占用 {peak:g}，容量 {resource.capacity:g}",
            f"at most {peak:g} would be in use, capacity {resource.capacity:g}",
        )
        reasons.append(Reason("capacity", Verdict.MET if fits else Verdict.UNMET, text, peak, resource.capacity))
    confirmed = all(r.verdict is Verdict.MET for r in reasons)
    facts: dict[str, Scalar] = {"resource": resource.resource, "units": units}
    return Decision("confirmed" if confirmed else "refused", tuple(reasons), at, facts=facts)


def peak_units(held: pd.DataFrame, start: datetime, end: datetime) -> float:
    """Return the most units in use at any moment of ``[start, end)``."""
    if not len(held):
        return 0.0
    a, z = pd.Timestamp(start), pd.Timestamp(end)
    own = held[(held["from"] < z) & (held["to"] > a)]
    moments = [a, *own.loc[own["from"] > a, "from"]]
    return max((float(own.loc[(own["from"] <= m) & (own["to"] > m), "units"].sum()) for m in moments), default=0.0)


@dataclass(frozen=True)
class PriceCheck:
    """Bookings whose charge differs from the listed price, and those without a listed price (row positions)."""

    wrong: list[tuple[int, Decimal | None, Decimal]]
    missing: list[int]


def due_charge(units: float, price: Decimal) -> Decimal:
    """Return units × price, half up to the fen.

    Examples
    --------
    >>> due_charge(1.5, Decimal("0.33"))
    Decimal('0.50')
    """
    return yuan(Decimal(repr(float(units))) * price)


def check_prices(bookings: pd.DataFrame, prices: pd.DataFrame) -> PriceCheck:
    """Hold every booking that was used or confirmed against the price listed for its resource, class and first day.

    Parameters
    ----------
    bookings : pandas.DataFrame
        ``resource, class, from, units, used_units, status, charge``.
    prices : pandas.DataFrame
        ``resource, class, from, to, unit_price``; days, both included; an open end is ``None``.

    Returns
    -------
    PriceCheck
        Units used count where they are recorded, else the units booked; a no-show is charged as booked.
    """
    listed: dict[tuple[str, str], list[tuple[date, date, Decimal]]] = {}
    for r in prices.to_dict("records"):
        key = (str(r["resource"]), str(r["class"]))
        listed.setdefault(key, []).append((r["from"] or date.min, r["to"] or date.max, r["unit_price"]))
    wrong: list[tuple[int, Decimal | None, Decimal]] = []
    missing: list[int] = []
    columns = ("resource", "class", "from", "units", "used_units", "status", "charge")
    for i, (name, kind, start, units, used, status, charge) in enumerate(
        zip(*(bookings[c] for c in columns), strict=True)
    ):
        if status not in _HOLDING:
            continue
        day = start.date()
        price = next((p for a, z, p in listed.get((name, kind), []) if a <= day <= z), None)
        if price is None:
            missing.append(i)
            continue
        count = units if np.isnan(used) else used
        due = due_charge(0.0 if np.isnan(count) else count, price)
        # A confirmed booking without a charge has not been settled yet.
        settled = status != "confirmed" or charge is not None
        if settled and charge != due:
            wrong.append((i, charge, due))
    return PriceCheck(wrong, missing)


def access_rates(bookings: pd.DataFrame, *, small_cell: int, level: float) -> list[dict[str, object]]:
    """Return for each resource and group of users how many requests were accepted, with interval, and the median wait.

    Returns
    -------
    list of dict
        ``resource, group, n, accepted, lo, hi, wait_days``; ``accepted`` is a share; below the small cell only ``n`` of
        that group is hidden with it (``None``).
    """
    answered = bookings[bookings["status"] != "requested"]
    records: list[dict[str, object]] = []
    for (resource, group), own in answered.groupby(["resource", "group"], sort=True):
        n = len(own)
        hidden = n < small_cell
        estimate = wilson(int(own["status"].isin(_ACCEPTED).sum()), n, level)
        waits = [
            (start - asked).total_seconds() / 86_400
            for asked, start, status in zip(own["requested_at"], own["from"], own["status"], strict=True)
            if asked is not None and status in _ACCEPTED
        ]
        records.append(
            {
                "resource": str(resource),
                "group": str(group),
                "n": None if hidden else n,
                "accepted": None if hidden else estimate.value,
                "lo": None if hidden else estimate.low,
                "hi": None if hidden else estimate.high,
                "wait_days": None if hidden or not waits else float(np.median(waits)),
            }
        )
    return records


def utilisation(
    resources: Mapping[str, Resource], bookings: pd.DataFrame, start: datetime, end: datetime
) -> list[dict[str, object]]:
    """Return unit-hours open, booked and used of every resource within ``[start, end)``.

    Returns
    -------
    list of dict
        ``resource, open, booked, used, utilisation`` (used over open, ``None`` when it was never open), ``no_show``
        (share of bookings that held capacity), ``peak`` (units at once),
        ``top_user_share`` and ``hhi`` (of used hours).
    """
    a, z = pd.Timestamp(start), pd.Timestamp(end)
    held = bookings[bookings["status"].isin(_HOLDING) & (bookings["from"] < z) & (bookings["to"] > a)]
    hours = _hours_within(held, a, z)
    units = held["units"].fillna(1.0).to_numpy()
    used_units = held["used_units"].fillna(held["units"]).fillna(1.0).to_numpy()
    was_used = (held["status"] == "used").to_numpy()
    table = held.assign(
        booked_hours=units * hours,
        used_hours=np.where(was_used, used_units * hours, 0.0),
        missed=(held["status"] == "no_show").to_numpy(),
        units=units,
    )
    by_resource = dict(iter(table.groupby("resource", sort=False)))
    return [_one(resource, by_resource.get(name), a, z) for name, resource in resources.items()]


def _hours_within(frame: pd.DataFrame, a: pd.Timestamp, z: pd.Timestamp) -> np.ndarray:
    start = np.maximum(frame["from"].to_numpy(dtype="datetime64[ns]"), a.to_datetime64())
    end = np.minimum(frame["to"].to_numpy(dtype="datetime64[ns]"), z.to_datetime64())
    return np.asarray((end - start) / np.timedelta64(3600, "s"), dtype=np.float64)


def _one(resource: Resource, own: pd.DataFrame | None, a: pd.Timestamp, z: pd.Timestamp) -> dict[str, object]:
    begin = a if resource.open_from is None else max(a, pd.Timestamp(resource.open_from))
    stop = z if resource.open_to is None else min(z, pd.Timestamp(resource.open_to))
    opened = resource.capacity * max((stop - begin).total_seconds() / 3600, 0.0)
    record: dict[str, object] = {"resource": resource.resource, "open": opened}
    if own is None:
        return record | {
            "booked": 0.0,
            "used": 0.0,
            "utilisation": 0.0 if opened else None,
            "no_show": None,
            "peak": 0.0,
            "top_user_share": None,
            "hhi": None,
        }
    used = float(own["used_hours"].sum())
    shares = own.groupby("user")["used_hours"].sum() / used if used else None
    return record | {
        "booked": float(own["booked_hours"].sum()),
        "used": used,
        "utilisation": used / opened if opened else None,
        "no_show": float(own["missed"].mean()),
        "peak": float(load(own).units.max()),
        "top_user_share": None if shares is None else float(shares.max()),
        "hhi": None if shares is None else float((shares**2).sum()),
    }
