"""``biaochi sandbox …``: check, monitor, replay, vouchers, bundle, verify."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import pandas as pd
import typer

from biaochi.core.canonical import sha256
from biaochi.core.errors import UsageError
from biaochi.core.parameters import Snapshot
from biaochi.core.text import LANGS, Text
from biaochi.core.verdict import Verdict
from biaochi.exchange import atomic
from biaochi.exchange.command import (
    AtOption,
    Format,
    FormatOption,
    Invocation,
    LangOption,
    Language,
    Options,
    OutOption,
    invocation,
)
from biaochi.exchange.faults import Faults
from biaochi.exchange.parameter_files import load_parameters
from biaochi.exchange.tables import to_csv
from biaochi.mechanisms.sandbox.cli.charting import check_chart, write_chart
from biaochi.mechanisms.sandbox.decisions import (
    ETHICS_CODES,
    WAIVER_CODES,
    allocate_vouchers,
    ethics_due,
    judge_portfolio,
    moment,
    run_of,
    screen_application,
    supervise,
)
from biaochi.mechanisms.sandbox.files.bundle import DOES_NOT_ESTABLISH, build_bundle, read_ledger, verify_bundle
from biaochi.mechanisms.sandbox.files.cases import CaseFile, read_cases
from biaochi.mechanisms.sandbox.files.guardrails import read_guardrails
from biaochi.mechanisms.sandbox.files.readings import (
    Readings,
    check_stream,
    read_incidents,
    read_readings,
    read_streams,
)
from biaochi.mechanisms.sandbox.files.vouchers import read_affiliations, read_claims, read_scheme
from biaochi.mechanisms.sandbox.model import Incident, PortfolioTest, Stream, Supervision, read_instant
from biaochi.mechanisms.sandbox.report import public_summary
from biaochi.methods.surveillance import Method, Rule, lag_one
from biaochi.methods.surveillance import replay as replay_rule

app = typer.Typer(
    no_args_is_help=True,
    help="监管沙箱：豁免、护栏、报警、算力券、证据 / sandbox: waivers, guardrails, alarms, vouchers, evidence",
)

CasesArgument = Annotated[Path, typer.Argument(metavar="CASES", help="案例文件 / cases.yaml")]
ReadingsArgument = Annotated[Path, typer.Argument(metavar="READINGS", help="读数表 / readings.csv")]
IncidentsOption = Annotated[Path | None, typer.Option("--incidents", help="事件表 / incidents.csv")]
InstantOption = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="T", help="截至该时刻已到达的数据，默认最后到达 / arrivals by then, default the last"
    ),
]


@app.command("check")
def check(
    cases: CasesArgument,
    at: AtOption = None,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
) -> None:
    """筛查申请：能否入箱，缺什么 / screen applications: admissible or not, and what is missing."""
    with invocation("biaochi.sandbox.check/1", Options(out, format, lang, at=at)) as call:
        file = read_cases(call.source(cases))
        parameters = _rules(call, *WAIVER_CODES, *ETHICS_CODES)
        records, used = [], set()
        for case in file.cases:
            decision = screen_application(case, at=call.at, parameters=parameters)
            used |= set(decision.parameters)
            due = ethics_due(case.tracks, case.ethics.answers, parameters)
            records.append(
                {
                    "case": case.id,
                    "outcome": decision.outcome,
                    "plan_digest": case.plan.digest if case.plan is not None else None,
                    "reasons": [r.to_dict() for r in decision.reasons],
                    "ethics": due.to_dict(),
                }
            )
        call.parameters = parameters.only(*used)
        unverified = sorted(c for c in used if not parameters[c].confirmed)
        if unverified:
            names = ", ".join(unverified)
            call.warn(
                "unverified_parameters",
                Text(f"未核实的规则值只作提示：{names}", f"unverified rule values never give a firm verdict: {names}"),
            )
        admitted = sum(r["outcome"] == "admissible" for r in records)
        call.finish(
            {"cases": records},
            summary=Text(f"{len(records)} 个案例，{admitted} 个可入箱", f"{len(records)} cases, {admitted} admissible"),
        )


def _rules(call: Invocation, *codes: str) -> Snapshot:
    """Return the rules in force on the day of the call; a day before one of them is a wrong call."""
    found = load_parameters("biaochi.mechanisms.sandbox").at(call.at)
    missing = [c for c in codes if c not in found]
    if missing:
        names = ", ".join(missing)
        raise UsageError(
            Text(f"{call.at} 尚无规则：{names}", f"no rule in force on {call.at}: {names}; choose a later --at")
        )
    return found


@app.command("monitor")
def monitor(
    cases: CasesArgument,
    readings: ReadingsArgument,
    incidents: IncidentsOption = None,
    as_of: InstantOption = None,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
) -> None:
    """按登记的方案监测每个案例 / supervise every case by its registered plan."""
    with invocation("biaochi.sandbox.monitor/1", Options(out, format, lang)) as call:
        file = read_cases(call.source(cases))
        now, found, tests = supervised(call, file, readings, incidents, as_of)
        alarms = sum(len(s.alarms) for s in found)
        due = sum(s.due_state != s.state for s in found)
        call.finish(
            {
                "as_of": now,
                "cases": [s.to_record(call.lang) for s in found],
                "portfolio": [t.to_dict() for t in tests],
            },
            summary=Text(
                f"{len(found)} 个案例，{alarms} 次报警，{due} 个应改变状态",
                f"{len(found)} cases, {alarms} alarms, {due} due to change state",
            ),
        )


def supervised(
    call: Invocation, file: CaseFile, readings: Path, incidents: Path | None, as_of: str | None
) -> tuple[datetime, list[Supervision], tuple[PortfolioTest, ...]]:
    """Return the instant, every case with a plan as it stood then, and the portfolio's tests."""
    data, happened, now = gathered(call, file, readings, incidents, as_of)
    found = [
        supervise(c, data.by_case.get(c.id, {}), happened.get(c.id, ()), as_of=now, zone=file.zone) for c in file.cases
    ]
    if file.portfolio is None:
        return now, found, ()
    registered = {c.id: c.plan.registered_at for c in file.cases if c.plan is not None}
    e_values = {s.case: s.family_e for s in found if s.case in registered}
    return now, found, judge_portfolio(e_values, registered, file.portfolio.alpha)


