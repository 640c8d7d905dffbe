"""Facts of a passage to decisions: is the gate met, how is a platform used, what goes with having had a pilot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biaochi.core.decision import Decision, Reason
from biaochi.core.evidence import EvidenceGrade
from biaochi.core.parameters import InForce, Snapshot
from biaochi.core.text import Text
from biaochi.core.turn import Turn
from biaochi.core.verdict import Verdict, all_of
from biaochi.mechanisms.transfer.model import Passage, Platform, Stage
from biaochi.methods.survival import e_value, mantel_haenszel, newcombe, risk_ratio, wilson


def pass_gate(passage: Passage, *, at: date, parameters: Snapshot) -> Decision:
    """Decide whether a passage shows what its gate asks.

    Parameters
    ----------
    passage : Passage
        One stage of one project.
    at : datetime.date
        Day of the decision.
    parameters : Snapshot
        ``gate.<stage>`` (ranges of TRL and MRL) and ``evidence_grade``.

    Returns
    -------
    Decision
        ``outcome`` the verdict; reasons trl, mrl, evidence, cost, yield, safety, money.  At ``production`` only the
        evidence, cost, yield and safety file count.
    """
    gate = parameters.get(f"gate.{passage.stage.value}")
    last = passage.stage is Stage.PRODUCTION
    reasons = (
        _range("trl", passage.trl, gate),
        _range("mrl", passage.mrl, gate),
        _evidence(passage.grade, parameters["evidence_grade"]),
        _stated("cost", passage.cost, Text("单位成本", "unit cost"), "yuan"),
        _stated("yield", passage.yield_, Text("良率", "yield"), "share"),
        _safety(passage.safety_file),
        _money(passage.next_money, last),
    )
    codes = ["evidence_grade"] + ([gate.code] if gate is not None else [])
    verdict = all_of(r.verdict for r in reasons)
    facts = {"project": passage.project, "stage": passage.stage.value}
    return Decision(verdict.value, reasons, at, parameters=parameters.only(*codes), facts=facts)


def _range(name: str, level: float | None, gate: InForce | None) -> Reason:
    ranges = gate.value if gate is not None and isinstance(gate.value, Mapping) else {}
    span = ranges.get(name)
    label = name.upper()
    if span is None or gate is None:
        return Reason(name, Verdict.NOT_APPLICABLE, Text(f"本关口不看 {label}", f"this gate does not ask for {label}"))
    low, high = float(span[0]), float(span[1])
    threshold = f"{low:g}–{high:g}"
    if level is None:
        text = Text(f"没有 {label}", f"{label} is missing")
        return Reason(name, Verdict.UNKNOWN, text, None, threshold, "level", gate.citation)
    if level < low:
        verdict = Verdict.UNMET
    elif not gate.confirmed:
        verdict = Verdict.MANUAL_REVIEW
    else:
        verdict = Verdict.MET
    # A level above the range is more than the gate asks for.
    text = Text(f"{label} 为 {level:g}，要求 {threshold}", f"{label} is {level:g}, required {threshold}")
    return Reason(name, verdict, text, level, threshold, "level", gate.citation)


def _evidence(grade: EvidenceGrade | None, least: InForce) -> Reason:
    if grade is None:
        text = Text("没有证据等级", "the grade of evidence is missing")
        return Reason("evidence", Verdict.UNKNOWN, text, None, str(least.value), "", least.citation)
    enough = grade.at_least(EvidenceGrade(str(least.value)))
    text = Text(
        f"证据 {grade.value} 级，要求不低于 {least.value}", f"evidence {grade.value}, required {least.value} or better"
    )
    verdict = Verdict.MET if enough else Verdict.UNMET
    return Reason("evidence", verdict, text, grade.value, str(least.value), "", least.citation)


def _stated(name: str, value: float | None, title: Text, unit: str) -> Reason:
    if value is None:
        return Reason(name, Verdict.UNKNOWN, Text(f"没有{title.zh}", f"{title.en} is missing"), None, None, unit)
    told = f"{value:,.2f}".removesuffix(".00") if unit == "yuan" else f"{value:g}"
    suffix = Text(" 元", " yuan") if unit == "yuan" else Text(" ", " ")
    text = Text(f"{title.zh} {told}{suffix.zh}".strip(), f"{title.en} {told}{suffix.en}".strip())
    return Reason(name, Verdict.MET, text, value, None, unit)


def _safety(there: bool | None) -> Reason:
    if there is None:
        return Reason("safety", Verdict.UNKNOWN, Text("不知有无安全文件", "unknown whether there is a safety file"))
    text = Text("安全文件齐备" if there else "没有安全文件", "safety file there" if there else "no safety file")
    return Reason("safety", Verdict.MET if there else Verdict.UNMET, text, there, True)


def _money(source: str, last: bool) -> Reason:
    if last:
        return Reason("money", Verdict.NOT_APPLICABLE, Text("已到量产", "production needs no next money"))
    if not source.strip():
        return Reason("money", Verdict.UNKNOWN, Text("没有后续资金来源", "the next money is not named"))
    return Reason("money", Verdict.MET, Text(f"后续资金：{source}", f"next money: {source}"), source)


def rate_platform(
    platform: Platform,
    *,
    open_hours: float | None,
    used_hours: float | None,
    projects: int,
    alike: Sequence[str],
    at: date,
    parameters: Snapshot,
) -> Decision:
    """Say how a platform is used and what asks for attention.

    Parameters
    ----------
    platform : Platform
        The platform.
    open_hours, used_hours : float or None
        Unit-hours; ``None`` when no bookings were given.
    projects : int
        Passages that name it.
    alike : sequence of str
        Other platforms of the same track and region: "avoid repeated building".
    at, parameters
        As usual; ``idle_share``.

    Returns
    -------
    Decision
        ``outcome`` ``quiet`` or ``attention``; one reason a flag: no_projects, idle, repeated, capacity_missing.
    """
    limit = parameters["idle_share"]
    reasons: list[Reason] = []

    def flag(code: str, zh: str, en: str, seen: float | str | None = None) -> None:
        reasons.append(Reason(code, Verdict.MANUAL_REVIEW, Text(zh, en), seen))

    if projects == 0:
        flag("no_projects", "没有项目使用", "no project names it")
    if open_hours and used_hours is not None and used_hours / open_hours < float(str(limit.value)):
        flag("idle", "利用率偏低", "utilisation is low", used_hours / open_hours)
    if platform.capacity is None:
        flag("capacity_missing", "没有能力数", "its capacity is missing")
    if alike:
        flag(
            "repeated", f"与 {'、'.join(alike)} 同赛道同地区", f"same track and region as {', '.join(alike)}", alike[0]
        )
    outcome = "attention" if reasons else "quiet"
    return Decision(outcome, tuple(reasons), at, parameters=parameters.only("idle_share"))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Success with and without a pilot: observed, not caused.

    Each of the first four is ``(estimate, low, high)``; ``with_n`` and ``without_n`` are ``(successes, cases)``.
    """

    with_pilot: tuple[float, float, float]
    without_pilot: tuple[float, float, float]
    difference: tuple[float, float, float]
    stratified: tuple[float, float, float] | None
    ratio: tuple[float, float, float]
    e_value: float
    with_n: tuple[int, int]
    without_n: tuple[int, int]


