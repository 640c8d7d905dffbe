"""The sandbox's part of one turn of the programme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from biaochi.core.decision import Decision
from biaochi.core.parameters import Snapshot
from biaochi.core.turn import Turn
from biaochi.mechanisms.sandbox.decisions.families import judge_portfolio
from biaochi.mechanisms.sandbox.decisions.paths import Arrivals
from biaochi.mechanisms.sandbox.decisions.replaying import Run, run_of
from biaochi.mechanisms.sandbox.decisions.screening import screen_application
from biaochi.mechanisms.sandbox.decisions.supervision import supervise
from biaochi.mechanisms.sandbox.decisions.vouchers import allocate_vouchers
from biaochi.mechanisms.sandbox.model import (
    Allocation,
    Case,
    Claim,
    Incident,
    Portfolio,
    PortfolioTest,
    Scheme,
    Stream,
    Supervision,
    end_of_day,
)
from biaochi.methods.surveillance import Rule


@dataclass(frozen=True)
class PartInputs:
    """What a programme folder holds for the sandbox."""

    cases: tuple[Case, ...] = ()
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    portfolio: Portfolio | None = None
    readings: Mapping[str, Mapping[str, Arrivals]] = field(default_factory=dict)
    incidents: Mapping[str, Sequence[Incident]] = field(default_factory=dict)
    scheme: Scheme | None = None
    claims: tuple[Claim, ...] = ()
    affiliations: tuple[tuple[str, str], ...] = ()
    streams: tuple[Stream, ...] = ()
    guardrails: tuple[tuple[str, Rule], ...] = ()

    def with_streams(self, streams: tuple[Stream, ...], guardrails: tuple[tuple[str, Rule], ...]) -> PartInputs:
        """Return the same with past records and the guardrails to run over them."""
        return replace(self, streams=streams, guardrails=guardrails)

    def with_vouchers(
        self, scheme: Scheme, claims: tuple[Claim, ...], affiliations: tuple[tuple[str, str], ...]
    ) -> PartInputs:
        """Return the same with a voucher scheme."""
        return replace(self, scheme=scheme, claims=claims, affiliations=affiliations)


@dataclass(frozen=True)
class PartResult:
    """What the sandbox says in the yearly report."""

    cases: tuple[Case, ...]
    supervised: tuple[Supervision, ...]
    screened: Mapping[str, Decision]
    portfolio: tuple[PortfolioTest, ...]
    allocation: Allocation | None
    scheme: Scheme | None
    replays: tuple[Run, ...] = ()


BEFORE_ADMISSION = frozenset({"draft", "submitted", "screening", "more_info", "ethics_review", "plan_agreed"})


def run_part(inputs: PartInputs, turn: Turn, parameters: Snapshot) -> PartResult:
    """Screen the applications, supervise every case as of the turn's last day, allocate the vouchers."""
    now = end_of_day(turn.as_of, inputs.zone)
    supervised = tuple(
        supervise(c, inputs.readings.get(c.id, {}), inputs.incidents.get(c.id, ()), as_of=now, zone=inputs.zone)
        for c in inputs.cases
        if c.state not in BEFORE_ADMISSION
    )
    screened = {
        c.id: screen_application(c, at=turn.at, parameters=parameters)
        for c in inputs.cases
        if c.state in BEFORE_ADMISSION
    }
    tests: tuple[PortfolioTest, ...] = ()
    if inputs.portfolio is not None:
        registered = {c.id: c.plan.registered_at for c in inputs.cases if c.plan is not None}
        e_values = {s.case: s.family_e for s in supervised if s.case in registered}
        tests = judge_portfolio(e_values, registered, inputs.portfolio.alpha)
    allocation = None
    if inputs.scheme is not None:
        allocation = allocate_vouchers(inputs.scheme, inputs.claims, inputs.affiliations, parameters=parameters)
    replays = tuple(run_of(stream, name, rule) for stream in inputs.streams for name, rule in inputs.guardrails)
    return PartResult(inputs.cases, supervised, screened, tests, allocation, inputs.scheme, replays)
