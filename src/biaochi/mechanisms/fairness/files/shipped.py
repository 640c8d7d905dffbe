"""The shipped rule pack, parameters and labelled clauses, read once."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from importlib.resources import files

from biaochi.core.canonical import sha256
from biaochi.core.errors import DefinitionError
from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.parameter_files import load_parameters
from biaochi.exchange.source import Source
from biaochi.mechanisms.fairness.decisions import Labelled, Measured, measure_rules, read_labelled
from biaochi.mechanisms.fairness.files.records import Entry, read_records
from biaochi.methods.textreview.engine import Reranker
from biaochi.methods.textreview.rerank import train
from biaochi.methods.textreview.rule_pack import RulePack

PACKAGE = "biaochi.mechanisms.fairness"
#: Day on which a labelled clause without a date is read: every loaded rule is in force.
LABELLED_ON = date(2026, 6, 1)


@cache
def shipped_pack() -> RulePack:
    """Return the shipped rule pack; a broken pack is the fault ``pack_invalid``."""
    text = (files(PACKAGE) / "parameters" / "rule_pack.yaml").read_text("utf-8")
    try:
        return RulePack.from_yaml(text)
    except DefinitionError as error:
        faults = Faults("rule_pack.yaml")
        for problem in error.problems:
            faults.add(
                "pack_invalid",
                Text(f"规则包有误：{problem}", f"the rule pack is invalid: {problem}"),
                Text("请改正规则包", "correct the pack"),
            )
        faults.check()
        raise


@cache
def shipped_clauses() -> tuple[Labelled, ...]:
    """Return the shipped labelled clauses."""
    data = (files("biaochi.data") / "fairness" / "clauses.jsonl").read_bytes()
    faults = Faults("clauses.jsonl")
    entries = read_records(Source("clauses.jsonl", data), faults, labelled=True)
    faults.check()
    return tuple(labelled(e, "tender") for e in entries)


@cache
def shipped_measures() -> dict[str, Measured]:
    """Return what each rule does on the shipped clauses, as kept with them, or counted anew when either changed."""
    raw = json.loads((files("biaochi.data") / "fairness" / "measured.json").read_text("utf-8"))
    if (raw["pack"], raw["clauses"]) != (shipped_pack().digest, _clauses_digest()):
        return counted_measures()
    return {rule: Measured(*counts) for rule, counts in raw["rules"].items()}


def counted_measures() -> dict[str, Measured]:
    """Return what each rule does on the shipped clauses, by reading every one of them."""
    clauses = shipped_clauses()
    return measure_rules(clauses, read_labelled(clauses, shipped_pack()))


def measures_text() -> str:
    """Return the content of ``measured.json`` for the shipped pack and clauses."""
    rules = {rule: [m.labelled, m.positives, m.found, m.reported, m.right] for rule, m in counted_measures().items()}
    head = {"pack": shipped_pack().digest, "clauses": _clauses_digest()}
    lines = ",\n".join(f"  {json.dumps(rule)}: {json.dumps(counts)}" for rule, counts in rules.items())
    return f'{{"pack": "{head["pack"]}",\n "clauses": "{head["clauses"]}",\n "rules": {{\n{lines}\n }}}}\n'


def _clauses_digest() -> str:
    return sha256((files("biaochi.data") / "fairness" / "clauses.jsonl").read_bytes())


@cache
def shipped_reranker() -> Reranker:
    """Return the second opinion trained on the shipped clauses that are violations or need context."""
    chosen = [c for c in shipped_clauses() if c.verdict in ("violation", "needs_context")]
    return train([c.text for c in chosen], [c.verdict == "violation" for c in chosen]).verdict


def rules_on(day: date) -> Snapshot:
    """Return the parameters in force on a day."""
    return load_parameters(PACKAGE).at(day)


def labelled(entry: Entry, kind: str) -> Labelled:
    """Return a labelled record, with the default kind and day where it names none."""
    return Labelled(
        entry.id,
        entry.text,
        entry.kind or kind,
        entry.date or LABELLED_ON,
        entry.verdict,
        entry.rules,
        entry.family,
        entry.role,
        entry.facts,
    )
