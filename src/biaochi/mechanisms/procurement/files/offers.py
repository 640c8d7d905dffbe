"""Offers and the scores reviewers gave them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.register import Register
from biaochi.exchange.source import Source
from biaochi.exchange.tables import Column, read_table
from biaochi.mechanisms.procurement.files.cells import optional, value_of
from biaochi.mechanisms.procurement.model import Offer, Purchase, ReviewerScore


def read_offers(register: Register, place: Path | Source, purchase: Purchase) -> list[Offer]:
    """Read the offers: fixed columns and one column a need."""
    faults = Faults(place.name)
    columns = (
        Column("offer", "code", Text("报价", "offer")),
        Column("supplier", "code", Text("供应商", "supplier")),
        Column("price", "money", Text("价格", "price"), unit="元", low=0),
        Column("domestic", "choice", Text("本国产品", "domestic"), choices=("yes", "no", "unknown")),
        Column("domestic_share", "share", Text("本国成本占比", "domestic share"), required=False, blank=True),
        Column("sme", "choice", Text("中小企业", "sme"), choices=("none", "small", "micro", "joint")),
        *(
            Column(n.code, "text", Text(n.function.zh, n.function.en), required=False, blank=True)
            for n in purchase.needs
        ),
    )
    table = read_table(place, columns, key=("offer",), faults=faults, duplicate_code="duplicate_offer")
    register.remember(table.source, len(table))
    offers = []
    for r in table.frame.to_dict("records"):
        values = tuple(
            (n.code, value_of(str(r[n.code]), n.numeric, faults, int(r["row"]), n.code)) for n in purchase.needs
        )
        if r["price"] is None:
            continue
        offers.append(
            Offer(
                str(r["offer"]),
                str(r["supplier"]),
                r["price"],
                r["domestic"],
                r["sme"],
                optional(r["domestic_share"]),
                values,
            )
        )
    if not len(table) and not len(faults):
        faults.add("empty_file", Text("没有报价", "there are no offers"), Text("请填入报价", "add the offers"))
    faults.check()
    return offers


def rates_in_range(purchase: Purchase, parameters: Snapshot) -> Faults:
    """Return a fault for each SME rate of the file outside the range in force."""
    faults = Faults(purchase.id)
    for name, value, code in (
        ("sme.rate", purchase.sme.rate, "sme_rate"),
        ("sme.joint_rate", purchase.sme.joint_rate, "sme_joint_rate"),
    ):
        if value is None or code not in parameters or purchase.sme.reserved:
            continue
        low, high = (float(v) for v in cast(Sequence[float], parameters[code].value))
        if not low <= value <= high:
            faults.add(
                "out_of_range",
                Text("扣除比例超出规定的幅度", "the rate lies outside the range of the rule"),
                Text(f"应在 {low:g} 与 {high:g} 之间", f"it must lie between {low:g} and {high:g}"),
                column=name,
                seen=value,
            )
    return faults


_SCORES = (
    Column("offer", "code", Text("报价", "offer")),
    Column("reviewer", "code", Text("评审人", "reviewer")),
    Column("criterion", "code", Text("标准", "criterion")),
    Column("score", "number", Text("分数", "score")),
)


def read_scores(
    register: Register, place: Path | Source | None, purchase: Purchase, offers: Sequence[Offer]
) -> list[ReviewerScore]:
    """Read expert scores; each lies between 0 and the criterion's weight."""
    if place is None:
        return []
    faults = Faults(place.name)
    table = read_table(place, _SCORES, key=("offer", "reviewer", "criterion"), faults=faults)
    register.remember(table.source, len(table))
    weights = {c.code: c.weight for c in purchase.criteria if c.kind == "expert"}
    known = {o.offer for o in offers}
    found = []
    for r in table.frame.to_dict("records"):
        row, score = int(r["row"]), float(r["score"])
        for column, value, allowed in (("offer", r["offer"], known), ("criterion", r["criterion"], set(weights))):
            if value not in allowed:
                faults.add(
                    "unknown_value",
                    Text("没有这一项", "there is no such entry"),
                    Text(f"可用：{'、'.join(sorted(allowed))}", f"known: {', '.join(sorted(allowed))}"),
                    row=row,
                    column=column,
                    seen=value,
                )
        limit = weights.get(str(r["criterion"]))
        if limit is not None and score == score and not 0 <= score <= limit:
            faults.add(
                "out_of_range",
                Text(f"分数应在 0 与 {limit:g} 之间", f"a score lies between 0 and {limit:g}"),
                Text("请核对分数", "check the score"),
                row=row,
                column="score",
                seen=score,
            )
        found.append(ReviewerScore(str(r["offer"]), str(r["reviewer"]), str(r["criterion"]), score))
    faults.check()
    return found
