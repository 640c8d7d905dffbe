"""The codes of a purchase in words, for screens and reports."""

from __future__ import annotations

from biaochi.core.decision import Scalar
from biaochi.core.text import Text

STAGE = {
    "design": Text("详细设计", "detailed design"),
    "principle": Text("实验室原理验证", "principle proven in the laboratory"),
    "component": Text("关键部件", "key component"),
    "prototype": Text("样机", "prototype"),
    "trial": Text("采购人试用", "buyer's trial"),
}
CRITERION = {
    "proposal": Text("研发方案", "proposal"),
    "price": Text("价格", "price"),
    "time": Text("期限", "time"),
    "service": Text("服务", "service"),
}
MODE = {
    "open": Text("公开竞争", "open competition"),
    "limited": Text("邀请", "limited"),
    "sole": Text("单一来源", "sole source"),
}
OUTCOME = {
    "accepted": Text("已验收", "accepted"),
    "eliminated": Text("已淘汰", "eliminated"),
    "withdrawn": Text("已退出", "withdrawn"),
    "met": Text("达到", "met"),
    "unmet": Text("未达到", "not met"),
    "upheld": Text("成立", "upheld"),
    "rejected": Text("不成立", "rejected"),
    "challenge": Text("质疑", "challenge"),
    "complaint": Text("投诉", "complaint"),
}
ACTION = {
    "select": Text("按得分选定", "select by total"),
    "take_all_or_restart": Text(
        "有效响应少于计划：全部选定或重新组织", "fewer valid offers than planned: take all or restart"
    ),
    "manual_review": Text("须人工处理", "a person must decide"),
}
CHECK = {
    "ground": Text("适用情形", "ground"),
    "level": Text("预算级次", "budget level"),
    "sme_share": Text("中小企业", "small firms"),
    "ip": Text("知识产权", "intellectual property"),
    "plan_complete": Text("方案内容", "contents of the plan"),
    "argued": Text("专家论证", "expert argument"),
    "disclosed": Text("公开", "disclosure"),
    "group": Text("谈判小组", "negotiation group"),
    "legal": Text("法律专家", "legal expert"),
    "economics": Text("经济专家", "economics expert"),
    "notice_days": Text("申请期限", "application period"),
    "proposal_weight": Text("研发方案权重", "weight of the proposal"),
    "response_days": Text("响应期限", "time to respond"),
    "suppliers": Text("供应商家数", "number of suppliers"),
    "midterm": Text("中期谈判", "mid-term negotiation"),
    "stage_cap": Text("阶段补偿", "stage compensation"),
    "scope": Text("补偿范围", "scope"),
    "elimination": Text("淘汰", "elimination"),
    "acceptance": Text("验收", "acceptance"),
    "term": Text("合同期限", "term"),
    "first_purchase": Text("首购", "first purchase"),
    "total": Text("费用总额", "total cost"),
    "routes": Text("技术路线", "routes"),
    "needs": Text("功能需求", "needs"),
    "no_track_record": Text("不问业绩", "no track record"),
}
_SEEN = {
    "central": Text("中央", "central"),
    "provincial": Text("省级", "provincial"),
    "plan_city": Text("计划单列市", "city under state planning"),
    "prefecture": Text("设区的市", "prefecture"),
    "county": Text("县级", "county"),
    "supplier": Text("供应商", "supplier"),
    "buyer": Text("采购人", "buyer"),
    "shared": Text("共有", "shared"),
    "reserved": Text("已预留", "reserved"),
    "a": Text("甲类情形", "case a"),
    "b": Text("乙类情形", "case b"),
    "c": Text("丙类情形", "case c"),
}
UNIT = {
    "suppliers": Text(" 家", " suppliers"),
    "documents": Text(" 件", " documents"),
    "people": Text(" 人", " people"),
    "working days": Text(" 个工作日", " working days"),
    "points": Text(" 分", " points"),
    "yuan": Text(" 元", " yuan"),
    "routes": Text(" 条", " routes"),
}


def seen_in_words(value: Scalar) -> Scalar | Text:
    """Return the value a check saw, with codes in words."""
    return _SEEN.get(value, value) if isinstance(value, str) else value


FLAG = {
    "R003": Text("投标期限过短", "tender period too short"),
    "R018": Text("只有一家投标", "a single tenderer"),
    "R024": Text("次低价与中标价过近", "second price close to the winning price"),
    "R025": Text("屡投不中", "often tenders, seldom wins"),
    "R028": Text("不同投标人报价相同", "identical prices of different tenderers"),
    "R030": Text("截止后提交的中标报价", "winning bid handed in late"),
    "R035": Text("除中标人外均被否决", "all but the winner disqualified"),
    "R036": Text("最低价被否决", "the lowest bid disqualified"),
    "R038": Text("否决比例过高", "high share of disqualified bids"),
    "R048": Text("同一供应商中标品类过杂", "one supplier wins unlike kinds of items"),
    "R058": Text("次低价与中标价相差过大", "second price far above the winning price"),
}
GROUP = {
    "OCID": Text("采购", "process"),
    "Buyer": Text("采购人", "buyer"),
    "ProcuringEntity": Text("采购单位", "procuring entity"),
    "Tenderer": Text("投标人", "tenderer"),
}
EXCLUDED = {
    "cancelled": Text("已取消", "cancelled"),
    "bad_date": Text("日期无法读", "unreadable date"),
    "excluded_method": Text("方式被排除", "method excluded"),
    "no_active_award": Text("没有有效的中标", "no active award"),
    "no_bid_dates": Text("没有投标日期", "no bid dates"),
    "no_bids": Text("没有投标", "no bids"),
    "no_end_date": Text("没有截止日", "no end date"),
    "no_final_award": Text("没有最终结果", "no final award"),
    "no_item_classes": Text("没有品目分类", "no item classes"),
    "no_number_of_tenderers": Text("没有投标家数", "no number of tenderers"),
    "no_period": Text("没有投标期限", "no tender period"),
    "no_price_comparison": Text("不比价的方式", "prices not compared"),
    "no_prices": Text("没有报价", "no prices"),
    "no_sole_supplier": Text("没有唯一供应商", "no sole supplier"),
    "no_sole_winner": Text("没有唯一中标人", "no sole winner"),
    "no_two_prices": Text("不足两个报价", "fewer than two prices"),
    "no_valid_price": Text("没有有效报价", "no valid price"),
    "other_currency": Text("币种不同", "another currency"),
    "other_method": Text("采购方式不适用", "another method"),
    "winner_not_lowest": Text("中标价不是最低", "the winner is not the lowest"),
    "zero_price": Text("零报价", "price of zero"),
}
