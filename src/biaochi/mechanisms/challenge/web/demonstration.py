"""A challenge from posting to its awards: all of it simulated, through the same services as everybody."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from biaochi.core.roles import Actor, Role
from biaochi.mechanisms.challenge.web.models import Award, Bid, Challenge, Milestone
from biaochi.mechanisms.challenge.web.services import ceremony, contracting, reviewing
from biaochi.registry.models import Membership, Organisation, Person
from biaochi.registry.site import Demo
from biaochi.registry.transition import create, transition

LIFE = {"name": "循环寿命 / cycle life", "unit": "次 / cycles", "threshold": ">= 1000", "test_method": "GB/T 36276"}
COLD = {"name": "低温容量 / capacity at −20 °C", "unit": "%", "threshold": ">= 70", "test_method": "GB/T 36276"}
SEEDS = ((8.6, 8.2, 8.4), (7.9, 8.3, 7.8), (7.0, 6.4, 7.1), (6.9, 6.9, 6.3), (4.1, 4.9, 4.2))
ROUTES = ("氧化物 / oxide", "硫化物 / sulfide", "氧化物 / oxide", "硫化物 / sulfide", "聚合物 / polymer")


def demo(stage: Demo) -> None:
    """Leave one posting under review, and one on its way that the fairness review has yet to pass."""
    officer = stage.actors[Role.OFFICER]
    waiting = _posting(
        "固态电池：低温不掉电（模拟）", "Solid-state battery: at work in the cold (simulated)", [COLD], stage
    )
    for made in (
        waiting,
        _posting("固态电池：千次循环（模拟）", "Solid-state battery: a thousand cycles (simulated)", [LIFE], stage),
    ):
        create(made, officer)
        transition(made, "submit", officer)


def _posting(zh: str, en: str, indicators: list[dict[str, str]], stage: Demo) -> Challenge:
    return Challenge(
        title_zh=zh,
        title_en=en,
        need="室温循环一千次后容量保持八成，零下二十度可用。路线不限。（模拟）",
        indicators=indicators,
        slots=3,
        deadline=stage.now + timedelta(days=30),
        simulated=True,
    )


def go_on(stage: Demo, challenge: Challenge) -> None:
    """Publish a posting whose text passed the fairness review, and run it to three awards, one of them ended."""
    first, second = stage.actors[Role.OFFICER], stage.second[Role.OFFICER]
    holders = {o.person: ceremony.take_key(challenge, o) for o in (first, second, _third_officer(stage))}
    challenge.refresh_from_db()
    transition(challenge, "publish", second, "指标为功能性指标，公平竞争审查已通过（模拟）。")
    firms = [stage.actors[Role.FIRM], stage.other_firm, *_firms(stage.region)]
    for firm, route in zip(firms, ROUTES, strict=True):
        _bid(challenge, firm, route, stage.now)
    Challenge.objects.filter(pk=challenge.pk).update(deadline=stage.now - timedelta(minutes=1))
    for officer in (first, second):
        challenge.refresh_from_db()
        ceremony.enter_key(challenge, holders[officer.person], officer, stage.now)
    challenge.refresh_from_db()
    _review(challenge, stage)
    challenge.refresh_from_db()
    transition(challenge, "award", second, "两条路线三支队伍，名次与抽签见榜单（模拟）。")
    transition(challenge, "start", first)
    _run(challenge, stage)


def _third_officer(stage: Demo) -> Actor:
    """Return one more officer of the region's office, made if there is none."""
    taken = [stage.actors[Role.OFFICER].person, stage.second[Role.OFFICER].person]
    rows = Membership.objects.filter(role=Role.OFFICER.value, scope=stage.region)
    found = rows.exclude(person__public_id__in=taken).order_by("pk").first()
    house = Organisation.objects.get(public_id=stage.actors[Role.OFFICER].organisation)
    return found.actor if found else _member(Role.OFFICER, house, stage.region, 4)


def _firms(region: str) -> list[Actor]:
    names = (
        ("丙公司（示例）", "Firm C (example)"),
        ("丁公司（示例）", "Firm D (example)"),
        ("戊公司（示例）", "Firm E (example)"),
    )
    found = []
    for number, (zh, en) in enumerate(names, start=4):
        house, _ = Organisation.objects.get_or_create(
            kind="enterprise", name_zh=zh, defaults={"name_en": en, "region_id": region, "simulated": True}
        )
        found.append(_member(Role.FIRM, house, "", number))
    return found


def _member(role: Role, house: Organisation, scope: str, number: int) -> Actor:
    name = f"{role.value.replace('_', '-')}-{number}"
    person = Person.objects.filter(username=name).first() or Person.objects.create_person(
        name, f"示例 · {role.text.zh} {number}", email=f"{name}@example.invalid", simulated=True
    )
    held, _ = Membership.objects.get_or_create(person=person, role=role.value, organisation=house, scope=scope)
    return held.actor


