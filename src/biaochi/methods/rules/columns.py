"""What rules may speak of: the columns of a table of firms, their kinds, units and the grade of evidence they need.

Columns that end in ``_1`` … ``_4`` belong to fiscal years: ``_1`` is the year before the day of assessment.  A column
marked ``official`` yields a firm "met" only on official or audited evidence (grade A).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from biaochi.core.text import Text

ColumnKind = Literal["text", "integer", "money", "number", "share", "rank", "flag", "level", "date", "until", "review"]
LEVELS: dict[str, int] = {"none": 0, "lower": 1, "city": 2, "provincial": 3, "national": 4}
_YEARLY = re.compile(r"(.+)_([1-4])")


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column.

    Parameters
    ----------
    name : str
        Header, exactly.
    kind : str
        ``money``, ``integer``, ``number``, ``share`` numbers; ``rank`` 0 = none, 1 = best; ``flag`` 1 or 0;
        ``level`` one of :data:`LEVELS`; ``date`` a day; ``until`` a day, ``none`` (never held) or empty (unknown);
        ``review`` 1 or 0, empty while nobody has reviewed; ``text``.
    title : Text
        What a person calls it.
    unit : str
        Unit; empty for none.
    official : bool
        Whether grade A evidence is needed.
    """

    name: str
    kind: ColumnKind
    title: Text
    unit: str = ""
    official: bool = False

    @property
    def year(self) -> int | None:
        """Which fiscal year back the column belongs to (1 = the last), or ``None``."""
        match = _YEARLY.fullmatch(self.name)
        return int(match.group(2)) if match else None

    @property
    def stem(self) -> str:
        """The name without its year."""
        match = _YEARLY.fullmatch(self.name)
        return match.group(1) if match else self.name


def _c(name: str, kind: ColumnKind, zh: str, en: str, unit: str = "", official: bool = False) -> ColumnSpec:
    return ColumnSpec(name, kind, Text(zh, en), unit, official)


