"""Words for the codes of the layout, wherever a reader meets them."""

from __future__ import annotations

from collections.abc import Mapping

from biaochi.core.text import Text

EVENTS = {
    "loose": Text("宽口径：原来不突出，后来突出", "loosely: below average, then at or above"),
    "strict": Text("严口径：原来不到一半，后来突出", "strictly: below half of average, then at or above"),
}
PROBLEMS = {
    "p0": (
        Text("错开重复", "differ"),
        Text("每地选几条，重复要付价，单条有上限", "each picks a few; duplication has a price, tracks a cap"),
    ),
    "p1": (
        Text("再加本办的约束", "with the office's limits"),
        Text("预算、城市群内错开、互补赛道、各方向与各地的底线", "budgets, clusters that differ, joint tracks, floors"),
    ),
    "p2": (
        Text("分散下注", "spread the bets"),
        Text(
            "让尽量多的赛道至少有一地成；假定各地成败互不相关",
            "as many tracks as possible succeed somewhere, if regions are independent",
        ),
    ),
}
TIERS = {"firm": Text("稳定", "firm"), "optional": Text("可选", "optional"), "open": Text("开放", "open")}
TIER_BADGES = {"firm": "met", "optional": "soon", "open": "unknown"}
KINDS = {
    "own": Text("各自选择", "each for itself"),
    "price": Text("重复付价", "duplication priced"),
    "plan": Text("菜单所依据的方案", "the plan the menus come from"),
}
MODELS = {
    "hot": Text("追热门", "hot tracks"),
    "ubiquity": Text("别处多不多", "ubiquity"),
    "past_entry": Text("过往进入率", "past entry rate"),
    "density": Text("关联密度", "relatedness density"),
    "density_association": Text("关联密度（关联强度）", "density (association)"),
    "density_correlation": Text("关联密度（相关）", "density (correlation)"),
    "density_relative": Text("相对关联密度", "relative density"),
    "rca": Text("对数区位商", "log quotient"),
    "rank6": Text("低秩近似", "rank-6 approximation"),
    "logit": Text("逻辑斯蒂", "logit"),
    "additive": Text("可加模型", "additive model"),
}
FEATURES = {
    "density": Text("关联密度", "relatedness density"),
    "density_association": Text("关联密度（关联强度）", "density (association)"),
    "density_correlation": Text("关联密度（相关）", "density (correlation)"),
    "density_relative": Text("相对关联密度", "relative density"),
    "log_rca": Text("区位商", "quotient"),
    "log_rca_change": Text("区位商的变化", "change of the quotient"),
    "rank6": Text("相似地区的水平", "level of like regions"),
    "ubiquity": Text("做的地区数", "regions that do it"),
    "diversity": Text("本地赛道数", "tracks of the region"),
    "eci": Text("本地复杂度", "complexity of the region"),
    "pci": Text("赛道复杂度", "complexity of the track"),
    "eci_pci_distance": Text("复杂度差距", "distance in complexity"),
    "hot": Text("全国增长", "national growth"),
    "log_size": Text("本地规模", "size of the region"),
}
_CONSTRAINTS = {
    "k": Text("选几条", "number of picks"),
    "cap": Text("单条赛道的上限", "the cap of a track"),
    "fixed": Text("必选", "fixed picks"),
    "max_regions": Text("最多几地", "most regions"),
    "min_regions": Text("最少几地", "least regions"),
    "floor": Text("底线", "the floor"),
    "direction_min": Text("方向的最少几处", "least places of a direction"),
    "events": Text("进入次数", "entries seen"),
}


def constraint_name(code: str, names: Mapping[str, Text] | None = None) -> Text:
    """Return a constraint in words, with the regions and tracks it speaks of.

    Examples
    --------
    >>> constraint_name("floor:浙江").zh
    '底线（浙江）'
    """
    kind, *places = code.split(":")
    word = _CONSTRAINTS.get(kind, Text.same(kind))
    if not places:
        return word
    called = [(names or {}).get(p, Text.same(p)) for p in places]
    return Text(f"{word.zh}（{'、'.join(c.zh for c in called)}）", f"{word.en} ({', '.join(c.en for c in called)})")
