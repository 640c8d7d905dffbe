"""A small living programme: a plan whose market is checked, a notice that takes applications, a purchase under way.

Everything goes through the services everybody uses, at the instants it would have happened; nothing here is real.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from biaochi.core.roles import Actor, Role
from biaochi.mechanisms.procurement.web.models import CoPurchase, Participant, RdContract, SealedOffer
from biaochi.mechanisms.procurement.web.services import contracting, evaluating, opening, planning, procedure
from biaochi.registry.models import Organisation
from biaochi.registry.site import Demo
from biaochi.registry.transition import create, transition

CRITERIA = [
    {"code": "proposal", "kind": "expert", "weight": 60.0},
    {"code": "price", "kind": "price", "weight": 40.0},
]
GROUP = [{"id": f"E{n}", "role": r} for n, r in enumerate(("legal", "economics", "technical", "technical", "buyer"), 1)]
NEEDS = (
    ("R1", "并发视频路数", "concurrent video channels", ">=", 200.0, "路"),
    ("R2", "端到端时延", "end-to-end latency", "<=", 50.0, "ms"),
    ("R3", "整机质量", "mass", "<=", 12.0, "kg"),
)
MARKET = (
    ("A", "SA", "GA", (220, 45, 11.5)),
    ("B", "SB", "", (200, 40, 13)),
    ("C", "SC", "", (240, 60, 11)),
    ("D", "SD", "GA", (210, 50, 12)),
    ("E", "SE", "", (256, 48, None)),
)


def plan(zh: str, en: str, **more: Any) -> dict[str, Any]:
    """Return a plan that lacks nothing; invented, no real body is meant."""
    found: dict[str, Any] = {
        "title_zh": zh,
        "title_en": en,
        "level": "provincial",
        "consent_on": None,
        "ground": "a",
        "serves": "示例省未来产业规划第三条",
        "statement": "现有产品的端侧时延不达标，须合作研发。",
        "max_cost": Decimal("6000000"),
        "first_purchase": Decimal("2400000"),
        "mode": "open",
        "mode_reason": "",
        "group": GROUP,
        "criteria": CRITERIA,
        "sme_reserved": False,
        "subcontract_share": 0.3,
        "sme_rate": 0.15,
        "ip_owner": "supplier",
        "ip_reason": "",
        "planned_suppliers": 2,
        "iteration_duty": True,
        "risks": [{"risk": "时延不达标", "control": "原理验证阶段淘汰"}],
        "routes": [{"goal": "G1", "routes": ["视觉", "激光"]}],
    }
    return {**found, **more}


def need(code: str, zh: str, en: str, op: str, threshold: object, unit: str) -> dict[str, Any]:
    """Return a need as its form gives it."""
    return {
        "code": code,
        "function_zh": zh,
        "function_en": en,
        "op": op,
        "threshold": threshold,
        "unit": unit,
        "test_method": f"附录 B 第 {code[1:]} 项",
        "mandatory": True,
    }


def drafted(stage: Demo, zh: str, en: str, latency: float, at: datetime) -> CoPurchase:
    """Make a purchase with its needs and the products known on the market."""
    buyer = stage.actors[Role.BUYER]
    house = Organisation.objects.get(public_id=buyer.organisation)
    kept = {**planning.plan_from_form(plan(zh, en), house.name_zh), "needs": []}
    made = CoPurchase(title_zh=zh, title_en=en, plan=kept, simulated=True)
    made.place(buyer)
    create(made, buyer, now=at)
    for row in NEEDS:
        code, name_zh, name_en, op, threshold, unit = row
        planning.put_need(
            made, need(code, name_zh, name_en, op, latency if code == "R2" else threshold, unit), buyer, at
        )
    lines = ["product,supplier,group,need,value"]
    for product, supplier, group, values in MARKET:
        cells = zip((n[0] for n in NEEDS), values, strict=True)
        lines += [f"{product},{supplier},{group},{c},{'' if v is None else v}" for c, v in cells]
    planning.put_table(made, "\n".join(lines) + "\n", buyer, at)
    return made


def announce(stage: Demo, row: CoPurchase, at: datetime, close: date) -> None:
    """Take a plan to its notice."""
    buyer, other = stage.actors[Role.BUYER], stage.second[Role.BUYER]
    transition(row, "argue", buyer, now=at)
    transition(row, "approve", other, "论证意见成立，市场上没有产品满足。", now=at + timedelta(days=5))
    procedure.disclose(row, "intention", "", buyer, at + timedelta(days=6))
    row.dates = {**row.dates, "applications_close": close.isoformat()}
    row.save(update_fields=["dates"])
    transition(row, "notice", buyer, now=at + timedelta(days=10))


def applied(row: CoPurchase, firm: Actor, statement: str, at: datetime) -> Participant:
    """Let a firm apply."""
    return procedure.apply(row, statement, firm, at)


def selected(stage: Demo, row: CoPurchase, at: datetime) -> list[SealedOffer]:
    """Take a noticed purchase with two applicants to the published result; ``at`` is the day after the closing day."""
    buyer, second, watcher = stage.actors[Role.BUYER], stage.second[Role.BUYER], stage.actors[Role.REGULATOR]
    for p in row.participants.all():
        procedure.judge(row, p.pk, True, "资格材料齐备。", buyer, at)
    transition(row, "qualify", buyer, now=at)
    for p in row.participants.all():
        procedure.hear(row, p.pk, timezone.localdate(at), "交流了路线与风险。", buyer, at)
    transition(row, "exchange", buyer, now=at + timedelta(days=2))
    opening.make_key(row, buyer, at + timedelta(days=2))
    shares = [opening.take_share(row, a, at + timedelta(days=2)) for a in (buyer, second, watcher)]
    deadline = at + timedelta(days=20)
    row.deadline = deadline
    row.dates = {**row.dates, "first_response": timezone.localdate(deadline).isoformat()}
    row.save(update_fields=["deadline", "dates"])
    transition(row, "issue_file", buyer, now=at + timedelta(days=3))
    offers = []
    for number, firm in enumerate((stage.actors[Role.FIRM], stage.other_firm)):
        offer = SealedOffer(
            title_zh=f"{row.title_zh} · 响应", title_en=f"{row.title_en} · offer", purchase=row, simulated=True
        )
        offer.region = row.region
        create(offer, firm, now=at + timedelta(days=10))
        decision = opening.seal(offer, _content(number), at + timedelta(days=12))
        transition(offer, "seal", firm, "", decision, now=at + timedelta(days=12))
        offers.append(offer)
    opened = at + timedelta(days=21)
    opening.enter_share(row, shares[0].to_text(), buyer, opened)
    opening.enter_share(row, shares[2].to_text(), watcher, opened)
    row.refresh_from_db()
    transition(row, "negotiate", buyer, now=opened)
    _score(stage, row, opened + timedelta(days=1))
    evaluating.conclude(row, buyer, opened + timedelta(days=3))
    transition(
        row, "select", buyer, "按得分选定两家。", evaluating.decided(row, opened), now=opened + timedelta(days=3)
    )
    procedure.disclose(row, "result", "", buyer, opened + timedelta(days=4))
    transition(row, "publish_result", buyer, now=opened + timedelta(days=4))
    return offers


def _content(number: int) -> Mapping[str, Any]:
    return {
        "compensation": ("1200000", "1000000")[number],
        "first_price": ("2200000", "2300000")[number],
        "months": 18,
        "domestic": "yes",
        "domestic_share": 0.9,
        "sme": ("none", "small")[number],
        "proposal": ("激光与视觉融合，端侧剪枝。（模拟）", "纯视觉，专用芯片。（模拟）")[number],
        "values": {"R1": (220, 210)[number], "R2": (18, 20)[number], "R3": (11.0, 11.8)[number]},
    }


def _score(stage: Demo, row: CoPurchase, at: datetime) -> None:
    points = ((52.0, 47.0), (50.0, 48.0))
    for expert, scores in zip((stage.actors[Role.REVIEWER], stage.second[Role.REVIEWER]), points, strict=True):
        evaluating.declare(row, False, expert, at)
        for offer, value in zip(SealedOffer.objects.filter(purchase=row).order_by("pk"), scores, strict=True):
            evaluating.score(offer, {"proposal": value}, expert, at)


def under_way(stage: Demo, row: CoPurchase, offers: list[SealedOffer], at: datetime) -> None:
    """Sign with both; one meets two milestones, the other fails the second and is eliminated on evidence."""
    buyer, expert = stage.actors[Role.BUYER], stage.actors[Role.REVIEWER]
    ends = timezone.localdate(at) + timedelta(days=540)
    for offer, cap in zip(offers, ("1200000", "1000000"), strict=True):
        terms = {"cap": Decimal(cap), "ends_on": ends, "major": False, "scope": ["人工", "材料", "测试"]}
        contracting.write_terms(row, offer.public_id, terms, buyer, at)
    transition(row, "sign", buyer, now=at)
    procedure.disclose(row, "rd_contract", "", buyer, at + timedelta(days=1))
    for number, firm in enumerate((stage.actors[Role.FIRM], stage.other_firm)):
        contract = RdContract.objects.get(purchase=row, supplier__public_id=firm.organisation)
        for step, (code, days) in enumerate((("design", 60), ("principle", 70))):
            begun = at + timedelta(days=2 + 70 * step)
            good = number == 0 or step == 0
            _stage(contract, code, firm, buyer, expert, begun, days, good=good)
        if number == 1:
            done = at + timedelta(days=150)
            transition(contract, "eliminate", buyer, "时延 65 毫秒，未达到里程碑；检测报告已核实。", now=done)
            contracting.settle_costs(contract, Decimal("180000"), buyer, done)


def _stage(
    row: RdContract, code: str, firm: Actor, buyer: Actor, expert: Actor, at: datetime, days: int, *, good: bool
) -> None:
    due = max(timezone.localdate(at) + timedelta(days=days), timezone.localdate(at))
    stage = {"code": code, "due_on": due, "amount": Decimal("250000"), "scope": ["人工", "测试"]}
    contracting.agree_stage(row, stage, buyer, at)
    transition(row, "negotiate", buyer, now=at)
    transition(row, "start", buyer, now=at + timedelta(days=1))
    contracting.report_stage(
        row, {"report": "阶段成果报告（模拟）", "costs": Decimal("190000"), "cost_statement": "人工与测试（模拟）"}
    )
    transition(row, "report", firm, now=at + timedelta(days=days - 5))
    evidence = "检测报告（模拟）第 1 号" if good else "检测报告（模拟）第 2 号：时延 65 毫秒"
    contracting.verify_stage(row, {"verdict": "met" if good else "unmet", "evidence": evidence})
    transition(row, "verify", expert, "现场核实。", now=at + timedelta(days=days))


def demo(stage: Demo) -> None:
    """Fill in three purchases at three places of their life."""
    now = stage.now
    drafted(
        stage, "隧道巡检机器人合作创新采购（示例）", "Co-innovation purchase of a tunnel robot (example)", 50.0, now
    )
    noticed = drafted(
        stage,
        "脑机接口康复设备合作创新采购（示例）",
        "Co-innovation purchase of a BCI rehabilitation device (example)",
        20.0,
        now - timedelta(days=30),
    )
    announce(stage, noticed, now - timedelta(days=28), timezone.localdate(now) + timedelta(days=20))
    begun = now - timedelta(days=300)
    row = drafted(
        stage,
        "港口无人集卡感知系统合作创新采购（示例）",
        "Co-innovation purchase of port-truck perception (example)",
        20.0,
        begun,
    )
    announce(stage, row, begun, timezone.localdate(begun) + timedelta(days=45))
    for firm in (stage.actors[Role.FIRM], stage.other_firm):
        applied(row, firm, "具备相关研发团队与试验条件。（模拟）", begun + timedelta(days=20))
    offers = selected(stage, row, begun + timedelta(days=50))
    under_way(stage, row, offers, begun + timedelta(days=100))
