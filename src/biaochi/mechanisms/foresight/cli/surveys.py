"""``survey`` and ``calibrate``."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from biaochi.core.errors import UsageError
from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.exchange.command import (
    AsOfOption,
    AtOption,
    Format,
    FormatOption,
    Invocation,
    LangOption,
    Language,
    Options,
    OutOption,
    SeedOption,
    invocation,
)
from biaochi.exchange.faults import Faults
from biaochi.exchange.parameter_files import load_parameters
from biaochi.exchange.source import Source
from biaochi.exchange.tables import read_header
from biaochi.mechanisms.foresight.cli.frame import app, whole_numbers
from biaochi.mechanisms.foresight.decisions import (
    assumed_survey_year,
    run_question_calibration,
    run_seed_calibration,
    run_survey,
)
from biaochi.mechanisms.foresight.files import (
    outcomes_after_survey,
    quantile_answers,
    read_answers,
    read_dtt,
    read_items,
    read_outcomes,
    read_rules,
    read_seeds,
)
from biaochi.mechanisms.foresight.model import StudyRules

PACKAGE = "biaochi.mechanisms.foresight"
AnswersArgument = Annotated[Path, typer.Argument(help="回答 / answers (CSV, XLSX; calibrate: .dtt)")]
ItemsOption = Annotated[Path | None, typer.Option("--items", help="题目清单 / list of items (YAML)")]
RulesOption = Annotated[Path | None, typer.Option("--rules", help="事先定下的规则 / rules set beforehand (YAML)")]


class Weights(StrEnum):
    """How experts are combined."""

    EQUAL = "equal"
    PERFORMANCE = "performance"
    UNTHRESHOLDED = "unthresholded"
    HALF = "half"
    BEST = "best"


def office_parameters(day: date) -> Snapshot:
    """Return the office's parameters in force."""
    return load_parameters(PACKAGE).at(day)


@app.command("survey")
def survey(
    answers: AnswersArgument,
    items: ItemsOption = None,
    rules: RulesOption = None,
    group: Annotated[str | None, typer.Option("--group", metavar="COL", help="分组列 / column of groups")] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="Y,…", help="报告年份 / years to report")] = None,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """汇总各轮：共识、稳定、流失，以及是否再问一轮 / every round: consensus, stability, attrition, ask again?"""
    with invocation("biaochi.foresight.survey/1", Options(out, format, lang, seed, at, as_of)) as call:
        faults = Faults()
        known = None
        if items is not None:
            listed = read_items(items, faults)
            call.remember(listed.source, 0)
            known = listed.items
        chosen = _rules(call, rules, faults)
        found = read_answers(answers, faults, items=known, group=group)
        call.remember(found.source, len(found.frame))
        faults.check()
        call.parameters = office_parameters(call.at)
        result = run_survey(
            found.frame,
            items=known,
            rules=chosen,
            parameters=call.parameters,
            at=call.at,
            group=group,
            by=whole_numbers(by, "--by"),
            rng=np.random.default_rng(seed),
        )
        if chosen.missing:
            call.warn(
                "rules_not_set",
                Text(
                    f"研究自己没有定下：{'、'.join(chosen.missing)}；用办公室参数，未核实者不作定论",
                    f"the study did not set {', '.join(chosen.missing)}: office parameters serve, unverified ones "
                    "decide nothing",
                ),
            )
        outcome = result.decision.outcome
        call.finish(result.to_dict(), summary=Text(f"判定：{outcome}", f"decision: {outcome}"))


def _rules(call: Invocation, path: Path | None, faults: Faults) -> StudyRules:
    if path is None:
        return StudyRules()
    found, source = read_rules(path, faults)
    call.remember(source, 0)
    return found or StudyRules()


