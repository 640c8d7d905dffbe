"""Gaming cards: a queue for auditors, of where a figure could be made rather than earned; nobody is accused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.mechanisms.ruler.web import readings, words
from biaochi.mechanisms.ruler.web.acts import note_look
from biaochi.mechanisms.ruler.web.models import Framework
from biaochi.mechanisms.ruler.web.profile_page import fixed
from biaochi.methods.composite.tree import Node
from biaochi.registry.acting import acting, page_language


class GamingPage(View):
    """The cards of the framework in force; for auditors alone."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show what asks for a look first, then what showed nothing."""
        framework = _framework(request)
        files = readings.bundle(framework)
        found = readings.audit_reading(framework, files)
        tree = readings.built(files).composite.dataset.framework
        looked = _looked(framework)
        lang = page_language(request)
        cards = [_card(line, tree.by_code[line["indicator"]], looked) for line in found["gaming"]]
        asked = [c for c in cards if c["verdict"] == "check"]
        answer = Text(
            f"{len(cards)} 次检验，{len(asked)} 项请看一眼" if cards else "没有可做的检验",
            f"{len(cards)} tests, {len(asked)} ask for a look" if cards else "No test has the data it needs",
        )
        context = {
            "framework": framework,
            "period": found["period"],
            "answer": answer.within(lang),
            "asked": asked,
            "quiet": [c for c in cards if c["verdict"] != "check"],
        }
        return render(request, "ruler/gaming.html", context)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Write to the ledger that an auditor looked, and what was found."""
        framework = _framework(request)
        actor = acting(request).actor
        code, reason = request.POST.get("card", "")[:120], request.POST.get("reason", "").strip()[:4000]
        files = readings.bundle(framework)
        known = {_key(line) for line in readings.audit_reading(framework, files)["gaming"]}
        if code not in known or not reason:
            raise Http404
        note_look(framework, code, reason, files.basis, actor, timezone.now())
        return HttpResponseRedirect(request.path)


def _framework(request: HttpRequest) -> Framework:
    actor = acting(request).actor
    if actor.role is not Role.AUDITOR:
        raise PermissionDenied
    framework = readings.adopted()
    if framework is None:
        raise Http404
    return framework


def _key(line: Mapping[str, Any]) -> str:
    return f"{line['indicator']}/{line['test']}"


def _looked(framework: Framework) -> dict[str, tuple[Any, str]]:
    """Return when each card was last looked at, and what was written."""
    return {look.card: (look.at, look.text) for look in framework.looks.all()}


def _card(line: Mapping[str, Any], node: Node, looked: Mapping[str, tuple[Any, str]]) -> dict[str, Any]:
    title, meaning = words.test_words(line["test"])
    at, said = looked.get(_key(line), (None, ""))
    return {
        "key": _key(line),
        "name": node.name,
        "guard": node.gaming_guard,
        "title": title,
        "meaning": meaning,
        "value": fixed(line["value"], 3),
        "verdict": line["verdict"],
        "verdict_text": words.CARD[line["verdict"]],
        "badge": "manual_review" if line["verdict"] == "check" else "met",
        "looked_at": at,
        "said": said,
    }