COLUMNS: tuple[ColumnSpec, ...] = (
    _c("firm", "text", "企业标识", "identifier, unique in the file"),
    _c("fiscal_year", "integer", "上一会计年度", "last fiscal year"),
    _c("grade", "text", "证据等级", "grade of evidence"),
    _c("region", "text", "注册地行政区划代码", "region of registration (GB/T 2260)"),
    _c("registered_on", "date", "成立日期", "date of registration"),
    _c("employees", "integer", "职工总数", "staff of the last fiscal year", "persons"),
    _c("employees_4", "integer", "三年前职工总数", "staff three years before", "persons"),
    _c("staff_tech", "integer", "科技人员", "science and technology staff", "persons"),
    _c("staff_rd", "integer", "研发人员", "R&D staff", "persons"),
    _c("product_code", "text", "统计用产品分类目录代码", "product code"),
    _c(
        "institution",
        "level",
        "研发机构最高级别",
        "best R&D institution",
        official=True,
    ),
    _c(
        "strategic",
        "flag",
        "主导产品属于战略性新兴产业分类",
        "leading product in the strategic-emerging classification",
    ),
    _c("field", "text", "主导产品领域", "field of the leading product"),
    _c("rd_basis", "text", "研发投入口径", "basis of the R&D share"),
    _c("revenue_1", "money", "上年营业收入", "revenue, last year", "yuan"),
    _c("revenue_2", "money", "前一年营业收入", "revenue, the year before last", "yuan"),
    _c("revenue_3", "money", "前两年营业收入", "revenue, three years ago", "yuan"),
    _c("revenue_4", "money", "前三年营业收入", "revenue, four years ago", "yuan"),
    _c("main_revenue_1", "money", "上年主营业务收入", "main-business revenue, last year", "yuan"),
    _c("main_revenue_2", "money", "前一年主营业务收入", "main-business revenue, the year before last", "yuan"),
    _c("main_revenue_3", "money", "前两年主营业务收入", "main-business revenue, three years ago", "yuan"),
    _c("sales_1", "money", "上年销售收入", "sales, last year", "yuan"),
    _c("sales_2", "money", "前一年销售收入", "sales, the year before last", "yuan"),
    _c("sales_3", "money", "前两年销售收入", "sales, three years ago", "yuan"),
    _c("rd_1", "money", "上年研发费用", "R&D expense, last year", "yuan"),
    _c("rd_2", "money", "前一年研发费用", "R&D expense, the year before last", "yuan"),
    _c("rd_3", "money", "前两年研发费用", "R&D expense, three years ago", "yuan"),
    _c("total_income_1", "money", "同期总收入", "total income", "yuan"),
    _c(
        "hightech_income_1",
        "money",
        "高新技术产品（服务）收入",
        "income of high-technology products and services",
        "yuan",
    ),
    _c("cost_1", "money", "成本费用总额", "total cost and expense", "yuan"),
    _c("net_profit_1", "money", "净利润", "net profit", "yuan"),
    _c("assets_1", "money", "资产总额", "total assets at year end", "yuan"),
    _c("liabilities_1", "money", "负债总额", "total liabilities at year end", "yuan"),
    _c("rd_domestic_3y", "money", "近三年境内研发费用", "R&D spent in China in three years", "yuan"),
    _c(
        "equity_2y",
        "money",
        "近两年新增股权融资（合格机构投资者实缴）",
        "new qualified equity in two years",
        "yuan",
        official=True,
    ),
    _c(
        "equity_3y",
        "money",
        "近三年新增股权融资（合格机构投资者实缴）",
        "new qualified equity in three years",
        "yuan",
        official=True,
    ),
    _c(
        "equity_total",
        "money",
        "累计新增股权融资（合格机构投资者实缴）",
        "qualified equity in all",
        "yuan",
        official=True,
    ),
    _c(
        "plan_investment",
        "money",
        "三新一强计划投资额（不含厂房土地）",
        "planned investment without land and buildings",
        "yuan",
    ),
    _c("valuation_usd", "money", "投后估值", "latest private valuation", "usd"),
    _c("ip1", "integer", "Ⅰ类知识产权", "class I rights held", "items"),
    _c("ip1_own", "integer", "自主研发Ⅰ类知识产权", "self-developed class I rights", "items"),
    _c("ip1_high_value", "integer", "高价值Ⅰ类知识产权", "high-value class I rights", "items"),
    _c(
        "ip1_linked",
        "integer",
        "与主导产品相关的Ⅰ类知识产权（已应用、非受让、前三权利人）",
        "class I rights linked to the main product (in use, not bought in, top-3 holder)",
        "items",
        official=True,
    ),
    _c("ip2", "integer", "Ⅱ类知识产权", "class II rights", "items"),
    _c("ip_core_filed", "integer", "自研核心知识产权申请", "core rights filed", "items"),
    _c("ip_core_granted", "integer", "自研核心知识产权授权", "core rights granted", "items"),
    _c("pct_filed", "integer", "PCT申请", "PCT applications", "items"),
    _c("quality_items", "integer", "质量管理加分项", "quality items", "items"),
    _c("digital_level", "integer", "数字化水平", "digital level", "level"),
    _c(
        "award_national_3y",
        "rank",
        "近三年国家级科技奖励最好排名",
        "best national award rank in three years",
        official=True,
    ),
    _c(
        "award_provincial_3y",
        "rank",
        "近三年省部级科技奖励最好排名",
        "best provincial or ministerial award rank in three years",
        official=True,
    ),
    _c(
        "award_national_5y",
        "rank",
        "近五年国家级科技奖励最好排名",
        "best national award rank in five years",
        official=True,
    ),
    _c("maker_contest_3y", "rank", "近三年创客中国全国名次", "rank in the national maker contest", official=True),
    _c("national_rank", "rank", "国内细分市场排名", "rank in the domestic segment"),
    _c("global_rank", "rank", "全球市场占有率排名", "rank by global share"),
    _c(
        "segment_years",
        "integer",
        "从事特定细分市场年限（至上年末）",
        "full years in the segment at the end of the last year",
        "years",
    ),
    _c("champion_years", "integer", "从事相关领域年限", "years in the field", "years"),
    _c("market_share", "share", "细分市场占有率", "share of the segment", "share"),
    _c(
        "platform_score",
        "number",
        "本年度专精特新发展评价得分",
        "official platform score of this year",
        "points",
        official=True,
    ),
    _c(
        "platform_score_prev",
        "number",
        "上年度专精特新发展评价得分",
        "official platform score of the year before",
        "points",
        official=True,
    ),
    _c("hnte_score", "number", "高企创新能力评价得分", "expert score", "points", official=True),
    _c("feature_score", "number", "特色化指标得分", "points for distinctiveness", "points", official=True),
    _c("hnte_until", "until", "高新技术企业有效期至", "HNTE valid to", official=True),
    _c(
        "honour_until",
        "until",
        "技术创新示范/知识产权优势示范有效期至",
        "innovation or IP honour valid to",
        official=True,
    ),
    _c("tech_sme_until", "until", "科技型中小企业有效期至", "science and technology SME valid to", official=True),
    _c("innovative_until", "until", "创新型中小企业有效期至", "innovative SME valid to", official=True),
    _c("srdi_until", "until", "专精特新中小企业有效期至", "SRDI valid to", official=True),
    _c("little_giant_until", "until", "小巨人有效期至", "little giant valid to", official=True),
    _c("champion_until", "until", "制造业单项冠军有效期至", "single-product champion valid to", official=True),
    _c(
        "provincial_tech_sme_until",
        "until",
        "省科技型中小企业有效期至",
        "provincial technology SME valid to",
        official=True,
    ),
    _c("resident", "flag", "居民企业", "resident enterprise"),
    _c("sme", "flag", "符合中小企业划型标准", "small or medium by the standard of size"),
    _c("listed", "flag", "已上市", "listed"),
    _c("new_product", "flag", "产品为新产品", "new product"),
    _c("prohibited", "flag", "属禁止限制淘汰类", "in a prohibited or restricted industry", official=True),
    _c(
        "dishonest", "flag", "经营异常或严重失信（当前）", "abnormal operation or serious dishonesty now", official=True
    ),
    _c("dishonest_3y", "flag", "近三年严重失信", "serious dishonesty in three years", official=True),
    _c("incident_1y", "flag", "申请前一年重大事故或严重环境违法", "major incident in the year before", official=True),
    _c(
        "incident_3y",
        "flag",
        "近三年安全、质量、环保、网络数据重大事件",
        "major incident in three years",
        official=True,
    ),
    _c("data_fraud_3y", "flag", "近三年数据造假", "data fraud in three years", official=True),
    _c("tax_evasion_3y", "flag", "近三年偷漏税", "tax evasion in three years", official=True),
    _c("led_standard_5y", "flag", "近五年主导制定标准", "led a standard in five years", official=True),
    _c("key_supported", "flag", "曾获重点小巨人支持", "already supported as a key little giant", official=True),
    _c(
        "little_giant_sibling",
        "flag",
        "受小巨人控制或同产品关联",
        "controlled by, or same product as, a little giant",
        official=True,
    ),
    _c("audit_coded", "flag", "审计报告已赋码且列示主营", "audit report coded, with main revenue", official=True),
    _c("talent_or_award", "flag", "D类人才或省级奖励", "class D talent or provincial award", official=True),
    _c("review_market", "review", "市场地位", "market position reviewed", official=True),
    _c("review_chain", "review", "产业链作用", "role in the chain reviewed", official=True),
    _c("review_champion", "review", "单项冠军专家评审", "champion's expert review", official=True),
    _c("review_hnte_ip", "review", "核心知识产权", "core IP reviewed", official=True),
    _c("review_hnte_field", "review", "重点支持领域", "HNTE field reviewed", official=True),
    _c("review_future_field", "review", "未来产业领域", "future-industry field reviewed", official=True),
)
BY_NAME: dict[str, ColumnSpec] = {c.name: c for c in COLUMNS}

LEVEL_NAMES: dict[str, Text] = {
    "none": Text("无", "none"),
    "lower": Text("市级以下", "below city level"),
    "city": Text("市级", "city level"),
    "provincial": Text("省部级", "provincial or ministerial"),
    "national": Text("国家级", "national"),
}
CHOICES: dict[str, dict[str, Text]] = {
    "institution": LEVEL_NAMES,
    "field": {
        "chain_gap": Text("补短板锻长板填空白", "fills a gap of the chain"),
        "six_basics": Text("工业六基", "six industrial basics"),
        "other": Text("其他", "other"),
    },
    "rd_basis": {"sales": Text("占销售收入", "share of sales"), "cost": Text("占成本费用", "share of cost")},
}
"""What the codes of a column are called."""

UNITS: dict[str, Text] = {
    "yuan": Text("元", "yuan"),
    "usd": Text("美元", "US dollars"),
    "persons": Text("人", "persons"),
    "items": Text("项", "items"),
    "points": Text("分", "points"),
    "years": Text("年", "years"),
    "days": Text("天", "days"),
    "level": Text("级", "level"),
}
"""What units are called; shares and quotients have none."""
