"""Verdicts told: value seen, threshold, reason and citation of every criterion, in Chinese and English."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from biaochi.core.text import Lang, Text
from biaochi.core.verdict import Verdict
from biaochi.methods.rules.columns import BY_NAME, CHOICES, LEVEL_NAMES, LEVELS, UNITS
from biaochi.methods.rules.expression import (
    Age,
    Between,
    Col,
    Compare,
    Digits,
    Expression,
    Held,
    Is,
    Leaf,
    Level,
    Mean,
    NotHeld,
    Ratio,
    Review,
    Sum,
)
from biaochi.methods.rules.ruleset import Criterion, RuleSet
from biaochi.methods.rules.score import Score
from biaochi.methods.rules.single import NEVER, Judged, Outcome

Plain = str | int | float | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One criterion of one firm, ready to be shown.

    Parameters
    ----------
    criterion : Criterion
        What was tested.
    outcome : Outcome
        What it said.
    """

    criterion: Criterion
    outcome: Outcome

    @property
    def verdict(self) -> Verdict:
        """What the criterion says."""
        return self.outcome.verdict

    def to_dict(self, lang: Lang) -> dict[str, Plain]:
        """Return code, verdict, would_be (only where it differs), value, threshold, unit, reason, citation."""
        outcome, leaf = self.outcome, self.outcome.decided_by
        record: dict[str, Plain] = {"code": self.criterion.code, "verdict": outcome.verdict.value}
        if outcome.would_be is not outcome.verdict:
            record["would_be"] = outcome.would_be.value
        record["value"] = shown(outcome.value, leaf)
        record["threshold"] = threshold_of(leaf)
        record["unit"] = unit_of(leaf)
        record["reason"] = reason(self.criterion, outcome).within(lang)
        record["citation"] = self.criterion.citation
        return record


def findings(rules: RuleSet, judged: Judged) -> tuple[Finding, ...]:
    """Return one finding a criterion, in letter order."""
    return tuple(Finding(c, o) for c, o in zip(rules.criteria, judged.outcomes, strict=True))


def shown(value: Fraction | date | str | None, leaf: Leaf | Score | None) -> Plain:
    """Return a value as a file carries it: whole numbers whole, levels by name, days in ISO 8601."""
    if isinstance(value, Fraction):
        if isinstance(leaf, Leaf) and isinstance(leaf.test, Level):
            return next(k for k, v in LEVELS.items() if v == value)
        return int(value) if value.denominator == 1 else float(value)
    if isinstance(value, date):
        return "none" if value == NEVER else value.isoformat()
    return value


def threshold_of(leaf: Leaf | Score | None) -> Plain:
    """Return the threshold of a test; ``at`` for titles that must be valid on the day."""
    if isinstance(leaf, Score):
        return leaf.threshold
    if leaf is None:
        return None
    match leaf.test:
        case Compare(right=right):
            return shown(right, None)
        case Between(low=low, high=high):
            return f"{low}–{high}"
        case Held() | NotHeld():
            return "at"
        case Age(count=count):
            return count
        case Level(at_least=at_least):
            return at_least
        case Is(value=value):
            return value
        case Digits(lengths=lengths):
            return "/".join(map(str, lengths))
        case Review():
            return 1


def unit_of(leaf: Leaf | Score | None) -> str:
    """Return the unit of a test's value; a quotient is a plain ratio."""
    if isinstance(leaf, Score):
        return "points"
    if leaf is None:
        return ""
    if isinstance(leaf.test, Age):
        return leaf.test.unit
    if isinstance(leaf.test, Compare) and _is_ratio(leaf.test.left):
        return "ratio"
    return BY_NAME[leaf.columns[0]].unit


def _is_ratio(node: Expression) -> bool:
    match node:
        case Ratio():
            return True
        case Mean(parts):
            return any(_is_ratio(p) for p in parts)
        case _:
            return False


def reason(criterion: Criterion, outcome: Outcome) -> Text:
    """Return why a criterion says what it says, as a sentence."""
    if outcome.decided_by is None:
        return Text("本次不适用", "does not apply here")
    test = _score_text(outcome) if isinstance(outcome.decided_by, Score) else _leaf_text(outcome)
    return _doubt(outcome, test)


def _doubt(outcome: Outcome, test: Text) -> Text:
    names = _names(outcome.missing)
    match outcome.why:
        case "missing":
            return Text(f"{test.zh}；缺少 {names.zh}", f"{test.en}; missing {names.en}")
        case "zero":
            return Text(f"{test.zh}；分母为零，需人工审核", f"{test.en}; a denominator is zero, a person must decide")
        case "review":
            return Text(f"{test.zh}；尚未评审", f"{test.en}; not yet reviewed")
        case "evidence":
            return Text(
                f"{test.zh}；{names.zh} 须有官方或经审计的证据（A 级）",
                f"{test.en}; {names.en} needs official or audited evidence (grade A)",
            )
        case "unverified":
            return Text(
                f"{test.zh}；规则数值未经核实，需人工审核",
                f"{test.en}; the rule's value is unverified, a person must decide",
            )
        case _:
            return test


def _score_text(outcome: Outcome) -> Text:
    score = outcome.decided_by
    assert isinstance(score, Score)
    points = f"{outcome.low}" if outcome.low == outcome.high else f"{outcome.low}–{outcome.high}"
    sign = {">=": "≥", ">": ">"}[score.op]
    return Text(f"得分 {points}，要求 {sign} {score.threshold}", f"score {points}, required {sign} {score.threshold}")


