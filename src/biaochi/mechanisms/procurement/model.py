"""What a purchase is: an innovation purchase with its needs, people, dates, contracts and stages.

The classes mirror the purchase file key by key; ``__pydantic_config__`` lets the file's reader refuse unknown keys.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal

Number = float | int


class _Strict:
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True)
class Title(_Strict):
    """A title in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Buyer(_Strict):
    """The buying body."""

    name: str
    level: Literal["central", "provincial", "plan_city", "prefecture", "county"]
    code: str | None = None
    consent_on: date | None = None


@dataclass(frozen=True)
class GroundOfPurchase(_Strict):
    """Why the purchase may be a co-innovation purchase (财库〔2024〕13号 第三条)."""

    case: Literal["a", "b", "c"]
    plan: str
    statement: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class MoneyOfPurchase(_Strict):
    """Ceilings in yuan."""

    max_cost: Decimal
    first_purchase: Decimal = Decimal(0)


@dataclass(frozen=True)
class GroupMember(_Strict):
    """A member of the negotiation group."""

    id: str
    role: Literal["legal", "economics", "technical", "buyer"]


@dataclass(frozen=True)
class Criterion(_Strict):
    """A criterion of selection; weights of a purchase sum to 100."""

    code: str
    kind: Literal["expert", "price"]
    weight: float


@dataclass(frozen=True)
class Need(_Strict):
    """A functional requirement: what the thing must do, by how much, and how that is tested."""

    code: str
    function: Title
    op: Literal[">=", "<=", "==", "in"]
    threshold: Number | str | tuple[Number | str, ...]
    unit: str | None = None
    test_method: str | None = None
    mandatory: bool = True
    weight: float = 0.0

    @property
    def numeric(self) -> bool:
        """Whether the threshold is one number."""
        return isinstance(self.threshold, int | float) and not isinstance(self.threshold, bool)


@dataclass(frozen=True)
class SmePolicy(_Strict):
    """How small and medium-sized enterprises are supported."""

    reserved: bool = False
    subcontract_share: float | None = None
    rate: float | None = None
    joint_rate: float | None = None


@dataclass(frozen=True)
class IntellectualProperty(_Strict):
    """Who owns what is developed."""

    owner: Literal["supplier", "buyer", "shared"] = "supplier"
    reason: str | None = None


@dataclass(frozen=True)
class Risk(_Strict):
    """A risk and how it is controlled."""

    risk: str
    control: str


@dataclass(frozen=True)
class Dates(_Strict):
    """The dates of the procedure, in the order they must follow."""

    argued: date | None = None
    approved: date | None = None
    intention: date | None = None
    notice: date | None = None
    applications_close: date | None = None
    exchanged: date | None = None
    file_issued: date | None = None
    first_response: date | None = None
    result: date | None = None


@dataclass(frozen=True)
class Disclosure(_Strict):
    """A document that was published, or the reason why it is exempt."""

    document: Literal["intention", "notice", "negotiation_file", "result", "rd_contract", "first_purchase_agreement"]
    on: date | None = None
    sha256: str | None = None
    url: str | None = None
    exempt: str | None = None


@dataclass(frozen=True)
class GoalRoutes(_Strict):
    """The routes considered for one goal."""

    goal: str
    routes: tuple[str, ...]


@dataclass(frozen=True)
class Stage(_Strict):
    """One stage of an R&D contract."""

    code: Literal["design", "principle", "component", "prototype", "trial"]
    starts_on: date | None = None
    due_on: date | None = None
    amount: Decimal = Decimal(0)
    scope: tuple[str, ...] = ()
    midterm_on: date | None = None
    report: str | None = None
    cost_statement: str | None = None
    evidence: tuple[str, ...] = ()
    verdict: Literal["met", "unmet"] | None = None
    decided_on: date | None = None


@dataclass(frozen=True)
class Contract(_Strict):
    """An R&D contract with its stages."""

    supplier: str
    cap: Decimal
    signed_on: date
    ends_on: date
    scope: tuple[str, ...] = ()
    major: bool = False
    stages: tuple[Stage, ...] = ()
    outcome: Literal["accepted", "eliminated", "withdrawn"] | None = None


@dataclass(frozen=True)
class AcceptanceTest(_Strict):
    """The result of one test of acceptance."""

    supplier: str
    need: str
    value: Number | str
    evidence: str | None = None
    on: date | None = None


@dataclass(frozen=True)
class FirstPurchase(_Strict):
    """The first purchase after acceptance."""

    supplier: str | None = None
    price: Decimal | None = None
    contract_on: date | None = None
    announced_on: date | None = None


@dataclass(frozen=True)
class Complaint(_Strict):
    """A challenge to the buyer or a complaint to the finance department."""

    kind: Literal["challenge", "complaint"]
    by: str
    on: date
    answered_on: date | None = None
    outcome: Literal["upheld", "rejected", "withdrawn"] | None = None


@dataclass(frozen=True)
class Purchase(_Strict):
    """An innovation purchase; see the purchase file."""

    id: str
    kind: Literal["co_innovation", "first_purchase", "tender"]
    title: Title
    buyer: Buyer
    category: Literal["goods", "services", "works"] = "goods"
    first_kind: Literal["first_unit", "first_batch", "first_version"] | None = None
    track: str | None = None
    region: str | None = None
    ground: GroundOfPurchase | None = None
    money: MoneyOfPurchase | None = None
    mode: Literal["open", "limited", "sole"] = "open"
    mode_reason: str | None = None
    group: tuple[GroupMember, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    ties: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    sme: SmePolicy = field(default_factory=SmePolicy)
    ip: IntellectualProperty = field(default_factory=IntellectualProperty)
    planned_suppliers: int = 1
    iteration_duty: bool | None = None
    risks: tuple[Risk, ...] = ()
    dates: Dates = field(default_factory=Dates)
    disclosures: tuple[Disclosure, ...] = ()
    routes: tuple[GoalRoutes, ...] = ()
    contracts: tuple[Contract, ...] = ()
    acceptance: tuple[AcceptanceTest, ...] = ()
    first_purchase: FirstPurchase | None = None
    complaints: tuple[Complaint, ...] = ()

    @property
    def mandatory(self) -> tuple[Need, ...]:
        """The needs that every offer must meet."""
        return tuple(n for n in self.needs if n.mandatory)


@dataclass(frozen=True, slots=True)
class ProductFact:
    """What is known of one product for one need: a value, or a range, or nothing."""

    product: str
    supplier: str
    need: str
    value: Number | str | None
    low: float | None = None
    high: float | None = None
    group: str = ""

    @property
    def owner(self) -> str:
        """The supplier, or the group it belongs to."""
        return self.group or self.supplier


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer: its price in yuan, what it says of its origin and its supplier, its values for the needs."""

    offer: str
    supplier: str
    price: Decimal
    domestic: Literal["yes", "no", "unknown"]
    sme: Literal["none", "small", "micro", "joint"]
    domestic_share: float | None = None
    values: tuple[tuple[str, Number | str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewerScore:
    """The score one reviewer gave one offer under one criterion."""

    offer: str
    reviewer: str
    criterion: str
    score: float
