"""An R&D contract: negotiated, run, reported and verified stage by stage; accepted, eliminated or withdrawn."""

from __future__ import annotations

from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.core.workflow import Workflow
from biaochi.mechanisms.procurement.lifecycle.conditions import FIRM, OWN_HOUSE, holds, move, state

EVIDENCE = holds("evidence_verified", "须有核实的证据（第二十四条）", "verified evidence is needed (Art 24)")
LAST_MET = holds("last_met", "上一阶段未达到里程碑（第二十四条）", "the last milestone was not met (Art 24)")

CONTRACT = Workflow(
    "rd_contract",
    Text("研发合同", "R&D contract"),
    "signed",
    (
        state("signed", "已签订", "signed"),
        state("negotiated", "中期谈判完成", "mid-term negotiated"),
        state("running", "研发阶段进行中", "stage running"),
        state("reported", "已提交阶段报告", "stage reported"),
        state("verified", "已核实", "verified"),
        state("accepted", "已验收", "accepted", final=True),
        state("eliminated", "已淘汰", "eliminated", final=True),
        state("withdrawn", "已退出", "withdrawn", final=True),
    ),
    (
        move(
            "negotiate",
            ("signed", "verified"),
            "negotiated",
            "中期谈判",
            "negotiate mid-term",
            ("约定下一阶段的目标、期限与补偿", "agrees goal, time and compensation of the next stage"),
            holds(
                "stage_agreed", "须先写明下一阶段的期限与补偿（第二十四条）", "the next stage must be written (Art 24)"
            ),
            holds(
                "stage_within_cap", "阶段补偿之和超过合同上限（第二十四条）", "stage payments exceed the cap (Art 24)"
            ),
            holds(
                "stage_within_scope", "补偿范围超出合同（第二十四条）", "the scope lies outside the contract (Art 24)"
            ),
            LAST_MET,
            own="buyer",
        ),
        move(
            "start",
            ("negotiated",),
            "running",
            "开始阶段",
            "start the stage",
            ("供应商开始研发", "the supplier begins"),
            own="buyer",
        ),
        move(
            "report",
            ("running",),
            "reported",
            "提交阶段报告",
            "report the stage",
            ("成果报告与成本说明交采购人核实", "result report and cost statement go to the buyer"),
            holds(
                "report_and_costs",
                "须提交成果报告和成本说明（第二十四条）",
                "result report and cost statement are due (Art 24)",
            ),
            roles=FIRM,
            own="supplier",
        ),
        move(
            "verify",
            ("reported",),
            "verified",
            "核实",
            "verify",
            ("结论与证据记入台账；达到的阶段支付补偿", "verdict and evidence enter the ledger; a stage met is paid"),
            EVIDENCE,
            OWN_HOUSE,
            roles=(Role.BUYER, Role.REVIEWER),
            reason=True,
            not_from=("supplier",),
        ),
        move(
            "eliminate",
            ("verified",),
            "eliminated",
            "淘汰",
            "eliminate",
            ("合同终止，按合同补偿合理成本", "the contract ends; reasonable costs are paid by the contract"),
            holds(
                "evidence_verified", "淘汰须有核实的证据（第二十四条）", "elimination needs verified evidence (Art 24)"
            ),
            holds("milestone_unmet", "里程碑已达到，不得淘汰（第二十四条）", "the milestone was met (Art 24)"),
            reason=True,
            own="buyer",
        ),
        move(
            "accept",
            ("verified",),
            "accepted",
            "验收",
            "accept",
            ("按合同约定的测试验收，可进入首购评审", "accepted by its tests; may enter the first-purchase review"),
            LAST_MET,
            holds(
                "acceptance_passed",
                "须按合同约定的测试验收（第二十五条）",
                "acceptance is by the contract's tests (Art 25)",
            ),
            reason=True,
            own="buyer",
        ),
        move(
            "withdraw",
            ("signed", "negotiated", "running", "reported", "verified"),
            "withdrawn",
            "退出",
            "withdraw",
            ("供应商退出，合同终止", "the supplier leaves; the contract ends"),
            roles=FIRM,
            reason=True,
            own="supplier",
        ),
    ),
)