def gathered(
    call: Invocation, file: CaseFile, readings: Path, incidents: Path | None, as_of: str | None
) -> tuple[Readings, dict[str, tuple[Incident, ...]], datetime]:
    """Read what arrived, and decide the instant it is judged at."""
    data = read_readings(readings, file.cases, file.zone)
    call.remember(data.source, len(data.frame))
    happened: dict[str, tuple[Incident, ...]] = {}
    if incidents is not None:
        happened, source = read_incidents(incidents, file.cases, file.zone)
        call.remember(source, sum(len(items) for items in happened.values()))
    return data, happened, _as_of(as_of, data, happened, file.zone, call.at)


def _as_of(
    text: str | None, data: Readings, incidents: dict[str, tuple[Incident, ...]], zone: ZoneInfo, today: date
) -> datetime:
    if text is not None:
        try:
            return read_instant(text, zone)
        except ValueError:
            raise UsageError(
                Text(f"--as-of 不是时刻：{text}", f"--as-of is not an instant: {text}; write 2026-03-31T09:30")
            ) from None
    arrivals = [moment(data.last)] if data.last is not None else []
    arrivals += [i.reported_at for items in incidents.values() for i in items]
    return max(arrivals) if arrivals else datetime(today.year, today.month, today.day, tzinfo=zone).astimezone(UTC)


