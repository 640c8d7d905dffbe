"""``biaochi sandbox …``: check, monitor, replay, vouchers, bundle, verify."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import pandas as pd
import typer

from biaochi.core.errors import UsageError
from biaochi.core.text import Text
from biaochi.exchange import atomic
from biaochi.exchange.command import (
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
from biaochi.exchange.tables import to_csv
from biaochi.mechanisms.sandbox.cli.cases_file import CaseFile, read_cases
from biaochi.mechanisms.sandbox.cli.guardrails_file import read_guardrails
from biaochi.mechanisms.sandbox.cli.readings_file import (
    Readings,
    check_stream,
    read_incidents,
    read_readings,
    read_streams,
)
from biaochi.mechanisms.sandbox.decisions import judge_portfolio, moment, supervise
from biaochi.mechanisms.sandbox.model import Incident, PortfolioTest, Supervision, read_instant
from biaochi.methods.surveillance import replay as replay_rule

app = typer.Typer(
    no_args_is_help=True,
    help="监管沙箱:豁免、护栏、报警、算力券、证据 / sandbox: waivers, guardrails, alarms, vouchers, evidence",
)

CasesArgument = Annotated[Path, typer.Argument(metavar="CASES", help="案例文件 / cases.yaml")]
ReadingsArgument = Annotated[Path, typer.Argument(metavar="READINGS", help="读数表 / readings.csv")]
IncidentsOption = Annotated[Path | None, typer.Option("--incidents", help="事件表 / incidents.csv")]
InstantOption = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="T", help="截至该时刻已到达的数据,默认最后到达 / arrivals by then, default the last"
    ),
]


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
                f"{len(found)} 个案例,{alarms} 次报警,{due} 个应改变状态",
                f"{len(found)} cases, {alarms} alarms, {due} due to change state",
            ),
        )


def supervised(
    call: Invocation, file: CaseFile, readings: Path, incidents: Path | None, as_of: str | None
) -> tuple[datetime, list[Supervision], tuple[PortfolioTest, ...]]:
    """Return the instant, every case with a plan as it stood then, and the portfolio's tests."""
    data = read_readings(call, readings, file.cases, file.zone)
    happened = read_incidents(call, incidents, file.cases, file.zone) if incidents is not None else {}
    now = _as_of(as_of, data, happened, file.zone, call.at)
    found = [
        supervise(c, data.by_case.get(c.id, {}), happened.get(c.id, ()), as_of=now, zone=file.zone) for c in file.cases
    ]
    if file.portfolio is None:
        return now, found, ()
    registered = {c.id: c.plan.registered_at for c in file.cases if c.plan is not None}
    e_values = {s.case: s.family_e for s in found if s.case in registered}
    return now, found, judge_portfolio(e_values, registered, file.portfolio.alpha)


def _as_of(
    text: str | None, data: Readings, incidents: dict[str, tuple[Incident, ...]], zone: ZoneInfo, today: date
) -> datetime:
    if text is not None:
        try:
            return read_instant(text, zone)
        except ValueError:
            raise UsageError(
                Text(f"--as-of 不是时刻:{text}", f"--as-of is not an instant: {text}; write 2026-03-31T09:30")
            ) from None
    arrivals = [moment(data.last)] if data.last is not None else []
    arrivals += [i.reported_at for items in incidents.values() for i in items]
    return max(arrivals) if arrivals else datetime(today.year, today.month, today.day, tzinfo=zone).astimezone(UTC)


@app.command("replay")
def replay(
    streams: Annotated[Path, typer.Argument(metavar="STREAMS", help="读数流 / streams.csv")],
    guardrails: Annotated[Path, typer.Option("--guardrails", help="护栏列表 / list of guardrails")],
    trace: Annotated[Path | None, typer.Option("--trace", help="逐个读数的统计量 / statistic of every reading")] = None,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
) -> None:
    """用任一护栏重放历史数据 / run guardrails over past records."""
    with invocation("biaochi.sandbox.replay/1", Options(out, format, lang)) as call:
        rules = read_guardrails(call.source(guardrails))
        found = read_streams(call, streams)
        faults = Faults(streams.name)
        for stream in found:
            for named in rules:
                check_stream(stream, named.rule, faults)
        faults.check()
        results, traces = [], []
        for stream in found:
            for named in rules:
                result = replay_rule(stream.values, named.rule, exposure=stream.exposure, trace=trace is not None)
                index = int(result.alarm_index[0])
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
        alarms = sum(r["alarm_index"] is not None for r in results)
        call.finish(
            {"results": results},
            summary=Text(f"{len(results)} 次重放,{alarms} 次报警", f"{len(results)} replays, {alarms} alarms"),
        )
