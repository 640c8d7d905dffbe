"""The money of an R&D contract: what is agreed, earned and left; what an eliminated supplier is paid (第二十四条).

A stage that met its milestone earns its amount.  An eliminated supplier is paid reasonable costs, at most the amount
agreed for the stage that failed; that rule was only recalled, so a person reviews it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from biaochi.core.decision import Decision, Reason
from biaochi.core.parameters import Citation
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.procurement.decisions.case import RULES
from biaochi.mechanisms.procurement.model import Contract, Stage

_ZERO = Decimal(0)
_ARTICLE = Citation(RULES, "24", "2024-04-24")


@dataclass(frozen=True, slots=True)
class Account:
    """The money of one contract in yuan.

    Attributes
    ----------
    cap : Decimal
        Most the contract pays.
    agreed : Decimal
        Sum agreed for the stages so far.
    earned : Decimal
        Sum of the stages that met their milestones.
    settled : Decimal
        Reasonable costs paid for a stage that failed.
    """

    cap: Decimal
    agreed: Decimal
    earned: Decimal
    settled: Decimal

    @property
    def paid(self) -> Decimal:
        """What was paid."""
        return self.earned + self.settled

    @property
    def left(self) -> Decimal:
        """What may still be agreed."""
        return self.cap - self.agreed


def account(contract: Contract, settled: Decimal = _ZERO) -> Account:
    """Return the money of a contract.

    Examples
    --------
    >>> stages = (Stage("design", amount=Decimal(3), verdict="met"), Stage("principle", amount=Decimal(4)))
    >>> account(Contract("S", Decimal(10), date(2026, 1, 1), date(2027, 1, 1), stages=stages)).left
    Decimal('3')
    """
    agreed = sum((s.amount for s in contract.stages), _ZERO)
    earned = sum((s.amount for s in contract.stages if s.verdict == "met"), _ZERO)
    return Account(contract.cap, agreed, earned, settled)


def may_agree(contract: Contract, stage: Stage, *, at: date) -> Decision:
    """Decide whether a next stage may be agreed: Σ within the cap, scope within the contract's, order of stages kept.

    ``outcome`` is ``agreed`` or ``refused``; one reason a rule, each with its article.
    """
    money = account(contract)
    after = money.agreed + stage.amount
    outside = sorted(set(stage.scope) - set(contract.scope))
    done = [s.code for s in contract.stages]
    fresh = stage.code not in done
    met = all(s.verdict == "met" for s in contract.stages)
    reasons = (
        _reason(
            "stage_cap", stage.amount >= 0 and after <= contract.cap, "阶段补偿之和", "sum of stages", after, money.cap
        ),
        _reason("scope", not outside, "超出合同范围的项目", "items outside the contract's scope", len(outside), 0),
        _reason("stage_once", fresh, "每个阶段只约定一次", "each stage is agreed once", fresh, True),
        _reason("last_met", met, "先前阶段均须达到里程碑", "every earlier milestone must be met", met, True),
    )
    good = all(r.verdict is Verdict.MET for r in reasons)
    return Decision("agreed" if good else "refused", reasons, at)


def settle(contract: Contract, costs: Decimal, *, at: date) -> Decision:
    """Decide what an eliminated supplier is paid for the stage that failed.

    Parameters
    ----------
    contract : Contract
        Its last decided stage must be unmet, on evidence.
    costs : Decimal
        Reasonable costs by the supplier's statement, yuan.
    at : datetime.date

    Returns
    -------
    Decision
        ``settled`` with the amount in ``facts["amount"]``, or ``refused``.
    """
    failed = [s for s in contract.stages if s.verdict == "unmet"]
    proved = bool(failed) and bool(failed[-1].evidence) and bool(failed[-1].report)
    most = min(failed[-1].amount, contract.cap - account(contract).earned) if failed else _ZERO
    amount = min(max(costs, _ZERO), max(most, _ZERO))
    reasons = (
        _reason("elimination", proved, "淘汰须有核实的证据", "elimination on verified evidence", len(failed), 1),
        Reason(
            "reasonable_costs",
            Verdict.MANUAL_REVIEW,
            Text("按合同补偿合理成本，以该阶段约定额为限", "reasonable costs, at most what the stage was agreed at"),
            costs,
            most,
            "yuan",
            Citation(RULES, "24", "2024-04-24", "unverified"),
        ),
    )
    if not proved:
        return Decision("refused", reasons, at)
    return Decision("settled", reasons, at, facts={"amount": amount})


def within_total(caps: Iterable[Decimal], first: Decimal, most: Decimal) -> bool:
    """Return whether caps and first purchase stay within the maximum cost of the plan."""
    return sum(caps, _ZERO) + first <= most


def _reason(rule: str, good: bool, zh: str, en: str, seen: object, threshold: object) -> Reason:
    verdict = Verdict.MET if good else Verdict.UNMET
    return Reason(rule, verdict, Text(zh, en), seen, threshold, citation=_ARTICLE)  # type: ignore[arg-type]
