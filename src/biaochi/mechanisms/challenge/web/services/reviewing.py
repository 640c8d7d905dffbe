"""Between opening and award: eligibility, declarations, blind scores, ranks, the draw, and who is selected."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
from django.db import transaction as database
from django.utils import timezone

from biaochi.core.decision import Decision, Reason, Scalar
from biaochi.core.parameters import Snapshot
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms.challenge.decisions import awards_within_limits, bid_eligible, conflicts_declared
from biaochi.mechanisms.challenge.model import Declaration, Moment
from biaochi.mechanisms.challenge.report import ZONE_NAMES, ranking_records
from biaochi.mechanisms.challenge.web.models import NONCES, Bid, Challenge, InterestDeclaration, Score
from biaochi.mechanisms.challenge.web.services.refusal import refuse
from biaochi.methods.allocation import commitment, draw_lots, expected_rank, lots, lottery_seed
from biaochi.registry import played
from biaochi.registry.transition import record, transition

SCALE = (0.0, 10.0)
PACKAGE = "biaochi.mechanisms.challenge"


def rules() -> Snapshot:
    """Return the parameters in force today."""
    return load_parameters(PACKAGE).at(timezone.localdate())


def declare(challenge: Challenge, conflict: bool, actor: Actor) -> None:
    """Declare interests, once: reviewers before they read, officers before they decide."""
    reviewing = actor.role is Role.REVIEWER and challenge.state == "evaluating"
    if not reviewing and actor.role is not Role.OFFICER:
        raise refuse(
            "wrong_state",
            "由评审专家在评审期间、由经办人在决定之前申报",
            "declared by reviewers while bids are reviewed, by officers before they decide",
        )
    if challenge.declarations.filter(person=actor.person).exists():
        raise refuse("declared", "已申报", "declared already")
    with database.atomic():
        InterestDeclaration.objects.create(
            challenge=challenge, person=actor.person, role=actor.role.value, conflict=conflict
        )
        record(challenge, "interests_declared", actor, "", Decision("declared", (), timezone.localdate()))


def may_read(bid: Bid, actor: Actor, now: datetime) -> Decision:
    """Return whether a reviewer may read a bid."""
    declared = [
        Declaration(d.person, bid.challenge.public_id, Moment.of(d.at), d.conflict)
        for d in bid.challenge.declarations.filter(person=actor.person, role=actor.role.value)
    ]
    return conflicts_declared(
        person=actor.person,
        organisation=actor.organisation or "",
        bidder_orgs=[bid.organisation.public_id] if bid.organisation else [],
        declarations=declared,
        subject=bid.challenge.public_id,
        reading_at=Moment.of(now),
    )


def eligibility(bid: Bid, now: datetime) -> Decision:
    """Return what the ministry's limits say of an opened bid; a limit nobody has verified never rejects."""
    content = bid.content
    months = content.get("months")
    return bid_eligible(
        partners=int(content.get("partners") or 0),
        months=None if months is None else float(months),
        at=timezone.localdate(now),
        parameters=rules(),
    )


def admit_all(challenge: Challenge, actor: Actor, now: datetime) -> tuple[int, int]:
    """Admit every opened bid within the limits; return how many were admitted and how many wait for a person."""
    admitted = waiting = 0
    for bid in challenge.bids.filter(state="opened").order_by("public_id"):
        decision = eligibility(bid, now)
        if decision.outcome == Verdict.UNMET or bid.content.get("damaged"):
            waiting += 1
            continue
        transition(bid, "admit", actor, "", decision, now=now)
        admitted += 1
    return admitted, waiting


def assign_all(challenge: Challenge, actor: Actor, now: datetime) -> int:
    """Send every eligible bid to the reviewers."""
    bids = list(challenge.bids.filter(state="eligible").order_by("public_id"))
    with database.atomic():
        for bid in bids:
            transition(bid, "assign", actor, "", now=now)
    return len(bids)


