"""Merging releases into a compiled release by the rules of OCDS 1.1.

Objects in lists are merged by identifier, some lists whole, and a null removes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_OMIT = frozenset({("id",), ("date",), ("tag",)})
_WHOLE = frozenset(
    tuple(path.split("/"))
    for path in (
        "parties/additionalIdentifiers",
        "buyer/additionalIdentifiers",
        "tender/procuringEntity/additionalIdentifiers",
        "tender/items/additionalClassifications",
        "tender/tenderers/additionalIdentifiers",
        "tender/amendments/changes",
        "tender/amendment/changes",
        "awards/suppliers/additionalIdentifiers",
        "awards/items/additionalClassifications",
        "awards/amendments/changes",
        "awards/amendment/changes",
        "contracts/items/additionalClassifications",
        "contracts/implementation/transactions/payer/additionalIdentifiers",
        "contracts/implementation/transactions/payee/additionalIdentifiers",
        "contracts/amendments/changes",
        "contracts/amendment/changes",
    )
)
Path = tuple[str, ...]


def compile_releases(releases: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the compiled release of one contracting process.

    Releases are taken in the order of ``date``.  Objects in lists are merged by ``id`` (those without one are
    appended), lists of values are replaced, a null removes a value.

    Examples
    --------
    >>> compile_releases([{"ocid": "o", "id": "1", "date": "2026-01-01", "tag": ["tender"], "tender": {"id": "t"}},
    ...                   {"ocid": "o", "id": "2", "date": "2026-02-01", "tag": ["award"], "tender": {"title": "a"}}])
    {'tag': ['compiled'], 'id': 'o-2026-02-01', 'date': '2026-02-01', 'ocid': 'o', 'tender': {'id': 't', 'title': 'a'}}
    """
    merged: dict[str, Any] = {"tag": ["compiled"]}
    ordered = releases if len(releases) == 1 else sorted(releases, key=lambda r: str(r.get("date", "")))
    for release in ordered:
        ocid, day = release.get("ocid"), release.get("date")
        merged["id"] = f"{ocid}-{day}"
        merged["date"] = day
        merged["ocid"] = ocid
        _merge(merged, release, ())
    return merged


def _merge(target: dict[str, Any], source: Mapping[str, Any], path: Path) -> None:
    for key, value in source.items():
        place = (*path, key)
        if place in _OMIT:
            continue
        held = target.get(key)
        if value is None:
            if not isinstance(held, dict | list) or _plain_list(held):
                target.pop(key, None)
        elif place in _WHOLE or not isinstance(value, dict | list) or _plain_list(value):
            target[key] = value
        elif isinstance(value, dict):
            if value:
                _merge(target.setdefault(key, {}), value, place)
        elif value:
            _merge_list(target.setdefault(key, []), value, place)


def _plain_list(value: object) -> bool:
    return isinstance(value, list) and bool(value) and any(not isinstance(v, dict) for v in value)


def _merge_list(target: list[Any], source: Sequence[Mapping[str, Any]], path: Path) -> None:
    known = {str(item["id"]): item for item in target if isinstance(item, dict) and "id" in item}
    for item in source:
        identifier = str(item["id"]) if "id" in item else None
        held = known.get(identifier) if identifier is not None else None
        if held is None:
            held = {"id": item["id"]} if identifier is not None else {}
            target.append(held)
            if identifier is not None:
                known[identifier] = held
        _merge(held, {k: v for k, v in item.items() if k != "id"}, path)


def record_package(releases: Sequence[Mapping[str, Any]], package: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record package with one compiled release for each process; metadata come from the release package."""
    by_ocid: dict[str, list[Mapping[str, Any]]] = {}
    for release in releases:
        by_ocid.setdefault(str(release.get("ocid")), []).append(release)
    head = {k: package[k] for k in ("uri", "version", "extensions", "publishedDate", "publisher") if k in package}
    records = [
        {"ocid": ocid, "releases": list(members), "compiledRelease": compile_releases(members)}
        for ocid, members in by_ocid.items()
    ]
    return {**head, "records": records}
