"""A programme folder: ``programme.yaml`` and one sub-folder for each mechanism that took part."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from biaochi.core.errors import InputError
from biaochi.core.parameters import Citation, DatedValue, ParameterStatus
from biaochi.core.region import region_level
from biaochi.core.text import Text
from biaochi.core.turn import Turn
from biaochi.exchange.faults import Faults, unreadable
from biaochi.exchange.source import Source
from biaochi.exchange.structured import read_model

SCHEMA = "biaochi.programme/1"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Name(_Strict):
    zh: str
    en: str


class _Override(_Strict):
    code: str
    value: Any
    effective_on: date
    citation: str


class _Programme(_Strict):
    name: _Name
    region: str
    period: str | int
    language: Literal["zh", "en"] = "zh"
    at: date
    as_of: date | None = None
    seed: int = 0
    parameters: list[_Override] = []


@dataclass(frozen=True)
class ProgrammeFolder:
    """A programme as read: its frame, its own parameter values, and where its parts lie."""

    path: Path
    turn: Turn
    overrides: dict[str, DatedValue]
    source: Source
    parts: tuple[str, ...] = field(default=())

    def part(self, mechanism: str) -> Path:
        """Return the sub-folder of a mechanism, whether it is there or not."""
        return self.path / mechanism


def read_programme(path: Path, mechanisms: tuple[str, ...]) -> ProgrammeFolder:
    """Read ``programme.yaml`` of a folder and see which mechanisms have a part.

    Raises
    ------
    InputError
        Codes ``not_a_folder``, ``unknown_region``, ``unknown_part`` and those of the YAML reader.
    """
    if not path.is_dir():
        raise unreadable(
            path.name,
            Text("这不是方案文件夹", "this is not a programme folder"),
            Text("请指定含 programme.yaml 的文件夹", "name a folder that holds programme.yaml"),
            "not_a_folder",
            str(path),
        )
    faults = Faults("programme.yaml")
    content, source = read_model(path / "programme.yaml", _Programme, schema=SCHEMA, faults=faults)
    present = {p.name for p in path.iterdir() if p.is_dir() and not p.name.startswith(".")}
    for name in sorted(present - set(mechanisms)):
        faults.add(
            "unknown_part",
            Text("没有这个机制", "there is no such mechanism"),
            Text(f"可用：{'、'.join(mechanisms)}", f"known: {', '.join(mechanisms)}"),
            file=name,
            seen=name,
        )
    if content is not None:
        try:
            region_level(content.region)
        except ValueError:
            faults.add(
                "unknown_region",
                Text("不是行政区划代码", "this is not a region code"),
                Text("请写六位 GB/T 2260 代码", "write a six-digit GB/T 2260 code"),
                column="region",
                seen=content.region,
            )
    faults.check()
    if content is None:
        raise InputError(faults.all())
    return ProgrammeFolder(
        path, _turn(content), _overrides(content), source, tuple(m for m in mechanisms if m in present)
    )


def _turn(content: _Programme) -> Turn:
    return Turn(
        Text(content.name.zh, content.name.en),
        content.region,
        str(content.period),
        content.at,
        content.as_of or content.at,
        content.seed,
        content.language,
    )


def _overrides(content: _Programme) -> dict[str, DatedValue]:
    return {
        p.code: DatedValue(p.value, p.effective_on, ParameterStatus.CONFIRMED, Citation(p.citation))
        for p in content.parameters
    }
