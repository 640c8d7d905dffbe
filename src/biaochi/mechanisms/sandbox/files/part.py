"""The sandbox's part of a programme folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from biaochi.core.errors import InputError
from biaochi.core.turn import Turn
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.mechanisms.sandbox.decisions import PartInputs
from biaochi.mechanisms.sandbox.files.cases import read_cases
from biaochi.mechanisms.sandbox.files.guardrails import read_guardrails
from biaochi.mechanisms.sandbox.files.readings import check_stream, read_incidents, read_readings, read_streams
from biaochi.mechanisms.sandbox.files.vouchers import read_affiliations, read_claims, read_scheme

_T = TypeVar("_T")


def read_part(folder: Path, turn: Turn, faults: Faults) -> PartInputs | None:
    """Read ``cases.yaml`` with ``readings.csv`` and ``incidents.csv``, ``scheme.yaml`` with ``claims.csv``, and past
    ``streams.csv`` with ``guardrails.yaml``.

    ``None`` when neither cases nor a scheme are there; every fault goes to ``faults``.
    """
    cases_path, scheme_path = folder / "cases.yaml", folder / "scheme.yaml"
    if not cases_path.is_file() and not scheme_path.is_file():
        return None
    inputs = PartInputs()
    if cases_path.is_file():
        inputs = _supervision(folder, faults) or inputs
    if scheme_path.is_file() and (folder / "claims.csv").is_file():
        scheme = _tried(lambda: read_scheme(scheme_path)[0], faults)
        claims = _tried(lambda: read_claims(folder / "claims.csv")[0], faults)
        pairs_path = folder / "affiliations.csv"
        pairs = _tried(lambda: read_affiliations(pairs_path)[0], faults) if pairs_path.is_file() else ()
        if scheme is not None and claims is not None and pairs is not None:
            inputs = inputs.with_vouchers(scheme, claims, pairs)
    if (folder / "streams.csv").is_file() and (folder / "guardrails.yaml").is_file():
        inputs = _replays(folder, inputs, faults)
    return inputs


def _replays(folder: Path, inputs: PartInputs, faults: Faults) -> PartInputs:
    rules = _tried(lambda: read_guardrails(Source.read(folder / "guardrails.yaml")), faults)
    streams = _tried(lambda: read_streams(folder / "streams.csv")[0], faults)
    if rules is None or streams is None:
        return inputs
    own = Faults("streams.csv")
    for stream in streams:
        for named in rules:
            check_stream(stream, named.rule, own)
    faults.extend(own)
    return inputs if len(own) else inputs.with_streams(tuple(streams), tuple((n.id, n.rule) for n in rules))


def _supervision(folder: Path, faults: Faults) -> PartInputs | None:
    file = _tried(lambda: read_cases(Source.read(folder / "cases.yaml")), faults)
    if file is None:
        return None
    readings_path, incidents_path = folder / "readings.csv", folder / "incidents.csv"
    readings, happened = None, None
    if readings_path.is_file():
        readings = _tried(lambda: read_readings(readings_path, file.cases, file.zone), faults)
    if incidents_path.is_file():
        happened = _tried(lambda: read_incidents(incidents_path, file.cases, file.zone)[0], faults)
    return PartInputs(
        file.cases, file.zone, file.portfolio, readings.by_case if readings is not None else {}, happened or {}
    )


def _tried(read: Callable[[], _T], faults: Faults) -> _T | None:
    try:
        return read()
    except InputError as error:
        faults.extend(error)
        return None
