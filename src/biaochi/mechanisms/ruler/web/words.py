"""Codes of the ruler in words: steps, fields, tests of gaming cards, causes of a change."""

from __future__ import annotations

from collections.abc import Mapping

from biaochi.core.text import Text

CAUSES: Mapping[str, Text] = {
    "performance": Text("实绩", "performance"),
    "goalposts": Text("标杆", "goalposts"),
    "revision": Text("数据修订", "data revision"),
    "method": Text("方法", "method"),
}
STEPS: Mapping[str, Text] = {
    "denominate": Text("除以分母", "denominate"),
    "impute": Text("插补", "impute"),
    "screen": Text("筛选", "screen"),
    "treat": Text("异常值处理", "treat outliers"),
    "normalise": Text("标准化", "normalise"),
    "weights": Text("权重", "weights"),
    "aggregate": Text("合成", "aggregate"),
}
FIELDS: Mapping[str, Text] = {
    "added": Text("新增", "added"),
    "removed": Text("移除", "removed"),
    "parent": Text("上级", "parent"),
    "weight": Text("权重", "weight"),
    "polarity": Text("方向", "polarity"),
    "worst": Text("标杆下端", "worst"),
    "best": Text("标杆上端", "best"),
    "band": Text("适度区间", "band"),
    "denominator": Text("分母", "denominator"),
    "lag_years": Text("滞后（年）", "lag (years)"),
}
POLARITY: Mapping[str, Text] = {
    "positive": Text("越高越好", "more is better"),
    "negative": Text("越低越好", "less is better"),
    "band": Text("适度为好", "a band is best"),
}
METHODS: Mapping[str, Text] = {
    "minmax": Text("极小极大", "min–max"),
    "zscore": Text("标准分", "z-score"),
    "scaled": Text("定标", "scaled"),
    "rank": Text("名次", "rank"),
    "borda": Text("博尔达计分", "Borda count"),
    "prank": Text("百分位", "percentile rank"),
    "dist2max": Text("与最大值之距", "distance to maximum"),
    "dist2ref": Text("与参照单位之距", "distance to reference"),
    "dist2targ": Text("与目标之距", "distance to target"),
    "goalposts": Text("目标区间", "goalposts"),
    "fracmax": Text("与最大值之比", "share of maximum"),
    "declared": Text("声明权重", "declared"),
    "equal": Text("等权", "equal"),
    "entropy": Text("熵权", "entropy"),
    "critic": Text("CRITIC", "CRITIC"),
    "ahp": Text("层次分析法", "analytic hierarchy process"),
    "budget": Text("专家预算分配", "budget allocation"),
    "pca": Text("非负主成分", "non-negative principal component"),
    "balance": Text("均衡相关", "balanced correlations"),
    "bod": Text("有利权重（BoD）", "benefit of the doubt"),
}
TESTS: Mapping[str, tuple[Text, Text]] = {
    "reporting_advantage": (
        Text("改报表比干实事便宜多少倍", "how many times cheaper reporting is than doing"),
        Text(
            "登记的做事成本 ÷ 报数成本；高于 5 则查",
            "cost of doing over cost of reporting, as registered; above 5",
        ),
    ),
    "heaping": (
        Text("尾数扎堆", "heaping of last digits"),
        Text("末位 0 与 5 过多的 p 值；低于 .01 则查", "p-value of too many zeros and fives at the end; below .01"),
    ),
    "bunching": (
        Text("压线", "bunching above the target"),
        Text("目标线上方堆积的 p 值；低于 .01 则查", "p-value of a heap just above the target; below .01"),
    ),
    "gain_concentration": (
        Text("增长集中于少数单位", "gains concentrated in few units"),
        Text("最近一期增量的赫芬达尔指数；高于 .5 则查", "Herfindahl index of the last gains; above .5"),
    ),
    "denominator_growth": (
        Text("靠分母变小而提高", "raised by a shrinking denominator"),
        Text("中位增长中分母的份额；高于一半则查", "share of the denominator in median growth; above one half"),
    ),
    "shadow": (
        Text("与影子指标背离", "parting from its shadow"),
        Text("与影子指标增速之差的累积和峰值", "peak of the cumulative sum of the gap in growth"),
    ),
    "worst_case": (
        Text("虚报范围内最多能骗多少分", "what misreporting could gain at most"),
        Text("以总分标准差计；高于 .5 则查", "in standard deviations of the score; above .5"),
    ),
}
STATUS: Mapping[str, Text] = {
    "confirmed": Text("已核实", "confirmed"),
    "unverified": Text("待核实", "unverified"),
}
CARD: Mapping[str, Text] = {
    "check": Text("请看一眼", "have a look"),
    "clear": Text("无异常", "nothing seen"),
}


def test_words(code: str) -> tuple[Text, Text]:
    """Return the name of a gaming test and how it is read; a shadow's test names its shadow."""
    name, _, other = code.partition(":")
    title, meaning = TESTS[name]
    if other:
        title = Text(f"{title.zh}（{other}）", f"{title.en} ({other})")
    return title, meaning
