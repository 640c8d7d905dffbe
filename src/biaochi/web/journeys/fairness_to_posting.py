"""The conclusion of a fair-competition review comes back to the challenge whose text it read."""

from __future__ import annotations

from datetime import datetime

from biaochi.core.canonical import sha256
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.mechanisms.challenge.web.models import Challenge
from biaochi.mechanisms.fairness.decisions import Conclusion
from biaochi.mechanisms.fairness.web.models import FairnessReview
from biaochi.registry.models.record import Decision
from biaochi.registry.site import Offer
from biaochi.web.journeys.journey import Journey

_WORDS = {
    Conclusion.COMPLIANT.value: Text("符合", "compliant"),
    Conclusion.COMPLIANT_WITH_EXCEPTION.value: Text("符合例外规定", "compliant by an exception"),
    Conclusion.MUST_REVISE.value: Text("须修改", "must be revised"),
}


def conclusions(actor: Actor, now: datetime) -> list[Offer]:
    """Return the concluded reviews of texts that wait for theirs; the digest says which text was read."""
    if actor.role is not Role.OFFICER:
        return []
    waiting = Challenge.visible(actor, Challenge.objects.filter(Challenge.scope_of(actor), state="reviewing"))
    wanted = {c.text_digest for c in waiting if not c.fairness}
    if not wanted:
        return []
    rows = FairnessReview.visible(actor, FairnessReview.objects.filter(state__in=("concluded", "issued")))
    found = []
    for row in rows.exclude(conclusion="").order_by("-pk")[:50]:
        if sha256(row.text) not in wanted or row.concluded_basis != row.basis:
            continue
        decision = Decision.objects.filter(subject=row.public_id, transition="conclude").order_by("-pk").first()
        words = _WORDS[row.conclusion]
        payload = {
            "text_sha256": sha256(row.text),
            "conclusion": row.conclusion,
            "clear": row.to_domain().clear_to_issue,
            "zh": words.zh,
            "en": words.en,
        }
        found.append(Offer(row.public_id, row.title, row.entered_at, payload, decision.public_id if decision else ""))
    return found


JOURNEY = Journey(
    code="fairness-posting",
    title=Text("公平竞争审查结论回到榜单", "Fairness conclusion back to the challenge"),
    meaning=Text(
        "按文本摘要对上哪一份榜单；文本改动一字，结论不再适用。",
        "Matched by the digest of the text; one changed letter and it no longer holds.",
    ),
    source="fairness",
    gives="conclusion",
    target="challenge",
    takes="fairness",
    roles=(Role.OFFICER,),
    giver=conclusions,
)
