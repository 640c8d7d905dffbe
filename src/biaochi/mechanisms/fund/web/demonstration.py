"""A programme of three routes after four rounds, with two reviews: all of it simulated.

The long computations were made beforehand by the same functions (``demonstration.json``) and are kept as readings; a
test compares them with what the methods say today.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from django.utils import timezone

from biaochi.core.roles import Role
from biaochi.mechanisms.fund.decisions import may_open
from biaochi.mechanisms.fund.decisions.board import PAID, decide_board
from biaochi.mechanisms.fund.web import readings
from biaochi.mechanisms.fund.web.models import Programme
from biaochi.mechanisms.fund.web.views import issue, observe, prepare_review
from biaochi.registry.site import Demo
from biaochi.registry.transition import create, transition


def shipped() -> Mapping[str, Any]:
    """Return the shipped programme, the outcomes of its third round, and the readings made of it."""
    text = (files("biaochi.mechanisms.fund.web") / "demonstration.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def demo(stage: Demo) -> None:
    """Open a programme, decide a review against the advice once, record outcomes, and leave the next one issued."""
    made = shipped()
    manager, second = stage.actors[Role.FUND_MANAGER], stage.second[Role.FUND_MANAGER]
    name, today = made["programme"]["name"], timezone.localdate(stage.now)
    programme = Programme(title_zh=name["zh"], title_en=name["en"], document=made["programme"], simulated=True)
    programme.region_id = stage.region
    create(programme, manager)
    transition(programme, "check", manager)
    readings.keep("whatif", programme.basis, made["whatif"])
    transition(programme, "simulate", manager)
    decision = may_open(simulated=True, at=today)
    transition(programme, "open", second, "各规则已推演（模拟）。", decision)
    first, then = made["packets"]
    review = prepare_review(programme, manager)
    readings.keep("packet", review.basis, first)
    issue(review, first)
    transition(review, "issue", manager)
    review.chosen = {**review.advised, **made["departs"]}
    review.reasons = dict.fromkeys(made["departs"], "用户要求保留第三条路线（模拟）。")
    board = decide_board(review.model(), review.advised, review.chosen, review.reasons, at=today)
    review.save(update_fields=["chosen", "reasons"])
    transition(review, "decide", second, "委员会意见（模拟）。", board.require("decided"))
    transition(review, "inform", manager)
    funded = [t for t, v in review.chosen.items() if v in PAID]
    observe(programme, {t: made["outcomes"][t] for t in funded}, "第三方检验报告（模拟）", manager)
    programme.refresh_from_db()
    review = prepare_review(programme, manager)
    readings.keep("packet", review.basis, then)
    issue(review, then)
    transition(review, "issue", manager)