def score(bid: Bid, value: float, actor: Actor, now: datetime) -> None:
    """Keep a reviewer's score; it is never changed."""
    may_read(bid, actor, now).require("met")
    if bid.state != "under_review" or not SCALE[0] <= value <= SCALE[1]:
        raise refuse("bad_score", "评审中的标书评 0–10 分", "bids under review are scored from 0 to 10")
    if bid.scores.filter(person=actor.person).exists():
        raise refuse("scored", "已评分，不能更改", "scored already; a score is never changed")
    Score.objects.create(bid=bid, person=actor.person, score=value, at=now)


def all_in(bid: Bid) -> bool:
    """Whether every reviewer who is free to read has scored; only then does the office see scores."""
    return bid.to_domain().scores_in


def commit_nonce(challenge: Challenge, actor: Actor) -> str:
    """Make an officer's nonce, publish its digest, and hand the nonce out once: before anybody scores."""
    if actor.role is not Role.OFFICER:
        raise refuse("wrong_role", "由经办人公布", "published by officers")
    with database.atomic():
        row = Challenge.objects.select_for_update(of=("self",)).get(pk=challenge.pk)
        if row.state != "evaluating" or row.bids.filter(state="under_review").exists():
            raise refuse(
                "too_late", "须在开标之后、送交评审之前公布", "after opening and before any bid goes to review"
            )
        if actor.person in row.lots or len(row.lots) >= NONCES:
            raise refuse("committed", "两名经办人各一次", "two officers, once each")
        nonce = played.chance().randbytes(16).hex()
        row.lots = {**row.lots, actor.person: {"digest": commitment(nonce), "nonce": ""}}
        row.save(update_fields=["lots"])
        text = Text("随机数的摘要在评分之前公布", "the nonce's digest was published before any score")
        reason = Reason("digest_published_before", Verdict.MET, text)
        facts: dict[str, Scalar] = {"sha256": commitment(nonce)}
        decision = Decision("lot_committed", (reason,), timezone.localdate(), facts=facts)
        record(row, "lot_committed", actor, "", decision)
    return nonce


def rank(challenge: Challenge, actor: Actor) -> None:
    """Rank the bids by expected rank, and keep what the scores cannot tell apart."""
    rows = list(Score.objects.filter(bid__challenge=challenge).values_list("bid__public_id", "person", "score"))
    if actor.role is not Role.OFFICER or challenge.state != "evaluating" or len({r[0] for r in rows}) < 2:
        raise refuse("no_scores", "须至少两份标书已有评分", "at least two bids need scores")
    open_bids = challenge.bids.filter(state__in=("under_review", "more_info")).select_related("challenge")
    if not all(all_in(b) for b in open_bids):
        raise refuse("scores_missing", "每位评审须已为每份标书评分", "every reviewer must have scored every bid")
    frame = pd.DataFrame(rows, columns=["bid", "reviewer", "score"])
    found = expected_rank(frame, challenge.slots, scale=SCALE, seed=0)
    with database.atomic():
        kept = ranking_records(found, ())
        challenge.ranking = {"line": kept["line"], "bids": kept["bids"]}
        challenge.save(update_fields=["ranking"])
        record(challenge, "ranked", actor, "", Decision("ranked", (), timezone.localdate()))


def reveal_nonce(challenge: Challenge, nonce: str, actor: Actor) -> bool:
    """Take an officer's nonce after the ranking; with the second the lots are drawn.  Return whether they were."""
    with database.atomic():
        row = Challenge.objects.select_for_update(of=("self",)).get(pk=challenge.pk)
        mine = row.lots.get(actor.person)
        if actor.role is not Role.OFFICER or not row.ranking or mine is None or row.draw:
            raise refuse("not_now", "由公布过摘要的经办人在排名之后公开", "after ranking, by who published a digest")
        if commitment(nonce.strip()) != mine["digest"]:
            raise refuse("nonce_differs", "与已公布的摘要不符", "does not fit the digest that was published")
        row.lots = {**row.lots, actor.person: {**mine, "nonce": nonce.strip()}}
        record(row, "lot_revealed", actor, "", Decision("lot_revealed", (), timezone.localdate()))
        known = [entry["nonce"] for _, entry in sorted(row.lots.items())]
        drawn = len(known) == NONCES and all(known)
        if drawn:
            row.draw = _drawn(row, known)
            winners = ", ".join(row.draw["winners"]) or "–"
            reason = Reason(
                "smallest_lots_win",
                Verdict.MET,
                Text(f"抽中：{winners}", f"drawn: {winners}"),
            )
            seed: dict[str, Scalar] = {"seed": str(row.draw["seed"])}
            record(row, "drawn", actor, "", Decision("drawn", (reason,), timezone.localdate(), facts=seed))
        row.save(update_fields=["lots", "draw"])
    return drawn


