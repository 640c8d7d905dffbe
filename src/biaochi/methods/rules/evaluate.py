"""Every firm against every rule set at once: a column engine whose answers equal those of one firm at a time.

The verdict chain is unmet < unknown < manual_review < met.  Missing is unknown, a denominator of zero needs a person,
an official column without grade A evidence turns met into manual_review, a rule value that was only recalled turns
every firm answer into manual_review.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from biaochi.core.text import Lang
from biaochi.methods.rules.engine import Engine, SetResult
from biaochi.methods.rules.explain import findings
from biaochi.methods.rules.facts import Facts
from biaochi.methods.rules.resolve import resolve
from biaochi.methods.rules.ruleset import Purpose, RuleSet
from biaochi.methods.rules.single import Firm, Judged, judge
from biaochi.methods.rules.verdict import ORDER


@dataclass(frozen=True)
class Assessment:
    """The result of :func:`evaluate`.

    Parameters
    ----------
    at : datetime.date
        Day of the assessment.
    purpose : {"entry", "recheck"}
        What it was for.
    results : tuple of SetResult
        One for each set.
    facts : Facts
        The table that was assessed.
    """

    at: date
    purpose: Purpose
    results: tuple[SetResult, ...]
    facts: Facts = field(repr=False)

    def __getitem__(self, code: str) -> SetResult:
        for result in self.results:
            if result.code == code:
                return result
        raise KeyError(f"no rule set {code!r} was assessed")

    def judged(self, firm: str) -> dict[str, Judged]:
        """Return one firm against every set in force, by the exact engine."""
        found = Firm.named(self.facts, firm)
        return {r.code: judge(r.rules, found, self.at, self.purpose) for r in self.results if r.rules}

    def explain(self, firm: str, lang: Lang = "zh") -> list[dict[str, object]]:
        """Return one record a set in force: verdict, and each criterion with value, threshold, reason and citation."""
        judged = self.judged(firm)
        grade = str(Firm.named(self.facts, firm).values.get("grade") or "C")
        records: list[dict[str, object]] = []
        for result in self.results:
            if result.rules is None:
                continue
            told = judged[result.code]
            record: dict[str, object] = {
                "set": result.code,
                "version": result.version,
                "verdict": told.verdict.value,
                "grade": grade,
            }
            scores = [o for o in told.outcomes if o.low is not None]
            if scores:
                record["score"] = {"lo": scores[0].low, "hi": scores[0].high}
            record["criteria"] = [f.to_dict(lang) for f in findings(result.rules, told)]
            records.append(record)
        return records

    def to_frame(self) -> pd.DataFrame:
        """Return one row a firm: ``firm``, then for each set its verdict and ``<set>.criteria``, the letters."""
        words = np.array([v.value for v in ORDER], dtype=object)
        data: dict[str, object] = {"firm": self.facts.frame["firm"].astype(str).to_numpy()}
        for result in self.results:
            data[result.code] = words[result.verdict]
            data[f"{result.code}.criteria"] = result.letters()
        return pd.DataFrame(data)


def evaluate(
    rules: RuleSet | Iterable[RuleSet],
    frame: pd.DataFrame,
    *,
    at: date,
    purpose: Purpose = "entry",
    evidence: pd.DataFrame | None = None,
) -> Assessment:
    """Assess every firm of a table.

    Parameters
    ----------
    rules : RuleSet or iterable of RuleSet
        One version, used whatever the day; or all versions of some sets, resolved for the day and the purpose.
    frame : pandas.DataFrame
        One row a firm; absent columns are unknown.  Money in yuan, shares 0..1, flags 1/0.
    at : datetime.date
        Day of the assessment.
    purpose : {"entry", "recheck"}
        Whether the title is applied for or re-checked.
    evidence : pandas.DataFrame or None
        ``firm``, ``column``, ``grade`` overrides of the row's evidence grade.

    Returns
    -------
    Assessment

    Examples
    --------
    >>> text = '''
    ... schema: biaochi.ruleset/1
    ... set: demo
    ... version: "1"
    ... name: {zh: 示例, en: example}
    ... valid_from: 2026-01-01
    ... citation: example
    ... criteria: [{code: rd, test: rd_1/revenue_1 >= 0.03}]
    ... '''
    >>> firms = pd.DataFrame({"firm": ["a", "b"], "fiscal_year": [2025, 2025], "rd_1": [3.0, None], "revenue_1": 100.0})
    >>> evaluate(RuleSet.from_yaml(text), firms, at=date(2026, 5, 1))["demo"].letters()
    ['m', 'k']
    """
    chosen = {rules.code: rules} if isinstance(rules, RuleSet) else resolve(list(rules), at, purpose)
    facts = Facts(frame, at, evidence)
    engine = Engine(facts, purpose)
    return Assessment(at, purpose, tuple(engine.assess(code, found) for code, found in chosen.items()), facts)
