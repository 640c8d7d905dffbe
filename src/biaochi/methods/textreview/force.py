"""Who is bound, and which way: the force and polarity of the words around a place in a clause.

A ban on bidders restricts; a ban on those who draft or decide clears; so does a disclaimer.  A double negation
(“those not registered here may not bid”) restricts.  “不少于” and “no less than” compare and negate nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Force(StrEnum):
    """What the words do to those they name."""

    GATE = "gate"
    SCORE = "score"
    OFFER = "offer"
    BAN = "ban"
    DISCLAIM = "disclaim"
    MENTION = "mention"
    NONE = "none"

    @property
    def restricts(self) -> bool:
        """Whether bidders or firms are held to something."""
        return self in (Force.GATE, Force.SCORE, Force.OFFER)

    @property
    def clears(self) -> bool:
        """Whether the words take a restriction away, forbid drafting it or only speak of it."""
        return self in (Force.BAN, Force.DISCLAIM, Force.MENTION)


@dataclass(frozen=True, slots=True)
class Reading:
    """The force found and where its cue stands (offsets into the shadow)."""

    force: Force
    start: int
    end: int


#: Most characters that are read on either side of a place, so that endless sentences cost no more than their length.
REACH = 400
_SENTENCE = re.compile(r"[。;!?\n]|\.(?=\s+[a-z(]|\s*$)|(?<=[a-z])\.\s")
_PIECE = re.compile(r"[,，:。;!?\n]|\.(?=\s|$)| but |\bhowever\b|(?:但|但是|然而|不过|却)(?=[^\w]|[\u4e00-\u9fff])")
_CONTRAST = re.compile(r"但(?!书)|然而|不过(?!于)|却|除外|\bbut\b|\bhowever\b|\bexcept\b|\bunless\b|\bprovided that\b")

_BIDDERS = (
    r"(?:投标人|供应商|响应人|响应方|申请人|申报人|报价人|竞买人|厂商|企业|公司|经营者|申报(?:单位|企业|主体)|参与方|产品|"
    r"成员|自然人|个体(?:工商)?户|的|者|方|商|bidders?|suppliers?|tenderers?|companies|firms|contractors?|applicants?)"
)
_DRAFT_VERBS = (
    r"(?:将|把|以(?!上|下|内)|要求|限定|限制|设置|设定|设立(?:.{0,12}(?:门槛|条件|壁垒|限制|障碍|标准))|指定|歧视|排斥|排除|"
    r"强制|强迫|对|因|规定|采用.{0,16}(?:标准|方式|办法)|采取|利用|指明|指向|出现|给予|拒绝|增设|附加|变相|出台|"
    r"制定|实施|组织|干预|妨碍|阻碍|阻挠|授予|滥用|违法|违规|优先|根据|依据|按(?:照)?|向(?:特定|个别|部分)|超越|超出|违反|推荐|暗示|"
    r"为(?:特定|个别|某|其|部分)|就|凭|搞|套用|倾斜|区别|差别|另行|强行|擅自|随意|突破|作出|提出|形成|保留|(?:含有|包含|有|存在).{0,10}(?:歧视|壁垒|限制|排斥|条款|唯一性|倾向|指向)|"
    r"使用.{0,14}(?:条款|表述|词语|字样|描述|标准|措辞)|标注|注明.{0,6}(?:品牌|商标)|提供.{0,8}差别|在.{0,20}(?:中)?(?:设置|规定|要求|列明|写入|限定|指定|增加|出现))"
)
_NOT = (
    r"(?:不得|不能|不应当?|不可(?:以)?|不允许|不准|不宜|严禁|禁止|切勿|请勿|"
    r"不再(?=要求|将|把|以|限|设|指定|实行|执行|给予|优先|作)|均不|一律不|从未)"
)
_ADVERB = (
    r"(?:再|直接|间接|或|者|、|违法|违规|变相|通过任何(?:方式|形式)|以任何(?:方式|形式|理由|名义)|"
    r"擅自|随意|自行|单独|在任何情况下|无故|任意|简单|人为)*"
)
_DRAFT_BAN = re.compile(rf"{_NOT}{_ADVERB}{_DRAFT_VERBS}")
_DRAFTERS = re.compile(
    r"(?:采购人|招标人|采购单位|采购代理机构|代理机构|政策制定机关|起草单位|起草机关|行政机关|有关部门|主管部门|各部门|各地区?|各级|各单位|"
    r"任何单位|任何(?:部门|组织|机关)|评审委员会|评标委员会|评审专家|磋商小组|谈判小组|(?:采购|招标|磋商|谈判)文件|采购需求|政策措施|本办法|本项目|"
    r"评审|评标|contracting authorit\w+|procuring entit\w+|buyers?|purchasers?|drafters?|authorit\w+|"
    r"agenc\w+|departments?|evaluators?|specifications?)"
)
_SUBJECT_BAN = re.compile(
    r"(?:不得|不能|不应当?|不可|均不|一律不|不再|不予|并不|也不|亦不|都不|不)(?:再|直接|单独|以任何形式)*"
    r"(?:作为(?!联合体|牵头|投标|供应商|分包|总包|主体)|列为|设为|列入|纳入(?!支持|补贴|奖励|补助|资助|试点|政策|申报|范围|本)|构成|用作|成为|影响|计入|设置为|作.{0,6}(?:依据|条件|因素)|当作|视为|挂钩|考虑|与.{0,14}挂钩)"
)
_DISCLAIM = re.compile(
    r"不限(?!于|制|期)|不限制(?!.{0,2}于)|不受.{0,24}(?:限制|影响|约束)|不(?:作|做|设|提)(?:出|任何|硬性|强制|统一|特别|具体|特殊|其他)*(?:性)?的?"
    r"(?:要求|限制|限定|门槛|规定)|不设(?:置|定)?[^,。;]{0,16}(?:门槛|限制|条件|要求)|无需|无须|毋需|毋须|不必(?!要)|不需要?(?=[^求])|不强制|不强求|不指定|不指向|不要求|"
    r"不对[^,。;]{0,20}(?:要求|限制|限定|规定)|"
    r"无[^,。;]{0,8}(?:要求|限制)|没有[^,。;]{0,16}(?:要求|限制|规定)|均可|皆可|都可|不论|无论|不分(?!包)|不区分|一视同仁|同样的(?!材料|产品|设备)|同等的|平等(?:对待|参与|享受|适用|竞争|参加|准入)|"
    r"同等(?:对待|享受|适用|参与|享有|待遇|准入|政策|标准|有效|收费|获得)|同样(?:计分|有效|适用|可以?|对待|认可|享受|计算)|取消(?:了)?(?!其|投标|中标|"
    r"成交|供应商|入围|申报|申领)[^,。;]{0,24}(?:要求|限制|条件|门槛|规定|优惠|奖励|补贴|检测|认定|政策|返还|收费)|不考虑|不看|不问|不以[^,。;]{0,36}(?:为|"
    r"作)|并非|非必须|不是[^,。;]{0,14}(?:条件|要求|前提)|不列为|"
    r"(?:无|没有|缺乏|尚无)[^,。;]{0,12}的?,?(?:也)?可(?:以)?(?:提供|用|凭|以|参加|申报|改)|"
    r"任(?:何|一|意)(?:品牌|厂商|厂家|型号|单位|机构)|自愿(?!.{0,4}(?:放弃))|可自行选择|任选|不得分包以外|"
    r"\bnot (?:be )?(?:required|a (?:condition|requirement)|necessary|needed|mandatory|taken into account|"
    r"considered|scored|obliged|limited to (?:local|any))|"
    r"\bno (?!less|fewer|more|later|lower|higher|greater|longer)[^.;,]{0,50}\b(?:is|are|be) (?:required|"
    r"needed|necessary|prescribed|imposed|granted|given|used)\b|\bno (?:requirement|need|minimum|"
    r"restriction|limit|preference|obligation|condition)|\bneed(?:s)? not (?!apply|bid|tender)|"
    r"\bregardless of\b|\birrespective of\b|"
    r"\b(?:do|does|will|is|are) not (?:need|have to|require|depend|limit|affect|matter|prescribe|"
    r"specify)|\bwithout regard\b|\bwhatever\b|\bwherever\b|\bwhether or not\b|"
    r"\bany (?:brand|make|manufacturer|country|region|place|legal form|ownership)\b|\bon equal terms\b|"
    r"\bequally\b|\bopen to (?:all|any|every)|\boptional\b|"
    r"\bmay be (?:based|located|registered|established) anywhere|\bof any (?:size|nationality|ownership|"
    r"age|origin|legal form)"
)
_BACKREF = re.compile(
    r"\s*(?:均|也|一律|亦|都|皆|并不|不作|不做|不列|不得作|不纳入|不计|不影响|无需|仅供|不与|不再|不是|"
    r"不予(?:评分|考虑)|并非|only for information)"
)
_MENTION = re.compile(
    r"(?:属于|构成|视为|认定为|涉嫌|系|列为|即为)[^,。;]{0,14}(?:不合理|差别(?:化)?待遇|歧视|排斥|限制竞争|违法|违规|妨碍|违反|负面|禁止(?:性)?(?:情形|"
    r"条款)|地方保护|无效条款|问题)|"
    r"(?:清理|废止|纠正|整改|整治|查处|破除|打破|消除|杜绝|严查|排查|治理|曝光|(?:举报|投诉|质疑)(?=称|反映|指出|认为|书称|事项)|反对|抵制(?=地方保护|"
    r"不正当|垄断)|严格禁止|叫停|停止(?:执行|实施|实行)|删去|去掉|拿掉|改掉|撤下|作废(?=的(?:规定|条款|办法))|不再(?:实行|执行|实施)|删除|修改|撤销|监督检查)"
    r"(?!人|期|答复|处理|渠道)|"
    r"(?:现|已|予以|均|现予)(?:予)?(?:取消|删除|废止|作废|撤回|纠正)|责令(?:改正|整改|限期)|通报(?:的)?(?:批评|案例|典型)|"
    r"是指|所称|术语|是否(?!在.{0,4}范围)|例如|比如|典型案例|反面案例|案例[一二三四五六七八九十\d]|处罚(?:决定|案例)|"
    r"\b(?:for example|e\.g\.|such as requiring|complain(?:ed|s|t|ts) that|is unlawful|are unlawful|"
    r"is prohibited|are prohibited|is discriminatory|constitutes?|amounts? to discriminat\w*|(?:has|"
    r"have) been (?:removed|deleted|abolished)|(?:is|are|was|were) (?:removed|abolished|deleted))\b"
)
_EN_DRAFT_BAN = re.compile(
    r"\b(?:must|shall|may|should|can|will|do|does|did)(?: not|not)\s+(?:be required|be obliged|be asked|"
    r"require|specify|name|limit|restrict|use|set|impose|discriminat\w*|"
    r"demand|favou?r|ask|refuse\b.{0,20}(?:bid|tender|offer)|exclude|mention|refer|give|grant|prefer|"
    r"treat|make|link|tie|condition|insist|prescribe|be (?:linked|tied|dependent|conditional|given|"
    r"granted|named|used|a condition|treated|made|based|scored|a reason|excluded (?:because|on)|"
    r"refused (?:because|on|for)|rejected (?:because|on|for)|disqualified (?:because|on|for)))\b|"
    r"\b(?:prohibited|forbidden|barred) from (?:requiring|specifying|setting|naming|using|imposing|"
    r"giving|favou?ring)|\bno (?:tender|buyer|authority|document|specification|public body|department|"
    r"evaluation)\b.{0,30}\b(?:may|shall|should|can)\b|"
    r"\bit is (?:unlawful|forbidden|prohibited) to\b|\bnever (?:require|ask|specify|name)|\bavoid (?:requiring|"
    r"naming|specifying)|\brefrain from\b"
)
_SCORE = re.compile(
    r"(?:加|得|计|给|扣|评|减|赋)\s*\d*(?:\.\d+)?(?:-\d+)?\s*分(?!公司|支|包|期|院|局|部|店|钟|析|别|类)|\d(?:\.\d+)?\s*分(?!公司|"
    r"支|包|期|院|局|部|店|钟|析|别|类|之|辨|子)|得分|计分|加分|满分|评分|打分|不得分|分值|"
    r"优先(?!级|权)|优先权|(?:计|记|得|给|奖励?|扣)\s*\d+\s*分|零分|先选|中选|首选|排(?:序|名|位)?(?:在|靠)?前|同等条件下|择优|排名(?:靠前|第一|评)|权重|高者|优者|给分|"
    r"\bpoints?\b|\bmarks?\b|\bscor\w+|\bprecedence\b|\bprefer(?:ence|red|ential)?\b|\bbonus\b|\badvantage\b|\bpriority\b|"
    r"\bfavou?r(?:ed|ably)\b|\bweight(?:ed|ing)\b|\brank(?:ed|ing)?\b|\bextra credit\b"
)
_REFUSE = re.compile(
    r"不得(?!分包|转包)|不接受|不予|拒绝|无效|否决|不通过|取消[^,。;]{0,8}资格|淘汰|不受理|不能(?:参加|参与|投标|报名|申请|享受|通过)|无权|谢绝|排除|"
    r"不纳入|不可(?:参加|投标|报名|进入|申请|参与|享受)|恕不|作废|剔除|出局|无缘|免谈|不进入|轮不[上到]|请勿|拒收|"
    r"不(?:收(?!费|取)|认|评(?!价|分|标)|邀请|入围|合格|开启|发(?!生)|卖|算|作数|在(?=[^,。;]{0,8}之列))|拿不到|得零分|"
    r"暂不(?:允许|接受|开放)|禁止(?=进入|参与|从事|经营|参加|入驻|投标|外|民|企)|限制(?=进入|参与|"
    r"从事|经营|外)|视为不(?:合格|响应|满足)|退出|暂不纳入|不在[^,。;]{0,8}范围|收回|"
    r"\bnot (?:be )?(?:accepted|eligible|admitted|allowed|considered|permitted|invited|qualify)|"
    r"\bexcluded?\b|\breject\w*|\bdisqualif\w*|\bineligible\b|\b(?:may|must|shall|can) ?not\b|\bcannot\b|"
    r"\bbarred\b|\bscreened out\b|\bruled out\b|\bturned (?:away|down)\b|\bdiscarded\b|"
    r"\bwill not (?:be|pass|do)\b|\bset aside\b|\bneed not (?:apply|bid|tender)\b|\bnothing else\b|"
    r"\bdisregarded\b|\bno alternatives?\b"
)
_GATE = re.compile(
    r"先[^,。;]{1,10}再|必备|必要(?:前提|条件)|前提|缺一不可|缺一即|方(?=[可能有具准许得])|才(?=[可能有准算作轮拿行给卖发])|始[可能得]|唯有|"
    r"只(?=[给发认收选要带找卖看统])|仅(?=[给发认统凭限])|一律(?=[从由用选采向使在按])|为限|者(?=[方可得])|凡(?!例)|"
    r"锁定|定死|须(?=[是由为])|得(?=[先由是])|"
    r"必须|须(?!知)|应当|应(?![急用答收付届对力激聘变声邀])|(?<![必供刚所])需(?=[具有为在是由提持取属能满达设按当采选用与将承经拥配到先])|需要(?=[具有为在])|"
    r"要求|仅限|限于|仅(?:面向|接受|允许|向|供|对|支持|有|由)|只(?:面向|接受|允许|有|能|限|向|支持|对)|方可|才能|才可|方能|"
    r"要(?=有|具|提|查|核|高|平|达|在|由|是|持|先|能|附|出)|者得|方具|方有|具备|具有|拥有|持有|资格条件|条件(?:之一)?[:为]|门槛|限(?=[本当我省市县区外内国])|前提|不(?:低|少|小)于|不得(?:低|少|小)于|达到|以上|≥|>=|"
    r"至少|须为|应为|属于|面向|指定|统一(?:采用|使用|购买|采购|由)|"
    r"\bmust\b|\bshall\b|\brequire[sd]?\b|\brequirement\b|\bonly\b|\bmandatory\b|\bneeds? to\b|\bhave to\b|"
    r"\bhas to\b|\bat least\b|\bminimum\b|\bno (?:less|fewer) than\b|\bcondition\b|\beligib\w+|\blimited to\b|"
    r"\breserved for\b|\brestricted to\b|\bexpected to\b|\bshould\b|\bunless\b|\bqualify\b|\bopen to\b|"
    r"\bentitled\b|\bconfined to\b|\bessential\b|\bcounts?\b|\bprecondition\b|\bprerequisite\b|\bpass/fail\b"
)
_REQUEST = re.compile(r"提供|提交|出示|出具|携带|附上?|凭|持|请|需(?!求)|\b(?:provide|submit|present|enclose|attach)\b")
_OFFER = re.compile(
    r"给予|享受|奖励|奖补|补贴|补助|资助|扶持|支持|申领|申请|兑付|兑现|发放|返还|减免|免征|拨付|补偿|优惠|倾斜|授予|安排|入驻|纳入|推荐|"
    r"\b(?:grants?|subsid\w+|rewards?|vouchers?|rebates?|refund\w*|support\w*|receive[sd]?|apply|"
    r"funding|incentives?|award\w*|offer(?:ed|s)?|enjoy\w*|paid|pay)\b"
)


_CUES = (
    (Force.SCORE, _SCORE),
    (Force.GATE, _REFUSE),
    (Force.GATE, _GATE),
    (Force.OFFER, _OFFER),
    (Force.GATE, _REQUEST),
)


def sentence_of(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span of the sentence (or sentences) that holds a span of the shadow, at most ``REACH`` around it."""
    left = max(0, start - REACH)
    for match in _SENTENCE.finditer(text, left, start):
        left = match.end()
    stop = min(len(text), end + REACH)
    right = _SENTENCE.search(text, end, stop)
    return left, right.start() if right else stop


