"""``biaochi procurement ocds``: export a purchase, import releases as tables, compile releases."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from biaochi.core.errors import UsageError
from biaochi.core.text import Text
from biaochi.exchange import atomic
from biaochi.exchange.command import (
    AtOption,
    Format,
    FormatOption,
    LangOption,
    Language,
    Options,
    invocation,
)
from biaochi.exchange.jsonfile import to_json
from biaochi.exchange.structured import read_data
from biaochi.exchange.tables import to_csv
from biaochi.mechanisms.procurement.files import read_all, read_offers, read_purchase
from biaochi.mechanisms.procurement.report.ocds import (
    offers_table,
    purchase_of,
    record_package,
    release_package,
    tables_of_releases,
)

ocds_app = typer.Typer(no_args_is_help=True, help="与 OCDS 互换 / exchange with OCDS")


@ocds_app.command("export")
def export_command(
    purchase: Annotated[
        Path, typer.Argument(help="采购 YAML，或 import 写出的文件夹 / purchase, or a folder written by import")
    ],
    out: Annotated[Path, typer.Option("--out", help="写入的文件 / file to write")],
    offers: Annotated[Path | None, typer.Option("--offers", help="已开启的报价 CSV / opened offers")] = None,
    prefix: Annotated[str, typer.Option("--prefix", help="注册的 OCID 前缀 / registered OCID prefix")] = "ocds-biaoch",
    lang: LangOption = Language.ZH,
    at: AtOption = None,
) -> None:
    """把采购写成 OCDS 发布包 / Write a purchase as an OCDS release package."""
    with invocation("biaochi.procurement.ocds_export/1", Options(lang=lang, at=at)) as call:
        place, listed = _inputs(purchase, offers)
        found = read_purchase(call, place)
        package = release_package(found, read_offers(call, listed, found) if listed else (), prefix=prefix)
        releases = package["releases"]
        assert isinstance(releases, list)
        if not releases:
            raise UsageError(Text("采购还没有任何日期，没有可发布的事件", "the purchase has no dated event to release"))
        atomic.write_text(out, to_json(package))
        call.finish({"releases": len(releases), "ocid": releases[0]["ocid"], "file": out.name})


def _inputs(purchase: Path, offers: Path | None) -> tuple[Path, Path | None]:
    """A folder (or its purchases.csv) written by import stands for the purchase and the offers in it."""
    folder = purchase if purchase.is_dir() else purchase.parent if purchase.name == "purchases.csv" else None
    if folder is None:
        return purchase, offers
    listed = offers or (folder / "purchase.offers.csv")
    return folder / "purchase.yaml", listed if listed.exists() else None


@ocds_app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="OCDS 发布 / releases")],
    out: Annotated[Path, typer.Option("--out", help="写入的文件夹 / folder to write to")],
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    at: AtOption = None,
) -> None:
    """把 OCDS 发布读成表 / Read releases as tables: purchases, offers, awards, contracts."""
    with invocation("biaochi.procurement.ocds_import/1", Options(format=format, lang=lang, at=at)) as call:
        releases = read_all(call, file)
        tables = tables_of_releases(releases)
        files: dict[str, bytes | str] = {f"{name}.csv": to_csv(frame) for name, frame in tables.items()}
        own = purchase_of(releases) if len({r.get("ocid") for r in releases}) == 1 else None
        if own is not None:
            files["purchase.yaml"] = yaml.safe_dump(own, allow_unicode=True, sort_keys=False)
            listed = offers_table(releases)
            if len(listed):
                files["purchase.offers.csv"] = to_csv(listed)
        atomic.write_folder(out, files)
        call.finish({"files": sorted(files), "rows": {name: len(frame) for name, frame in tables.items()}})


@ocds_app.command("compile")
def compile_command(
    file: Annotated[Path, typer.Argument(help="OCDS 发布包或 JSONL / release package or JSON lines")],
    out: Annotated[Path | None, typer.Option("--out", help="写入的文件 / file to write")] = None,
    lang: LangOption = Language.ZH,
    at: AtOption = None,
) -> None:
    """合并为记录包 / Merge releases into a record package with compiled releases."""
    with invocation("biaochi.procurement.ocds_compile/1", Options(lang=lang, at=at)) as call:
        package = record_package(read_all(call, file), _head(file))
        call.finished = True
        if out is not None:
            atomic.write_text(out, to_json(package))
        else:
            typer.echo(to_json(package), nl=False)


def _head(file: Path) -> dict[str, Any]:
    if file.suffix.lower() != ".json":
        return {}
    data, _ = read_data(file)
    return data if isinstance(data, dict) else {}
