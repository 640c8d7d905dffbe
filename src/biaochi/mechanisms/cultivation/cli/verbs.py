"""The sub-commands of cultivation; each reads, calls and tells."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from biaochi.core.errors import UsageError
from biaochi.core.text import Text
from biaochi.exchange.command import (
    AsOfOption,
    AtOption,
    ConfidenceOption,
    Format,
    FormatOption,
    LangOption,
    Language,
    Options,
    OutOption,
    SeedOption,
    invocation,
)
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms.cultivation.cli.assess import assess_slices, chosen_rules, warn_of
from biaochi.mechanisms.cultivation.cli.paths import firm_row, gaps_and_plans, read_costs
from biaochi.mechanisms.cultivation.cli.reading import PARAMETERS, all_rules, firm_slices, read_evidence
from biaochi.mechanisms.cultivation.decisions import check_registry, cohort_tables
from biaochi.mechanisms.cultivation.files.registry import read_registry
from biaochi.methods.rules import RuleSet, diff, evaluate

app = typer.Typer(no_args_is_help=True, help="梯度培育 / cultivation: who is near which grade, and what is missing")


class PurposeChoice(StrEnum):
    """What the title is assessed for."""

    ENTRY = "entry"
    RECHECK = "recheck"


class MoneyUnit(StrEnum):
    """Unit of money in the file."""

    YUAN = "yuan"
    WAN = "wan"


FirmsArgument = Annotated[Path, typer.Argument(help="企业表 / table of firms (CSV, XLSX, Parquet)")]
PurposeOption = Annotated[PurposeChoice, typer.Option("--purpose", help="申报或复核 / entry or re-check")]
SetsOption = Annotated[str, typer.Option("--sets", help="只用这些规则集，逗号分隔 / only these rule sets, by commas")]
RulesOption = Annotated[
    list[Path], typer.Option("--rules", help="另加的规则集文件或文件夹 / further rule-set files or folders")
]
EvidenceOption = Annotated[Path | None, typer.Option("--evidence", help="证据表 / table of evidence")]
UnitOption = Annotated[MoneyUnit, typer.Option("--money-unit", help="金额单位 / unit of money")]


@app.command("assess", help="逐项评定企业 / assess firms against every rule set")
def assess(
    firms: FirmsArgument,
    purpose: PurposeOption = PurposeChoice.ENTRY,
    sets: SetsOption = "",
    rules: RulesOption = [],  # noqa: B006 - typer reads the default, nothing changes it
    evidence: EvidenceOption = None,
    firm: Annotated[str, typer.Option("--firm", help="只解释这一家 / explain this firm")] = "",
    money_unit: UnitOption = MoneyUnit.YUAN,
    out: OutOption = None,
    form: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Assess a table of firms."""
    options = Options(out, form, lang, seed, at, as_of)
    with invocation("biaochi.cultivation.assess/1", options) as call:
        rulesets = only(all_rules(call, rules), sets)
        graded = read_evidence(call, evidence, call.as_of)
        snapshot = load_parameters(PARAMETERS).at(call.at)
        low, high = (float(str(snapshot[f"unit_suspect_{end}"].value)) for end in ("low", "high"))
        slices = firm_slices(call, firms, wan=money_unit is MoneyUnit.WAN)
        kept: list[pd.DataFrame] = []
        # A name that ends in .json is the answer's own file; anything else is the folder for verdicts.csv.
        folder = None if out is not None and out.suffix.lower() == ".json" else out
        tally = assess_slices(_keeping(slices, firm, kept), rulesets, call, purpose.value, graded, (low, high), folder)
        warn_of(call, tally, firms.name)
        body: dict[str, object] = {"sets": tally.records()}
        if firm:
            if not kept:
                raise UsageError(Text(f"表中没有企业 {firm}", f"the table has no firm {firm}"))
            told = evaluate(rulesets, kept[0], at=call.at, purpose=purpose.value, evidence=graded)
            body["results"] = told.explain(firm, call.lang)
        call.finish(body, streamed=folder is not None)