def piece_of(text: str, start: int, end: int, bounds: tuple[int, int]) -> tuple[int, int]:
    """Return the part between commas, colons or contrasts that holds a span of the shadow."""
    left = bounds[0]
    for match in _PIECE.finditer(text, bounds[0], start):
        left = match.end()
    right = _PIECE.search(text, end, bounds[1])
    return left, right.start() if right else bounds[1]


_OTHERS = re.compile(
    r"非(?!常|遗|必|营利)|其[他它余]|别[的家]|另外的|以外|之外|除[^,。;]{1,12}外|不[是在]|不属于|未|没|缺|无(?!需|须|论|条件|关|效|偿|人)|"
    r"少于|不足|\bother than\b|\boutside\b|\belsewhere\b|\bapart from\b|\bwithout\b|\black\w*\b"
)
_DISCOUNT = re.compile(
    r"不(?:作为|计入|予(?:计入|认可|考虑|采信|计分)|计算|认(?:可)?|算(?:数)?|作数|计分|采信|列入|统计|纳入|考虑)"
    r"(?![^,。;]{0,6}(?:限制|障碍|门槛|依据|条件|前提|理由|因素))|"
    r"\bnot (?:be )?(?:counted|considered|relevant|recogni[sz]ed|accepted)|\bdo(?:es)? not count|"
    r"\bdisregarded\b|\bignored\b"
)


