"""What happens beside the moves: fairness decision, key ceremony, opening, declarations, scores, ranks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd
from django.db import transaction as database
from django.utils import timezone

from biaochi.core.decision import Decision, Reason
from biaochi.core.errors import RefusedError
from biaochi.core.roles import CLOCK, Actor, Role
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.challenge.decisions import conflicts_declared, may_open_bids
from biaochi.mechanisms.challenge.model import Declaration, Moment, Share, receipt_digest
from biaochi.mechanisms.challenge.report.records import ranking_records
from biaochi.mechanisms.challenge.web import keys
from biaochi.mechanisms.challenge.web.models import HOLDERS, Bid, Challenge, InterestDeclaration, Score
from biaochi.methods.allocation import expected_rank
from biaochi.registry.transition import record, transition

SCALE = (0.0, 10.0)


def refuse(code: str, zh: str, en: str) -> RefusedError:
    """Return a refusal in both languages."""
    return RefusedError(code, Text(zh, en))


def review_fairness(challenge: Challenge, passed: bool, reason: str, actor: Actor) -> None:
    """Record the fair-competition decision on a text under review."""
    if actor.role is not Role.COMPETITION_REVIEWER or challenge.state != "reviewing":
        raise refuse("wrong_role", "审核期间由公平竞争审查员作出", "made by a competition reviewer, while under review")
    if not reason.strip():
        raise refuse("reason_missing", "须写明理由", "the reason must be given")
    outcome = "passed" if passed else "failed"
    verdict = Verdict.MET if passed else Verdict.UNMET
    found = Reason("fair_competition", verdict, Text("公平竞争审查", "fair-competition review"), outcome, "passed")
    with database.atomic():
        challenge.fairness = outcome
        challenge.save(update_fields=["fairness"])
        record(challenge, "fairness_reviewed", actor, reason, Decision(outcome, (found,), timezone.localdate()))


def make_key(challenge: Challenge, actor: Actor) -> None:
    """Make the key of a challenge before publication; shares handed out earlier lose their worth."""
    if actor.role is not Role.OFFICER or challenge.state != "reviewing":
        raise refuse("wrong_state", "密钥在发榜前由经办人生成", "the key is made by an officer before publication")
    with database.atomic():
        challenge.public_key, challenge.holders = keys.make(challenge.public_id), {}
        challenge.save(update_fields=["public_key", "holders"])
        record(challenge, "key_made", actor, "", Decision("key_made", (), timezone.localdate()))


def take_share(challenge: Challenge, actor: Actor) -> Share:
    """Hand one share to one officer, once."""
    if actor.role is not Role.OFFICER or challenge.state != "reviewing" or not challenge.public_key:
        raise refuse("wrong_state", "须先生成密钥", "the key must be made first")
    if actor.person in challenge.holders or len(challenge.holders) >= HOLDERS:
        raise refuse("share_taken", "每名经办人只领一份，只领一次", "one share an officer, once")
    with database.atomic():
        share = keys.take(challenge.public_id)
        challenge.holders = {**challenge.holders, actor.person: share.x}
        challenge.save(update_fields=["holders"])
        record(challenge, "share_taken", actor, "", Decision("share_taken", (), timezone.localdate()))
    return share


def seal(bid: Bid, content: Mapping[str, Any], now: datetime) -> Decision:
    """Seal a bid in memory and give its receipt; the text is stored nowhere."""
    if bid.state != "draft" or bid.challenge.state != "published":
        raise refuse("not_open", "本榜单不在征集期", "this challenge is not open for bids")
    bid.box = keys.seal(bid.challenge.public_key, json.dumps(dict(content), ensure_ascii=False).encode())
    bid.receipt = receipt_digest(bytes(bid.box))
    bid.save(update_fields=["box", "receipt"])
    return Decision("sealed", (), timezone.localdate(now), facts={"sha256": bid.receipt})


def enter_share(challenge: Challenge, text: str, actor: Actor, now: datetime) -> int:
    """Take an officer's share; with the second all bids open.  Return how many bids opened."""
    if actor.role is not Role.OFFICER or challenge.state != "closed" or now <= challenge.deadline:
        raise refuse("deadline_passed", "截止之后由经办人录入", "entered by an officer after the deadline")
    try:
        share = Share.from_text(text)
    except ValueError as error:
        raise refuse("share_mistyped", "份额有误：校验位不符", "mistyped: the check digits do not fit") from error
    if challenge.holders.get(actor.person) != share.x:
        raise refuse("not_holder", "这不是您领取的份额", "this is not the share you took")
    entered = keys.enter(challenge.public_id, actor.person, share)
    if len(entered) < keys.NEEDED:
        return 0
    try:
        return _open(challenge, entered, actor, now)
    finally:
        keys.forget(challenge.public_id)


