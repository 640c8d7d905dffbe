"""``biaochi simulate --years N --policy FILE``: compare ways to run a programme before it starts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from biaochi.core.text import Lang, Text
from biaochi.exchange.command import (
    ConfidenceOption,
    Format,
    FormatOption,
    LangOption,
    Language,
    Options,
    OutOption,
    SeedOption,
    invocation,
)
from biaochi.exchange.faults import Faults
from biaochi.programme.simulation.compare import OUTCOMES, Comparison, compare
from biaochi.programme.simulation.policy import SCHEMA, PolicyFile

app = typer.Typer(add_completion=False)


@app.command("simulate")
def simulate(
    policy: Annotated[Path, typer.Option("--policy", help="策略文件 / file of policies")],
    years: Annotated[int, typer.Option("--years", min=1, max=30, help="年数 / years")] = 3,
    n: Annotated[int, typer.Option("--n", min=2, max=100_000, help="模拟的世界数 / simulated worlds")] = 200,
    confidence: ConfidenceOption = 0.9,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
) -> None:
    """在花钱之前比较几种办法 / Compare ways to run a programme before money is spent."""
    with invocation("biaochi.simulate/1", Options(out, format, lang, seed)) as call:
        faults = Faults(policy.name)
        content = call.model(policy, PolicyFile, schema=SCHEMA, faults=faults)
        policies = content.to_policies() if content else ()
        for code in sorted({p.code for p in policies if [q.code for q in policies].count(p.code) > 1}):
            faults.add(
                "duplicate_code",
                Text("两个策略同名", "two policies share a code"),
                Text("请改名", "rename one"),
                column="policies",
                seen=code,
            )
        faults.check()
        found = compare(policies, years=years, worlds=n, seed=seed, confidence=confidence)
        call.warn(
            "simulated",
            Text("以下全是模拟，所依假设见 assumptions", "everything here is simulated; see assumptions"),
        )
        call.finish({"years": years, "worlds": n, "confidence": confidence, **body(found)}, summary=_summary(found))


def body(found: Comparison) -> dict[str, object]:
    """Return the keys ``results``, ``differences`` (each policy against the first) and ``assumptions``."""
    codes = [p.code for p in found.policies]
    return {
        "outcomes": [{"outcome": code, "zh": text.zh, "en": text.en} for code, text in OUTCOMES.items()],
        "results": [
            {"policy": code, "outcome": outcome, **vars(found.estimate(i, outcome))}
            for outcome in OUTCOMES
            for i, code in enumerate(codes)
        ],
        "differences": [
            {"policy": code, "against": codes[0], "outcome": outcome, **vars(found.difference(i, 0, outcome))}
            for outcome in OUTCOMES
            for i, code in enumerate(codes)
            if i
        ],
        "assumptions": found.assumed.to_records(),
    }


def _summary(found: Comparison) -> Text:
    first = found.policies[0].code
    zh, en = [], []
    for i, policy in enumerate(found.policies[1:], start=1):
        clear = [o for o in OUTCOMES if not _crosses(found, i, o)]
        up = [o for o in clear if found.difference(i, 0, o).mean > 0]
        down = [o for o in clear if found.difference(i, 0, o).mean < 0]
        zh.append(f"{policy.code} 对 {first}：升 {_listed(up, 'zh')}；降 {_listed(down, 'zh')}")
        en.append(f"{policy.code} against {first}: up {_listed(up, 'en')}; down {_listed(down, 'en')}")
    return Text("（模拟）" + ("\n".join(zh) or first), "(simulated) " + ("\n".join(en) or first))


def _listed(outcomes: Sequence[str], lang: Lang) -> str:
    """Return outcomes in words, without what their names say in brackets or after a comma."""
    if lang == "zh":
        return "、".join(OUTCOMES[o].zh.split("（")[0] for o in outcomes) or "无"
    return ", ".join(OUTCOMES[o].en.split(",")[0] for o in outcomes) or "none"


def _crosses(found: Comparison, policy: int, outcome: str) -> bool:
    d = found.difference(policy, 0, outcome)
    return d.low <= 0 <= d.high
