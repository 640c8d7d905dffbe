"""Tables of the yearly report: namings against activity, scores of models, menus; every heading in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from biaochi.core.canonical import Json
from biaochi.core.document import Grid
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.layout.report.real import real_by
from biaochi.mechanisms.layout.report.words import MODELS, TIERS


def standing_grid(against: pd.DataFrame, lang: Lang) -> Grid:
    """Return, for every region, how many namings rest on a specialisation and how many strengths go unnamed."""
    words = {
        "region": Text("地区", "region"),
        "named": Text("点名", "named"),
        "backed": Text("已有基础", "specialised"),
        "bare": Text("基础尚弱", "not yet"),
        "unseen": Text("没有统计", "not counted"),
        "unnamed": Text("强项没有点名", "unnamed strengths"),
    }
    rows = [{k: _plain(row[k]) for k in words} for row in real_by(against, "region")]
    return _grid("layout-standing", Text("点名与实际，按地区", "Declared against real, by region"), words, rows, lang)


def score_grid(scores: pd.DataFrame, lang: Lang) -> Grid:
    """Return the mean scores of every model over the origins."""
    words = {
        "model": Text("模型", "model"),
        "auc": Text("AUC", "AUC"),
        "p_at_k": Text("前几名命中", "precision at k"),
        "random_p_at_k": Text("随机", "chance"),
        "brier": Text("Brier", "Brier"),
        "log_score": Text("对数损失", "log loss"),
    }
    overall = scores[scores["origin"] == "all"]
    rows = [
        {**{k: _plain(row[k]) for k in words}, "model": MODELS[str(row["model"])].within(lang)}
        for row in overall.to_dict("records")
    ]
    return _grid("layout-scores", Text("各模型的得分", "Scores of models"), words, rows, lang)


def menu_grid(menus: Sequence[Mapping[str, object]], names: Mapping[str, Text], lang: Lang) -> Grid:
    """Return every region's suggestions: by stability, then taxonomy, never by chance."""
    words = {
        "region": Text("地区", "region"),
        "track": Text("赛道", "track"),
        "tier": Text("稳定程度", "stability"),
        "frequency": Text("入选频率", "frequency"),
        "p": Text("进入概率", "chance of entry"),
        "low": Text("区间低端", "low"),
        "high": Text("区间高端", "high"),
    }
    rows = []
    for menu in menus:
        items = menu["items"]
        for item in items if isinstance(items, list) else []:
            track = str(item["track"])
            rows.append(
                {
                    **{k: _plain(item[k]) for k in ("frequency", "p", "low", "high")},
                    "region": str(menu["region"]),
                    "track": names[track].within(lang) if track in names else track,
                    "tier": TIERS[str(item["tier"])].within(lang),
                }
            )
    title = Text("各地的菜单；这不是任务", "Menus of regions; no order")
    return _grid("layout-menu-items", title, words, rows, lang)


def _grid(key: str, title: Text, words: Mapping[str, Text], rows: Sequence[Mapping[str, Json]], lang: Lang) -> Grid:
    return Grid(key, title.within(lang), {k: t.within(lang) for k, t in words.items()}, tuple(dict(r) for r in rows))


def _plain(value: object) -> Json:
    if value is None or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, float):
        return round(value, 4)
    return value if isinstance(value, bool | int | str) else str(value)
