"""Small decisions with reasons: what a round calls for, which model, which weights, whether a resolution stands, which
signals to watch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from biaochi.core.decision import Decision, Reason
from biaochi.core.parameters import Citation, Snapshot
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.foresight.model.study import Design, ItemState, Outcome, StudyRules
from biaochi.mechanisms.foresight.model.surveys import ItemRow

IDEA_ROUNDS = 2
STUDY = Citation("the study's own rules, set before its first round")


def decide_round(
    items: Sequence[ItemRow], round_number: int, rules: StudyRules, *, at: date, parameters: Snapshot
) -> Decision:
    """Decide what a closed round calls for.

    IDEA asks twice, whatever was said first.  Else ``stop_consensus`` when every item is agreed and stable;
    ``stop_stable_dissent`` when every item is settled and some in stable dissent; ``stop_limit`` at the round limit;
    else ``next_round``.  Unverified thresholds leave the
    decision to a person: their reasons read ``manual_review``.
    """
    states = [i.state for i in items]
    reasons = [_item_reason(i) for i in items]
    limit, firm, citation = _limit(rules, parameters)
    at_limit = round_number >= limit
    reasons.append(
        Reason(
            "round_limit",
            (Verdict.MET if at_limit else Verdict.UNMET) if firm else Verdict.MANUAL_REVIEW,
            Text(f"第 {round_number} 轮，上限 {limit} 轮", f"round {round_number} of at most {limit}"),
            round_number,
            limit,
            "round",
            citation,
        )
    )
    settled = [s in (ItemState.CONSENSUS, ItemState.STABLE_DISSENT) for s in states]
    if rules.design is Design.IDEA:
        outcome = "stop_limit" if round_number >= IDEA_ROUNDS else "next_round"
    elif states and all(s is ItemState.CONSENSUS for s in states):
        outcome = "stop_consensus"
    elif states and all(settled):
        outcome = "stop_stable_dissent"
    else:
        outcome = "stop_limit" if at_limit else "next_round"
    used = [c for c in ("consensus_top_share", "stability_share_changed", "round_limit") if c in parameters]
    facts = {"round": round_number, "items": len(items), "settled": sum(settled)}
    return Decision(outcome, tuple(reasons), at, parameters=parameters.only(*used), facts=facts)


def _limit(rules: StudyRules, parameters: Snapshot) -> tuple[int, bool, Citation]:
    if rules.round_limit is not None:
        return rules.round_limit, True, STUDY
    office = parameters["round_limit"]
    return int(str(office.value)), office.confirmed, office.citation


def _item_reason(row: ItemRow) -> Reason:
    verdicts = (row.consensus.verdict, row.stability.verdict)
    if Verdict.MANUAL_REVIEW in verdicts:
        verdict = Verdict.MANUAL_REVIEW
    elif row.state is ItemState.CONSENSUS:
        verdict = Verdict.MET
    else:
        verdict = Verdict.UNKNOWN if row.state is ItemState.OPEN else Verdict.UNMET
    seen = "–" if row.consensus.value is None else f"{row.consensus.value:.2f}"
    changed = "–" if row.share_changed is None else f"{row.share_changed:.2f}"
    return Reason(
        f"item:{row.item}",
        verdict,
        Text(
            f"{row.item}：{row.state.text.zh}（一致性 {seen}，改变比例 {changed}）",
            f"{row.item}: {row.state.text.en} (agreement {seen}, share changed {changed})",
        ),
        row.consensus.value,
        row.consensus.threshold,
    )


def decide_model(
    candidates: Mapping[str, float], coverage: Mapping[str, float], *, at: date, parameters: Snapshot
) -> Decision:
    """Decide which model to show first: the lowest CRPS among those whose 90 % band held enough of what came.

    Parameters
    ----------
    candidates, coverage : mapping
        Model → mean CRPS, and → share of outcomes in the 90 % band, both of a prequential hindcast.
    """
    office = parameters["model_min_coverage90"]
    least = float(str(office.value))
    fit = {m: c for m, c in candidates.items() if coverage[m] >= least}
    reasons = [
        Reason(
            f"coverage:{m}",
            (Verdict.MET if coverage[m] >= least else Verdict.UNMET) if office.confirmed else Verdict.MANUAL_REVIEW,
            Text(f"{m}：90% 区间覆盖 {coverage[m]:.2f}", f"{m}: its 90 % band held {coverage[m]:.2f}"),
            coverage[m],
            least,
            "share",
            office.citation,
        )
        for m in candidates
    ]
    outcome = min(fit, key=fit.__getitem__) if fit else "none"
    return Decision(outcome, tuple(reasons), at, parameters=parameters.only("model_min_coverage90"))


def decide_weights(
    n_seeds: int, out_of_sample: Mapping[str, float] | None, *, at: date, parameters: Snapshot
) -> Decision:
    """Decide whether experts may be weighted unequally.

    Unequal weights need enough seeds *and* the out-of-sample table; then the weighting with the lowest out-of-sample
    loss is recommended.

    Parameters
    ----------
    n_seeds : int
        Seeds with a realisation.
    out_of_sample : mapping or None
        Weighting → mean pinball loss out of sample; None when it was not computed.
    """
    office = parameters["unequal_weights_min_seeds"]
    least = int(str(office.value))
    enough = n_seeds >= least
    reasons = [
        Reason(
            "enough_seeds",
            (Verdict.MET if enough else Verdict.UNMET) if office.confirmed or not enough else Verdict.MANUAL_REVIEW,
            Text(f"种子题 {n_seeds} 道，至少 {least} 道", f"{n_seeds} seeds, at least {least} are needed"),
            n_seeds,
            least,
            "seed",
            office.citation,
        ),
        Reason(
            "out_of_sample_shown",
            Verdict.MET if out_of_sample else Verdict.UNMET,
            Text("样本外表已给出", "the out-of-sample table is shown")
            if out_of_sample
            else Text("没有样本外表", "there is no out-of-sample table"),
            bool(out_of_sample),
            True,
        ),
    ]
    used = parameters.only("unequal_weights_min_seeds")
    if not enough or not out_of_sample:
        return Decision("equal", tuple(reasons), at, parameters=used)
    best = min(out_of_sample, key=lambda k: (out_of_sample[k], k != "equal"))
    reasons.append(
        Reason(
            "lowest_loss",
            Verdict.MET,
            Text(f"样本外损失最低：{best}", f"lowest loss out of sample: {best}"),
            out_of_sample[best],
            out_of_sample.get("equal"),
        )
    )
    return Decision(best, tuple(reasons), at, parameters=used)


def propose_resolution(
    outcome: Outcome, realised_on: date | None, evidence: str, *, due_on: date, at: date
) -> Decision:
    """Decide whether an outcome may be proposed: with its evidence, and with a past day where it came true."""
    checks = (
        ("past_due", at >= due_on, Text("已到期", "it is due")),
        ("evidence", bool(evidence.strip()), Text("写明依据", "its evidence is given")),
        (
            "dated",
            outcome is not Outcome.REALISED or (realised_on is not None and realised_on <= at),
            Text("已实现者有日期且不在将来", "what was realised has a date, not in the future"),
        ),
    )
    reasons = tuple(Reason(rule, Verdict.MET if ok else Verdict.UNMET, text, ok, True) for rule, ok, text in checks)
    facts = {
        "outcome": outcome.value,
        "realised_on": realised_on.isoformat() if realised_on else "",
        "evidence": evidence.strip(),
    }
    return Decision("propose" if all(ok for _, ok, _ in checks) else "refuse", reasons, at, facts=facts)


def decide_resolution(
    outcome: Outcome,
    due_on: date,
    realised_on: date | None,
    *,
    proposer: str,
    confirmer: str,
    answered: frozenset[str],
    at: date,
) -> Decision:
    """Decide whether a proposed resolution may be confirmed: past due, two different people, neither had answered."""
    checks = (
        ("past_due", at >= due_on or outcome is Outcome.VOID, Text("已到期", "it is due")),
        ("two_people", proposer != confirmer, Text("提出人与确认人不同", "proposer and confirmer differ")),
        (
            "neither_answered",
            not {proposer, confirmer} & answered,
            Text("两人都未答过此题", "neither of them answered it"),
        ),
        (
            "dated",
            outcome is not Outcome.REALISED or (realised_on is not None and realised_on <= at),
            Text("已实现者有日期且不在将来", "what was realised has a date, not in the future"),
        ),
    )
    reasons = tuple(Reason(rule, Verdict.MET if ok else Verdict.UNMET, text, ok, True) for rule, ok, text in checks)
    return Decision("confirm" if all(ok for _, ok, _ in checks) else "refuse", reasons, at)


def decide_watch(
    percentile: float,
    candidate: bool,
    p_grows: float | None,
    null_high: float | None,
    *,
    at: date,
    parameters: Snapshot,
) -> Decision:
    """Decide whether a rising term goes on the watch list, with what rising terms did before.

    A term is watched when it qualifies and stands high among terms of like count; whether such terms grew on more often
    than chance is stated as a reason, never hidden.
    """
    office = parameters["watch_percentile"]
    least = float(str(office.value))
    high = candidate and percentile >= least
    reasons = [
        Reason(
            "percentile",
            (Verdict.MET if high else Verdict.UNMET) if office.confirmed else Verdict.MANUAL_REVIEW,
            Text(f"在频次相近词中位于 {percentile:.0%}", f"at {percentile:.0%} among terms of like count"),
            percentile,
            least,
            "share",
            office.citation,
        )
    ]
    if p_grows is not None and null_high is not None:
        better = p_grows > null_high
        reasons.append(
            Reason(
                "better_than_matched",
                Verdict.MET if better else Verdict.UNMET,
                Text(
                    f"此类词继续增长 {p_grows:.0%}，随机匹配上限 {null_high:.0%}",
                    f"such terms grew on in {p_grows:.0%}, matched terms in up to {null_high:.0%}",
                ),
                p_grows,
                null_high,
            )
        )
    return Decision("watch" if high else "leave", tuple(reasons), at, parameters=parameters.only("watch_percentile"))