@app.command("replay")
def replay(
    streams: Annotated[Path, typer.Argument(metavar="STREAMS", help="读数流 / streams.csv")],
    guardrails: Annotated[Path, typer.Option("--guardrails", help="护栏列表 / list of guardrails")],
    trace: Annotated[Path | None, typer.Option("--trace", help="逐个读数的统计量 / statistic of every reading")] = None,
    chart: Annotated[Path | None, typer.Option("--chart", help="画成 .svg 或 .png 图 / draw a chart")] = None,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
) -> None:
    """用任一护栏重放历史数据 / run guardrails over past records."""
    with invocation("biaochi.sandbox.replay/1", Options(out, format, lang)) as call:
        rules = read_guardrails(call.source(guardrails))
        found, source, rows = read_streams(streams)
        call.remember(source, rows)
        faults = Faults(streams.name)
        for stream in found:
            for named in rules:
                check_stream(stream, named.rule, faults)
        faults.check()
        check_chart(chart, len(found) * len(rules))
        results, traces, runs = [], [], []
        for stream in found:
            for named in rules:
                result = replay_rule(stream.values, named.rule, exposure=stream.exposure, trace=trace is not None)
                index = int(result.alarm_index[0])
                _warn_of_drift(call, stream, named.rule, index)
                if chart is not None:
                    runs.append(run_of(stream, named.id, named.rule, result))
                results.append(
                    {
                        "stream": stream.name,
                        "guardrail": named.id,
                        "readings": int(result.readings[0]),
                        "alarm_index": index or None,
                        "alarm_at": (stream.at[index - 1] or None) if index else None,
                        "threshold": result.threshold,
                        "statistic": float(result.statistic[0]),
                        "maximum": float(result.maximum[0]),
                    }
                )
                if result.trace is not None:
                    size = int(result.readings[0])
                    traces.append(
                        pd.DataFrame(
                            {
                                "stream": stream.name,
                                "guardrail": named.id,
                                "reading": range(1, size + 1),
                                "statistic": result.trace[0],
                            }
                        )
                    )
        if trace is not None:
            columns = ["stream", "guardrail", "reading", "statistic"]
            whole = pd.concat(traces, ignore_index=True) if traces else pd.DataFrame(columns=columns)
            atomic.write_text(trace, to_csv(whole))
        if chart is not None:
            write_chart(chart, runs, call.lang)
        alarms = sum(r["alarm_index"] is not None for r in results)
        call.finish(
            {"results": results},
            summary=Text(f"{len(results)} 次重放，{alarms} 次报警", f"{len(results)} replays, {alarms} alarms"),
        )


LAG_LIMIT, LAG_READINGS = 0.2, 30


def _warn_of_drift(call: Invocation, stream: Stream, rule: Rule, alarm: int) -> None:
    """Warn of a chart on correlated readings; what followed an alarm is left out where enough came before."""
    if rule.method is not Method.CUSUM:
        return
    before = stream.values[: alarm - 1] if alarm > LAG_READINGS else stream.values
    found = lag_one(before)
    if before.size >= LAG_READINGS and found > LAG_LIMIT:
        call.warn(
            "autocorrelated",
            Text(
                f"{stream.name} 的读数前后相关（滞后一期 {found:.3g}），累积和的误报会远多于平均运行长度所示",
                f"readings of {stream.name} are correlated (lag 1: {found:.3g}); the chart will alarm far more often "
                "than its run length says",
            ),
        )


@app.command("vouchers")
def vouchers(
    scheme: Annotated[Path, typer.Argument(metavar="SCHEME", help="方案 / scheme.yaml")],
    claims: Annotated[Path, typer.Argument(metavar="CLAIMS", help="申领表 / claims.csv")],
    affiliations: Annotated[
        Path | None, typer.Option("--affiliations", help="关联关系 / affiliations.csv, columns a and b")
    ] = None,
    at: AtOption = None,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
) -> None:
    """核发算力券：检查、上限、分配、复式账 / allocate compute vouchers: checks, caps, shares, double entry."""
    with invocation("biaochi.sandbox.vouchers/1", Options(out, format, lang, at=at)) as call:
        plan, source = read_scheme(scheme)
        call.remember(source, 0)
        code = "voucher_local_only_question"
        parameters = _rules(call, *((code,) if plan.local_only else ()))
        wanted, source = read_claims(claims)
        call.remember(source, len(wanted))
        pairs: tuple[tuple[str, str], ...] = ()
        if affiliations is not None:
            pairs, source = read_affiliations(affiliations)
            call.remember(source, len(pairs))
        found = allocate_vouchers(plan, wanted, pairs, parameters=parameters)
        call.parameters = parameters.only(*((code,) if plan.local_only else ()))
        spent = sum((a.awarded for a in found.awards), Decimal("0.00"))
        call.finish(
            {
                "awards": [a.to_dict() for a in found.awards],
                "entries": [e.to_dict() for e in found.entries],
                "balances": dict(found.balances),
                "fairness_questions": list(found.fairness_questions),
            },
            summary=Text(
                f"{len(found.awards)} 份申领，核发 {spent} 元，预算 {plan.budget} 元",
                f"{len(found.awards)} claims, {spent} yuan awarded of {plan.budget}",
            ),
        )


