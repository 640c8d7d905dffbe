"""Procurement's part of a programme folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from biaochi.core.errors import InputError
from biaochi.core.text import Text
from biaochi.core.turn import Turn
from biaochi.exchange.faults import Faults
from biaochi.exchange.register import Unrecorded
from biaochi.mechanisms.procurement.decisions.part import PartInputs, PartPurchase
from biaochi.mechanisms.procurement.decisions.schedule import WorkingCalendar
from biaochi.mechanisms.procurement.files.market import read_calendar, read_products
from biaochi.mechanisms.procurement.files.offers import rates_in_range, read_offers, read_scores
from biaochi.mechanisms.procurement.files.purchase import read_purchase
from biaochi.mechanisms.procurement.files.releases import Releases
from biaochi.mechanisms.procurement.files.rules import rules_on

_T = TypeVar("_T")
RELEASES = ("releases.jsonl", "releases.json", "releases.jsonl.gz")


def read_part(folder: Path, turn: Turn, faults: Faults) -> PartInputs | None:
    """Read ``purchases/*.yaml``, each with its tables, and ``calendar.csv``, ``releases.jsonl`` (or ``.json``).

    The tables of ``purchases/<name>.yaml`` are ``purchases/<name>.products.csv``, ``.offers.csv`` and ``.scores.csv``.
    ``None`` when there is neither a purchase nor a file of releases.
    """
    places = sorted((folder / "purchases").glob("*.yaml"))
    listed = next((folder / n for n in RELEASES if (folder / n).is_file()), None)
    if not places and listed is None:
        return None
    purchases = [p for place in places if (p := _purchase(place, turn, faults)) is not None]
    _distinct(places, purchases, faults)
    declared = folder / "calendar.csv"
    calendar = _tried(lambda: read_calendar(Unrecorded(), declared if declared.is_file() else None), faults)
    releases = _tried(lambda: tuple(Releases(Unrecorded(), listed)), faults) if listed is not None else None
    if len(faults):
        return None
    return PartInputs(tuple(purchases), calendar or WorkingCalendar(), releases)


def _purchase(place: Path, turn: Turn, faults: Faults) -> PartPurchase | None:
    call = Unrecorded()
    purchase = _tried(lambda: read_purchase(call, place), faults)
    if purchase is None:
        return None
    faults.extend(rates_in_range(purchase, rules_on(turn.at)))
    tables = {n: place.with_name(f"{place.stem}.{n}.csv") for n in ("products", "offers", "scores")}
    there = {n: path for n, path in tables.items() if path.is_file()}
    products = _tried(lambda: read_products(call, there["products"], purchase), faults) if "products" in there else []
    offers = _tried(lambda: read_offers(call, there["offers"], purchase), faults) if "offers" in there else []
    scores = (
        _tried(lambda: read_scores(call, there["scores"], purchase, offers or ()), faults)
        if "scores" in there and offers is not None
        else []
    )
    return PartPurchase(purchase, tuple(products or ()), tuple(offers or ()), tuple(scores or ()))


def _distinct(places: list[Path], purchases: list[PartPurchase], faults: Faults) -> None:
    seen: set[str] = set()
    for given in purchases:
        if given.purchase.id in seen:
            faults.add(
                "duplicate_id",
                Text("采购编号重复", "the id of a purchase repeats"),
                Text("请改用唯一的编号", "use a unique id"),
                column="id",
                seen=given.purchase.id,
                file=places[0].parent.name,
            )
        seen.add(given.purchase.id)


def _tried(read: Callable[[], _T], faults: Faults) -> _T | None:
    try:
        return read()
    except InputError as error:
        faults.extend(error)
        return None