_NEAR = 24
_WHILE = re.compile(
    r"(?:在)?[\d一二三四五六七八九十两]+(?:个)?(?:年|月|日|周)(?:以?内|之内|期间)?$|(?:补贴|合同|经营|服务)?期(?:间|内)$"
)


def _others_discounted(text: str, start: int, end: int, bounds: tuple[int, int]) -> Reading | None:
    """“Anything but X is not counted” asks for X: the words for the rest, then an effect that leaves it out."""
    for others in _OTHERS.finditer(text, *bounds):
        effect = _DISCOUNT.search(text, others.end(), min(bounds[1], max(others.end() + _NEAR, end + _NEAR)))
        if effect is not None and effect.start() >= start:
            return Reading(Force.GATE, effect.start(), effect.end())
    return None


def read_force(text: str, start: int, end: int, *, stem: str = "", role: str = "other") -> Reading:
    """Return the force of the words at a span of a shadow.

    Parameters
    ----------
    text : str
        Shadow of the clause.
    start, end : int
        The span that was found.
    stem : str
        Shadow of the sentence the clause completes.
    role : str
        Role of the clause; qualification, eligibility and scoring bind without further words.

    Examples
    --------
    >>> read_force("采购人不得要求供应商在本市注册", 10, 15).force.value
    'ban'
    >>> read_force("未在本市注册的不得参加", 1, 6).force.value
    'gate'
    """
    bounds = sentence_of(text, start, end)
    piece = piece_of(text, start, end, bounds)
    restricted = _others_discounted(text, start, end, bounds)
    if restricted is not None:
        return restricted
    clear = _cleared(text, start, end, bounds, piece)
    if clear is not None:
        return clear
    if stem:
        found = _DRAFT_BAN.search(stem) or _EN_DRAFT_BAN.search(stem) or _MENTION.search(stem)
        if found and not _bidder_subject(stem, found.start()):
            return Reading(Force.BAN, start, start)
    for force, pattern in _CUES:
        for window in (piece, bounds):
            match = pattern.search(text, *window)
            if match:
                return Reading(force, match.start(), match.end())
    if stem:
        for force, pattern in ((Force.SCORE, _SCORE), (Force.GATE, _GATE), (Force.OFFER, _OFFER)):
            if pattern.search(stem):
                return Reading(force, start, start)
    if role == "scoring":
        return Reading(Force.SCORE, start, start)
    if role in ("qualification", "eligibility"):
        return Reading(Force.GATE, start, start)
    return Reading(Force.OFFER if role == "benefit" else Force.NONE, start, start)


