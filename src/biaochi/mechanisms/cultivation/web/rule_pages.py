"""Pages of rule sets: every version, what it asks in words, and what it changed."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from biaochi.mechanisms.cultivation.model import in_order
from biaochi.mechanisms.cultivation.web import readings
from biaochi.methods.rules import Criterion, RuleSet, diff
from biaochi.methods.rules.meaning import meaning


class RulesPage(View):
    """All rule sets with their versions."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show every version, and what it replaced."""
        day = timezone.localdate()
        rows = [
            {
                "rules": r,
                "now": r.in_force(day),
                "before": _before(r),
                "unverified": sum(c.unverified for c in r.criteria),
            }
            for r in in_order(readings.rules())
        ]
        return render(
            request,
            "cultivation/rules.html",
            {"rows": rows, "day": day, "sets": len({r.code for r in readings.rules()})},
        )


def _before(rules: RuleSet) -> RuleSet | None:
    earlier = [r for r in readings.rules() if r.code == rules.code and r.valid_from < rules.valid_from]
    return max(earlier, key=lambda r: r.valid_from, default=None)


class RulePage(View):
    """One version of one set: its criteria, and what it changed against the version before."""

    def get(self, request: HttpRequest, code: str, version: str) -> HttpResponse:
        """Show the version."""
        rules = next((r for r in readings.rules() if (r.code, r.version) == (code, version)), None)
        if rules is None:
            raise Http404
        before = _before(rules)
        return render(request, "cultivation/rule.html", {"rules": rules, "before": before} | _told(rules, before))


def _told(rules: RuleSet, before: RuleSet | None) -> dict[str, object]:
    """Return the criteria in words, and those that differ from the version before."""
    new = {c.code: c for c in rules.criteria}
    old = {c.code: c for c in before.criteria} if before else {}
    changes = [
        {"name": (new.get(code) or old[code]).name, "old": _worded(old.get(code)), "new": _worded(new.get(code))}
        for code in (d["code"] for d in (diff(before, rules) if before else []))
    ]
    return {"changes": changes, "criteria": [_worded(c) for c in rules.criteria]}


def _worded(criterion: Criterion | None) -> dict[str, object] | None:
    if criterion is None:
        return None
    return {
        "name": criterion.name,
        "meaning": meaning(criterion.test),
        "text": criterion.text,
        "citation": criterion.citation,
        "unverified": criterion.unverified,
    }