@app.command("calibrate")
def calibrate(
    answers: AnswersArgument,
    truth: Annotated[Path, typer.Argument(help="实现值或结果 / realisations or outcomes (CSV, XLSX, .rls)")],
    weights: Annotated[
        Weights | None, typer.Option("--weights", help="合并方式 / weighting used for the items")
    ] = None,
    excalibur: Annotated[
        bool, typer.Option("--excalibur", help="按 EXCALIBUR 取最少题数 / smallest number of seeds, as EXCALIBUR")
    ] = False,
    splits: Annotated[int, typer.Option("--splits", min=0, help="样本外分割次数 / out-of-sample splits")] = 30,
    asked: Annotated[int | None, typer.Option("--asked", metavar="YEAR", help="调查年份 / year of the survey")] = None,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """专家准不准：种子题校准，或已到期题目的成绩 / how good experts were: on seed questions, or on resolved ones."""
    with invocation("biaochi.foresight.calibrate/1", Options(out, format, lang, seed, at, as_of)) as call:
        faults = Faults()
        source = Source.read(truth)
        if not source.name.lower().endswith(".rls") and "outcome" in read_header(source):
            _questions(call, answers, source, asked, faults)
            return
        _seeds(call, answers, source, weights.value if weights else None, excalibur, splits, faults)


def _seeds(
    call: Invocation, answers: Path, truth: Source, weights: str | None, excalibur: bool, splits: int, faults: Faults
) -> None:
    seeds = read_seeds(truth, faults)
    call.remember(seeds.source, seeds.rows)
    if answers.name.lower().endswith(".dtt"):
        found, source = read_dtt(answers, faults)
        call.remember(source, int(found.answered.sum()) if found is not None else 0)
    else:
        read = read_answers(answers, faults)
        call.remember(read.source, len(read.frame))
        faults.check()
        found = quantile_answers(read.frame, seeds.scales, faults, answers.name)
    faults.check()
    if found is None:
        raise UsageError(Text("没有可用的回答", "there are no usable answers"))
    call.parameters = office_parameters(call.at)
    try:
        result = run_seed_calibration(
            found,
            seeds.seeds,
            weights=weights,
            excalibur=excalibur,
            splits=splits,
            at=call.at,
            parameters=call.parameters,
            rng=np.random.default_rng(call.options.seed),
        )
    except ValueError as error:
        faults.add(
            "bad_value", Text.same(str(error)), Text("请核对该题", "check that item"), file=truth.name, seen=str(error)
        )
        faults.check()
        raise
    if result.out_of_sample is None:
        call.warn("no_out_of_sample", Text("没有样本外表：不得不等权", "no out-of-sample table: weights stay equal"))
    if weights not in (None, "equal") and result.recommended.outcome == "equal":
        call.warn(
            "unequal_weights",
            Text("所选权重未达使用条件，见 recommended", "the weights chosen are not warranted, see recommended"),
        )
    name = result.recommended.outcome
    call.finish(result.to_dict(), summary=Text(f"建议：{name}", f"recommended: {name}"))


def _questions(call: Invocation, answers: Path, truth: Source, asked: int | None, faults: Faults) -> None:
    outcomes, source = read_outcomes(truth, faults)
    call.remember(source, len(outcomes))
    read = read_answers(answers, faults)
    call.remember(read.source, len(read.frame))
    faults.check()
    year = asked if asked is not None else assumed_survey_year(read.frame)
    if year is None:
        faults.add(
            "no_years",
            Text("没有年份回答", "there are no answers of years"),
            Text("题型应为 year", "use the type year"),
            file=answers.name,
        )
    else:
        outcomes_after_survey(outcomes, year, faults, truth.name)
        late = read.frame[read.frame["year_p10"] < year]
        for row in late["row"]:
            faults.add(
                "crossing_quantiles",
                Text("所答年份早于调查", "the year answered lies before the survey"),
                Text("请核对", "check it"),
                row=int(row),
                column="year_p10",
                file=answers.name,
            )
    faults.check()
    if year is None:
        return
    if asked is None:
        call.warn(
            "survey_year_assumed",
            Text(
                f"文件未写调查年份，按最早 10% 年份的前一年（{year}）计；可用 --asked 指定",
                f"the file does not say when it was asked; {year} is assumed, the year before the earliest 10 % year; "
                "set it with --asked",
            ),
        )
    result = run_question_calibration(read.frame, outcomes, at=call.at, survey_year=year)
    n = len(result.questions)
    call.finish(result.to_dict(), summary=Text(f"{n} 道题已到期", f"{n} questions are due"))