def _cleared(text: str, start: int, end: int, bounds: tuple[int, int], piece: tuple[int, int]) -> Reading | None:
    for pattern in (_DRAFT_BAN, _EN_DRAFT_BAN):
        for match in pattern.finditer(text, *bounds):
            if match.start() >= end:
                continue
            if _CONTRAST.search(text, match.end(), max(start, match.end())) or _bidder_subject(text, match.start()):
                continue
            return Reading(Force.BAN, match.start(), match.end())
    denied = _SUBJECT_BAN.search(text, start, bounds[1])
    if denied is not None and not _CONTRAST.search(text, end, max(end, denied.start())):
        return Reading(Force.BAN, denied.start(), denied.end())
    for match in _MENTION.finditer(text, *bounds):
        same_piece = piece[0] <= match.start() < piece[1] or ":" in text[match.end() : start]
        follows = match.start() >= end and not _CONTRAST.search(text, end, match.start())
        if same_piece or follows:
            return Reading(Force.MENTION, match.start(), match.end())
    return _disclaimed(text, end, bounds, piece)


_PARTY_LEFT_OUT = re.compile(
    r"\b(?:compan(?:y|ies)|bidders?|firms?|suppliers?|tender(?:er)?s?|bids?|offers?|proposals?|applica\w+|contractors?|"
    r"enterprises?|entities)\b[^.;,]{0,80}$"
)


