"""Saying values in the page's language: texts, numbers, dates, verdicts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import template
from django.apps import apps
from django.core.cache import cache
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from biaochi.core.canonical import digest
from biaochi.core.figure import Figure
from biaochi.core.roles import Role
from biaochi.core.text import Lang, Text
from biaochi.core.verdict import Verdict
from biaochi.exchange.charts import page_figure
from biaochi.registry import act_names as names
from biaochi.registry.models.governed import Governed
from biaochi.registry.models.record import Decision, LedgerEntry
from biaochi.registry.shown import shown as as_shown

register = template.Library()


def _lang() -> Lang:
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


@register.filter
def say(value: Any) -> str:
    """Return a text in the page's language; anything else as it is shown."""
    return value.within(_lang()) if isinstance(value, Text) else as_shown(value, _lang())


@register.simple_tag
def zh_en(zh: str, en: str) -> str:
    """Return the half in the page's language; for a mechanism's own templates."""
    return zh if _lang() == "zh" else en


@register.filter
def shown(value: Any) -> str:
    """Return a value as a reader sees it: numbers, dates, texts, a dash for what is missing."""
    return as_shown(value, _lang())


@register.filter
def role_name(code: str) -> str:
    """Return a role's name."""
    return Role(code).text.within(_lang())


@register.filter
def verdict_badge(code: str) -> SafeString:
    """Return a verdict as glyph, word and colour; CSS chooses glyph and colour by the code."""
    return format_html('<span class="badge" data-code="{}">{}</span>', code, Verdict(code).text.within(_lang()))


_UNITS = {
    "yuan": Text("元", "yuan"),
    "usd": Text("美元", "US dollars"),
    "persons": Text("人", "persons"),
    "firms": Text("家", "firms"),
    "items": Text("项", "items"),
    "points": Text("分", "points"),
    "level": Text("级", "level"),
    "share": Text("比例", "share"),
    "ratio": Text("比值", "ratio"),
    "hours": Text("小时", "hours"),
    "days": Text("天", "days"),
    "months": Text("个月", "months"),
    "years": Text("年", "years"),
}


@register.filter
def unit_name(unit: str) -> str:
    """Return what a unit is called; a unit without a name of its own as it is written."""
    return _UNITS[unit].within(_lang()) if unit in _UNITS else unit


@register.filter
def in_language(record: Any) -> str:
    """Return the sentence of a stored record with the keys ``zh`` and ``en``."""
    return str(record.get(_lang(), "")) if isinstance(record, dict) else ""


@register.filter
def short_digest(digest: str) -> str:
    """Return the two ends of a digest."""
    return f"{digest[:4]}…{digest[-4:]}" if digest else "–"


@register.filter
def day_month(value: datetime | date | None) -> str:
    """Return month and day, with the year when it is another one."""
    if value is None:
        return "–"
    day = timezone.localtime(value).date() if isinstance(value, datetime) else value
    return f"{day:%m-%d}" if day.year == timezone.localdate().year else f"{day:%Y-%m-%d}"


@register.filter
def until(value: datetime | None) -> str:
    """Return how long is left until an instant, in words."""
    if value is None:
        return _("no deadline")
    left = (timezone.localtime(value).date() - timezone.localdate()).days
    if value < timezone.now():
        return _("overdue")
    if left == 0:
        return _("today %(time)s") % {"time": f"{timezone.localtime(value):%H:%M}"}
    return _("tomorrow") if left == 1 else _("in %(days)s days") % {"days": left}


@register.filter
def citation(record: Any) -> str:
    """Return a stored citation as one line."""
    if not isinstance(record, dict):
        return ""
    return " ".join(str(record[k]) for k in ("title", "article", "published_on") if record.get(k))


@register.inclusion_tag("registry/figure.html")
def figure(drawn: Figure) -> dict[str, Any]:
    """Draw a figure: sentence, inline SVG readable without JavaScript, data table, and what brings it to life."""
    lang = _lang()
    key = f"figure:{lang}:{digest([drawn.spec, drawn.title, drawn.alternative])}"
    kept = cache.get(key)
    if kept is None:
        made = page_figure(drawn, lang)
        kept = (made.svg, made.vega)
        cache.set(key, kept, 3600)
    names = list(drawn.rows[0]) if drawn.rows else []
    return {
        "figure": drawn,
        "svg": mark_safe(kept[0]),
        "vega": kept[1],
        "script_id": f"vega-{drawn.key}",
        "names": names,
        "rows": [
            [(as_shown(row.get(n), lang), isinstance(row.get(n), int | float)) for n in names] for row in drawn.rows
        ],
    }


@register.filter
def source_name(decision: Decision) -> str:
    """Return the name of the state a decision left."""
    return _state_name(decision, decision.source)


@register.filter
def target_name(decision: Decision) -> str:
    """Return the name of the state a decision led to."""
    return _state_name(decision, decision.target)


@register.filter
def public_name(decision: Decision) -> str:
    """Return the public name of the state a decision led to."""
    return _state_name(decision, decision.target, public=True)


@register.filter
def act_name(row: Decision | LedgerEntry) -> str:
    """Return the name of the act a decision or a line of the ledger records."""
    if isinstance(row, Decision):
        return names.act_name(row.transition, row.label).within(_lang())
    model = names.model_of_subject(row.subject)
    return names.act_name(row.transition, model._meta.label_lower if model else "").within(_lang())


@register.filter
def outcome_name(decision: Decision) -> str:
    """Return the outcome of a decision that moved nothing: a verdict, a state, or the act itself."""
    if decision.outcome in _VERDICTS:
        return Verdict(decision.outcome).text.within(_lang())
    found = names.outcome_name(decision.outcome, decision.label)
    return (found or names.act_name(decision.transition, decision.label)).within(_lang())


@register.filter
def decision_badge(decision: Decision) -> str:
    """Return the badge code of a decision: its verdict-like outcome, else the badge of the state it led to."""
    if decision.outcome in _VERDICTS:
        return decision.outcome
    model = _model_of(decision)
    return model.badge_of(decision.target) if model is not None and decision.target else "not_applicable"


_VERDICTS = frozenset(v.value for v in Verdict)


def _state_name(decision: Decision, code: str, *, public: bool = False) -> str:
    model = _model_of(decision)
    for state in model.workflow.states if model is not None else ():
        if state.code == code:
            return (state.public if public else state.name).within(_lang())
    return code


def _model_of(decision: Decision) -> type[Governed] | None:
    try:
        model = apps.get_model(decision.label)
    except (LookupError, ValueError):
        return None
    return model if issubclass(model, Governed) else None
