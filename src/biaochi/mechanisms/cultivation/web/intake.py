"""Uploads of firms and costs, and evidence that other mechanisms bring."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from django.urls import reverse
from django.utils import timezone

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.tables import Column
from biaochi.mechanisms.cultivation.files.registry import check_order
from biaochi.mechanisms.cultivation.files.tables import (
    BY_COLUMN,
    COST_COLUMNS,
    FIRM_COLUMNS,
    RECODED,
    REGISTRY_COLUMNS,
    check_firms,
)
from biaochi.mechanisms.cultivation.model import SETS
from biaochi.mechanisms.cultivation.web.models import FirmEvidence, FirmFile, RegisterLine
from biaochi.registry.importing import Importer
from biaochi.registry.models import Organisation, Region
from biaochi.registry.site import Offer
from biaochi.registry.transition import create, record


def check_upload(frame: pd.DataFrame, faults: Faults, actor: Actor) -> None:
    """Add what the table of firms itself cannot show; a firm hands in one row, its own."""
    check_firms(frame, faults)
    faults.recode(RECODED | {"duplicate_key": "duplicate_firm"}, BY_COLUMN)
    if actor.role is Role.FIRM:
        for row in frame["row"].tolist()[1:]:
            faults.add(
                "not_own_firm",
                Text("企业只能上传自己的一行", "a firm hands in one row, its own"),
                Text("请删去其他行", "remove the other rows"),
                row=int(row),
                column="firm",
            )


def store_firms(frame: pd.DataFrame, source: Source, actor: Actor) -> str:
    """Make or bring up to date one file a firm; return the page of the firm, or of all."""
    kept = [store_firm(_facts(row), source, actor) for row in frame.to_dict("records")]
    return kept[0].get_absolute_url() if len(kept) == 1 else reverse("cultivation:firmfile_list")


def store_firm(facts: dict[str, Any], source: Source, actor: Actor, *, simulated: bool = False) -> FirmFile:
    """Make or bring up to date one file of the actor's organisation."""
    code = str(facts.pop("firm"))
    mine = FirmFile.objects.filter(organisation__public_id=actor.organisation, state="kept")
    file = mine.filter(code=code).first() if actor.role is not Role.FIRM else mine.first()
    house = Organisation.objects.filter(public_id=actor.organisation).first()
    region = Region.objects.filter(code=str(facts.get("region") or "")).first()
    fields = {"facts": facts, "source": source.name[:200], "sha256": source.sha256, "updated_at": timezone.now()}
    if file is not None:
        for name, value in fields.items():
            setattr(file, name, value)
        file.save(update_fields=list(fields))
        record(file, "facts_updated", actor, source.name)
        return file
    named = house is not None and actor.role is Role.FIRM
    file = FirmFile(
        title_zh=(house.name_zh if named and house else f"企业 {code}")[:200],
        title_en=(house.name_en if named and house else f"Firm {code}")[:200],
        code=code,
        simulated=simulated,
        **fields,
    )
    file.region = region or (house.region if house else None)
    return create(file, actor)


def _facts(row: dict[Any, Any]) -> dict[str, Any]:
    return {c.name: _plain(row.get(c.name)) for c in FIRM_COLUMNS if _plain(row.get(c.name)) is not None}


def _plain(value: Any) -> Any:
    if value is None or (isinstance(value, float) and np.isnan(value)) or value is pd.NA or value == "":
        return None
    return value.item() if isinstance(value, np.generic) else value


def check_costs(frame: pd.DataFrame, faults: Faults, actor: Actor) -> None:
    """Add firms that are not on the actor's own file."""
    known = set(FirmFile.objects.filter(organisation__public_id=actor.organisation).values_list("code", flat=True))
    for row, firm in zip(frame["row"], frame["firm"], strict=True):
        if firm not in known:
            faults.add(
                "unknown_reference",
                Text("贵单位没有这家企业的档案", "your organisation keeps no file of this firm"),
                Text("请先上传企业数据", "upload the firm first"),
                row=int(row),
                column="firm",
                seen=str(firm),
            )


