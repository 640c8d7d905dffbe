"""``constraints.yaml``: what an office knows that data do not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.structured import read_model
from biaochi.mechanisms.layout.files.register import Register
from biaochi.methods.specialisation.coordination import Problem

SCHEMA = "biaochi.layout.constraints/1"
Count = Annotated[int, Field(ge=0)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class FixedCell(_Strict):
    """A cell that must be, or must not be, on the menu, and why."""

    region: str
    track: str
    reason: str = ""


class CostCell(_Strict):
    """What a track costs a region."""

    region: str
    track: str
    yuan: Amount


class JointTracks(_Strict):
    """Two tracks worth more together."""

    a: str
    b: str
    gain: Amount


class Constraints(_Strict):
    """The whole file; every key is optional."""

    named_schema: str = Field(default="", alias="schema")
    k: Annotated[int, Field(ge=1)] | None = None
    k_by_region: dict[str, Count] = {}
    cap: Count | None = None
    fixed: list[FixedCell] = []
    exclude: list[FixedCell] = []
    budget: dict[str, Amount] = {}
    cost: list[CostCell] = []
    clusters: dict[str, list[str]] = {}
    pair_penalty: Amount = 0.0
    joint: list[JointTracks] = []
    direction_min: dict[str, Count] = {}
    floor: dict[str, Amount] = {}


def read_constraints(call: Register, path: Path | Source | None, faults: Faults) -> Constraints | None:
    """Read the file; an empty set of constraints without one, None when it is faulty."""
    if path is None:
        return Constraints()
    found, source = read_model(path, Constraints, faults=faults)
    call.remember(source, 0)
    if found is not None and found.named_schema not in ("", SCHEMA):
        faults.add(
            "wrong_schema",
            Text(f"schema 应为 {SCHEMA}", f"schema must be {SCHEMA}"),
            Text("请写明文件的 schema", "state the file's schema"),
            column="schema",
            seen=found.named_schema,
            file=source.name,
        )
    return found


def known(
    limits: Constraints,
    regions: Collection[str],
    tracks: Collection[str],
    directions: Collection[str],
    faults: Faults,
    file: str,
) -> None:
    """Note regions, tracks and directions that do not exist."""
    for place, region in _regions_of(limits):
        if region not in regions:
            _unknown(faults, "unknown_region", place, region, file)
    for place, track in _tracks_of(limits):
        if track not in tracks:
            _unknown(faults, "unknown_track", place, track, file)
    for direction in limits.direction_min:
        if direction not in directions:
            _unknown(faults, "unknown_value", "direction_min", direction, file)


def limits_of(
    limits: Constraints,
    *,
    k: int,
    cap: int | None,
    most: Mapping[str, int],
    least: Mapping[str, int],
    directions: Mapping[str, str],
) -> Problem:
    """Return the constraints as a problem; the file's own k and cap give way to what was asked on the command line."""
    return Problem(
        k=k,
        cap=cap,
        k_by_region=limits.k_by_region,
        max_regions=most,
        min_regions=least,
        fixed=tuple((c.region, c.track) for c in limits.fixed),
        exclude=tuple((c.region, c.track) for c in limits.exclude),
        cost={(c.region, c.track): c.yuan for c in limits.cost},
        budget=limits.budget,
        clusters={name: tuple(members) for name, members in limits.clusters.items()},
        pair_penalty=limits.pair_penalty,
        joint=tuple((j.a, j.b, j.gain) for j in limits.joint),
        directions=directions,
        direction_min=limits.direction_min,
        floor=limits.floor,
    )


def beyond_p0(limits: Constraints) -> list[str]:
    """Return the keys that only P1 uses."""
    names = ("budget", "cost", "clusters", "pair_penalty", "joint", "direction_min", "floor")
    return [name for name in names if getattr(limits, name)]


def _regions_of(limits: Constraints) -> list[tuple[str, str]]:
    places = [(f"fixed[{n}].region", c.region) for n, c in enumerate(limits.fixed)]
    places += [(f"exclude[{n}].region", c.region) for n, c in enumerate(limits.exclude)]
    places += [(f"cost[{n}].region", c.region) for n, c in enumerate(limits.cost)]
    places += [("k_by_region", r) for r in limits.k_by_region] + [("budget", r) for r in limits.budget]
    places += [("floor", r) for r in limits.floor]
    return places + [(f"clusters.{name}", r) for name, members in limits.clusters.items() for r in members]


def _tracks_of(limits: Constraints) -> list[tuple[str, str]]:
    places = [(f"fixed[{n}].track", c.track) for n, c in enumerate(limits.fixed)]
    places += [(f"exclude[{n}].track", c.track) for n, c in enumerate(limits.exclude)]
    places += [(f"cost[{n}].track", c.track) for n, c in enumerate(limits.cost)]
    return places + [(f"joint[{n}]", t) for n, j in enumerate(limits.joint) for t in (j.a, j.b)]


def _unknown(faults: Faults, code: str, place: str, seen: str, file: str) -> None:
    faults.add(
        code,
        Text("没有这个代码", "there is no such code"),
        Text("请对照活动表与赛道表", "compare it with the tables of activity and tracks"),
        column=place,
        seen=seen,
        file=file,
    )
