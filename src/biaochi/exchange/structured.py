"""YAML and JSON in: size and depth caps, no aliases that multiply, unknown keys as faults, line numbers kept.

A file's shape is a pydantic model; :func:`read_model` returns an instance or raises every fault with its line.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from biaochi.core.errors import InputError
from biaochi.core.text import Text
from biaochi.exchange.faults import Faults, unreadable
from biaochi.exchange.source import Source

MAX_DEPTH = 40
MAX_NODES = 2_000_000
MAX_STRUCTURED_BYTES = 64 * 1024 * 1024
ModelT = TypeVar("ModelT", bound=BaseModel)


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """The safe loader, refusing duplicate keys."""


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[str] = set()
    for key, _ in node.value:
        if key.tag == "tag:yaml.org,2002:bool":
            key.tag = "tag:yaml.org,2002:str"  # a key such as ``on`` is a word, whatever YAML 1.1 makes of it
        name = str(key.value)
        if name in seen:
            raise yaml.constructor.ConstructorError(None, None, f"the key {name!r} appears twice", key.start_mark)
        seen.add(name)
    return yaml.SafeLoader.construct_mapping(loader, node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


class _WrittenLoader(_Loader):
    """The same, with dates and instants left as the text they were written in."""


_WrittenLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in _Loader.yaml_implicit_resolvers.items()
}


def read_data(path: str | Path | Source, *, written_dates: bool = False) -> tuple[Any, Source]:
    """Read a YAML or JSON file as plain data.

    Parameters
    ----------
    path : path or Source
        The file.
    written_dates : bool
        Whether dates and instants stay the text they were written in, as digests of a file's content need.

    Returns
    -------
    data, source
        Mappings, sequences and scalars; and the file.

    Raises
    ------
    InputError
        Codes ``bad_yaml``, ``bad_json``, ``alias_refused``, ``too_deep``, ``empty_file``.
    """
    source = path if isinstance(path, Source) else Source.read(path, max_bytes=MAX_STRUCTURED_BYTES)
    text = source.text()
    if not text.strip():
        raise unreadable(
            source.name,
            Text("文件是空的", "the file is empty"),
            Text("请填入内容", "add its content"),
            "empty_file",
        )
    if source.name.lower().endswith(".json"):
        return _json(text, source.name), source
    data = _yaml(text, source.name, _WrittenLoader if written_dates else _Loader)
    return data, source


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise InputError(_syntax(name, "bad_json", "JSON", getattr(error, "lineno", 0), str(error))) from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} appears twice")
        found[key] = value
    return found


def _yaml(text: str, name: str, loader: Any) -> Any:
    try:
        _refuse_bombs(text, name)
        return yaml.load(text, Loader=loader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        problem = str(getattr(error, "problem", None) or type(error).__name__)
        raise InputError(_syntax(name, "bad_yaml", "YAML", mark.line + 1 if mark else 0, problem)) from error


def _refuse_bombs(text: str, name: str) -> None:
    depth = 0
    loader = yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader
    for nodes, event in enumerate(yaml.parse(text, Loader=loader), start=1):
        if isinstance(event, yaml.AliasEvent):
            raise unreadable(
                name,
                Text("不接受 YAML 别名（* 引用）", "YAML aliases (* references) are not accepted"),
                Text("请把内容写全", "write the content out"),
                "alias_refused",
                f"line {event.start_mark.line + 1}" if event.start_mark else "",
            )
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            depth += 1
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            depth -= 1
        if depth > MAX_DEPTH or nodes > MAX_NODES:
            raise unreadable(
                name,
                Text("层数或项数过多", "the file is nested too deeply or has too many items"),
                Text("请简化", "simplify it"),
                "too_deep",
            )


def _syntax(name: str, code: str, language: str, line: int, seen: str) -> tuple[Any, ...]:
    faults = Faults(name)
    faults.add(
        code,
        Text(f"不是规范的 {language}", f"this is not well-formed {language}"),
        Text("请按所示位置改正", "correct it at the place shown"),
        row=line,
        seen=seen,
    )
    return faults.all()


def read_model(
    path: str | Path | Source, model: type[ModelT], *, schema: str = "", faults: Faults | None = None
) -> tuple[ModelT | None, Source]:
    """Read a YAML or JSON file as a pydantic model.

    Parameters
    ----------
    path : path or Source
        The file.
    model : type of pydantic.BaseModel
        Its shape; use ``extra="forbid"`` so that unknown keys are faults.
    schema : str
        Required value of the top-level key ``schema``; the key is removed before validation.
    faults : Faults or None
        Where to collect; when given, a faulty file returns ``None`` for the model and nothing is raised
        for its content (an unreadable file still is).
    """
    data, source = read_data(path)
    own = Faults(source.name)
    found = build_model(data, model, own, schema=schema, text=source.text())
    if faults is None:
        own.check()
    else:
        faults.extend(own)
    return found, source


def build_model(data: Any, model: type[ModelT], faults: Faults, *, schema: str = "", text: str = "") -> ModelT | None:
    """Validate plain data as a model; every fault goes to ``faults``, with its line when ``text`` is given."""
    if not isinstance(data, Mapping):
        faults.add(
            "bad_structure",
            Text("最外层应为“键：值”", "the top level must be a mapping of keys to values"),
            Text("请对照格式说明", "compare it with the format's description"),
            seen=type(data).__name__,
        )
        return None
    content = dict(data)
    if schema:
        seen = content.pop("schema", None)
        if seen != schema:
            faults.add(
                "wrong_schema",
                Text(f"schema 应为 {schema}", f"schema must be {schema}"),
                Text("请写明文件的 schema", "state the file's schema"),
                column="schema",
                seen="" if seen is None else seen,
            )
    try:
        return model.model_validate(content)
    except ValidationError as error:
        lines = _lines(text) if text else {}
        for item in error.errors():
            place = tuple(item["loc"])
            code, message, fix = _explain(item)
            faults.add(
                code,
                message,
                fix,
                row=_line(lines, place),
                column=_path(place),
                seen="" if code == "missing_field" else item.get("input", ""),
            )
        return None


def _explain(item: Any) -> tuple[str, Text, Text]:
    kind, message = item["type"], item["msg"]
    if kind == "missing":
        return "missing_field", Text("缺少这一项", "this key is missing"), Text("请补上", "add it")
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        return (
            "unknown_key",
            Text("没有这样的键", "there is no such key"),
            Text("请删去或改正拼写", "remove it or correct its spelling"),
        )
    if kind in ("literal_error", "enum"):
        expected = item.get("ctx", {}).get("expected", "")
        return (
            "unknown_value",
            Text("没有这个选项", "there is no such choice"),
            Text(f"可选：{expected}", f"choose from {expected}"),
        )
    if "float" in kind or "int" in kind or "decimal" in kind or "finite" in kind:
        return (
            "not_a_number",
            Text("不是所需的数", "this is not the number needed"),
            Text("请写一个数", f"write a number ({message})"),
        )
    if "date" in kind or "time" in kind:
        return (
            "bad_date",
            Text("不是日期", "this is not a date"),
            Text("请写成 2026-03-31", "write it as 2026-03-31"),
        )
    if kind in ("greater_than", "greater_than_equal", "less_than", "less_than_equal"):
        return "out_of_range", Text("超出允许的范围", "the value is out of range"), Text(message, message)
    return "bad_value", Text("这一项不合要求", "this value is not accepted"), Text(message, message)


def line_numbers(text: str) -> Callable[[Sequence[object]], int]:
    """Return a function from a path of keys and positions to its line in a YAML or JSON text; 0 where unknown.

    Examples
    --------
    >>> line_numbers("a:\\n  - b: 1\\n")(("a", 0, "b"))
    2
    """
    lines = _lines(text)
    return lambda place: _line(lines, tuple(place))


def _path(place: Sequence[object]) -> str:
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else str(part))
    return text


def _lines(text: str) -> dict[tuple[object, ...], int]:
    """Map each path of a YAML (or JSON, a subset) text to its line."""
    found: dict[tuple[object, ...], int] = {}
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError:
        return found
    stack: list[tuple[tuple[object, ...], Any]] = [((), root)] if root is not None else []
    while stack:
        place, node = stack.pop()
        found[place] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                found[(*place, key.value)] = key.start_mark.line + 1
                stack.append(((*place, key.value), value))
        elif isinstance(node, yaml.SequenceNode):
            stack.extend(((*place, i), child) for i, child in enumerate(node.value))
    return found


def _line(lines: dict[tuple[object, ...], int], place: tuple[object, ...]) -> int:
    for end in range(len(place), -1, -1):
        if place[:end] in lines:
            return lines[place[:end]]
    return 0
