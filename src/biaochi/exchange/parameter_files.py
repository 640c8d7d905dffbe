"""Reading ``parameters/*.yaml``: dated, cited values, shipped with a mechanism or set by an office.

::

    schema: biaochi.parameters/1
    parameters:
      - code: tier_level
        name: {zh: 层级水平, en: tier level}
        unit: share
        values:
          - {effective_on: 2024-01-01, value: 0.95, status: confirmed, citation: {title: …, article: …}}
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from biaochi.core.errors import DefinitionError, InputError
from biaochi.core.parameters import Citation, DatedValue, Parameter, ParameterSet, ParameterStatus
from biaochi.core.text import Text
from biaochi.exchange.source import Source
from biaochi.exchange.structured import read_model

SCHEMA = "biaochi.parameters/1"
OfficeValues = Callable[[str], Mapping[str, Sequence[DatedValue]]]
_office_values: ContextVar[OfficeValues | None] = ContextVar("office_values", default=None)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Name(_Strict):
    zh: str
    en: str


class _Citation(_Strict):
    title: str
    article: str = ""
    published_on: str = ""
    note: str = ""


class _Value(_Strict):
    effective_on: date
    value: Any
    status: Literal["confirmed", "unverified"]
    citation: _Citation
    until: date | None = None


class _Parameter(_Strict):
    code: str
    name: _Name
    unit: str = ""
    values: list[_Value]


class _File(_Strict):
    parameters: list[_Parameter]


def load_parameters(package: str) -> ParameterSet:
    """Return all parameters of a mechanism: every ``*.yaml`` of schema ``biaochi.parameters/1`` in its folder
    ``parameters``.

    Files of another schema (rule packs, templates) are left to their own readers.  What ships is read once a process.

    Examples
    --------
    >>> len(load_parameters("biaochi.mechanisms.ruler")) > 0
    True
    """
    found = _shipped(package)
    values_of = _office_values.get()
    known = {p.code for p in found}
    for code, values in (values_of(package.rsplit(".", 1)[-1]) if values_of else {}).items():
        for value in values if code in known else ():
            found = found.with_values({code: value})
    return found


@lru_cache(maxsize=64)
def _shipped(package: str) -> ParameterSet:
    found: list[Parameter] = []
    folder = files(package) / "parameters"
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if not entry.name.endswith(".yaml"):
            continue
        source = Source(entry.name, entry.read_bytes())
        if f"schema: {SCHEMA}" not in source.text():
            continue
        found.extend(parse_parameters(source))
    if not found:
        raise DefinitionError(package, ["no parameter file was found"])
    return ParameterSet(found)


@contextmanager
def office_values(values_of: OfficeValues) -> Iterator[None]:
    """Let :func:`load_parameters` add an office's own dated values to the shipped ones while this block runs.

    Parameters
    ----------
    values_of : callable
        Name of a mechanism → parameter code → the office's values of it.
    """
    token = _office_values.set(values_of)
    try:
        yield
    finally:
        _office_values.reset(token)


def parse_parameters(source: Source) -> list[Parameter]:
    """Read one parameter file."""
    content, _ = read_model(source, _File, schema=SCHEMA)
    if content is None:
        raise InputError([])
    return [
        Parameter(
            p.code,
            Text(p.name.zh, p.name.en),
            p.unit,
            tuple(
                DatedValue(
                    v.value,
                    v.effective_on,
                    ParameterStatus(v.status),
                    Citation(v.citation.title, v.citation.article, v.citation.published_on, v.citation.note),
                    v.until,
                )
                for v in p.values
            ),
        )
        for p in content.parameters
    ]