@app.command("gap", help="一家企业还缺什么、怎样最省 / what one firm lacks, and its cheapest way")
def gap(
    firms: FirmsArgument,
    firm: Annotated[str, typer.Option("--firm", help="企业标识 / the firm")],
    sets: Annotated[str, typer.Option("--set", "--sets", help="只看这些规则集 / only these rule sets")] = "",
    horizon: Annotated[int, typer.Option("--horizon", min=0, max=10, help="规划年数 / years ahead")] = 1,
    costs: Annotated[Path | None, typer.Option("--costs", help="改变代价表 / table of costs of change")] = None,
    purpose: PurposeOption = PurposeChoice.ENTRY,
    rules: RulesOption = [],  # noqa: B006 - typer reads the default, nothing changes it
    evidence: EvidenceOption = None,
    money_unit: UnitOption = MoneyUnit.YUAN,
    out: OutOption = None,
    form: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Say what keeps one firm from each title and the cheapest ways there."""
    with invocation("biaochi.cultivation.gap/1", Options(out, form, lang, seed, at, as_of)) as call:
        wan = money_unit is MoneyUnit.WAN
        rulesets = only(all_rules(call, rules), sets)
        graded = read_evidence(call, evidence, call.as_of)
        prices = read_costs(call, costs, wan=wan)
        row = firm_row(firm_slices(call, firms, wan=wan), firm)
        chosen_rules(rulesets, call, purpose.value)
        if not prices:
            call.warn(
                "costs_missing",
                Text("没有代价表，只列差距，不作规划", "no table of costs: gaps only, no plans"),
            )
        call.finish(gaps_and_plans(row, rulesets, call, purpose.value, graded, prices, horizon))


class By(StrEnum):
    """What cohorts are grouped by."""

    NONE = "none"
    BATCH = "batch"


@app.command("cohort", help="称号的存续、晋升与到期 / how titles last, rise and lapse")
def cohort(
    registry: Annotated[Path, typer.Argument(help="称号登记表 / register of titles")],
    grade: Annotated[str, typer.Option("--grade", help="称号 / grade")],
    to: Annotated[str, typer.Option("--to", help="晋升到的称号 / grade promoted to")] = "",
    by: Annotated[By, typer.Option("--by", help="分组 / group by")] = By.NONE,
    confidence: ConfidenceOption = 0.95,
    out: OutOption = None,
    form: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Follow the titles of one grade from their grant; list the duties they bring."""
    with invocation("biaochi.cultivation.cohort/1", Options(out, form, lang, seed, at, as_of)) as call:
        grants = read_registry(call, registry)
        if not any(g.grade == grade for g in grants):
            raise UsageError(Text(f"登记表中没有称号 {grade}", f"the register has no grade {grade}"))
        snapshot = load_parameters(PARAMETERS).at(call.at)
        used = [c for c in snapshot if c.endswith(f".{grade}")]
        call.parameters = snapshot.only(*used)
        known = [g for g in grants if g.granted_on <= call.as_of]
        grouped = "" if by is By.NONE else by.value
        survival, incidence = cohort_tables(known, grade, to, grouped, call.as_of, confidence)
        found = check_registry([g for g in known if g.grade == grade], at=call.at, parameters=snapshot)
        call.finish(
            {
                "survival": survival,
                "incidence": incidence,
                "duties": [
                    {"firm": d.firm, "duty": d.duty, "due_on": d.due_on, "state": d.state} for d in found.duties
                ],
                "unlinked": list(found.unlinked),
            }
        )


@app.command("rules", help="列出规则集，比较版本 / list rule sets, compare versions")
def rules_(
    sets: SetsOption = "",
    rules: RulesOption = [],  # noqa: B006 - typer reads the default, nothing changes it
    diff_of: Annotated[
        tuple[str, str] | None,
        typer.Option("--diff", metavar="OLD NEW", help="比较两个版本，如 srdi@2022 srdi@2026 / compare two versions"),
    ] = None,
    out: OutOption = None,
    form: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """List rule sets; with ``--diff`` say what changed between two versions."""
    with invocation("biaochi.cultivation.rules/1", Options(out, form, lang, seed, at, as_of)) as call:
        rulesets = only(all_rules(call, rules), sets)
        body: dict[str, object] = {"rules": [_described(r) for r in rulesets], "diff": []}
        if diff_of:
            old, new = (_version(rulesets, name) for name in diff_of)
            body["diff"] = diff(old, new)
        call.finish(body)


def _described(rules: RuleSet) -> dict[str, object]:
    return {
        "set": rules.code,
        "version": rules.version,
        "valid_from": rules.valid_from,
        "valid_to": rules.valid_to,
        "criteria": [
            {
                "code": c.code,
                "test": c.text,
                "citation": c.citation,
                "status": "unverified" if c.unverified else "confirmed",
            }
            for c in rules.criteria
        ],
    }


def _version(rulesets: list[RuleSet], name: str) -> RuleSet:
    for rules in rulesets:
        if f"{rules.code}@{rules.version}" == name:
            return rules
    known = ", ".join(f"{r.code}@{r.version}" for r in rulesets)
    raise UsageError(Text(f"没有版本 {name}；可选：{known}", f"no version {name}; choose from {known}"))


def only(rulesets: list[RuleSet], sets: str) -> list[RuleSet]:
    """Return the rule sets named in a list by commas; all when it is empty."""
    wanted = [s.strip() for s in sets.split(",") if s.strip()]
    known = {r.code for r in rulesets}
    unknown = [s for s in wanted if s not in known]
    if unknown:
        raise UsageError(
            Text(
                f"没有规则集 {'、'.join(unknown)}；可选：{'、'.join(sorted(known))}",
                f"no rule set {', '.join(unknown)}; choose from {', '.join(sorted(known))}",
            )
        )
    return [r for r in rulesets if not wanted or r.code in wanted]


def _keeping(slices: Iterator[pd.DataFrame], firm: str, kept: list[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """Pass slices on, keeping the row of one firm."""
    for frame in slices:
        if firm:
            here = frame[frame["firm"].astype(str) == firm]
            if len(here):
                kept.append(here.reset_index(drop=True))
        yield frame
