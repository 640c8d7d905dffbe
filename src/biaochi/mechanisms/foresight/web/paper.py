"""Answers given on paper: read as a table, every fault at once, then put into seats that no person holds."""

from __future__ import annotations

import pandas as pd
from django.db import transaction
from django.utils import timezone

from biaochi.core.decision import Decision
from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor
from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.mechanisms.foresight.decisions import beyond
from biaochi.mechanisms.foresight.files import read_answers
from biaochi.mechanisms.foresight.web.models import Seat, Sheet, Study
from biaochi.mechanisms.foresight.web.readings import COLUMNS
from biaochi.registry.transition import record

MOST_BYTES = 5_000_000
PREFIX = "P-"


def blank(study: Study) -> pd.DataFrame:
    """Return the table of the open round for one expert, answers empty."""
    rows = [
        {"round": study.round, "expert": f"{PREFIX}001", "item": i.code, "type": i.type, "version": "1"}
        for i in study.asked
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).fillna("")


def take_in(study: Study, name: str, data: bytes, actor: Actor) -> int:
    """Put the answers of a file into the open round; nothing is kept unless everything is right.

    Pseudonyms of paper begin with ``P-``: the file can neither read nor overwrite what was answered here.  Who was
    ``P-001`` is known to whoever collected the paper, and to nobody here.

    Returns
    -------
    int
        Sheets taken in.

    Raises
    ------
    InputError
        With every fault of the file.
    RefusedError
        When the round is not open.
    """
    faults = Faults(name)
    source = Source(name, data)
    items = {(i.code, "1"): i.to_domain() for i in study.asked}
    frame = read_answers(source, faults, items=items).frame
    _checked(study, frame, faults)
    faults.check()
    with transaction.atomic():
        locked = Study.objects.select_for_update().get(pk=study.pk)
        if locked.state != "round_open" or locked.round != study.round:
            raise RefusedError("round_closed", Text("本轮已结束", "the round has closed"))
        made = 0
        for pseudonym, rows in frame.groupby("expert", sort=True):
            _keep(study, str(pseudonym), rows)
            made += 1
        decision = Decision("paper_answers", (), timezone.localdate(), facts={"round": study.round, "sheets": made})
        record(study, "paper_answers", actor, "", decision)
    return made


def _checked(study: Study, frame: pd.DataFrame, faults: Faults) -> None:
    types = {i.code: i.type for i in study.asked}
    options = {i.code: i.choices for i in study.asked if i.type == "choice"}
    domain = [i.to_domain() for i in study.asked]
    for record_ in frame.to_dict("records"):
        row, item = int(record_["row"]), str(record_["item"])
        if record_["round"] != study.round:
            _fault(
                faults, row, "round", f"{record_['round']:g}", Text("只收本轮的回答", "only the open round is taken")
            )
        if not str(record_["expert"]).startswith(PREFIX):
            _fault(
                faults, row, "expert", str(record_["expert"]), Text("代号须以 P- 开头", "a pseudonym begins with P-")
            )
        if item in types and record_["type"] != types[item]:
            _fault(faults, row, "type", str(record_["type"]), Text("题型与题目不符", "this is not the item's type"))
        if item in options and record_["answer"] not in ("", *options[item]):
            _fault(faults, row, "answer", str(record_["answer"]), Text("没有这个选项", "no such option"))
    for _, rows in frame.groupby("expert", sort=False):
        for code, text in beyond(rows, domain, study.survey_year):
            _fault(faults, int(rows.loc[rows["item"] == code, "row"].iloc[0]), "answer", code, text)


def _fault(faults: Faults, row: int, column: str, seen: str, text: Text) -> None:
    faults.add(
        "bad_answer", text, Text("请改正后重新上传", "correct it and upload again"), row=row, column=column, seen=seen
    )


def _keep(study: Study, pseudonym: str, rows: pd.DataFrame) -> None:
    content = {}
    for answer in rows.to_dict("records"):
        said = {
            c: _plain(answer[c]) for c in COLUMNS if c not in ("round", "expert", "item", "type", "version", "group")
        }
        kept = {k: v for k, v in said.items() if v}
        if kept:
            content[str(answer["item"])] = kept
    seat = study.seats.filter(pseudonym=pseudonym).first()
    if seat is None:
        seat = Seat(study=study, pseudonym=pseudonym)
        seat.move("accept")
    if seat.state != "submitted":
        seat.move("submit")
    seat.save()
    Sheet.objects.update_or_create(seat=seat, round=study.round, defaults={"content": content, "submitted": True})


def _plain(value: object) -> str:
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return ""
    return f"{value:.15g}" if isinstance(value, float) else str(value)
