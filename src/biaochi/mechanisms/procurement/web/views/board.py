"""The stage board: each step of the procedure with its day and its article; each contract with its stages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from biaochi.core.roles import Actor
from biaochi.core.text import Text
from biaochi.mechanisms.procurement.decisions.compensation import account
from biaochi.mechanisms.procurement.lifecycle import PURCHASE
from biaochi.mechanisms.procurement.model import Purchase
from biaochi.mechanisms.procurement.report.words import STAGE
from biaochi.mechanisms.procurement.web.models import CoPurchase, RdContract

_ORDER = (
    ("draft_plan", "方案与需求", "plan and needs", "12", ""),
    ("expert_argued", "专家论证", "expert argument", "12", "argued"),
    ("approved", "批准", "approval", "12", "approved"),
    ("noticed", "公告", "notice", "16", "notice"),
    ("qualified", "申请截止", "applications closed", "16", "applications_close"),
    ("concept_exchange", "概念交流", "concept exchange", "17", "exchanged"),
    ("file_issued", "谈判文件", "negotiation file", "19", "file_issued"),
    ("negotiation_rounds", "首次响应、评审", "first response, evaluation", "19", "first_response"),
    ("selected", "选定", "selection", "23", "result"),
    ("developing", "研发", "development", "24", "signed"),
    ("accepted", "验收", "acceptance", "25", "accepted"),
    ("first_purchase_standstill", "首购公告", "first purchase announced", "26–28", "announced"),
    ("first_purchase_contract", "首购协议", "first-purchase agreement", "26–28", "contract"),
)
_SAME = {
    "standstill": "selected",
    "complaint": "selected",
    "first_purchase_review": "accepted",
    "first_purchase_complaint": "first_purchase_standstill",
    "iterated": "first_purchase_contract",
    "closed": "first_purchase_contract",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the board: its name, article, day, and whether it is past, present or to come."""

    name: Text
    article: str
    on: date | None
    when: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One stage of one contract; ``code`` chooses glyph and colour."""

    name: Text
    code: str
    said: Text
    due_on: date | None


@dataclass(frozen=True)
class Lane:
    """A contract on the board."""

    row: RdContract
    cells: tuple[Cell, ...]
    paid: object
    cap: object
    link: bool


def steps(obj: CoPurchase, purchase: Purchase) -> list[Step]:
    """Return the steps of a purchase."""
    here = _SAME.get(obj.state, obj.state)
    place = next((i for i, s in enumerate(_ORDER) if s[0] == here), len(_ORDER))
    first = purchase.first_purchase
    later = {
        "signed": min((c.signed_on for c in purchase.contracts), default=None),
        "accepted": max((t.on for t in purchase.acceptance if t.on is not None), default=None),
        "announced": first.announced_on if first is not None else None,
        "contract": first.contract_on if first is not None else None,
    }
    found = []
    for number, (_, zh, en, article, key) in enumerate(_ORDER):
        on = later[key] if key in later else getattr(purchase.dates, key, None) if key else None
        when = "past" if number < place or PURCHASE.state(obj.state).final else "current" if number == place else "next"
        found.append(Step(Text(zh, en), article, on, when))
    return found


def lanes(rows: Sequence[RdContract], actor: Actor) -> list[Lane]:
    """Return the contracts with their stages; those the actor may open carry a link."""
    seen = {r.pk for r in RdContract.visible(actor, RdContract.objects.filter(pk__in=[r.pk for r in rows]))}
    return [_lane(r, r.pk in seen) for r in rows]


def _lane(row: RdContract, link: bool) -> Lane:
    contract = row.domain
    done = {s.code: s for s in contract.stages}
    cells = []
    for code, name in STAGE.items():
        stage = done.get(code)  # type: ignore[call-overload]
        if stage is None:
            cells.append(Cell(name, "none", Text("–", "–"), None))
        elif stage.verdict == "met":
            cells.append(Cell(name, "met", Text("达到", "met"), stage.due_on))
        elif stage.verdict == "unmet":
            cells.append(Cell(name, "unmet", Text("未达到", "not met"), stage.due_on))
        else:
            cells.append(Cell(name, "active", Text("进行中", "under way"), stage.due_on))
    money = account(contract, row.settled or account(contract).settled)
    return Lane(row, tuple(cells), money.paid, row.cap, link)
