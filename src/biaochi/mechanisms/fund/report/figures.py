"""Figures of the fund: swim lanes, posteriors with bands, regret map."""

from __future__ import annotations

from collections.abc import Mapping

from biaochi.core.decision import Decision
from biaochi.core.figure import Figure
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.fund.model import TeamVerdict
from biaochi.mechanisms.fund.report.names import policy_name, world_name
from biaochi.methods.allocation import Posterior, Programme, Recommendation, Whatif

_COLOUR = {
    TeamVerdict.START: "token:tier-3",
    TeamVerdict.CONTINUE: "token:met",
    TeamVerdict.SUCCEEDED: "token:own",
    TeamVerdict.ADJUST: "token:manual-review",
    TeamVerdict.PAUSE: "token:unknown",
    TeamVerdict.RESERVE: "token:peer-mark",
    TeamVerdict.STOP: "token:unmet",
}


def lanes(programme: Programme, advice: Recommendation, verdicts: Mapping[str, Decision], lang: Lang) -> Figure:
    """Return the swim lanes: each team at its stage, coloured by the verdict."""
    place = {t.team: t for t in advice.teams}
    words = {v: v.text.within(lang) for v in TeamVerdict}
    stages = [*programme.stages, Text("成功", "success").within(lang)]
    rows = [
        {
            "route": route.code,
            "team": team,
            "stage": stages[place[team].stage],
            "verdict": words[TeamVerdict(verdicts[team].outcome)],
        }
        for route in programme.routes
        for team in route.teams
    ]
    present = [v for v in TeamVerdict if any(r["verdict"] == words[v] for r in rows)]
    counts = ", ".join(f"{words[v]} {sum(r['verdict'] == words[v] for r in rows)}" for v in present)
    title = Text("各团队所处阶段与建议", "Teams by stage, with the advice").within(lang)
    colour = {"domain": [words[v] for v in present], "range": [_COLOUR[v] for v in present]}
    flat = {"axis": {"labelAngle": 0}}
    spec = {
        "width": 440,
        "height": {"step": 20},
        "data": {"values": rows},
        "mark": {"type": "point", "filled": True, "size": 130},
        "encoding": {
            "x": {
                "field": "stage",
                "type": "ordinal",
                "sort": stages,
                "scale": {"domain": stages},
                "title": None,
                **flat,
            },
            "y": {"field": "team", "type": "nominal", "sort": [r["team"] for r in rows], "title": None},
            "color": {"field": "verdict", "type": "nominal", "scale": colour, "title": None},
            "shape": {
                "field": "verdict",
                "type": "nominal",
                "scale": {"domain": colour["domain"]},
                "title": None,
            },
        },
    }
    alternative = Text(f"{len(rows)} 个团队：{counts}。", f"{len(rows)} teams: {counts}.").within(lang)
    return Figure("lanes", title, alternative, spec, tuple(rows))


def beliefs(found: Posterior, lang: Lang) -> Figure:
    """Return the chance that each route is of its best class, with the band the judgements allow."""
    surest = max(found.routes, key=lambda r: r.posterior[-1])
    rows = [
        {
            "route": r.route,
            "prior": r.prior[-1],
            "posterior": r.posterior[-1],
            "low": r.band[-1][0],
            "high": r.band[-1][1],
        }
        for r in found.routes
    ]
    title = Text("各路线属于最好一类的概率", "Chance that each route is of its best class").within(lang)
    order = [r["route"] for r in rows]
    x_axis = {"type": "quantitative", "scale": {"domain": [0, 1]}, "axis": {"format": ".0%"}, "title": None}
    y_axis = {"field": "route", "type": "nominal", "sort": order, "title": None}
    spec = {
        "width": 440,
        "height": {"step": 26},
        "data": {"values": rows},
        "layer": [
            {
                "mark": {"type": "bar", "height": 8, "color": "token:band"},
                "encoding": {"y": y_axis, "x": {"field": "low", **x_axis}, "x2": {"field": "high"}},
            },
            {
                "mark": {"type": "tick", "color": "token:past", "thickness": 2, "size": 14},
                "encoding": {"y": y_axis, "x": {"field": "prior", **x_axis}},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 80, "color": "token:own"},
                "encoding": {"y": y_axis, "x": {"field": "posterior", **x_axis}},
            },
        ],
    }
    chance, (low, high) = surest.posterior[-1], surest.band[-1]
    alternative = Text(
        f"路线 {surest.route} 最有把握：{chance:.0%}，判断稍有变动时在 {low:.0%} 与 {high:.0%} 之间；短竖线为先验。",
        f"Route {surest.route} is the surest: {chance:.0%}, between {low:.0%} and {high:.0%} "
        "when the judgements move a little; short lines are priors.",
    ).within(lang)
    return Figure("beliefs", title, alternative, spec, tuple(rows))


def regrets(found: Whatif, lang: Lang) -> Figure:
    """Return the regret map of the first budget: policy by world."""
    budget = found.results[0].budget
    rows = [
        {
            "policy": policy_name(c.policy).within(lang),
            "world": world_name(c.world).within(lang),
            "value": c.value.mean,
            "se": c.value.se,
            "regret": c.regret,
        }
        for c in found.results
        if c.budget == budget
    ]
    least = found.minimax_regret[0]
    worlds = list(dict.fromkeys(str(r["world"]) for r in rows))
    policies = list(dict.fromkeys(str(r["policy"]) for r in rows))
    title = Text("规则在各世界中的遗憾", "Regret of each rule in each world").within(lang)
    base = {
        "x": {"field": "world", "type": "nominal", "sort": worlds, "title": None, "axis": {"labelAngle": 0}},
        "y": {"field": "policy", "type": "nominal", "sort": policies, "title": None},
    }
    top = max([c.regret for c in found.results if c.budget == budget] + [1e-9])
    # Steps, not a slope: colours of a page are variables, and nothing can be mixed from variables.
    shade = {"type": "quantize", "domain": [0, top], "range": [f"token:tier-{n}" for n in (5, 4, 3, 2, 1)]}
    pick = {"condition": {"test": f"datum.regret > {top / 2}", "value": "token:paper"}, "value": "token:ink"}
    spec = {
        "width": {"step": 88},
        "height": {"step": 24},
        "data": {"values": rows},
        "layer": [
            {
                "mark": {"type": "rect"},
                "encoding": {
                    **base,
                    "color": {"field": "regret", "type": "quantitative", "scale": shade, "legend": None},
                },
            },
            {
                "mark": {"type": "text"},
                "encoding": {
                    **base,
                    "text": {"field": "regret", "type": "quantitative", "format": ".1f"},
                    "color": pick,
                },
            },
        ],
    }
    alternative = Text(
        f"最不利情形下遗憾最小的规则是“{policy_name(least.policy).zh}”，为 {least.regret:.1f}。",
        f"The rule regretted least in its worst world is {policy_name(least.policy).en}: {least.regret:.1f}.",
    ).within(lang)
    return Figure("regrets", title, alternative, spec, tuple(rows), simulated=True)
