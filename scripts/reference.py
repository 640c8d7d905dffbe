"""Write the reference half of the documentation from the code itself.

Commands, parameters, workflows and the API are described by what runs, in both languages::

    python scripts/reference.py [FOLDER]      # default: docs/
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typer

from biaochi.cli import SITE_COMMANDS, app
from biaochi.core.canonical import plain
from biaochi.core.roles import Role
from biaochi.core.text import LANGS, Lang, Text
from biaochi.core.verdict import Verdict
from biaochi.core.workflow import Workflow
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms import MECHANISMS

HEAD = {
    "commands": Text("命令", "Commands"),
    "parameters": Text("参数", "Parameters"),
    "workflows": Text("流程", "Workflows"),
    "api": Text("接口", "API"),
    "words": Text("角色与判定", "Roles and verdicts"),
}


def cell(value: object) -> str:
    """Return a value safe inside a Markdown table."""
    text = value if isinstance(value, str) else json.dumps(plain(value), ensure_ascii=False)
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;").replace("[", "&#91;")


def table(header: list[str], rows: list[list[object]]) -> str:
    """Return a Markdown table."""
    lines = [header, ["---"] * len(header), *[[cell(v) for v in row] for row in rows]]
    return "\n".join("| " + " | ".join(str(c) for c in line) + " |" for line in lines) + "\n"


def own_language(text: str, lang: Lang) -> str:
    """Return one half of a help text written as "中文 / English"."""
    zh, _, en = text.partition(" / ")
    return (en or zh) if lang == "en" else zh


def commands(lang: Lang) -> str:
    """Return the page of all commands with their arguments and options."""
    root: Any = typer.main.get_command(app)
    context = root.make_context("biaochi", [], resilient_parsing=True)
    parts = [f"# {HEAD['commands'].within(lang)}\n"]
    for name in root.list_commands(context):
        command: Any = root.get_command(context, name)
        parts.append(f"## biaochi {name}\n\n{own_language(command.help or SITE_COMMANDS.get(name, ''), lang)}\n")
        inner = getattr(command, "commands", None)
        for verb, sub in sorted(inner.items()) if inner else [("", command)]:
            title = f"biaochi {name} {verb}".strip()
            if verb:
                parts.append(f"### {title}\n\n{own_language(sub.help or '', lang)}\n")
            rows = [[_call(p), own_language(getattr(p, "help", "") or "", lang), _default(p)] for p in sub.params]
            header = ["参数", "说明", "默认"] if lang == "zh" else ["parameter", "meaning", "default"]
            parts.append(table(header, rows) if rows else "")
    return "\n".join(parts)


def _call(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{(parameter.name or '').upper()}`"
    return " ".join(f"`{o}`" for o in parameter.opts)


def _default(parameter: Any) -> str:
    value = parameter.default
    if value is None or callable(value) or value is False or "UNSET" in repr(value):
        return ""
    return f"`{getattr(value, 'value', value)}`"


def parameters(lang: Lang) -> str:
    """Return the page of every dated parameter with its citation."""
    parts = [f"# {HEAD['parameters'].within(lang)}\n"]
    header = (
        ["代码", "名称", "值", "单位", "生效", "状态", "出处"]
        if lang == "zh"
        else ["code", "name", "value", "unit", "in force from", "status", "citation"]
    )
    for name in MECHANISMS:
        rows: list[list[object]] = [
            [
                f"`{p.code}`",
                p.name.within(lang),
                v.value,
                p.unit,
                v.effective_on.isoformat(),
                v.status.value,
                str(v.citation),
            ]
            for p in load_parameters(f"biaochi.mechanisms.{name}")
            for v in p.values
        ]
        parts.append(f"## {name}\n\n{table(header, rows)}")
    return "\n".join(parts)


def workflows_of(mechanism: str) -> tuple[Workflow, ...]:
    """Return the life cycles a mechanism declares."""
    if find_spec(f"biaochi.mechanisms.{mechanism}.lifecycle") is None:
        return ()
    found: tuple[Workflow, ...] = import_module(f"biaochi.mechanisms.{mechanism}.lifecycle").WORKFLOWS
    return found


def workflows(lang: Lang) -> str:
    """Return the page of every life cycle: diagram, states, moves."""
    parts = [f"# {HEAD['workflows'].within(lang)}\n"]
    states = ["状态", "内部名称", "公开名称"] if lang == "zh" else ["state", "internal name", "public name"]
    moves = (
        ["步骤", "从", "到", "谁", "条件", "期限"]
        if lang == "zh"
        else ["step", "from", "to", "who", "conditions", "deadline"]
    )
    for name in MECHANISMS:
        for flow in workflows_of(name):
            parts.append(f"## {name} · {flow.name.within(lang)} (`{flow.code}`)\n")
            parts.append(f"```mermaid\n{flow.to_mermaid(lang)}\n```\n")
            parts.append(
                table(states, [[f"`{s.code}`", s.name.within(lang), s.public.within(lang)] for s in flow.states])
            )
            parts.append(table(moves, list(_moves(flow, lang))))
    return "\n".join(parts)


def _moves(flow: Workflow, lang: Lang) -> Iterator[list[object]]:
    for t in flow.transitions:
        conditions = [g.text.within(lang) for g in t.guards]
        if t.needs_reason:
            conditions.append("须写理由" if lang == "zh" else "a reason")
        yield [
            f"{t.name.within(lang)} `{t.code}`",
            ", ".join(t.sources),
            t.target,
            ", ".join(r.text.within(lang) for r in t.roles),
            "; ".join(conditions),
            f"{t.deadline.days} d" if t.deadline else "",
        ]


def words(lang: Lang) -> str:
    """Return the page of roles and verdicts."""
    header = ["代码", "含义"] if lang == "zh" else ["code", "meaning"]
    roles = table(header, [[f"`{r.value}`", r.text.within(lang)] for r in Role])
    verdicts = table(header, [[f"`{v.value}`", v.text.within(lang)] for v in Verdict])
    return f"# {HEAD['words'].within(lang)}\n\n{roles}\n{verdicts}"


def api(lang: Lang) -> str:
    """Return the page of every API operation, from the OpenAPI description."""
    import django  # noqa: PLC0415 - only where the platform is installed

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "biaochi.web.settings")
    django.setup()
    description = import_module("biaochi.web.urls").interface.get_openapi_schema(path_prefix="/api/v1/")
    rows: list[list[object]] = [
        [f"`{method.upper()} {path}`", operation.get("summary", ""), operation.get("description", "")]
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]
    header = ["操作", "名称", "说明"] if lang == "zh" else ["operation", "name", "meaning"]
    return f"# {HEAD['api'].within(lang)}\n\n{table(header, rows)}"


def main(folder: Path) -> None:
    """Write every reference page in both languages."""
    pages = {"commands": commands, "parameters": parameters, "workflows": workflows, "words": words, "api": api}
    for lang in LANGS:
        target = folder / lang / "reference"
        target.mkdir(parents=True, exist_ok=True)
        for name, write in pages.items():
            (target / f"{name}.md").write_text(write(lang), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
