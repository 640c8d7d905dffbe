"""Terms against dated rules; the limits of the national guidance fund bind national funds only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from biaochi.core.decision import Decision, Reason, Scalar
from biaochi.core.parameters import InForce, Snapshot
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict, all_of
from biaochi.mechanisms.capital.model import Terms

_EVALUATION: dict[str | None, Text] = {
    "life_cycle": Text("按全生命周期", "by the whole life"),
    "yearly": Text("按年", "yearly"),
    "single_project": Text("按单个项目", "by single projects"),
    None: Text("未载明", "not stated"),
}
PROMOTION_WORDS = ("招商", "investment promotion", "investment_promotion", "investment-promotion")

_Limit = tuple[str, str, Callable[[Terms], Scalar], str]
_NATIONAL: tuple[_Limit, ...] = (
    ("early_share", "capital.national.early_share", lambda t: t.early_share, ">="),
    ("ticket_max", "capital.national.ticket_max", lambda t: t.ticket_max, "<="),
    ("valuation_max", "capital.national.valuation_max", lambda t: t.valuation_max, "<="),
    ("largest_lp", "capital.national.largest_lp", lambda t: t.largest_lp, "="),
    ("sub_fund_share", "capital.national.sub_fund_share", lambda t: t.sub_fund_share, ">="),
    ("sub_fund_mean", "capital.national.sub_fund_mean", lambda t: t.sub_fund_mean, "<="),
    ("term_years", "capital.national.term_years", lambda t: t.term_years, ">="),
    ("invest_years", "capital.national.invest_years", lambda t: t.invest_years, "<="),
)
_NAMES: dict[str, Text] = {
    "early_share": Text("投向种子期、初创期的比例", "share in seed and start-up firms"),
    "ticket_max": Text("单笔投资上限", "largest ticket"),
    "valuation_max": Text("被投企业估值上限", "greatest valuation"),
    "largest_lp": Text("成为最大出资人", "being the largest investor"),
    "sub_fund_share": Text("经由子基金投资的比例", "share invested through sub-funds"),
    "sub_fund_mean": Text("子基金平均规模", "mean size of sub-funds"),
    "term_years": Text("存续期（年）", "term in years"),
    "invest_years": Text("投资期（年）", "investing period in years"),
}


def check_terms(terms: Terms, *, at: date, parameters: Snapshot) -> Decision:
    """Hold a fund's terms against the rules in force.

    Parameters
    ----------
    terms : Terms
    at : date
    parameters : Snapshot
        Codes ``capital.*``; a rule not yet in force does not apply.

    Returns
    -------
    Decision
        Outcome: the least verdict of all that apply.  Unverified rules give ``manual_review`` at best and at worst.
    """
    reasons = [_national(terms, limit, parameters) for limit in _NATIONAL]
    reasons += [
        _reinvestment(terms, parameters),
        _registration(terms, parameters),
        _promotion(terms, parameters),
        _evaluation(terms, parameters),
        _long_enough(terms, parameters),
    ]
    outcome = all_of(r.verdict for r in reasons)
    used = [code for code in parameters if code.startswith(("capital.national.", "capital.rule."))]
    return Decision(outcome.value, tuple(reasons), at, parameters=parameters.only(*used))


def status_of(reason: Reason, parameters: Snapshot) -> str | None:
    """Return whether the rule behind a reason was seen; ``None`` where no rule is in force."""
    for code in parameters:
        if code.rpartition(".")[2] == reason.rule:
            return parameters[code].status.value
    return None


def _national(terms: Terms, limit: _Limit, parameters: Snapshot) -> Reason:
    rule, code, read, sign = limit
    name = _NAMES[rule]
    seen = read(terms)
    if terms.kind != "national" or code not in parameters:
        text = Text(f"{name.zh}：仅适用于国家创业投资引导基金", f"{name.en}: concerns the national guidance fund only")
        return Reason(rule, Verdict.NOT_APPLICABLE, text, seen, None)
    value = parameters[code]
    threshold = value.value
    bound: Scalar = threshold if isinstance(threshold, bool) else Decimal(str(threshold))
    text = Text(
        f"{name.zh}：所见 {_shown(seen).zh}，要求 {sign} {_shown(bound).zh}",
        f"{name.en}: seen {_shown(seen).en}, required {sign} {_shown(bound).en}",
    )
    if seen is None:
        return Reason(rule, Verdict.UNKNOWN, text, None, bound, citation=value.citation)
    verdict = _firm(value, _compare(seen, bound, sign))
    return Reason(rule, verdict, text, seen, bound, citation=value.citation)


def _shown(value: Scalar) -> Text:
    if value is None:
        return Text("未载明", "not stated")
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    return Text.same(f"{value:,.12g}" if isinstance(value, int | float | Decimal) else str(value))


def _compare(seen: Scalar, bound: Scalar, sign: str) -> bool:
    if isinstance(bound, bool):
        return seen is bound
    a, b = Decimal(str(seen)), Decimal(str(bound))
    return a >= b if sign == ">=" else a <= b


def _firm(value: InForce, holds: bool) -> Verdict:
    if not value.confirmed:
        return Verdict.MANUAL_REVIEW
    return Verdict.MET if holds else Verdict.UNMET


def _judged(rule: str, parameters: Snapshot, holds: bool | None, text: Text, seen: Scalar, threshold: Scalar) -> Reason:
    code = f"capital.rule.{rule}"
    if code not in parameters:
        return Reason(
            rule, Verdict.NOT_APPLICABLE, Text("规则尚未生效", "the rule is not in force yet"), seen, threshold
        )
    value = parameters[code]
    verdict = Verdict.UNKNOWN if holds is None else _firm(value, holds)
    return Reason(rule, verdict, text, seen, threshold, citation=value.citation)


def _reinvestment(terms: Terms, parameters: Snapshot) -> Reason:
    ratio = terms.reinvestment_ratio
    text = Text("条款未载明返投比例", "the terms state no reinvestment ratio")
    if ratio is not None:
        text = Text(f"返投比例 {ratio:g}", f"reinvestment ratio {ratio:g}")
    return _judged("reinvestment_clause", parameters, None if ratio is None else ratio <= 0, text, ratio, 0)


def _registration(terms: Terms, parameters: Snapshot) -> Reason:
    wanted = terms.registration_required
    if wanted is None:
        unsaid = Text("条款未载明注册地要求", "the terms do not say whether local registration is required")
        return _judged("registration_place", parameters, None, unsaid, None, False)
    text = Text(
        "要求在本地注册" if wanted else "不要求在本地注册",
        "local registration " + ("required" if wanted else "not required"),
    )
    return _judged("registration_place", parameters, not wanted, text, wanted, False)


def _promotion(terms: Terms, parameters: Snapshot) -> Reason:
    promotes = any(word in terms.purpose.lower() for word in PROMOTION_WORDS)
    text = Text(
        "以招商引资为目的" if promotes else "目的中没有招商引资",
        "purpose " + ("names" if promotes else "does not name") + " investment promotion",
    )
    known = None if not terms.purpose.strip() else not promotes
    return _judged("investment_promotion", parameters, known, text, terms.purpose, None)


def _evaluation(terms: Terms, parameters: Snapshot) -> Reason:
    seen = terms.evaluation
    named = _EVALUATION[seen]
    text = Text(f"考核方式：{named.zh}", f"assessment: {named.en}")
    return _judged("evaluation", parameters, None if seen is None else seen == "life_cycle", text, seen, "life_cycle")


def _long_enough(terms: Terms, parameters: Snapshot) -> Reason:
    years, needed = terms.term_years, terms.track_years_to_market
    text = Text(
        f"存续期 {_shown(years).zh} 年，赛道预期 {_shown(needed).zh} 年到市场",
        f"term {_shown(years).en} years, the track needs {_shown(needed).en} to market",
    )
    known = None if years is None or needed is None else years >= needed
    return _judged("term_for_track", parameters, known, text, years, needed)


WARNED: dict[str, Text] = {
    "reinvestment_clause": Text(
        "条款有返投要求；国办发〔2025〕1号鼓励取消或降低",
        "the terms ask for local reinvestment; the rule encourages lowering or dropping it",
    ),
    "registration_place": Text(
        "条款限定注册地；国办发〔2025〕1号鼓励取消",
        "the terms limit the place of registration; the rule encourages dropping it",
    ),
    "investment_promotion": Text(
        "以招商引资为目的；国办发〔2025〕1号不允许", "the purpose is investment promotion; the rule does not allow it"
    ),
    "evaluation": Text(
        "按年或按单个项目考核；应看全生命周期",
        "assessed yearly or by single projects; the whole life should be assessed",
    ),
}


def warned(terms: Terms) -> list[str]:
    """Return the rules whose discouraged clause the terms contain."""
    found = []
    if terms.reinvestment_ratio is not None and terms.reinvestment_ratio > 0:
        found.append("reinvestment_clause")
    if terms.registration_required:
        found.append("registration_place")
    if any(word in terms.purpose.lower() for word in PROMOTION_WORDS):
        found.append("investment_promotion")
    if terms.evaluation in ("yearly", "single_project"):
        found.append("evaluation")
    return found
