"""``report``: the review board's packet as HTML, Word, workbook or JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from biaochi.core.errors import UsageError
from biaochi.core.parameters import Snapshot
from biaochi.core.text import LANGS, Text
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
    SeedOption,
    invocation,
)
from biaochi.exchange.documents import to_docx, to_html, to_xlsx
from biaochi.exchange.faults import Faults
from biaochi.exchange.jsonfile import to_json
from biaochi.exchange.tables import Column
from biaochi.mechanisms.fund.cli.frame import (
    LimitOption,
    PathsOption,
    ProgrammeArgument,
    app,
    read_programme,
    use_parameters,
)
from biaochi.mechanisms.fund.decisions import calibrate, decide_team, may_decide
from biaochi.mechanisms.fund.model import PastDecision
from biaochi.mechanisms.fund.report import (
    Packet,
    calibration_record,
    packet_document,
    posterior_records,
    recommendation_records,
    whatif_records,
)
from biaochi.methods.allocation import (
    DEFAULT_POLICIES,
    Programme,
    policy_named,
    posterior,
    recommend,
    whatif,
    worlds_of,
)

KINDS = (".html", ".docx", ".xlsx", ".json")
RUNS = 4_000
DECISIONS = (
    Column("at", "date", Text("日期", "date"), example="2026-03-31"),
    Column("team", "code", Text("团队", "team"), example="a1"),
    Column("forecast", "share", Text("当时预测的通过机会", "chance of a pass as forecast"), blank=True, example="0.6"),
    Column("recommended", "code", Text("建议", "advice"), blank=True, example="continue"),
    Column("decided", "code", Text("决定", "decision"), example="continue"),
    Column("reason", "text", Text("理由", "reason"), blank=True),
    Column(
        "outcome",
        "choice",
        Text("结果", "outcome"),
        blank=True,
        choices=("pass", "miss", "1", "0"),
        example="pass",
    ),
)


@app.command("report", help="评审材料 html|docx|xlsx|json / the review packet")
def packet(
    programme: ProgrammeArgument,
    decisions: Annotated[Path | None, typer.Option("--decisions", help="过去的决定 / past decisions")] = None,
    paths: PathsOption = 2000,
    exact_limit: LimitOption = 250_000,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
) -> None:
    """Write the packet to ``--out``; its ending says what kind."""
    with invocation("biaochi.fund.report/1", Options(None, format, lang, seed, at)) as call:
        if out is None or out.suffix.lower() not in KINDS:
            raise UsageError(
                Text(
                    f"须用 --out 指定以 {'、'.join(KINDS)} 结尾的文件",
                    f"--out must name a file ending in {', '.join(KINDS)}",
                )
            )
        use_parameters(call)
        found = read_programme(call, programme)
        past = [] if decisions is None else _past(call, decisions, found)
        made = _packet(call, found, past, seed=seed, paths=paths, limit=exact_limit)
        body = _records(made)
        _write(call, out, made, body)
        calibration = body["calibration"]
        if format is Format.JSON:
            call.finish(body)
        else:
            note = Text(f"已写入 {out.name}", f"wrote {out.name}")
            call.finish({"calibration": calibration}, summary=note)


def _past(call: Invocation, path: Path, programme: Programme) -> list[PastDecision]:
    faults = Faults(path.name)
    frame = call.table(path, DECISIONS, key=("at", "team"), faults=faults).frame
    found = []
    for row in frame.to_dict("records"):
        line = int(row["row"])
        if row["team"] and row["team"] not in programme.team_codes:
            faults.add(
                "unknown_team",
                Text("方案中没有这个团队", "the programme has no such team"),
                Text("请核对团队代码", "check the team's code"),
                row=line,
                column="team",
                seen=row["team"],
            )
        if row["at"] is None:
            continue
        if (
            row["recommended"]
            and may_decide(row["recommended"], row["decided"], row["reason"], at=row["at"]).outcome != "may_decide"
        ):
            faults.add(
                "reason_missing",
                Text("不同于建议的决定须写明理由", "a decision that departs from the advice needs its reason"),
                Text("请补 reason", "add the reason"),
                row=line,
                column="reason",
                seen=f"{row['recommended']} → {row['decided']}",
            )
        forecast = None if row["forecast"] != row["forecast"] else float(row["forecast"])
        outcome = None if not row["outcome"] else int(row["outcome"] in ("pass", "1"))
        found.append(
            PastDecision(row["at"], row["team"], forecast, row["recommended"], row["decided"], row["reason"], outcome)
        )
    faults.check()
    return found


def _packet(
    call: Invocation, programme: Programme, past: list[PastDecision], *, seed: int, paths: int, limit: int
) -> Packet:
    advice = recommend(programme, rng=seed, paths=paths, limit=limit)
    if not isinstance(call.parameters, Snapshot):
        raise TypeError("the fund's parameters are a snapshot")
    sizes = [r.prior.size for r in programme.routes]
    worlds = [w for c, w in worlds_of(programme).items() if not w.reverse or sizes == sizes[::-1]]
    budgets = [programme.budget]
    if programme.budget < float("inf"):
        half = programme.spent + programme.left / 2
        budgets += [b for b in (half, programme.budget * 1.5) if b not in budgets]
    return Packet(
        programme,
        posterior(programme),
        _own_record(programme),
        advice,
        {t.team: decide_team(t, programme, at=call.at, parameters=call.parameters) for t in advice.teams},
        whatif(programme, DEFAULT_POLICIES, worlds, budgets, named=policy_named, n=RUNS, seed=seed),
        past,
        calibrate(past),
    )


def _own_record(programme: Programme) -> dict[str, float]:
    """Return P(pass all the rest) of each team if only its own attempts were known."""
    found = {}
    for team in programme.team_codes:
        own = replace(programme, observations=tuple(o for o in programme.observations if o.team == team))
        found[team] = next(t.pass_all for t in posterior(own, bands=False).teams if t.team == team)
    return found


def _records(made: Packet) -> dict[str, object]:
    return {
        "posterior": posterior_records(made.posterior),
        "recommendation": recommendation_records(made.advice, made.verdicts),
        "whatif": whatif_records(made.whatif),
        "calibration": calibration_record(made.calibration),
    }


def _write(call: Invocation, out: Path, made: Packet, body: Mapping[str, object]) -> None:
    if out.suffix.lower() == ".json":
        atomic.write_text(out, to_json({**call.head(), **body}))
        return
    head = call.head()
    colophon = (("at", str(head["at"])), ("seed", str(head["seed"])), ("version", str(head["code_version"])))
    order = (call.lang, *(x for x in LANGS if x != call.lang))
    documents = [packet_document(made, x, colophon) for x in order]
    if out.suffix.lower() == ".html":
        atomic.write_text(out, to_html(documents))
    elif out.suffix.lower() == ".docx":
        atomic.write_bytes(out, to_docx(documents))
    else:
        atomic.write_bytes(out, to_xlsx(documents[0]))
