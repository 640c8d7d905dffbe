"""The review board's packet: advice, beliefs, own against route evidence, flips, other worlds, past forecasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from biaochi.core.canonical import Json
from biaochi.core.document import Document, Grid, Paragraph, Section
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.fund.decisions import Packet
from biaochi.mechanisms.fund.model import TeamVerdict
from biaochi.mechanisms.fund.report.figures import beliefs, lanes, regrets
from biaochi.mechanisms.fund.report.names import policy_name, world_name
from biaochi.methods.allocation import uncovered

LIMITS = (
    Text(
        "模型中团队不会因评审规则而改变行为；类别有限；先验出自判断；每个阶段恰为一轮。",
        "In the model teams do not react to the rules of review; classes are finite; priors are judgement; "
        "a stage lasts one round.",
    ),
    Text(
        "最优解附近往往平坦：相差不大的方案不必强分高下。",
        "Values are often flat around the optimum: actions that differ little need no winner.",
    ),
    Text(
        "带状区间是判断稍有变动时结论的变化范围，不是可信区间。",
        "A band is how far a conclusion moves when the judgements move a little; it is not a credible interval.",
    ),
)


def packet_document(packet: Packet, lang: Lang, colophon: tuple[tuple[str, str], ...]) -> Document:
    """Return the packet in one language."""

    def say(zh: str, en: str) -> str:
        return Text(zh, en).within(lang)

    name = packet.programme.name.within(lang) if packet.programme.name else say("探索方案", "Exploration programme")
    round_ = packet.programme.elapsed + 1
    subtitle = say(f"第 {round_} 轮评审材料", f"Review packet of round {round_}")
    return Document(name, subtitle, lang, findings(packet, lang), sections(packet, lang), (), colophon)


def sections(packet: Packet, lang: Lang) -> tuple[Section, ...]:
    """Return advice, beliefs, other worlds, past forecasts, and what the reader must know."""

    def say(zh: str, en: str) -> str:
        return Text(zh, en).within(lang)

    found = [
        Section(
            "fund-advice",
            say("本轮建议", "This round's advice"),
            (
                lanes(packet.programme, packet.advice, packet.verdicts, lang),
                _advice(packet, lang),
                Paragraph(_clear(packet, lang)),
                _candidates(packet, lang),
            ),
        ),
        Section(
            "fund-beliefs",
            say("对路线与团队的判断", "What is believed of routes and teams"),
            (beliefs(packet.posterior, lang), _evidence(packet, lang), _overlap(packet, lang)),
        ),
        Section(
            "fund-worlds",
            say("模型若有误", "If the model is wrong"),
            (regrets(packet.whatif, lang), _values(packet, lang)),
        ),
        Section("fund-past", say("过去的预测与决定", "Past forecasts and decisions"), _past(packet, lang)),
        Section("fund-limits", say("须知", "Limits"), tuple(Paragraph(t.within(lang)) for t in LIMITS)),
    ]
    return tuple(found)


def findings(packet: Packet, lang: Lang) -> tuple[str, ...]:
    """Return one page of answers."""
    best = packet.advice.recommended
    low, high = packet.advice.band
    who = ("、" if lang == "zh" else ", ").join(best.fund) or Text("无", "nobody").within(lang)
    found = [
        Text(
            f"建议资助：{who}；本轮支出 {best.cost:g}，预期价值 {best.value.mean:.4g}"
            f"（判断稍有变动时 {low:.4g} 至 {high:.4g}）；一个成功也没有的机会 {best.p_no_success:.0%}。",
            f"Fund {who}: {best.cost:g} this round for an expected value of {best.value.mean:.4g} "
            f"({low:.4g} to {high:.4g} when the judgements move a little); chance of no success at all "
            f"{best.p_no_success:.0%}.",
        ).within(lang)
    ]
    counts = {v: sum(d.outcome == v.value for d in packet.verdicts.values()) for v in TeamVerdict}
    found.append(
        ("；" if lang == "zh" else "; ").join(f"{v.text.within(lang)} {n}" for v, n in counts.items() if n)
        + ("。" if lang == "zh" else ".")
    )
    least = packet.whatif.minimax_regret[0]
    found.append(
        Text(
            f"若模型有误，最坏情形遗憾最小的规则是“{policy_name(least.policy).zh}”（{least.regret:.2f}，模拟）。",
            f"If the model is wrong, {policy_name(least.policy).en} is regretted least in its worst world "
            f"({least.regret:.2f}, simulated).",
        ).within(lang)
    )
    if packet.calibration.brier is not None:
        found.append(
            Text(
                f"过去 {packet.calibration.n} 个已知结果的预测，布赖尔分数 {packet.calibration.brier:.3f}。",
                f"Past forecasts with a known outcome: {packet.calibration.n}, "
                f"Brier score {packet.calibration.brier:.3f}.",
            ).within(lang)
        )
    return tuple(found)


def _clear(packet: Packet, lang: Lang) -> str:
    advice = packet.advice
    how = Text("精确求解", "solved exactly") if advice.method == "exact" else Text("模拟展开", "rollout")
    if advice.clear:
        return Text(
            f"方法：{how.zh}；没有并列的方案。", f"Method: {how.en}; no other action ties with the advice."
        ).within(lang)
    shown = " | ".join("+".join(f) or "–" for f in advice.tied[:8])
    return Text(
        f"方法：{how.zh}；{len(advice.tied)} 个方案并列：{shown}。同类团队以抽签决定。",
        f"Method: {how.en}; {len(advice.tied)} actions tie: {shown}. Like teams are chosen by lot.",
    ).within(lang)


def _grid(key: str, title: Text, columns: Mapping[str, Text], rows: Sequence[Mapping[str, Json]], lang: Lang) -> Grid:
    return Grid(key, title.within(lang), {k: v.within(lang) for k, v in columns.items()}, tuple(rows))


def _advice(packet: Packet, lang: Lang) -> Grid:
    columns = {
        "team": Text("团队", "team"),
        "verdict": Text("建议", "advice"),
        "reason": Text("理由", "reason"),
        "marginal": Text("反其道而行的损失", "lost by doing the opposite"),
        "cost": Text("完成所需", "cost to completion"),
        "funded": Text("资助则成功的机会", "success if funded"),
        "not": Text("不资助则成功的机会", "success if not"),
        "factor": Text("翻转：成本倍数", "flip: cost factor"),
        "tilt": Text("翻转：先验倾斜", "flip: tilt of the prior"),
    }
    rows: list[Mapping[str, Json]] = [
        {
            "team": t.team,
            "verdict": TeamVerdict(packet.verdicts[t.team].outcome).text.within(lang),
            "reason": ("；" if lang == "zh" else "; ").join(
                r.text.within(lang) for r in packet.verdicts[t.team].reasons
            ),
            "marginal": t.marginal,
            "cost": t.cost_to_completion,
            "funded": t.p_success_if_funded,
            "not": t.p_success_if_not,
            "factor": t.flip.cost_factor,
            "tilt": t.flip.tilt,
        }
        for t in packet.advice.teams
    ]
    return _grid("teams", Text("团队", "Teams"), columns, rows, lang)


def _candidates(packet: Packet, lang: Lang) -> Grid:
    columns = {
        "fund": Text("资助", "fund"),
        "cost": Text("本轮支出", "cost now"),
        "value": Text("预期价值", "expected value"),
        "se": Text("标准误", "standard error"),
        "none": Text("无一成功", "no success"),
        "spend": Text("预期总支出", "expected spending"),
    }
    rows: list[Mapping[str, Json]] = [
        {
            "fund": "+".join(c.fund) or "–",
            "cost": c.cost,
            "value": c.value.mean,
            "se": c.value.se,
            "none": c.p_no_success,
            "spend": c.spend,
        }
        for c in packet.advice.candidates[:20]
    ]
    return _grid("candidates", Text("比较过的方案", "Actions compared"), columns, rows, lang)


def _evidence(packet: Packet, lang: Lang) -> Grid:
    columns = {
        "team": Text("团队", "team"),
        "route": Text("路线", "route"),
        "stage": Text("阶段", "stage"),
        "own": Text("只看自身记录：全部通过", "own record alone: pass all the rest"),
        "all": Text("加上路线证据", "with the route's evidence"),
        "low": Text("带下限", "band, low"),
        "high": Text("带上限", "band, high"),
    }
    rows: list[Mapping[str, Json]] = [
        {
            "team": t.team,
            "route": t.route,
            "stage": t.stage,
            "own": packet.own[t.team],
            "all": t.pass_all,
            "low": t.band_all[0],
            "high": t.band_all[1],
        }
        for t in packet.posterior.teams
    ]
    return _grid("evidence", Text("自身证据与路线证据", "Own and route evidence"), columns, rows, lang)


def _overlap(packet: Packet, lang: Lang) -> Grid:
    columns = {
        "route": Text("路线", "route"),
        "first": Text("第一个成功覆盖", "first success covers"),
        "second": Text("第二个成功再覆盖", "a second adds"),
        "third": Text("第三个成功再覆盖", "a third adds"),
    }
    rows: list[Mapping[str, Json]] = []
    for route in packet.programme.routes:
        left = uncovered(route.coverage, packet.programme.payoff.overlap, 3)
        rows.append(
            {
                "route": route.code,
                "first": float(left[0] - left[1]),
                "second": float(left[1] - left[2]),
                "third": float(left[2] - left[3]),
            }
        )
    return _grid(
        "overlap", Text("同一路线上再成功的价值", "What further successes on a route add"), columns, rows, lang
    )


def _values(packet: Packet, lang: Lang) -> Grid:
    columns = {
        "policy": Text("规则", "rule"),
        "world": Text("世界", "world"),
        "budget": Text("预算", "budget"),
        "value": Text("预期价值（模拟）", "expected value (simulated)"),
        "low": Text("95 % 下限", "95 % low"),
        "high": Text("95 % 上限", "95 % high"),
        "none": Text("无一成功", "no success"),
        "regret": Text("遗憾", "regret"),
    }
    rows: list[Mapping[str, Json]] = [
        {
            "policy": policy_name(c.policy).within(lang),
            "world": world_name(c.world).within(lang),
            "budget": c.budget if c.budget < float("inf") else None,
            "value": c.value.mean,
            "low": c.value.low,
            "high": c.value.high,
            "none": c.p_no_success,
            "regret": c.regret,
        }
        for c in packet.whatif.results
    ]
    return _grid("values", Text("规则、世界与预算", "Rules, worlds and budgets"), columns, rows, lang)


def _verdict(code: str, lang: Lang) -> str:
    return TeamVerdict(code).text.within(lang) if code in set(TeamVerdict) else code


def _past(packet: Packet, lang: Lang) -> tuple[Paragraph | Grid, ...]:
    if not packet.past:
        return (Paragraph(Text("没有提供过去的决定。", "No past decisions were given.").within(lang)),)
    columns = {
        "at": Text("日期", "date"),
        "team": Text("团队", "team"),
        "forecast": Text("当时的预测", "forecast"),
        "recommended": Text("建议", "advice"),
        "decided": Text("决定", "decision"),
        "reason": Text("理由", "reason"),
        "outcome": Text("结果", "outcome"),
    }
    word = {1: Text("通过", "pass"), 0: Text("未达标", "miss")}
    rows: list[Mapping[str, Json]] = [
        {
            "at": d.at.isoformat(),
            "team": d.team,
            "forecast": d.forecast,
            "recommended": _verdict(d.recommended, lang),
            "decided": _verdict(d.decided, lang),
            "reason": d.reason,
            "outcome": None if d.outcome is None else word[d.outcome].within(lang),
        }
        for d in packet.past
    ]
    bins: list[Mapping[str, Json]] = [
        {"low": b.low, "high": b.high, "n": b.n, "forecast": b.forecast, "frequency": b.frequency}
        for b in packet.calibration.bins
    ]
    bin_columns = {
        "low": Text("预测自", "forecast from"),
        "high": Text("至", "to"),
        "n": Text("次数", "count"),
        "forecast": Text("平均预测", "mean forecast"),
        "frequency": Text("实际频率", "frequency"),
    }
    return (
        _grid("past", Text("过去的决定", "Past decisions"), columns, rows, lang),
        _grid("calibration", Text("预测的校准", "Calibration of forecasts"), bin_columns, bins, lang),
    )