def store_costs(frame: pd.DataFrame, source: Source, actor: Actor) -> str:
    """Keep what changing each column costs; a new table replaces the old one of each firm it names."""
    address = reverse("cultivation:firmfile_list")
    for code, own in frame.groupby("firm"):
        file = FirmFile.objects.get(organisation__public_id=actor.organisation, code=code, state="kept")
        file.costs = {
            str(r["column"]): {"unit_cost": float(r["unit_cost"]), "max_change": _plain(r["max_change"])}
            for r in own.to_dict("records")
        }
        file.save(update_fields=["costs"])
        record(file, "costs_updated", actor, source.name)
        address = file.get_absolute_url()
    return address


def take_evidence(offer: Offer, actor: Actor) -> str:
    """Keep a result of another mechanism with the firm it names, by its organisation or its identifier."""
    named = str(offer.payload.get("organisation") or offer.payload.get("firm") or offer.payload.get("supplier") or "")
    rows = FirmFile.visible(actor, FirmFile.objects.filter(state="kept")) if named else FirmFile.objects.none()
    file = rows.filter(organisation__public_id=named).first() or rows.filter(code=named).first()
    if file is None:
        raise RefusedError("no_file", Text("没有这家企业的档案", "there is no file of this firm"))
    FirmEvidence.objects.create(
        firm=file,
        grade="A",
        title_zh=offer.title.zh[:200],
        title_en=offer.title.en[:200],
        origin=offer.subject,
        observed_on=timezone.localdate(offer.at),
        payload=dict(offer.payload),
    )
    record(file, "evidence_taken", actor, offer.subject)
    return file.get_absolute_url()


def check_register(frame: pd.DataFrame, faults: Faults, actor: Actor) -> None:
    """Add days out of order and titles nobody knows."""
    for line in frame.to_dict("records"):
        check_order(line, faults)
        if line["grade"] and line["grade"] not in SETS:
            faults.add(
                "unknown_value",
                Text("没有这样的称号", "there is no such title"),
                Text(f"可用：{'、'.join(SETS)}", f"known: {', '.join(SETS)}"),
                row=int(line["row"]),
                column="grade",
                seen=str(line["grade"]),
            )
    faults.recode(RECODED)


def store_register(frame: pd.DataFrame, source: Source, actor: Actor) -> str:
    """Add the lines to the register of the actor's organisation; a line named before is brought up to date."""
    lines = [
        RegisterLine(
            organisation=actor.organisation,
            source=source.name[:200],
            **{c.name: _plain(row.get(c.name)) or (None if c.kind == "date" else "") for c in REGISTRY_COLUMNS},
        )
        for row in frame.to_dict("records")
    ]
    key = ("organisation", "firm", "grade", "granted_on")
    rest = [c.name for c in REGISTRY_COLUMNS if c.name not in key]
    RegisterLine.objects.bulk_create(
        lines, batch_size=500, update_conflicts=True, unique_fields=key, update_fields=[*rest, "source", "stored_at"]
    )
    return reverse("cultivation:register")


FIRMS = Importer(
    code="firms",
    title=Text("企业数据", "Firms"),
    purpose=Text(
        "金额以元计。每家企业一行；核验无错后建立或更新档案，随即可看评定。",
        "Money in yuan, one row a firm. Once clean, files are made or brought up to date, and the verdicts are there.",
    ),
    columns=FIRM_COLUMNS,
    key=("firm",),
    roles=(Role.OFFICER, Role.FIRM),
    store=store_firms,
    check=check_upload,
)
REGISTER = Importer(
    code="register",
    title=Text("称号登记簿", "Register of titles"),
    purpose=Text(
        "已认定的称号，每个一行；据此看谁快到期、称号能保持多久、谁改名后失去下落。",
        "Titles granted, one a row: who lapses soon, how long titles last, whose new name is unknown.",
    ),
    columns=REGISTRY_COLUMNS,
    key=("firm", "grade", "granted_on"),
    roles=(Role.OFFICER,),
    store=store_register,
    check=check_register,
)
COSTS = Importer(
    code="costs",
    title=Text("改变的代价", "Costs of change"),
    purpose=Text(
        "每改变一个单位的代价与上限；据此算到下一级最省的路。",
        "What one unit of change costs, and its limit; from this the cheapest way up is computed.",
    ),
    columns=(Column("firm", "code", Text("企业", "firm"), example="F001"), *COST_COLUMNS),
    key=("firm", "column"),
    roles=(Role.OFFICER, Role.FIRM),
    store=store_costs,
    check=check_costs,
)
