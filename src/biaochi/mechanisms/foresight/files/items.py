"""What the items of a survey ask, and the rules set beforehand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.structured import read_model
from biaochi.mechanisms.foresight.model.study import ConsensusRule, Design, Item, StudyRules


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class _Name(_Strict):
    zh: str = ""
    en: str = ""


class _Item(_Strict):
    code: str
    type: Literal["likert", "rank", "probability", "quantiles", "interval", "year", "choice"]
    version: str | int = "1"
    name: _Name | None = None
    low: float | None = None
    high: float | None = None
    top: float | None = None
    asked_on: date | None = None
    pooled_with: list[str | int] = Field(default_factory=list)
    agreed_by: list[str] = Field(default_factory=list)


class _Items(_Strict):
    schema_: str | None = Field(default=None, alias="schema")
    items: list[_Item]


class _Rule(_Strict):
    measure: Literal["top_share", "iqr", "iqr_share"]
    threshold: float


class _Stability(_Strict):
    measure: Literal["share_changed", "kappa"] = "share_changed"
    threshold: float


class _Rules(_Strict):
    schema_: str | None = Field(default=None, alias="schema")
    consensus: _Rule | None = None
    by_type: dict[Literal["likert", "rank", "probability", "quantiles", "interval", "year", "choice"], _Rule] = Field(
        default_factory=dict
    )
    stability: _Stability | None = None
    round_limit: int | None = Field(default=None, ge=1)
    partial: Literal["counts", "does_not_count"] | None = None
    survey_year: int | None = None
    subgroup_minimum: int | None = Field(default=None, ge=2)
    design: Design = Design.ROUNDS


@dataclass(frozen=True)
class ItemsFile:
    """Items by code and version."""

    items: dict[tuple[str, str], Item] = field(default_factory=dict)
    source: Source = field(default_factory=lambda: Source("", b""))


def read_items(path: Path | Source, faults: Faults) -> ItemsFile:
    """Read the list of items (YAML or JSON)."""
    own = Faults(path.name)
    content, source = read_model(path, _Items, faults=own)
    found: dict[tuple[str, str], Item] = {}
    for item in content.items if content else []:
        key = (item.code, str(item.version))
        if key in found:
            own.add(
                "duplicate_key",
                Text("题目与版本重复", "item and version repeat"),
                Text("请只留一个", "keep one"),
                column="items",
                seen=" ".join(key),
            )
        if item.pooled_with and len(set(item.agreed_by)) < 2:
            own.add(
                "not_agreed",
                Text("合并措辞须有两人同意", "wordings are pooled only if two people agree"),
                Text("请在 agreed_by 写明两人", "name two people in agreed_by"),
                column="agreed_by",
                seen=item.code,
            )
        name = item.name or _Name(zh=item.code, en=item.code)
        found[key] = Item(
            item.code,
            str(item.version),
            Text(name.zh or name.en or item.code, name.en or name.zh or item.code),
            item.type,
            item.low,
            item.high,
            item.top,
            item.asked_on,
            tuple(str(v) for v in item.pooled_with),
        )
    faults.extend(own)
    return ItemsFile(found, source)


def read_rules(path: Path | Source, faults: Faults) -> tuple[StudyRules | None, Source]:
    """Read a study's rules, set before its first round."""
    own = Faults(path.name)
    content, source = read_model(path, _Rules, faults=own)
    faults.extend(own)
    if content is None:
        return None, source
    general = ConsensusRule(content.consensus.measure, content.consensus.threshold) if content.consensus else None
    return (
        StudyRules(
            general,
            {k: ConsensusRule(v.measure, v.threshold) for k, v in content.by_type.items()},
            content.stability.measure if content.stability else "share_changed",
            content.stability.threshold if content.stability else None,
            content.round_limit,
            content.partial,
            content.survey_year,
            content.subgroup_minimum,
            content.design,
        ),
        source,
    )
