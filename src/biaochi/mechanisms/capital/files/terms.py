"""The terms of a fund: read with every fault; what was read from is returned beside the result."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.structured import build_model, read_model
from biaochi.mechanisms.capital.model import (
    CatchUp,
    Concession,
    FirstLoss,
    Party,
    Preferred,
    ReturnOfCapital,
    Split,
    Terms,
    Tier,
)

TERMS_SCHEMA = "biaochi.capital.terms/1"


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


def read_terms(path: Path | Source, faults: Faults) -> tuple[Terms | None, Source]:
    """Read terms; parties named by first loss and concession must exist."""
    raw, source = read_model(path, _Terms, schema=TERMS_SCHEMA, faults=faults)
    return (None if raw is None else _domain(raw, source.name, faults)), source


def terms_of(document: Mapping[str, Any]) -> Terms:
    """Return terms from plain data that was read before; raise every fault it holds."""
    faults = Faults()
    raw = build_model(dict(document), _Terms, faults, schema=TERMS_SCHEMA)
    found = None if raw is None else _domain(raw, "", faults)
    faults.check()
    if found is None:
        raise ValueError("terms without a fault are always built")
    return found


def _domain(raw: _Terms, file: str, faults: Faults) -> Terms:
    losses = raw.first_loss if isinstance(raw.first_loss, list) else [raw.first_loss]
    codes = [p.code for p in raw.parties]
    for i, code in enumerate(codes):
        if code in codes[:i]:
            _unknown(faults, file, f"parties[{i}].code", code, "duplicate_party")
    named = [(f"first_loss[{i}].party", x.party) for i, x in enumerate(losses)]
    to: list[str] = []
    if raw.concession is not None:
        to = raw.concession.to if isinstance(raw.concession.to, list) else [raw.concession.to]
        named += [("concession.from", raw.concession.source), *(("concession.to", code) for code in to)]
    for place, code in named:
        if code not in codes:
            _unknown(faults, file, place, code, "unknown_party")
    plain = raw.model_dump(exclude={"parties", "tiers", "first_loss", "concession"})
    return Terms(
        **plain,
        parties=tuple(Party(p.code, p.role, p.government) for p in raw.parties),
        tiers=tuple(t.to_domain() for t in raw.tiers),
        first_loss=tuple(FirstLoss(x.party, x.share) for x in losses),
        concession=None
        if raw.concession is None
        else Concession(raw.concession.source, raw.concession.share, tuple(to)),
    )


def _unknown(faults: Faults, file: str, place: str, code: str, kind: str) -> None:
    message = (
        Text("当事方重复", "this party appears twice")
        if kind == "duplicate_party"
        else Text("没有这个当事方", "there is no such party")
    )
    faults.add(kind, message, Text("请核对 parties", "compare it with parties"), column=place, seen=code, file=file)
