"""The sub-commands; thin: read, call, write."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from biaochi.core.text import Text
from biaochi.exchange.command import (
    AtOption,
    Format,
    FormatOption,
    LangOption,
    Language,
    Options,
    OutOption,
    invocation,
)
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms.procurement.cli.releases import Releases, read_settings
from biaochi.mechanisms.procurement.decisions.redflags import red_flags

PACKAGE = "biaochi.mechanisms.procurement"

app = typer.Typer(
    no_args_is_help=True,
    help="合作创新采购与首购:核对、评审、红旗、OCDS / co-innovation and first purchase: check, evaluate, red flags, OCDS",
)


class Profile(StrEnum):
    """Whose defaults the red flags use."""

    CARDINAL = "cardinal"
    CN = "cn"


@app.callback()
def group() -> None:
    """Keep the verbs in a group."""


@app.command("redflags")
def redflags_command(
    file: Annotated[
        Path, typer.Argument(help="OCDS 发布:JSONL、发布包或记录包 / releases: JSON lines, release or record package")
    ],
    settings: Annotated[Path | None, typer.Option("--settings", help="设置 YAML / settings")] = None,
    profile: Annotated[Profile, typer.Option("--profile", help="默认值 / whose defaults")] = Profile.CARDINAL,
    maps: Annotated[bool, typer.Option("--map", help="列出各过程的主体 / list each process's organisations")] = False,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    at: AtOption = None,
) -> None:
    """计算十一面红旗及其覆盖面 / Compute the eleven red flags with their coverage."""
    with invocation("biaochi.procurement.redflags/1", Options(out=out, format=format, lang=lang, at=at)) as call:
        days = None
        if profile is Profile.CN:
            used = load_parameters(PACKAGE).at(call.at).only("tender_days_cn")
            call.parameters = used
            days = float(str(used["tender_days_cn"].value))
        found = red_flags(Releases(call, file), read_settings(call, settings, days), maps=maps)
        flagged = sum(len(v) for v in found.results.values())
        summary = Text(
            f"{found.releases} 个过程,{flagged} 个对象被标记。红旗是查看的理由,不是结论。",
            f"{found.releases} processes, {flagged} subjects flagged. A flag is a reason to look, not a verdict.",
        )
        if format in (Format.JSON,):
            call.finish(
                {"results": found.results, "meta": found.meta, "coverage": found.coverage, "maps": found.maps or {}},
                summary=summary,
            )
            return
        call.finish(
            {
                "results": [
                    {"group": g, "id": i, "code": c, "value": v}
                    for g, subjects in found.results.items()
                    for i, codes in subjects.items()
                    for c, v in codes.items()
                ],
                "meta": [{"code": c, "name": k, "value": v} for c, m in found.meta.items() for k, v in m.items()],
                "coverage": [
                    {"code": c, "computed": v["computed"], "excluded": v["excluded"]} for c, v in found.coverage.items()
                ],
                "maps": [{"ocid": o, **m} for o, m in found.maps.items()],
            },
            summary=summary,
        )