def _party_refused(text: str, match: re.Match[str], left: int) -> bool:
    """Whether those left out by “not considered” are parties and not conditions."""
    return "considered" in match.group() and _PARTY_LEFT_OUT.search(text, left, match.start()) is not None


def _disclaimed(text: str, end: int, bounds: tuple[int, int], piece: tuple[int, int]) -> Reading | None:
    own_gate = bool(_GATE.search(text, *piece) or _SCORE.search(text, *piece) or _REFUSE.search(text, *piece))
    for match in _DISCLAIM.finditer(text, *bounds):
        if _party_refused(text, match, piece[0]):
            continue
        inside = piece[0] <= match.start() < piece[1]
        if inside:
            return Reading(Force.DISCLAIM, match.start(), match.end())
        if match.start() >= piece[1]:
            between = text[piece[1] : match.start()]
            lead = text[piece[1] : piece[1] + 14]
            if not _CONTRAST.search(between) and _BACKREF.match(lead.lstrip(",: ")):
                return Reading(Force.DISCLAIM, match.start(), match.end())
        elif not own_gate and not _CONTRAST.search(text, match.end(), end):
            return Reading(Force.DISCLAIM, match.start(), match.end())
    return None


def _bidder_subject(text: str, position: int) -> bool:
    """Whether those right before a ban are bidders, so that the ban restricts them."""
    before = text[max(0, position - 24) : position].rstrip("均一律也 ")
    before = _WHILE.sub("", before)[-14:].rstrip("均一律也 ")
    found = list(re.finditer(_BIDDERS, before))
    if not found or found[-1].end() < len(before):
        return False
    return not _DRAFTERS.search(before[-8:] if len(before) > 8 else before)
