"""The life of a co-innovation purchase and of each R&D contract in it.

Articles are those of 财库〔2024〕13号 unless another document is named; a guard that fails is told with its article.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.workflow import Guard, State, Transition, Workflow


def _guard(attribute: str, zh: str, en: str) -> Guard:
    return Guard(attribute, Text(zh, en), _holds(attribute))


def _holds(attribute: str) -> Callable[[object, Actor, datetime], bool]:
    def test(subject: object, actor: Actor, now: datetime) -> bool:
        del actor, now
        return bool(getattr(subject, attribute, False))

    return test


def _after_standstill(subject: object, actor: Actor, now: datetime) -> bool:
    del actor
    end = getattr(subject, "standstill_ends_on", None)
    return end is not None and now.date() > end


STANDSTILL_OVER = Guard(
    "standstill_over",
    Text("静候期未满（政府采购法第五十二条）", "the standstill is not over (政府采购法 Art 52)"),
    _after_standstill,
)
_BUYER = (Role.BUYER,)


def _state(code: str, zh: str, en: str, public_zh: str = "", public_en: str = "", *, final: bool = False) -> State:
    return State(code, Text(zh, en), Text(public_zh or zh, public_en or en), final)


def _move(
    code: str,
    sources: tuple[str, ...],
    target: str,
    zh: str,
    en: str,
    *guards: Guard,
    roles: tuple[Role, ...] = _BUYER,
    reason: bool = False,
    not_by: tuple[str, ...] = (),
    consequence: tuple[str, str] = ("", ""),
) -> Transition:
    told = Text(consequence[0] or f"进入“{zh}”之后的状态", consequence[1] or f"moves on after: {en}")
    return Transition(code, Text(zh, en), told, sources, target, roles, guards, needs_reason=reason, not_by=not_by)


PURCHASE = Workflow(
    "co_innovation_purchase",
    Text("合作创新采购", "co-innovation purchase"),
    "draft_plan",
    (
        _state("draft_plan", "编制方案", "plan being drafted", "筹备中", "in preparation"),
        _state("expert_argued", "专家已论证", "argued by experts", "筹备中", "in preparation"),
        _state("approved", "已批准", "approved", "筹备中", "in preparation"),
        _state("noticed", "已公告", "noticed"),
        _state("qualified", "资格已审查", "qualified"),
        _state("concept_exchange", "创新概念交流", "concept exchange"),
        _state("file_issued", "已发谈判文件", "negotiation file issued"),
        _state("negotiation_rounds", "谈判中", "negotiating"),
        _state("selected", "已选定研发供应商", "suppliers selected"),
        _state("standstill", "静候期", "standstill"),
        _state("complaint", "质疑投诉处理中", "challenge or complaint"),
        _state("developing", "研发中", "in development"),
        _state("accepted", "已验收", "accepted"),
        _state("first_purchase_review", "首购评审", "first-purchase review"),
        _state("first_purchase_standstill", "首购静候期", "first-purchase standstill"),
        _state("first_purchase_complaint", "首购质疑投诉处理中", "challenge to the first purchase"),
        _state("first_purchase_contract", "首购已签约", "first purchase contracted"),
        _state("iterated", "迭代中", "iterating"),
        _state("closed", "已结束", "closed", final=True),
        _state("no_success_closed", "未成功结束", "closed without success", final=True),
    ),
    (
        _move(
            "argue",
            ("draft_plan",),
            "expert_argued",
            "专家论证",
            "argue by experts",
            _guard(
                "plan_complete",
                "方案须写明目标、费用、方式、小组、知识产权、风险等（第十二条）",
                "the plan must be complete (Art 12)",
            ),
            _guard("ground_met", "须符合适用情形（第三条）", "the ground must be met (Art 3)"),
            _guard("level_met", "预算级次不符或未获同意（第四条）", "the budget level or consent is missing (Art 4)"),
        ),
        _move(
            "approve",
            ("expert_argued",),
            "approved",
            "批准方案",
            "approve the plan",
            _guard("argued", "须先经专家论证（第十二条）", "experts argue first (Art 12)"),
            reason=True,
            not_by=("author",),
        ),
        _move(
            "notice",
            ("approved",),
            "noticed",
            "发布公告",
            "publish the notice",
            _guard(
                "group_complete",
                "谈判小组须为单数并有法律、经济专家（第十五条）",
                "the group must be odd with legal and economics experts (Art 15)",
            ),
            _guard("intention_disclosed", "采购意向须先公开（第十三条）", "the intention must be public (Art 13)"),
        ),
        _move(
            "qualify",
            ("noticed",),
            "qualified",
            "资格审查",
            "check qualifications",
            _guard(
                "notice_long_enough",
                "申请期限不足二十个工作日（第十六条）",
                "the application period is shorter than 20 working days (Art 16)",
            ),
        ),
        _move(
            "exchange",
            ("qualified",),
            "concept_exchange",
            "创新概念交流",
            "exchange concepts",
            _guard(
                "every_qualified_heard",
                "须与每一家合格供应商交流（第十七条）",
                "every qualified supplier is heard (Art 17)",
            ),
        ),
        _move(
            "issue_file",
            ("concept_exchange",),
            "file_issued",
            "发出谈判文件",
            "issue the negotiation file",
            _guard(
                "proposal_weight_met", "研发方案权重不足五十（第十八条）", "the proposal weighs less than 50 (Art 18)"
            ),
            _guard("file_to_all", "须发给全部交流供应商（第十九条）", "the file goes to every participant (Art 19)"),
        ),
        _move(
            "negotiate",
            ("file_issued",),
            "negotiation_rounds",
            "开始谈判",
            "negotiate",
            _guard(
                "response_long_enough",
                "首次响应不足十个工作日（第十九条）",
                "less than 10 working days to the first response (Art 19)",
            ),
        ),
        _move(
            "select",
            ("negotiation_rounds",),
            "selected",
            "选定研发供应商",
            "select suppliers",
            _guard(
                "suppliers_at_most_three", "研发供应商不得超过三家（第二十三条）", "at most three suppliers (Art 23)"
            ),
            reason=True,
        ),
        _move(
            "publish_result",
            ("selected",),
            "standstill",
            "公告结果",
            "publish the result",
            _guard("result_disclosed", "结果须公开（第十三条）", "the result must be public (Art 13)"),
        ),
        _move("challenge", ("standstill",), "complaint", "受理质疑或投诉", "take a challenge", reason=True),
        _move(
            "answer",
            ("complaint",),
            "standstill",
            "答复并恢复",
            "answer and resume",
            roles=(Role.BUYER, Role.REGULATOR),
            reason=True,
        ),
        _move(
            "set_aside",
            ("complaint",),
            "negotiation_rounds",
            "质疑成立，重新谈判",
            "set the selection aside",
            roles=(Role.REGULATOR,),
            reason=True,
        ),
        _move(
            "sign",
            ("standstill",),
            "developing",
            "签订研发合同",
            "sign the R&D contracts",
            STANDSTILL_OVER,
            _guard(
                "caps_within_total",
                "补偿上限与首购之和超过最高费用（第十二条）",
                "caps and first purchase exceed the maximum (Art 12)",
            ),
        ),
        _move(
            "accept",
            ("developing",),
            "accepted",
            "验收",
            "accept",
            _guard(
                "acceptance_passed",
                "须按合同约定的测试验收（第二十五条）",
                "acceptance is by the contract's tests (Art 25)",
            ),
            reason=True,
        ),
        _move(
            "close_without_success",
            ("developing", "negotiation_rounds"),
            "no_success_closed",
            "未成功结束",
            "close without success",
            reason=True,
        ),
        _move("review_first_purchase", ("accepted",), "first_purchase_review", "首购评审", "review the first purchase"),
        _move(
            "publish_first_purchase",
            ("first_purchase_review",),
            "first_purchase_standstill",
            "公告首购结果",
            "publish the first purchase",
            _guard(
                "first_purchase_disclosed", "首购结果须公开（第十三条）", "the first purchase must be public (Art 13)"
            ),
        ),
        _move(
            "challenge_first_purchase",
            ("first_purchase_standstill",),
            "first_purchase_complaint",
            "受理质疑或投诉",
            "take a challenge to the first purchase",
            reason=True,
        ),
        _move(
            "answer_first_purchase",
            ("first_purchase_complaint",),
            "first_purchase_standstill",
            "答复并恢复",
            "answer the challenge and resume",
            roles=(Role.BUYER, Role.REGULATOR),
            reason=True,
        ),
        _move(
            "contract_first_purchase",
            ("first_purchase_standstill",),
            "first_purchase_contract",
            "签订首购协议",
            "sign the first-purchase agreement",
            STANDSTILL_OVER,
        ),
        _move("iterate", ("first_purchase_contract",), "iterated", "进入迭代", "iterate"),
        _move("close", ("first_purchase_contract", "iterated"), "closed", "结束", "close"),
    ),
)

CONTRACT = Workflow(
    "rd_contract",
    Text("研发合同", "R&D contract"),
    "signed",
    (
        _state("signed", "已签订", "signed"),
        _state("negotiated", "中期谈判完成", "mid-term negotiated"),
        _state("running", "研发阶段进行中", "stage running"),
        _state("reported", "已提交阶段报告", "stage reported"),
        _state("verified", "已核实", "verified"),
        _state("accepted", "已验收", "accepted", final=True),
        _state("eliminated", "已淘汰", "eliminated", final=True),
        _state("withdrawn", "已退出", "withdrawn", final=True),
    ),
    (
        _move(
            "negotiate",
            ("signed", "verified"),
            "negotiated",
            "中期谈判",
            "negotiate mid-term",
            _guard(
                "stage_within_cap", "阶段补偿之和超过合同上限（第二十四条）", "stage payments exceed the cap (Art 24)"
            ),
            _guard(
                "stage_within_scope", "补偿范围超出合同（第二十四条）", "the scope lies outside the contract (Art 24)"
            ),
        ),
        _move("start", ("negotiated",), "running", "开始阶段", "start the stage"),
        _move(
            "report",
            ("running",),
            "reported",
            "提交阶段报告",
            "report the stage",
            _guard(
                "report_and_costs",
                "须提交成果报告和成本说明（第二十四条）",
                "result report and cost statement are due (Art 24)",
            ),
            roles=(Role.FIRM,),
        ),
        _move(
            "verify",
            ("reported",),
            "verified",
            "核实",
            "verify",
            _guard("evidence_verified", "须有核实的证据（第二十四条）", "verified evidence is needed (Art 24)"),
            roles=(Role.BUYER, Role.REVIEWER),
            reason=True,
        ),
        _move(
            "eliminate",
            ("verified",),
            "eliminated",
            "淘汰",
            "eliminate",
            _guard(
                "evidence_verified", "淘汰须有核实的证据（第二十四条）", "elimination needs verified evidence (Art 24)"
            ),
            _guard("milestone_unmet", "里程碑已达到，不得淘汰（第二十四条）", "the milestone was met (Art 24)"),
            reason=True,
        ),
        _move(
            "accept",
            ("verified",),
            "accepted",
            "验收",
            "accept",
            _guard(
                "acceptance_passed",
                "须按合同约定的测试验收（第二十五条）",
                "acceptance is by the contract's tests (Art 25)",
            ),
            reason=True,
        ),
        _move(
            "withdraw",
            ("signed", "negotiated", "running", "reported", "verified"),
            "withdrawn",
            "退出",
            "withdraw",
            roles=(Role.FIRM,),
            reason=True,
        ),
    ),
)

WORKFLOWS: tuple[Workflow, ...] = (PURCHASE, CONTRACT)