def _open(challenge: Challenge, entered: Mapping[str, Share], actor: Actor, now: datetime) -> int:
    box = keys.opener(challenge.public_key, entered)
    decision = may_open_bids(deadline=challenge.deadline, now=now, officers=list(entered)).require("met")
    with database.atomic():
        challenge.opened_by, challenge.opened = sorted(entered), True
        challenge.save(update_fields=["opened_by", "opened"])
        bids = list(Bid.objects.filter(challenge=challenge, state="sealed"))
        for bid in bids:
            bid.content = json.loads(box.decrypt(bytes(bid.box)))
            bid.save(update_fields=["content"])
            transition(bid, "open", actor, "", decision, now=now)
        transition(challenge, "open_bids", actor, "", decision, now=now)
    return len(bids)


def close_overdue(now: datetime) -> int:
    """Close every challenge whose deadline has passed."""
    made = 0
    for challenge in Challenge.objects.filter(state="published", deadline__lt=now):
        transition(challenge, "close", CLOCK, "到期，由系统时钟办理", now=now)
        made += 1
    return made


def declare(challenge: Challenge, conflict: bool, actor: Actor) -> None:
    """Declare interests, once, before anything is read."""
    if actor.role is not Role.REVIEWER or challenge.state != "evaluating":
        raise refuse("wrong_state", "评审期间由评审专家申报", "declared by reviewers while bids are reviewed")
    if challenge.declarations.filter(person=actor.person).exists():
        raise refuse("declared", "已申报", "declared already")
    with database.atomic():
        InterestDeclaration.objects.create(challenge=challenge, person=actor.person, conflict=conflict)
        record(challenge, "interests_declared", actor, "", Decision("declared", (), timezone.localdate()))


def may_read(bid: Bid, actor: Actor, now: datetime) -> Decision:
    """Return whether a reviewer may read a bid."""
    declared = [
        Declaration(d.person, bid.challenge.public_id, Moment.of(d.at), d.conflict)
        for d in bid.challenge.declarations.filter(person=actor.person)
    ]
    return conflicts_declared(
        person=actor.person,
        organisation=actor.organisation or "",
        bidder_orgs=[bid.organisation.public_id] if bid.organisation else [],
        declarations=declared,
        subject=bid.challenge.public_id,
        reading_at=Moment.of(now),
    )


def score(bid: Bid, value: float, actor: Actor, now: datetime) -> None:
    """Keep a reviewer's score; it is never changed."""
    may_read(bid, actor, now).require("met")
    if bid.state != "under_review" or not SCALE[0] <= value <= SCALE[1]:
        raise refuse("bad_score", "评审中的标书评 0–10 分", "bids under review are scored from 0 to 10")
    if bid.scores.filter(person=actor.person).exists():
        raise refuse("scored", "已评分，不能更改", "scored already; a score is never changed")
    Score.objects.create(bid=bid, person=actor.person, score=value, at=now)


def rank(challenge: Challenge, actor: Actor) -> None:
    """Rank the bids by expected rank, and keep what the scores cannot tell apart."""
    rows = list(Score.objects.filter(bid__challenge=challenge).values_list("bid__public_id", "person", "score"))
    if actor.role is not Role.OFFICER or challenge.state != "evaluating" or len({r[0] for r in rows}) < 2:
        raise refuse("no_scores", "须至少两份标书已有评分", "at least two bids need scores")
    frame = pd.DataFrame(rows, columns=["bid", "reviewer", "score"])
    found = expected_rank(frame, challenge.slots, scale=SCALE, seed=0)
    with database.atomic():
        kept = ranking_records(found, ())
        challenge.ranking = {"line": kept["line"], "bids": kept["bids"]}
        challenge.save(update_fields=["ranking"])
        record(challenge, "ranked", actor, "", Decision("ranked", (), timezone.localdate()))


def all_in(bid: Bid) -> bool:
    """Whether every reviewer who is free to read has scored; only then does the office see scores."""
    return bid.to_domain().scores_in
