"""A purchase as its life cycle's guards see it; each fact is computed when a guard asks for it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils import timezone

from biaochi.core.decision import Decision, Reason
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.procurement.decisions import Evaluation, Market, publications
from biaochi.mechanisms.procurement.decisions.compensation import within_total
from biaochi.mechanisms.procurement.model import Purchase
from biaochi.mechanisms.procurement.web import readings

if TYPE_CHECKING:
    from biaochi.mechanisms.procurement.web.models import CoPurchase, Participant


class PurchaseFacts:
    """The facts of one stored purchase today."""

    def __init__(self, row: CoPurchase) -> None:
        self._row = row
        self._at = timezone.localdate()

    @cached_property
    def purchase(self) -> Purchase:
        """The whole purchase."""
        return self._row.purchase

    @cached_property
    def market(self) -> Market | None:
        """The market check, or nothing when no product was entered."""
        return readings.market_of(self.purchase, self._row.facts_of_market)

    @cached_property
    def checked(self) -> Decision:
        """The purchase held against its articles."""
        return readings.checked(self.purchase, self.market, self._at)

    def _reason(self, code: str) -> Reason:
        return next(r for r in self.checked.reasons if r.rule == code)

    def _met(self, code: str) -> bool:
        return self._reason(code).verdict is Verdict.MET

    def _public(self, document: str) -> bool:
        return any(d.document == document and d.settled for d in publications(self.purchase, at=self._at))

    @cached_property
    def participants(self) -> list[Participant]:
        """Who applied."""
        return list(self._row.participants.all())

    @property
    def author(self) -> str:
        """Who drafted the plan."""
        return self._row.creator.public_id if self._row.creator else ""

    @property
    def buyer(self) -> str:
        """The buying organisation."""
        return self._row.house

    @property
    def plan_complete(self) -> bool:
        return self._met("plan_complete")

    @property
    def needs_measurable(self) -> bool:
        return self._met("needs")

    @property
    def no_track_record(self) -> bool:
        return self._met("no_track_record")

    @property
    def ground_met(self) -> bool:
        return self._reason("ground").verdict in (Verdict.MET, Verdict.MANUAL_REVIEW)

    @property
    def level_met(self) -> bool:
        return self._met("level")

    @property
    def argued(self) -> bool:
        return self.purchase.dates.argued is not None

    @property
    def group_complete(self) -> bool:
        group = self._reason("group")
        odd = len(self.purchase.group) % 2 == 1
        return readings.reaches(group) and odd and self._met("legal") and self._met("economics")

    @property
    def intention_disclosed(self) -> bool:
        return self._public("intention")

    def _long_enough(self, code: str, start: date | None, end: date | None) -> bool:
        if start is None or end is None:
            return False
        least = int(str(readings.rules_on(self._at)[code].value))
        return readings.calendar().between(start, end).days >= least

    def close_set(self, now: datetime) -> bool:
        return self._long_enough("notice_days", timezone.localdate(now), self.purchase.dates.applications_close)

    def notice_long_enough(self, now: datetime) -> bool:
        close = self.purchase.dates.applications_close
        over = close is not None and close < timezone.localdate(now)
        return over and readings.reaches(self._reason("notice_days"))

    @property
    def every_applicant_judged(self) -> bool:
        return bool(self.participants) and all(p.qualified is not None for p in self.participants)

    @property
    def every_qualified_heard(self) -> bool:
        good = [p for p in self.participants if p.qualified]
        return bool(good) and all(p.heard_on is not None for p in good)

    @property
    def file_to_all(self) -> bool:
        return self.every_qualified_heard

    @property
    def proposal_weight_met(self) -> bool:
        whole = abs(sum(c.weight for c in self.purchase.criteria) - 100) < 1e-9
        return whole and readings.reaches(self._reason("proposal_weight"))

    @property
    def key_split(self) -> bool:
        return bool(self._row.public_key) and len(self._row.holders) == readings.HOLDERS

    def deadline_set(self, now: datetime) -> bool:
        end = self._row.deadline
        start = timezone.localdate(now)
        return end is not None and self._long_enough("response_days", start, timezone.localdate(end))

    def response_long_enough(self, now: datetime) -> bool:
        end: datetime | None = self._row.deadline
        return end is not None and end < now and readings.reaches(self._reason("response_days"))

    @property
    def offers_opened(self) -> bool:
        return self._row.opened and len(set(self._row.opened_by)) >= 2

    @cached_property
    def evaluation(self) -> Evaluation | None:
        """The evaluation of the opened offers, once every free expert has scored; nothing before."""
        return readings.evaluation_of(self._row, self.purchase, self._at)

    @property
    def scores_in(self) -> bool:
        return self.evaluation is not None and bool(self._row.selection.get("selected"))

    @property
    def fewer_than_planned(self) -> bool:
        found = self.evaluation
        valid = sum(o.valid for o in found.offers) if found is not None else 0
        none = not readings.opened_offers(self._row)
        return none or (found is not None and valid < self.purchase.planned_suppliers)

    @property
    def suppliers_at_most_three(self) -> bool:
        most = int(str(readings.rules_on(self._at)["suppliers_max"].value))
        chosen = len(self._row.selection.get("selected", ()))
        return chosen <= most and self.purchase.planned_suppliers <= most

    @property
    def result_disclosed(self) -> bool:
        return self._public("result")

    @property
    def standstill_ends_on(self) -> date | None:
        """Last day of the standstill that counts in the present state."""
        return readings.standstill_end(self.purchase, self._at, first=self._row.state.startswith("first_purchase"))

    def office_day(self, now: datetime) -> date:
        """Return the day an instant falls on where the office is."""
        return timezone.localdate(now)

    @property
    def terms_complete(self) -> bool:
        chosen = self._row.selection.get("selected", ())
        return bool(chosen) and all(self._row.terms.get(o) for o in chosen)

    def _caps(self) -> list[Decimal]:
        if self.purchase.contracts:
            return [c.cap for c in self.purchase.contracts]
        return [Decimal(t["cap"]) for t in self._row.terms.values()]

    @property
    def caps_within_total(self) -> bool:
        money = self.purchase.money
        return money is not None and within_total(self._caps(), money.first_purchase, money.max_cost)

    @property
    def term_within_limit(self) -> bool:
        return all(
            readings.term_kept(self._at, date.fromisoformat(t["ends_on"]), major=t["major"])
            for t in self._row.terms.values()
        )

    @property
    def contracts_ended(self) -> bool:
        return bool(self.purchase.contracts) and all(c.outcome is not None for c in self.purchase.contracts)

    @property
    def acceptance_passed(self) -> bool:
        return self._met("acceptance")

    @property
    def nothing_succeeded(self) -> bool:
        return all(c.outcome in ("eliminated", "withdrawn") for c in self.purchase.contracts)

    @property
    def first_supplier_accepted(self) -> bool:
        first = self.purchase.first_purchase
        accepted = {c.supplier for c in self.purchase.contracts if c.outcome == "accepted"}
        return first is not None and first.price is not None and first.supplier in accepted

    @property
    def first_within_total(self) -> bool:
        return self._met("total")

    @property
    def first_purchase_disclosed(self) -> bool:
        first = self.purchase.first_purchase
        return first is not None and first.announced_on is not None

    @property
    def all_disclosed(self) -> bool:
        return all(d.settled for d in publications(self.purchase, at=self._at) if d.due_on is not None)
