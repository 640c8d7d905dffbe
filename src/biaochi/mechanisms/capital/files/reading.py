"""Terms, flows, deals and tiers: read with every fault; what was read from is returned beside the result."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.structured import build_model, read_data, read_model
from biaochi.exchange.tables import Column, read_table
from biaochi.mechanisms.capital.model import (
    CatchUp,
    Concession,
    Deal,
    FirstLoss,
    Flow,
    LossTier,
    Party,
    Preferred,
    ReturnOfCapital,
    Split,
    Terms,
    Tier,
)

TERMS_SCHEMA = "biaochi.capital.terms/1"
TIERS_SCHEMA = "biaochi.capital.tiers/1"
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
    Column("party", "code", Text("当事方,空为共同", "party, empty for all"), required=False, blank=True),
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


def _exact(value: object) -> object:
    """Read a YAML or JSON float by its shortest spelling, so that 0.3 is three tenths."""
    return repr(value) if isinstance(value, float) else value


Share = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0, le=1)]
Amount = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0)]
Number = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Party(_Strict):
    code: str = Field(min_length=1)
    role: Literal["lp", "gp"]
    government: bool = False


class _Preferred(_Strict):
    rate: Share


class _CatchUp(_Strict):
    share: Share
    until: Share

    @model_validator(mode="after")
    def _can_end(self) -> _CatchUp:
        if self.share <= self.until:
            raise ValueError("a catch-up never ends unless its share exceeds the target")
        return self


class _Split(_Strict):
    lps: Share
    gp: Share

    @model_validator(mode="after")
    def _whole(self) -> _Split:
        if self.lps + self.gp != 1:
            raise ValueError("lps and gp must sum to 1")
        return self


class _Tier(_Strict):
    return_of_capital: dict[str, object] | bool | None = None
    preferred: _Preferred | None = None
    catch_up: _CatchUp | None = None
    split: _Split | None = None

    @model_validator(mode="before")
    @classmethod
    def _spelled(cls, value: Any) -> Any:
        """Accept ``return_of_capital``, ``{preferred: {rate: …}}`` and ``{kind: preferred, rate: …}``."""
        if isinstance(value, str):
            return {value: {}} if value == "return_of_capital" else {value: None}
        if isinstance(value, dict):
            for name in ("kind", "tier"):
                if name in value:
                    rest = {k: v for k, v in value.items() if k != name}
                    return {str(value[name]): rest}
            return {k: {} if k == "return_of_capital" and v is None else v for k, v in value.items()}
        return value

    @model_validator(mode="after")
    def _one(self) -> _Tier:
        given = [v for v in (self.return_of_capital, self.preferred, self.catch_up, self.split) if v is not None]
        if len(given) != 1:
            raise ValueError("a tier is one of return_of_capital, preferred, catch_up, split, with its numbers")
        return self

    def to_domain(self) -> Tier:
        if self.preferred is not None:
            return Preferred(self.preferred.rate)
        if self.catch_up is not None:
            return CatchUp(self.catch_up.share, self.catch_up.until)
        if self.split is not None:
            return Split(self.split.lps, self.split.gp)
        return ReturnOfCapital()


class _FirstLoss(_Strict):
    party: str
    share: Share


class _Concession(_Strict):
    source: str = Field(alias="from")
    share: Share
    to: str | list[str]


class _Terms(_Strict):
    fund: str = Field(min_length=1)
    kind: Literal["national", "regional", "local", "sub_fund"] = "local"
    purpose: str = ""
    term_years: Number | None = None
    invest_years: Number | None = None
    reinvestment_ratio: Number | None = None
    registration_required: bool | None = None
    early_share: Annotated[float, Field(ge=0, le=1)] | None = None
    ticket_max: Amount | None = None
    valuation_max: Amount | None = None
    largest_lp: bool | None = None
    sub_fund_share: Annotated[float, Field(ge=0, le=1)] | None = None
    sub_fund_mean: Amount | None = None
    evaluation: Literal["life_cycle", "yearly", "single_project"] | None = None
    track_years_to_market: Number | None = None
    parties: list[_Party] = []
    tiers: list[_Tier] = []
    first_loss: list[_FirstLoss] | _FirstLoss = []
    concession: _Concession | None = None


class _LossTier(_Strict):
    share: Annotated[float, Field(ge=0, le=1)]
    citation: str = ""
    status: Literal["confirmed", "unverified"] = "unverified"


class _Tiers(_Strict):
    tiers: dict[str, _LossTier]


def read_terms(path: Path, faults: Faults) -> tuple[Terms | None, Source]:
    """Read terms; parties named by first loss and concession must exist."""
    raw, source = read_model(path, _Terms, schema=TERMS_SCHEMA, faults=faults)
    if raw is None:
        return None, source
    losses = raw.first_loss if isinstance(raw.first_loss, list) else [raw.first_loss]
    codes = [p.code for p in raw.parties]
    for i, code in enumerate(codes):
        if code in codes[:i]:
            _unknown(faults, path.name, f"parties[{i}].code", code, "duplicate_party")
    named = [(f"first_loss[{i}].party", x.party) for i, x in enumerate(losses)]
    to: list[str] = []
    if raw.concession is not None:
        to = raw.concession.to if isinstance(raw.concession.to, list) else [raw.concession.to]
        named += [("concession.from", raw.concession.source), *(("concession.to", code) for code in to)]
    for place, code in named:
        if code not in codes:
            _unknown(faults, path.name, place, code, "unknown_party")
    plain = raw.model_dump(exclude={"parties", "tiers", "first_loss", "concession"})
    terms = Terms(
        **plain,
        parties=tuple(Party(p.code, p.role, p.government) for p in raw.parties),
        tiers=tuple(t.to_domain() for t in raw.tiers),
        first_loss=tuple(FirstLoss(x.party, x.share) for x in losses),
        concession=None
        if raw.concession is None
        else Concession(raw.concession.source, raw.concession.share, tuple(to)),
    )
    return terms, source


def _unknown(faults: Faults, file: str, place: str, code: str, kind: str) -> None:
    message = (
        Text("当事方重复", "this party appears twice")
        if kind == "duplicate_party"
        else Text("没有这个当事方", "there is no such party")
    )
    faults.add(kind, message, Text("请核对 parties", "compare it with parties"), column=place, seen=code, file=file)


def read_flows(path: Path, faults: Faults) -> tuple[list[Flow], Source, int]:
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
            file=path.name,
        )
    return found, table.source, len(table)


def read_deals(path: Path, faults: Faults) -> tuple[list[Deal], Source, int]:
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
    return _grouped(deals, faults, path.name), table.source, len(table)


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
                Text("请统一 p_group(未填时统一 p_success)", "make p_group (without it, p_success) the same"),
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


def read_tiers(path: Path, faults: Faults) -> tuple[list[LossTier], Source]:
    """Read tolerated losses: class → share, citation, status."""
    data, source = read_data(path)
    if isinstance(data, dict):
        data = {k: v for k, v in data.items() if k != "schema"}
    raw = build_model({"tiers": data}, _Tiers, faults)
    if raw is None:
        return [], source
    return [LossTier(name, t.share, t.citation, t.status) for name, t in raw.tiers.items()], source