def _leaf_text(outcome: Outcome) -> Text:
    leaf = outcome.decided_by
    assert isinstance(leaf, Leaf)
    name = describe(leaf)
    asked = required(leaf)
    if outcome.value is None:
        return Text(f"{name.zh}：要求{asked.zh}", f"{name.en}: required {asked.en}")
    seen = _seen(shown(outcome.value, leaf), leaf)
    if _is_flag(leaf):
        return Text(f"{name.zh}：{seen.zh}，要求{asked.zh}", f"{name.en}: {seen.en}, required {asked.en}")
    return Text(f"{name.zh}为{_apart(seen.zh)}，要求{_apart(asked.zh)}", f"{name.en} is {seen.en}, required {asked.en}")


def _apart(text: str) -> str:
    """Chinese runs on; what begins with a letter, a digit or a sign stands apart."""
    return text if text[:1] > "\u2fff" else f" {text}"


_ANSWERS = {0: Text("否", "no"), 1: Text("是", "yes")}


def _seen(value: Plain, leaf: Leaf) -> Text:
    """Return a value as a person says it: codes by name, flags as yes or no, amounts with their unit."""
    column = leaf.columns[0]
    names = CHOICES.get(column, {})
    if isinstance(value, str):
        return Text("从未持有", "never held") if value == "none" and not names else names.get(value, Text.same(value))
    if isinstance(leaf.test, Review):
        return Text("评审通过", "passed in review") if value == 1 else Text("评审未通过", "not passed in review")
    if _is_flag(leaf) and value in (0, 1):
        return _ANSWERS[int(value or 0)]
    if isinstance(leaf.test, Between) and value == 0:
        return Text("无", "none")
    return _amount(value, leaf)


def _amount(value: Plain, leaf: Leaf) -> Text:
    unit = UNITS.get(unit_of(leaf))
    number = f"{value:,.6g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
    return Text(f"{number} {unit.zh}", f"{number} {unit.en}") if unit else Text.same(number)


def _is_flag(leaf: Leaf) -> bool:
    test = leaf.test
    plain = isinstance(test, Compare) and isinstance(test.left, Col)
    return (plain or isinstance(test, Review)) and BY_NAME[leaf.columns[0]].kind in ("flag", "review")


def required(leaf: Leaf) -> Text:
    """Return what a leaf asks for, such as “≥ 0.03” or “valid on the day”."""
    sign = {">=": "≥ ", "<=": "≤ ", ">": "> ", "<": "< ", "=": "= "}
    match leaf.test:
        case Compare(op=op, right=right):
            value = shown(right, None)
            if _is_flag(leaf) and op == "=" and value in (0, 1):
                return _ANSWERS[int(value or 0)]
            amount = _amount(value, leaf)
            return Text(f"{sign[op]}{amount.zh}", f"{sign[op]}{amount.en}")
        case Between(low=low, high=high):
            return Text(f"名次在 {low} 至 {high} 之间", f"rank {low} to {high}")
        case Held():
            return Text("当日有效", "valid on the day")
        case NotHeld():
            return Text("当日未持有", "not held on the day")
        case Age(op=op, count=count, unit=unit):
            most = op == "<="
            zh = "天" if unit == "days" else "年"
            return Text(
                f"{'不超过' if most else '满'} {count} {zh}", f"{'at most' if most else 'at least'} {count} {unit}"
            )
        case Level(at_least=at_least):
            name = LEVEL_NAMES[at_least]
            return Text(f"不低于{name.zh}", f"{name.en} or better")
        case Is(column=column, value=value):
            return CHOICES.get(column, {}).get(value, Text.same(value))
        case Digits(lengths=lengths):
            return Text(f"{'或'.join(map(str, lengths))} 位数字", f"{' or '.join(map(str, lengths))} digits")
        case Review():
            return Text("评审通过", "passed in review")


def describe(leaf: Leaf) -> Text:
    """Return what a leaf looks at, with the titles of its columns."""
    return _expression(leaf.test.left) if isinstance(leaf.test, Compare) else BY_NAME[leaf.test.column].title


def _expression(node: Expression) -> Text:
    match node:
        case Col(name):
            return BY_NAME[name].title
        case Ratio(top, bottom):
            a, b = _expression(top), _expression(bottom)
            return Text(f"{a.zh} ÷ {b.zh}", f"{a.en} ÷ {b.en}")
        case Sum(terms, signs):
            parts = [_expression(t) for t in terms]
            joined = [
                Text(f" {'+' if s > 0 else '−'} {p.zh}", f" {'+' if s > 0 else '−'} {p.en}")
                for p, s in zip(parts, signs, strict=True)
            ]
            return Text(
                f"（{''.join(p.zh for p in joined).removeprefix(' + ')}）",
                f"({''.join(p.en for p in joined).removeprefix(' + ')})",
            )
        case Mean(parts):
            told = [_expression(p) for p in parts]
            return Text(f"平均（{'、'.join(t.zh for t in told)}）", f"mean of ({', '.join(t.en for t in told)})")


def _names(columns: tuple[str, ...]) -> Text:
    if not columns:
        return Text("数据", "data")
    titles = [BY_NAME[c].title for c in columns]
    return Text("、".join(t.zh for t in titles), ", ".join(t.en for t in titles))
