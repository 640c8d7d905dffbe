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

from datetime import date
from importlib.resources import files
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from biaochi.core.errors import DefinitionError, InputError
from biaochi.core.parameters import Citation, DatedValue, Parameter, ParameterSet, ParameterStatus
from biaochi.core.text import Text
from biaochi.exchange.source import Source
from biaochi.exchange.structured import read_model

SCHEMA = "biaochi.parameters/1"


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

    Files of another schema (rule packs, templates) are left to their own readers.

    Examples
    --------
    >>> len(load_parameters("biaochi.mechanisms.ruler")) > 0
    True
    """
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