def pilot_comparison(
    reached: NDArray[np.bool_], used: NDArray[np.bool_], strata: Sequence[str] | None, level: float
) -> Comparison:
    """Compare the share that reached the goal among projects with and without a pilot.

    Examples
    --------
    >>> found = pilot_comparison(np.repeat([True, False, True, False], [80, 20, 30, 70]),
    ...                          np.repeat([True, False], [100, 100]), None, 0.95)
    >>> round(found.e_value, 3)
    4.775
    """
    a, n1 = int((reached & used).sum()), int(used.sum())
    c, n0 = int((reached & ~used).sum()), int((~used).sum())
    ratio = risk_ratio((a, n1), (c, n0), level)
    stratified = None
    if strata is not None:
        codes = pd.factorize(np.asarray(strata, dtype=object))[0]
        k = int(codes.max(initial=-1)) + 1
        a_k, n1_k, c_k, n0_k = (
            np.bincount(codes, weights=w, minlength=k) for w in (reached & used, used, reached & ~used, ~used)
        )
        pooled = mantel_haenszel(a_k, n1_k, c_k, n0_k, level)
        stratified = (pooled.value, pooled.low, pooled.high)
    first, second, difference = wilson(a, n1, level), wilson(c, n0, level), newcombe((a, n1), (c, n0), level)
    return Comparison(
        (first.value, first.low, first.high),
        (second.value, second.low, second.high),
        (difference.value, difference.low, difference.high),
        stratified,
        (ratio.value, ratio.low, ratio.high),
        e_value(ratio.value),
        (a, n1),
        (c, n0),
    )


@dataclass(frozen=True, slots=True)
class PartInputs:
    """Transfer's inputs in a programme."""

    passages: tuple[Passage, ...]
    platforms: tuple[Platform, ...]


@dataclass(frozen=True, slots=True)
class PartResult:
    """Each passage's gate and each platform's attention flags, in the order of the inputs."""

    gates: tuple[Decision, ...]
    platforms: tuple[tuple[str, Decision], ...]


def run_part(inputs: PartInputs, turn: Turn, parameters: Snapshot) -> PartResult:
    """Judge every gate and rate every platform by the projects that name it."""
    gates = tuple(pass_gate(p, at=turn.at, parameters=parameters) for p in inputs.passages)
    rated = tuple(
        (
            platform.platform,
            rate_platform(
                platform,
                open_hours=None,
                used_hours=None,
                projects=sum(p.platform == platform.platform for p in inputs.passages),
                alike=[o.platform for o in inputs.platforms if repeats(platform, o)],
                at=turn.at,
                parameters=parameters,
            ),
        )
        for platform in inputs.platforms
    )
    return PartResult(gates, rated)


def repeats(platform: Platform, other: Platform) -> bool:
    """Whether another platform is of the same kind, track and region."""
    same = (platform.track, platform.region, platform.kind) == (other.track, other.region, other.kind)
    return bool(other.track) and platform.platform != other.platform and same
