"""The plan held against its articles: ground, budget level, small firms, intellectual property, contents, needs."""

from __future__ import annotations

import re
from datetime import date

from biaochi.core.decision import Reason
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.procurement.decisions.case import OURS, Case, ruled, said, yes
from biaochi.mechanisms.procurement.decisions.needs import faults_of_needs

_TRACK_RECORD = re.compile(
    r"业绩|销售(?:记录|量|额)|用户(?:证明|数量)|市场(?:占有率|份额)|装机量|应用案例|"
    r"track record|market share|installed base|references?\b",
    re.IGNORECASE,
)

PARTS = {
    "needs": Text("功能需求", "needs"),
    "max_cost": Text("最高研发费用", "maximum cost"),
    "mode": Text("邀请方式的理由", "reason of the mode"),
    "group": Text("谈判小组", "negotiation group"),
    "criteria": Text("评审标准", "criteria"),
    "iteration_duty": Text("迭代义务", "duty to iterate"),
    "risks": Text("风险与控制", "risks and controls"),
    "scope": Text("补偿范围", "scope of compensation"),
}
FAULT = {
    "unit": Text("单位", "unit"),
    "threshold": Text("数值门槛", "numeric threshold"),
    "test": Text("测试方法", "test"),
}


def ground(case: Case) -> Reason:
    """Hold the ground of the purchase against Art 3."""
    ground = case.purchase.ground
    if ground is None:
        return said("ground", Verdict.UNMET, "没有写明适用情形", "no ground is stated", article="3")
    if not ground.plan.strip() or not ground.statement.strip():
        return said(
            "ground", Verdict.UNMET, "缺少规划依据或说明", "plan or statement is missing", article="3", seen=ground.case
        )
    if ground.case != "a":
        verdict = Verdict.MANUAL_REVIEW if ground.evidence else Verdict.UNKNOWN
        return said(
            "ground", verdict, "须由人核对改进或其他情形", "a person must check the case", article="3", seen=ground.case
        )
    if case.market is None:
        return said(
            "ground", Verdict.UNKNOWN, "没有市场检查", "there is no market check", article="3", seen=ground.case
        )
    n = case.market.possible
    return said(
        "ground",
        yes(n == 0),
        f"市场上可能满足全部需求的供应商有 {n} 家",
        f"{n} suppliers could possibly meet all needs",
        article="3",
        seen=n,
        threshold=0,
        unit="suppliers",
    )


def level(case: Case) -> Reason:
    """Hold the budget level against Art 4."""
    buyer = case.purchase.buyer
    if buyer.level in ("central", "provincial", "plan_city"):
        return said("level", Verdict.MET, "预算级次符合", "the budget level may buy so", article="4", seen=buyer.level)
    if buyer.level == "prefecture":
        agreed = buyer.consent_on is not None and buyer.consent_on <= case.at
        return said(
            "level",
            yes(agreed),
            "地市级须经省级主管部门同意",
            "a prefecture needs the province's consent",
            article="4",
            seen=buyer.level,
        )
    return said("level", Verdict.UNMET, "县级不在适用范围", "a county may not buy so", article="4", seen=buyer.level)


def sme_share(case: Case) -> Reason:
    """Hold the support of small firms against Art 10."""
    sme = case.purchase.sme
    if sme.reserved:
        return said(
            "sme_share",
            Verdict.MET,
            "已面向中小企业预留",
            "the package is reserved for SMEs",
            article="10",
            seen="reserved",
        )
    share = sme.subcontract_share
    verdict = Verdict.MANUAL_REVIEW if share is None else yes(share > 0)
    return said(
        "sme_share",
        verdict,
        "向中小企业分包的比例",
        "share subcontracted to SMEs",
        article="10",
        seen=share,
        threshold=0,
    )


def ip(case: Case) -> Reason:
    """Hold the ownership of intellectual property against Art 11."""
    ip = case.purchase.ip
    good = ip.owner == "supplier" or bool((ip.reason or "").strip())
    return said(
        "ip",
        yes(good),
        "知识产权原则上归供应商，另行约定须有理由",
        "IP is the supplier's unless a reason is given",
        article="11",
        seen=ip.owner,
    )


def plan_complete(case: Case) -> Reason:
    """Hold the contents of the plan against Art 12."""
    p = case.purchase
    parts = {
        "needs": bool(p.needs),
        "max_cost": p.money is not None and p.money.max_cost > 0,
        "mode": p.mode == "open" or bool((p.mode_reason or "").strip()),
        "group": bool(p.group),
        "criteria": bool(p.criteria),
        "iteration_duty": p.iteration_duty is not None,
        "risks": bool(p.risks),
        "scope": all(c.scope for c in p.contracts),
    }
    missing = [PARTS[name] for name, there in parts.items() if not there]
    return said(
        "plan_complete",
        yes(not missing),
        f"方案缺少：{'、'.join(m.zh for m in missing) or '无'}",
        f"missing from the plan: {', '.join(m.en for m in missing) or 'nothing'}",
        article="12",
        seen=len(parts) - len(missing),
        threshold=len(parts),
    )


def argued(case: Case) -> Reason:
    """Hold the order of argument and approval against Art 12."""
    d = case.purchase.dates
    done = d.argued is not None and d.argued <= case.at
    in_order = done and (d.approved is None or (d.argued or date.max) <= d.approved)
    verdict = yes(in_order) if done or d.approved is not None or d.notice is not None else Verdict.UNKNOWN
    return said(
        "argued",
        verdict,
        "方案须先经专家论证再批准",
        "experts argue the plan before it is approved",
        article="12",
        seen=d.argued,
    )


def routes(case: Case) -> Reason:
    """Count the routes recorded for each goal."""
    least, title, article, status = ruled(case, "routes_min")
    fewest = min((len(set(r.routes)) for r in case.purchase.routes), default=0)
    return said(
        "routes",
        yes(fewest >= least),
        "每个目标的技术路线",
        "routes for each goal",
        article=article,
        seen=fewest,
        threshold=int(least),
        unit="routes",
        title=title,
        status=status,
    )


def needs(case: Case) -> Reason:
    """Look for needs that cannot be measured."""
    needs = case.purchase.needs
    wrong = [
        Text(f"{needs[i].code} {FAULT[part].zh}", f"{needs[i].code} {FAULT[part].en}")
        for i, part in faults_of_needs(needs)
    ]
    verdict = Verdict.UNMET if not needs else yes(not wrong)
    return said(
        "needs",
        verdict,
        f"需求缺少：{'、'.join(w.zh for w in wrong) or '无'}",
        f"missing from the needs: {', '.join(w.en for w in wrong) or 'nothing'}",
        seen=len(wrong),
        threshold=0,
        title=OURS,
    )


def no_track_record(case: Case) -> Reason:
    """Look for needs that ask for a track record (科学技术进步法 Art 91)."""
    p = case.purchase
    words = [f"{n.code} {n.function.zh} {n.function.en} {n.test_method or ''}" for n in p.needs]
    words += [c.code.replace("_", " ") for c in p.criteria]
    wrong = [w.split(" ")[0] for w in words if _TRACK_RECORD.search(w)]
    return said(
        "no_track_record",
        yes(not wrong),
        f"要求市场业绩：{'、'.join(wrong) or '无'}",
        f"asks for a track record: {', '.join(wrong) or 'none'}",
        article="91",
        seen=len(wrong),
        threshold=0,
        title="科学技术进步法",
    )