def _bid(challenge: Challenge, firm: Actor, route: str, now: datetime) -> None:
    bid = Bid(
        title_zh=f"{challenge.title_zh} · 标书",
        title_en=f"{challenge.title_en} · bid",
        challenge=challenge,
        region=challenge.region,
        simulated=True,
    )
    create(bid, firm)
    content = {"route": route, "partners": 2, "months": 24, "amount": 300.0, "text": f"{route}（模拟方案）"}
    decision = ceremony.seal(bid, content, now)
    transition(bid, "seal", firm, "", decision, now=now)


def _review(challenge: Challenge, stage: Demo) -> None:
    first, second = stage.actors[Role.OFFICER], stage.second[Role.OFFICER]
    institute = Organisation.objects.get(public_id=stage.actors[Role.REVIEWER].organisation)
    reviewers = [
        stage.actors[Role.REVIEWER], stage.second[Role.REVIEWER], _member(Role.REVIEWER, institute, "", 3)
    ]  # fmt: skip
    nonces = {}
    for officer in (first, second):
        nonces[officer.person] = reviewing.commit_nonce(challenge, officer)
    for reviewer in reviewers:
        reviewing.declare(challenge, False, reviewer)
    for officer in (first, second):
        reviewing.declare(challenge, False, officer)
    reviewing.admit_all(challenge, first, timezone.now())
    reviewing.assign_all(challenge, first, timezone.now())
    for bid, marks in zip(challenge.bids.order_by("pk"), SEEDS, strict=True):
        for reviewer, mark in zip(reviewers, marks, strict=True):
            reviewing.score(bid, mark, reviewer, timezone.now())
    challenge.refresh_from_db()
    reviewing.rank(challenge, first)
    for officer in (first, second):
        reviewing.reveal_nonce(challenge, nonces[officer.person], officer)
    challenge.refresh_from_db()
    reviewing.select(challenge, second, timezone.now())


def _run(challenge: Challenge, stage: Demo) -> None:
    """One team goes on and is paid, one is adjusted, one ends without fault."""
    first, second = stage.actors[Role.OFFICER], stage.second[Role.OFFICER]
    awards = list(challenge.awards.order_by("pk"))
    day = timezone.localdate()
    for award, values, outcome in zip(awards, (1120.0, 940.0, 310.0), ("continue", "adjust", "stop"), strict=True):
        made = _register(award, day + timedelta(days=40), stage)
        _register(award, day + timedelta(days=200), stage, "key_component")
        award.refresh_from_db()
        transition(award, "start", first)
        made.refresh_from_db()
        team = _team(award)
        transition(made, "submit", team)
        _assess(made, values, stage)
        data = {
            "alternatives": "延长期限\n另一路线加注",
            "forecast": {"continue": 0.7, "adjust": 0.4, "stop": 0.1}[outcome],
            "due_on": day + timedelta(days=120) if outcome == "adjust" else None,
            "cause": "technical_infeasible" if outcome == "stop" else "",
        }
        decision = contracting.ground(made, outcome, data, second, timezone.now())
        transition(made, outcome, second, "依第三方检验结果（模拟）。", decision)
        if outcome == "continue":
            contracting.pay(made, first, timezone.now())
        award.refresh_from_db()
        if outcome == "stop":
            contracting.declare_gain(award, False, team, timezone.now())
            transition(award, "end_without_fault", first, "原理验证不成立，过程完整（模拟）。")


def _register(award: Award, due: date, stage: Demo, code: str = "laboratory_principle") -> Milestone:
    house = Organisation.objects.get(public_id=stage.actors[Role.REVIEWER].organisation)
    wanted = "原理样机" if code == "laboratory_principle" else "关键部件"
    named = "laboratory prototype" if code == "laboratory_principle" else "key component"
    made: Any = Milestone(
        title_zh=f"{wanted} · {award.public_id}",
        title_en=f"{named} · {award.public_id}",
        stage=code,
        indicators=[LIFE],
        verifier=house,
        due_on=due,
        amount=600_000,
    )
    return contracting.register_milestone(award, made, stage.actors[Role.OFFICER], timezone.now())


def _team(award: Award) -> Actor:
    member = Membership.objects.filter(organisation=award.organisation, role=Role.FIRM.value).order_by("pk")[0]
    return member.actor


def _assess(milestone: Milestone, value: float, stage: Demo) -> None:
    reviewer = stage.actors[Role.REVIEWER]
    decision = contracting.measure(milestone, {LIFE["name"]: value}, "SIM-2026-01（模拟）", reviewer, timezone.now())
    transition(milestone, "assess", reviewer, "", decision)
