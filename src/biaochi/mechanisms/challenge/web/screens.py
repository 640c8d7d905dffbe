"""What the page of a posting shows: the answer, the acts open to a viewer, bids, ranks, the draw, awards and money."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.challenge.report import ZONE_NAMES
from biaochi.mechanisms.challenge.web.models import HOLDERS, NONCES, Award, Bid, Challenge, Milestone
from biaochi.registry.marks import dots_mark, interval_mark
from biaochi.registry.views import Section

ZONE_BADGES = {"above": "met", "lottery": "tie", "below": "not_applicable"}


def answer(obj: Challenge, lang: Lang) -> str:
    """Return the sentence of the page's state."""
    at = f"{timezone.localtime(obj.deadline):%Y-%m-%d %H:%M}"
    words = {
        "draft": Text(
            "写清要什么、怎么测；送审后由公平竞争审查读同一份文本。", "Say what is needed and how it is tested."
        ),
        "reviewing": Text(
            f"发榜前还须：公平竞争审查通过{'（已有）' if obj.fairness == 'passed' else ''}，"
            f"三名经办人领取密钥（{len(obj.holders)} / {HOLDERS}）。",
            f"Before publication: a fairness conclusion{' (in)' if obj.fairness == 'passed' else ''}, "
            f"and keys with three officers ({len(obj.holders)} of {HOLDERS}).",
        ),
        "published": Text(
            f"截止 {at}；开标之前任何人都读不到标书。", f"Deadline {at}; nobody reads a bid before opening."
        ),
        "closed": Text(
            "已截止；两名经办人录入各自的密钥，全部标书同时开启。",
            "Closed; with two officers' keys all bids open at once.",
        ),
        "evaluating": Text(
            "先申报后阅卷，盲评；评分分不出高下的由可核验的抽签决定。",
            "Declare, then read blind; what scores cannot tell apart is drawn by lots anyone can check.",
        ),
    }
    found = words.get(obj.state)
    if found is None and obj.ranking:
        routes = len(set(obj.awards.values_list("route", flat=True)))
        n = obj.awards.count()
        found = Text(f"{n} 支队伍、{routes} 条路线入选。", f"{n} teams on {routes} routes were selected.")
    return found.within(lang) if found else ""


def acts(obj: Challenge, actor: Actor, now: datetime) -> dict[str, bool]:
    """Return what this viewer may do beside the moves."""
    officer = actor.role is Role.OFFICER and obj.within_scope(actor)
    evaluating = officer and obj.state == "evaluating"
    states = set(obj.bids.values_list("state", flat=True)) if evaluating else set()
    due = obj.state == "closed" or (obj.state == "published" and obj.past_deadline(now))
    holder = obj.holders.get(actor.person, {})
    declared = actor.role in (Role.OFFICER, Role.REVIEWER) and obj.declarations.filter(person=actor.person).exists()
    nonce = obj.lots.get(actor.person)
    routes = set(obj.awarded_routes()) if evaluating and "awarded" in states else set()
    return {
        "edit": officer and obj.state == "draft",
        "fairness": officer and obj.state == "reviewing" and not obj.fairness,
        "key": officer and obj.state == "reviewing",
        "enter": officer and due and bool(holder) and str(holder.get("place")) not in obj.entered,
        "declare": actor.role is Role.REVIEWER and obj.state == "evaluating" and not declared,
        "nonce": evaluating and nonce is None and len(obj.lots) < NONCES and "under_review" not in states,
        "admit": evaluating and "opened" in states,
        "assign": evaluating and "eligible" in states and len(obj.lots) == NONCES,
        "rank": evaluating and not obj.ranking and "under_review" in states,
        "reveal": evaluating and bool(obj.ranking) and nonce is not None and not nonce["nonce"],
        "select": evaluating and bool(obj.draw) and bool(states & {"under_review", "shortlisted"}),
        "single": evaluating and len(routes) == 1 and not obj.single_route_reason,
        "bid": actor.role is Role.FIRM and obj.state == "published" and not obj.past_deadline(now),
    }


