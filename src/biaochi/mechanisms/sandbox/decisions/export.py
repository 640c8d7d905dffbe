"""Whether a result may leave the data room."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from biaochi.core.decision import Decision, Reason
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.sandbox.model.grant import DataGrant, Export


def release_export(grant: DataGrant, export: Export, *, at: date) -> Decision:
    """Decide ``release``, ``hold`` (a person must look) or ``refuse``.

    The grant must be in force, the fields granted, the rows within the day's limit, no cell smaller than allowed, and
    whoever releases is not whoever asked.
    """
    reasons = tuple(_reasons(grant, export, at))
    verdicts = {r.verdict for r in reasons}
    if Verdict.UNMET in verdicts:
        outcome = "refuse"
    else:
        outcome = "hold" if verdicts & {Verdict.UNKNOWN, Verdict.MANUAL_REVIEW} else "release"
    return Decision(outcome, reasons, at, facts={"grant": grant.id, "export": export.id, "rows": export.rows})


def _reasons(grant: DataGrant, export: Export, at: date) -> Iterable[Reason]:
    live = grant.state == "active" and grant.start_on <= at <= grant.end_on and export.grant == grant.id
    yield _reason(
        "grant_in_force", live, Text("授权在有效期内", "the grant is in force"),
        Text("授权未生效、已到期或不是这一份", "the grant is not in force, or not this one"), at, grant.end_on,
    )  # fmt: skip
    strange = sorted(export.fields - grant.fields)
    yield _reason(
        "fields_granted", not strange, Text("字段都在授权之内", "all fields were granted"),
        Text(f"未授权字段：{'、'.join(strange)}", f"fields not granted: {', '.join(strange)}"), ", ".join(strange), "",
    )  # fmt: skip
    total = export.rows_released_today + export.rows
    yield _reason(
        "rows_per_day", total <= grant.rows_per_day, Text("行数在当日限额之内", "rows are within the day's limit"),
        Text("超出当日行数限额", "the day's limit of rows is exceeded"), total, grant.rows_per_day,
    )  # fmt: skip
    if export.smallest_count is None:
        text = Text("没有最小单元计数", "the smallest cell is not counted")
        yield Reason("smallest_cell", Verdict.UNKNOWN, text, None, grant.smallest_cell)
    else:
        yield _reason(
            "smallest_cell", export.smallest_count >= grant.smallest_cell, Text("单元够大", "no cell is too small"),
            Text("有单元过小，可能识别到个人", "a cell is too small and may identify somebody"),
            export.smallest_count, grant.smallest_cell,
        )  # fmt: skip
    second = bool(export.released_by) and export.released_by != export.requested_by
    yield _reason(
        "second_person", second, Text("由第二人放行", "released by a second person"),
        Text("须由申请人以外的人放行", "somebody else than who asked must release it"), export.released_by,
        export.requested_by,
    )  # fmt: skip
    stated = bool(export.purpose.strip())
    yield Reason(
        "purpose_stated",
        Verdict.MET if stated else Verdict.UNKNOWN,
        Text("目的已写明", "the purpose is stated") if stated else Text("未写明目的", "the purpose is not stated"),
        export.purpose,
        grant.purpose,
    )


def _reason(rule: str, holds: bool, yes: Text, no: Text, seen: object, threshold: object) -> Reason:
    kept = seen if isinstance(seen, str | int | date) else str(seen)
    limit = threshold if isinstance(threshold, str | int | date) else str(threshold)
    return Reason(rule, Verdict.MET if holds else Verdict.UNMET, yes if holds else no, kept, limit)
