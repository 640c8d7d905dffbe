"""What codes are called in both languages."""

from __future__ import annotations

from biaochi.core.text import Text

RULE_NAMES = {
    "early_share": Text("种子期、初创期比例", "share in seed and start-up firms"),
    "ticket_max": Text("单笔投资上限", "largest ticket"),
    "valuation_max": Text("被投企业估值上限", "greatest valuation"),
    "largest_lp": Text("不作最大出资人", "never the largest investor"),
    "sub_fund_share": Text("经由子基金的比例", "share through sub-funds"),
    "sub_fund_mean": Text("子基金平均规模", "mean size of sub-funds"),
    "term_years": Text("存续期", "term"),
    "invest_years": Text("投资期", "investing period"),
    "reinvestment_clause": Text("返投要求", "local reinvestment clause"),
    "registration_place": Text("注册地限制", "limits on the place of registration"),
    "investment_promotion": Text("以招商为目的", "purpose of investment promotion"),
    "evaluation": Text("考核方式", "way of assessment"),
    "term_for_track": Text("存续期与赛道", "term against the track"),
}
STATUS_NAMES = {"confirmed": Text("已核实", "confirmed"), "unverified": Text("未核实", "unverified")}
PHASE_NAMES = {
    "too_early": Text("投资期，不作评价", "investing, too early to assess"),
    "assessable": Text("可以评价", "assessable"),
}
IRR_NAMES = {
    "no_root": Text("无解", "no rate solves it"),
    "several_roots": Text("有多个解", "several rates solve it"),
    "nav_missing": Text("缺净值，仅现金", "NAV missing, cash alone"),
}
KIND_NAMES = {
    "national": Text("国家级", "national"),
    "regional": Text("区域级", "regional"),
    "local": Text("地方级", "local"),
    "sub_fund": Text("子基金", "sub-fund"),
}
FLOW_NAMES = {
    "call": Text("缴款", "capital call"),
    "distribution": Text("分配", "distribution"),
    "nav": Text("净值", "valuation"),
}
STEP_NAMES = {
    "return_of_capital": Text("返还本金", "return of capital"),
    "preferred": Text("优先回报", "preferred return"),
    "catch_up": Text("追补", "catch-up"),
    "split": Text("分成", "split"),
    "pro_rata": Text("按出资", "pro rata"),
    "direct": Text("定向", "direct"),
    "first_loss": Text("先行承担损失", "first loss"),
    "concession": Text("让利", "concession"),
}
CLASS_NAMES = {
    "seed": Text("种子", "seed"),
    "angel": Text("天使", "angel"),
    "industry": Text("产业", "industry"),
}
