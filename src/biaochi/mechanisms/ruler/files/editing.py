"""Changing a framework's file by its nodes: what a table of fields says is written back as YAML.

Comments of the file are lost that way; who wants to keep them edits the text itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from biaochi.exchange.source import Source
from biaochi.exchange.structured import read_data

TEXTS = ("code", "parent", "polarity", "unit", "denominator", "owner", "source", "gaming_guard")
NUMBERS = ("weight", "scale", "target", "lag_years", "window_years")
FIELDS = ("name_zh", "name_en", *TEXTS, *NUMBERS, "band_low", "band_high", "worst", "best")
_PAIRS = {"band": ("band_low", "band_high"), "goalposts": ("worst", "best")}


def node_fields(document: str) -> list[dict[str, str]]:
    """Return every node of a framework's file as fields of text, in the file's order; empty for a field not set."""
    found = []
    for node in _nodes(_read(document)):
        name = node.get("name")
        names = name if isinstance(name, Mapping) else {"zh": name, "en": name}
        line = {key: _text(node.get(key)) for key in (*TEXTS, *NUMBERS)}
        line |= {"name_zh": _text(names.get("zh")), "name_en": _text(names.get("en"))}
        band, posts = node.get("band"), node.get("goalposts")
        ends = list(band) if isinstance(band, list | tuple) and len(band) == 2 else [None, None]
        line |= {"band_low": _text(ends[0]), "band_high": _text(ends[1])}
        posts = posts if isinstance(posts, Mapping) else {}
        found.append(line | {"worst": _text(posts.get("worst")), "best": _text(posts.get("best"))})
    return found


def with_fields(document: str, lines: Sequence[Mapping[str, str]]) -> str:
    """Return the file with its nodes set to the fields given; keys that are no fields stay as they were.

    Parameters
    ----------
    lines : sequence of mapping
        Fields of :data:`FIELDS`; the node is found by ``was`` (its code before), a line without one adds a node.
        Nodes that no line names are removed.  An empty field removes its key.
    """
    data = _read(document)
    old = {str(node.get("code")): node for node in _nodes(data)}
    data["nodes"] = [_node(dict(old.get(line.get("was", ""), {})), line) for line in lines]
    return str(yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=120))


def _node(node: dict[str, Any], line: Mapping[str, str]) -> dict[str, Any]:
    for key in TEXTS:
        _set(node, key, line.get(key, "").strip() or None)
    names = {lang: line.get(f"name_{lang}", "").strip() for lang in ("zh", "en")}
    _set(node, "name", {k: v for k, v in names.items() if v} or None)
    for key in NUMBERS:
        _set(node, key, _number(line.get(key, "")))
    ends = [_number(line.get(key, "")) for key in _PAIRS["band"]]
    _set(node, "band", ends if any(e is not None for e in ends) else None)
    posts = {key: _number(line.get(key, "")) for key in _PAIRS["goalposts"]}
    _set(node, "goalposts", {k: v for k, v in posts.items() if v is not None} or None)
    first = {k: node.pop(k) for k in ("code", "name", "parent") if k in node}
    return first | node


def _set(node: dict[str, Any], key: str, value: Any) -> None:
    if value is None:
        node.pop(key, None)
    else:
        node[key] = value


def _number(text: str) -> Any:
    """Return a number, ``None`` for nothing, or the text itself, which the check then names as a fault."""
    words = text.strip()
    if not words:
        return None
    try:
        value = float(words)
    except ValueError:
        return words
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _read(document: str) -> dict[str, Any]:
    data, _ = read_data(Source("framework.yaml", document.encode()))
    return dict(data) if isinstance(data, Mapping) else {}


def _nodes(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    nodes = data.get("nodes")
    return [n for n in nodes if isinstance(n, Mapping)] if isinstance(nodes, list) else []