def _drawn(challenge: Challenge, nonces: list[str]) -> dict[str, object]:
    zone = [b["bid"] for b in challenge.ranking["bids"] if b["zone"] == "lottery"]
    places = challenge.slots - sum(b["zone"] == "above" for b in challenge.ranking["bids"])
    seed = lottery_seed(*nonces)
    return {
        "seed": seed,
        "nonces": nonces,
        "places": max(places, 0),
        "lots": [{"bid": bid, "lot": lot} for bid, lot in lots(zone, seed)],
        "winners": list(draw_lots(zone, places, seed)),
    }


def selected(challenge: Challenge) -> list[str]:
    """Return who is above the line or was drawn."""
    above = [b["bid"] for b in challenge.ranking.get("bids", []) if b["zone"] == "above"]
    return [*above, *challenge.draw.get("winners", [])]


def select(challenge: Challenge, actor: Actor, now: datetime) -> int:
    """Award the bids above the line and those drawn, decline the rest; each decision says why."""
    if not challenge.draw:
        raise refuse("not_drawn", "须先抽签", "lots must be drawn first")
    winners = selected(challenge)
    limits = awards_within_limits(len(winners), challenge.slots, at=timezone.localdate(now), parameters=rules())
    limits.require("met", "manual_review")
    ranks = {b["bid"]: b for b in challenge.ranking["bids"]}
    with database.atomic():
        for bid in challenge.bids.filter(state__in=("under_review", "shortlisted")).order_by("public_id"):
            won = bid.public_id in winners
            if bid.state == "under_review":
                transition(bid, "shortlist", actor, "", now=now)
            reason = _why(ranks[bid.public_id], won)
            decision = Decision("met" if won else "unmet", (reason,), timezone.localdate(now))
            words = f"{reason.text.zh} / {reason.text.en}"
            transition(bid, "award" if won else "decline", actor, words, decision, now=now)
    return len(winners)


def _why(found: dict[str, Any], won: bool) -> Reason:
    low, high = found["rank_interval"]
    zone = ZONE_NAMES[str(found["zone"])]
    drawn = found["zone"] == "lottery"
    text = Text(
        f"期望名次 {found['expected_rank']:.2f}（{low:g}–{high:g}），{zone.zh}"
        + (f"，{'抽中' if won else '未抽中'}" if drawn else ""),
        f"expected rank {found['expected_rank']:.2f} ({low:g}–{high:g}), {zone.en}"
        + (f", {'drawn' if won else 'not drawn'}" if drawn else ""),
    )
    return Reason("expected_rank_and_lot", Verdict.MET if won else Verdict.UNMET, text, f"{found['expected_rank']:.2f}")


def give_single_route_reason(challenge: Challenge, reason: str, actor: Actor) -> None:
    """Write why a single route is awarded; asked only where the awards are on one route."""
    if actor.role is not Role.OFFICER or challenge.state != "evaluating" or len(set(challenge.awarded_routes())) != 1:
        raise refuse("not_single", "仅在只有一条路线入选时填写", "only where a single route was selected")
    if not reason.strip():
        raise refuse("reason_missing", "须写明理由", "the reason must be given")
    with database.atomic():
        challenge.single_route_reason = reason.strip()[:4000]
        challenge.save(update_fields=["single_route_reason"])
        record(challenge, "single_route", actor, reason, Decision("single_route", (), timezone.localdate()))