def bid_rows(obj: Challenge, bids: Sequence[Bid], actor: Actor) -> list[dict[str, Any]]:
    """Return the bids as the viewer may see them; routes are shown to those who handle the matter."""
    inside = obj.seen_from_inside(actor)
    return [
        {
            "bid": b,
            "route": b.content.get("route", "") if inside else "",
            "house": b.organisation.title if inside and b.content and b.organisation else None,
            "badge": b.badge_of(b.state),
        }
        for b in bids
    ]


def ranks(obj: Challenge) -> list[dict[str, Any]]:
    """Return each bid with its expected rank and the central half of its ranks."""
    found = obj.ranking["bids"]
    rows = []
    for b in found:
        low, high = b["rank_interval"]
        shown = f"{b['expected_rank']:.2f} ({low:g}–{high:g})"
        mark = interval_mark(low, high, label=shown, least=1, most=max(len(found), 2), middle=b["expected_rank"])
        words, badge = ZONE_NAMES[b["zone"]], ZONE_BADGES[b["zone"]]
        rows.append({"bid": b["bid"], "mark": mark, "shown": shown, "words": words, "badge": badge})
    return rows


def draw(obj: Challenge) -> dict[str, Any]:
    """Return digests, nonces once revealed, and the lots once drawn."""
    winners = set(obj.draw.get("winners", []))
    return {
        "obj": obj,
        "committed": [{"digest": e["digest"], "nonce": e["nonce"]} for _, e in sorted(obj.lots.items())],
        "seed": obj.draw.get("seed", ""),
        "places": obj.draw.get("places"),
        "nonces": obj.draw.get("nonces", []),
        "lots": [{**entry, "won": entry["bid"] in winners} for entry in obj.draw.get("lots", [])],
    }


def award_sections(obj: Challenge, actor: Actor, lang: Lang) -> list[Section]:
    """Return the awards with their milestones, and the money paid by route."""
    inside = obj.seen_from_inside(actor)
    awards = list(obj.awards.select_related("organisation").order_by("route", "public_id"))
    stages: dict[int, list[Milestone]] = {}
    for m in Milestone.objects.filter(award__challenge=obj).select_related("verifier").order_by("number"):
        stages.setdefault(m.award_id, []).append(m)
    seen = set(Award.visible(actor, obj.awards.all()).values_list("pk", flat=True))
    rows = [_award_row(a, stages.get(a.pk, []), inside or a.pk in seen, a.pk in seen, lang) for a in awards]
    found = [Section(Text("揭榜项目", "Awards"), "challenge/awards.html", {"rows": rows})]
    if inside:
        money = _money(awards, stages)
        found.append(Section(Text("公共资金按路线", "Public money by route"), "challenge/money.html", {"rows": money}))
    return found


_DOT = {"continued": "met", "adjusted": "manual_review", "paused": "manual_review", "stopped": "unmet"}


def _award_row(award: Award, stages: Sequence[Milestone], inside: bool, linked: bool, lang: Lang) -> dict[str, Any]:
    said = Text("；", "; ").within(lang).join(f"{m.number} {m.current.name.within(lang)}" for m in stages)
    codes = [_DOT.get(m.state, "unknown") for m in stages]
    return {
        "award": award,
        "linked": linked,
        "house": award.organisation.title if award.organisation else None,
        "name": award.current.name if inside else award.current.public,
        "badge": award.badge_of(award.state),
        "mark": dots_mark(codes, label=said) if inside and stages else None,
        "said": said if inside else "",
    }


def _money(awards: Sequence[Award], stages: dict[int, list[Milestone]]) -> list[dict[str, Any]]:
    paid: dict[str, float] = {}
    for a in awards:
        paid.setdefault(a.route, 0.0)
        paid[a.route] += float(sum(m.amount for m in stages.get(a.pk, []) if m.paid_at))
    most = max([*paid.values(), 1.0])
    return [
        {
            "route": route,
            "mark": interval_mark(
                0, value, label=f"{route} {value:,.0f}", least=0, most=most, middle=None if value else 0.0
            ),
            "value": f"{value:,.0f}",
        }
        for route, value in sorted(paid.items())
    ]


def free_of_conflict(challenge: Challenge, actor: Actor) -> bool:
    """Whether the officer has declared, free of conflict."""
    return challenge.declarations.filter(person=actor.person, conflict=False).exists()