@app.command("bundle")
def bundle(
    cases: CasesArgument,
    readings: ReadingsArgument,
    case: Annotated[str, typer.Option("--case", metavar="ID", help="案例编号 / id of the case")],
    out: Annotated[Path, typer.Option("--out", metavar="ZIP", help="证据包 / the bundle to write")],
    incidents: IncidentsOption = None,
    ledger: Annotated[Path | None, typer.Option("--ledger", help="台账导出 / exported ledger, JSON lines")] = None,
    as_of: InstantOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
) -> None:
    """打成证据包：同样的事实得到同样的字节 / write an evidence bundle: same facts, same bytes."""
    with invocation("biaochi.sandbox.bundle/1", Options(None, format, lang)) as call:
        file = read_cases(call.source(cases))
        chosen = file.case(case)
        if chosen is None:
            known = ", ".join(c.id for c in file.cases)
            raise UsageError(Text(f"没有案例 {case}；现有：{known}", f"there is no case {case}; known: {known}"))
        data, happened, now = gathered(call, file, readings, incidents, as_of)
        lines = read_ledger(call.source(ledger)) if ledger is not None else ()
        found = supervise(chosen, data.by_case.get(case, {}), happened.get(case, ()), as_of=now, zone=file.zone)
        call.parameters = load_parameters("biaochi.mechanisms.sandbox").at(now.astimezone(file.zone).date())
        summaries = {lang: public_summary(chosen, found, lang) for lang in LANGS}
        whole = build_bundle(file, chosen, found, data, happened.get(case, ()), lines, call.parameters, summaries, now)
        atomic.write_bytes(out, whole)
        digest = sha256(whole)
        call.finish(
            {
                "case": case,
                "as_of": now,
                "bundle": out.name,
                "sha256": digest,
                "bytes": len(whole),
                "plan_digest": chosen.plan.digest if chosen.plan is not None else None,
                "alarms": len(found.alarms),
                "ledger_head": lines[-1].digest if lines else None,
            },
            summary=Text(f"已写入 {out.name}：{digest}", f"wrote {out.name}: {digest}"),
        )


@app.command("verify")
def verify(
    bundle: Annotated[Path, typer.Argument(metavar="ZIP", help="证据包 / the bundle")],
    anchor: Annotated[
        str, typer.Option("--anchor", metavar="HEX", help="库外留存的链首 / head of the ledger kept outside")
    ] = "",
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
) -> None:
    """离线核验证据包，并说明不能证明什么 / verify a bundle offline, and say what it does not establish."""
    with invocation("biaochi.sandbox.verify/1", Options(out, format, lang)) as call:
        checks = verify_bundle(call.source(bundle), anchor)
        failed = [c.check for c in checks if c.verdict is Verdict.UNMET]
        call.finish(
            {
                "checks": [c.to_dict() for c in checks],
                "does_not_establish": [t.within(call.lang) for t in DOES_NOT_ESTABLISH],
            },
            summary=Text(
                "各项成立或无从判断" if not failed else f"不成立：{', '.join(failed)}",
                "nothing was found wrong" if not failed else f"unmet: {', '.join(failed)}",
            ),
            exit_code=1 if failed else 0,
        )
