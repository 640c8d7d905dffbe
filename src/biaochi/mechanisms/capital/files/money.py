"""Flows, deals and tolerated losses: read with every fault; what was read from is returned beside the result."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.structured import build_model, read_data
from biaochi.exchange.tables import Column, read_table
from biaochi.mechanisms.capital.model import Deal, Flow, LossTier

FLOWS = (
    Column("fund", "code", Text("基金", "fund"), example="F1"),
    Column("at", "date", Text("日期", "date"), example="2024-03-31"),
    Column(
        "kind",
        "choice",
        Text("种类", "kind"),
        choices=("call", "distribution", "nav"),
        example="call",
    ),
    Column("party", "code", Text("当事方，空为共同", "party, empty for all"), required=False, blank=True),
    Column("amount", "money", Text("金额", "amount"), unit="yuan", low=0.0, example="1000000.00"),
)
DEALS = (
    Column("deal", "code", Text("项目", "deal"), example="D1"),
    Column("class", "code", Text("类别", "class"), example="seed"),
    Column("amount", "money", Text("金额", "amount"), unit="yuan", low=0.0, example="5000000.00"),
    Column("p_success", "share", Text("成功概率", "chance of success"), example="0.4"),
    Column("loss_share", "share", Text("失败时损失比例", "share lost on failure"), example="0.8"),
    Column("group", "code", Text("共同风险组", "group"), required=False, blank=True),
    Column("p_group", "share", Text("该组可行的概率", "chance that the group is viable"), required=False, blank=True),
)


class _LossTier(BaseModel):
    model_config = ConfigDict(extra="forbid")

    share: Annotated[float, Field(ge=0, le=1)]
    citation: str = ""
    status: Literal["confirmed", "unverified"] = "unverified"


class _Tiers(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tiers: dict[str, _LossTier]


def read_flows(path: Path | Source, faults: Faults) -> tuple[list[Flow], Source, int]:
    """Read flows; calls and distributions may repeat, a day's valuation of one party may not."""
    table = read_table(path, FLOWS, faults=faults)
    found = []
    for fund, at, kind, party, amount in table.frame[["fund", "at", "kind", "party", "amount"]].itertuples(index=False):
        if at is not None and amount is not None and kind:
            found.append(Flow(fund, at, kind, party, amount))
    if table.frame.empty and not len(faults):
        faults.add(
            "empty_table",
            Text("没有现金流", "there are no flows"),
            Text("请填写", "add flows"),
            file=table.source.name,
        )
    return found, table.source, len(table)


def read_deals(path: Path | Source, faults: Faults) -> tuple[list[Deal], Source, int]:
    """Read deals; those of a group share one chance of being viable.

    A group without ``p_group`` stands or falls as one: its deals must then state the same ``p_success``.
    """
    table = read_table(path, DEALS, key=("deal",), faults=faults)
    deals = []
    for row in table.frame.to_dict("records"):
        chance = None if row["p_group"] != row["p_group"] else float(row["p_group"])
        if row["amount"] is None or row["p_success"] != row["p_success"] or row["loss_share"] != row["loss_share"]:
            continue
        deals.append(
            (
                int(row["row"]),
                Deal(
                    row["deal"], row["class"], row["amount"], row["p_success"], row["loss_share"], row["group"], chance
                ),
            )
        )
    return _grouped(deals, faults, table.source.name), table.source, len(table)


def _grouped(deals: list[tuple[int, Deal]], faults: Faults, file: str) -> list[Deal]:
    groups: dict[str, tuple[float | None, float]] = {}
    found = []
    for row, d in deals:
        if not d.group:
            found.append(d)
            continue
        p_group, p_success = groups.setdefault(d.group, (d.p_group, d.p_success))
        if p_group != d.p_group or (p_group is None and p_success != d.p_success):
            faults.add(
                "group_differs",
                Text("同组项目的组概率须相同", "deals of one group must state the same chance of the group"),
                Text("请统一 p_group（未填时统一 p_success）", "make p_group (without it, p_success) the same"),
                row=row,
                column="p_group",
                seen="" if d.p_group is None else d.p_group,
                file=file,
            )
        if d.p_group is None:
            found.append(Deal(d.deal, d.kind, d.amount, 1.0, d.loss_share, d.group, d.p_success))
        else:
            found.append(d)
    return found


def read_tiers(path: Path | Source, faults: Faults) -> tuple[list[LossTier], Source]:
    """Read tolerated losses: class → share, citation, status."""
    data, source = read_data(path)
    if isinstance(data, dict):
        data = {k: v for k, v in data.items() if k != "schema"}
    raw = build_model({"tiers": data}, _Tiers, faults)
    if raw is None:
        return [], source
    return [LossTier(name, t.share, t.citation, t.status) for name, t in raw.tiers.items()], source
