"""An office's own values of parameters: set ahead of their day, cited, recorded in the ledger, never backwards.

Only what ships as an office setting may be set; a number of the law changes with the law.  A value takes effect
tomorrow at the earliest, so that nothing that was decided today is decided by another rule.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils import timezone

from biaochi.core.errors import RefusedError
from biaochi.core.parameters import Citation, DatedValue, Parameter, ParameterStatus
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.registry import ledger
from biaochi.registry.models.people import Organisation, Person
from biaochi.registry.models.work import OfficeParameter

SETTERS = (Role.OFFICER,)
_KEPT_SECONDS = 300
_WORDS = ("office setting", "设定")
_LONGEST = 2000


def added_values(mechanism: str) -> Mapping[str, Sequence[DatedValue]]:
    """Return the office's own values of a mechanism by parameter, for ``load_parameters``."""
    name = f"office-parameters:{mechanism}"
    found: dict[str, list[DatedValue]] | None = cache.get(name)
    if found is None:
        found = {}
        for row in OfficeParameter.objects.filter(mechanism=mechanism).order_by("effective_on"):
            citation = Citation(row.citation, note="本台设定 / set by this office")
            dated = DatedValue(row.value, row.effective_on, ParameterStatus.CONFIRMED, citation)
            found.setdefault(row.code, []).append(dated)
        cache.set(name, found, _KEPT_SECONDS)
    return found


def adjustable(parameter: Parameter) -> bool:
    """Whether the office may set the parameter: it ships as an office setting, not as a number of the law."""
    first = parameter.values[0].citation
    return any(word in f"{first.title} {first.note}".lower() for word in _WORDS) and _simple(parameter.values[0].value)


def _simple(value: object) -> bool:
    return isinstance(value, bool | int | float | str)


def read_value(parameter: Parameter, text: str) -> object:
    """Return a written value in the kind of the shipped one; raise :class:`RefusedError` saying what is wrong."""
    shipped = parameter.values[-1].value
    written = text.replace("\x00", "").strip()
    if isinstance(shipped, str):
        if not written or len(written) > _LONGEST:
            raise RefusedError("value_empty", Text("须写明取值", "a value must be given"))
        return written
    try:
        value = json.loads(written)
    except (ValueError, RecursionError):
        value = None
    if isinstance(shipped, bool):
        good = isinstance(value, bool)
    else:
        good = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15
        good = good and (isinstance(value, int) or not isinstance(shipped, int))
    if not good:
        raise RefusedError("value_kind", _kind_of(shipped))
    if parameter.unit == "share" and not (isinstance(value, int | float) and 0 <= value <= 1):
        raise RefusedError("value_range", Text("占比须在 0 与 1 之间", "a share lies between 0 and 1"))
    if isinstance(shipped, int | float) and shipped >= 0 and isinstance(value, int | float) and value < 0:
        raise RefusedError("value_range", Text("取值不能为负", "the value cannot be negative"))
    return value


def _kind_of(shipped: object) -> Text:
    if isinstance(shipped, bool):
        return Text("取值须是 true 或 false", "the value must be true or false")
    if isinstance(shipped, int):
        return Text("取值须是整数", "the value must be a whole number")
    return Text("取值须是数", "the value must be a number")


def set_value(
    actor: Actor, mechanism: str, parameter: Parameter, written: str, effective_on: date, citation: str
) -> OfficeParameter:
    """Keep a value from a day on, with its line in the ledger.

    Raises
    ------
    RefusedError
        ``wrong_role``, ``not_adjustable``, ``not_ahead``, ``citation_missing``, ``already_set``, or a fault of
        the value.
    """
    if actor.role not in SETTERS or not actor.organisation:
        raise RefusedError("wrong_role", Text("只有未来产业办可以设定", "only an office officer may set this"))
    if not adjustable(parameter):
        raise RefusedError(
            "not_adjustable",
            Text("这不是本台设定的数，本台不能改", "this is no office setting; the office cannot change it"),
        )
    if effective_on < timezone.localdate() + timedelta(days=1):
        raise RefusedError("not_ahead", Text("最早自明日起生效", "it can take effect tomorrow at the earliest"))
    source = citation.replace("\x00", "").strip()[:300]
    if not source:
        raise RefusedError("citation_missing", Text("须写明依据的文件", "say in which document it was laid down"))
    value = read_value(parameter, written)
    person = Person.objects.get(public_id=actor.person)
    house = Organisation.objects.get(public_id=actor.organisation)
    try:
        with transaction.atomic():
            row = OfficeParameter.objects.create(
                mechanism=mechanism,
                code=parameter.code,
                value=value,
                effective_on=effective_on,
                citation=source,
                organisation=house,
                set_by=person,
            )
            ledger.append(
                actor=actor,
                at=timezone.now(),
                subject=f"{mechanism}:{parameter.code}"[:60],
                transition_code="parameter_set",
                reason=source,
                decision={"value": value, "effective_on": effective_on.isoformat(), "citation": source},
            )
    except IntegrityError as error:
        raise RefusedError(
            "already_set", Text("这一天起的取值已设定过", "a value from that day on was set before")
        ) from error
    cache.delete(f"office-parameters:{mechanism}")
    return row
