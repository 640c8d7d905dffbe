"""A survey that was asked, argued, stopped and resolved, and one function with three routes: all of it simulated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from importlib.resources import files

import numpy as np
import pandas as pd
from django.utils import timezone

from biaochi.core.roles import Actor, Role
from biaochi.exchange.tables import to_csv
from biaochi.mechanisms.foresight.decisions import decide_resolution, propose_resolution
from biaochi.mechanisms.foresight.model import Outcome
from biaochi.mechanisms.foresight.web import panel, readings
from biaochi.mechanisms.foresight.web.models import FunctionOfRoutes, Invitation, Sheet, Study, StudyItem, TermScan
from biaochi.mechanisms.foresight.web.scans import keep_scan
from biaochi.registry.models import Membership, Organisation, Person
from biaochi.registry.sealing import token_digest
from biaochi.registry.site import Demo
from biaochi.registry.transition import create, transition

EXPERTS = 12
_COLUMNS = ("term", "period", "count", "total")
_ARGUMENT = "中试线的瓶颈不在设备而在隔膜供应：已公布的隔膜产能要再等两年。（模拟）"
# Years of 50 % for the first pilot line, in years after the survey, by expert: first round, then second; the last left.
_PILOT = ((1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 8, 6), (1, 1, 3, 3, 2, 2, 2, 3, 3, 4, 8, None))
_STANDARD = ((1, 1, 1, 1, 2, 2, 2, 2, 2, 1, 1, 3), (1, 1, 1, 1, 2, 2, 2, 2, 2, 1, 1, None))
_EXPORT = ((4, 4, 5, 5, 5, 6, 6, 6, 7, 7, 8, 9), (4, 5, 5, 5, 5, 6, 6, 6, 7, 7, 8, None))
_WEIGHT = ((4, 4, 4, 3, 4, 4, 3, 4, 4, 4, 2, 3), (4, 4, 4, 4, 4, 4, 3, 4, 4, 4, 2, None))


def experts(region: str) -> list[Person]:
    """Make twelve simulated experts: accounts with numbers, no names."""
    house = Organisation.objects.create(
        kind="institute", name_zh="示例专家组", name_en="Example Panel", region_id=region, simulated=True
    )
    made = []
    for number in range(1, EXPERTS + 1):
        person = Person.objects.create_person(
            f"expert-{number}",
            f"示例 · 预见专家 {number}",
            email=f"expert-{number}@example.invalid",
            simulated=True,
        )
        Membership.objects.create(person=person, role=Role.REVIEWER.value, organisation=house)
        made.append(person)
    return made


def year_answer(survey_year: int, after: int, rationale: str = "") -> dict[str, str]:
    """Return a year answer around a median so many years after the survey."""
    return {
        "year_p10": str(survey_year + max(after - 1, 0)),
        "year_p50": str(survey_year + after),
        "year_p90": str(survey_year + after * 2 + 2),
        "p_never": "0.05",
        "familiarity": "2",
        **({"rationale": rationale} if rationale else {}),
    }


def _study(officer: Actor, asked: datetime, due: Mapping[str, date]) -> Study:
    study = Study(
        title_zh="液流电池中试：何时到来（模拟）",
        title_en="Flow battery pilot: when (simulated)",
        purpose="第一条百兆瓦时级中试线何时投运，何时有标准，何时出口？（模拟）",
        consensus_threshold=0.75,
        year_range=5.0,
        stability_threshold=0.3,
        round_limit=3,
        simulated=True,
    )
    create(study, officer, now=asked)
    years = (
        ("pilot_line", "第一条百兆瓦时级中试线投运", "first 100 MWh pilot line in operation"),
        ("standard", "行业标准发布", "industry standard issued"),
        ("export", "首次整机出口", "first complete system exported"),
    )
    items = [StudyItem(study=study, code=c, type="year", name_zh=zh, name_en=en, due_on=due[c]) for c, zh, en in years]
    weight = StudyItem(
        study=study,
        code="importance",
        type="likert",
        name_zh="对本省电网的重要程度",
        name_en="importance for the province's grid",
        low=1,
        high=4,
    )
    StudyItem.objects.bulk_create([*items, weight])
    return study


def _take_seats(study: Study, people: Sequence[Person]) -> list[str]:
    return [panel.take_seat(study, p) for p in people]


def _answer(study: Study, codes: Sequence[str], round_: int) -> None:
    """Fill and submit every sheet of a round; the last expert leaves before the second."""
    seats = {s.key_digest: s for s in study.seats.all()}
    for number, code in enumerate(codes):
        seat = seats[token_digest(code)]
        pilot = _PILOT[round_ - 1][number]
        standard, export = _STANDARD[round_ - 1][number], _EXPORT[round_ - 1][number]
        weight = _WEIGHT[round_ - 1][number]
        if pilot is None or standard is None or export is None or weight is None:
            continue
        why = _ARGUMENT if number == 10 else ""
        content = {
            "pilot_line": year_answer(study.survey_year, pilot, why),
            "standard": year_answer(study.survey_year, standard),
            "export": year_answer(study.survey_year, export),
            "importance": {"answer": str(weight), "familiarity": "3" if number % 3 else "2"},
        }
        seat.move("submit")
        seat.save(update_fields=["state"])
        Sheet.objects.filter(seat=seat, round=round_).update(content=content, submitted=True)


def demo(stage: Demo) -> None:
    """Play a survey of two rounds a year and more ago, settle what has come due since, and store a function."""
    officer, second = stage.actors[Role.OFFICER], stage.second[Role.OFFICER]
    asked = stage.now - timedelta(days=500)
    today = timezone.localdate(stage.now)
    due = {
        "pilot_line": today - timedelta(days=40),
        "standard": today - timedelta(days=70),
        "export": today - timedelta(days=20),
    }
    study = _study(officer, asked, due)
    people = experts(stage.region)
    Invitation.objects.bulk_create([Invitation(study=study, person=p) for p in people])
    transition(study, "submit", officer, "", now=asked + timedelta(days=1))
    transition(study, "freeze", second, "", now=asked + timedelta(days=2))
    transition(study, "open_round", officer, "", now=asked + timedelta(days=3))
    codes = _take_seats(study, people)
    _answer(study, codes, 1)
    transition(study, "close_round", officer, "", now=asked + timedelta(days=24))
    transition(study, "open_feedback", officer, "", now=asked + timedelta(days=26))
    transition(study, "open_round", officer, "", now=asked + timedelta(days=27))
    _answer(study, codes, 2)
    transition(study, "close_round", officer, "", now=asked + timedelta(days=48))
    transition(study, "open_feedback", officer, "", now=asked + timedelta(days=50))
    found = readings.survey(study)
    decision = found[0].decision if found else None
    transition(study, "conclude", officer, "按事先规则停止。", decision, now=asked + timedelta(days=51))
    transition(study, "await_outcomes", officer, "", now=asked + timedelta(days=52))
    _settle(study, officer, second, stage.now)
    transition(study, "resolve", officer, "", now=stage.now)
    document = (files("biaochi.mechanisms.foresight.web") / "demonstration.yaml").read_text(encoding="utf-8")
    FunctionOfRoutes.objects.create(
        title_zh="储存一度电（模拟路线）",
        title_en="Storing electricity (simulated routes)",
        document=document,
        as_of=today,
        simulated=True,
    )
    scan = TermScan(
        title_zh="项目题名中的词（模拟）",
        title_en="Words in titles of projects (simulated)",
        origin="模拟的词频 / simulated counts",
        document=_terms(today.year),
        simulated=True,
        created_at=stage.now,
    )
    keep_scan(scan, officer, stage.now)


def _terms(year: int) -> str:
    """Return counts of sixty simulated terms over sixteen years: most steady, ten that rise."""
    chance = np.random.default_rng(7)
    rows = []
    for number in range(1, 61):
        start = 9 + number % 4 if number <= 10 else 99
        for step in range(16):
            rising = 0.0 if step < start else 3.0 * (step - start + 1) * (1.0 if number % 2 else 0.4)
            rows.append((f"词 {number:02d}", year - 15 + step, int(chance.poisson(2.0 + rising)), 900))
    return readings.counts_document("terms.csv", to_csv(pd.DataFrame(rows, columns=list(_COLUMNS))).encode())


def _settle(study: Study, officer: Actor, second: Actor, now: datetime) -> None:
    came = {"pilot_line": 280, "standard": 190, "export": None}
    for question in study.questions.select_related("item"):
        transition(question, "fall_due", Actor("clock", Role.CLOCK), "", now=now)
        days = came[question.item.code]
        outcome = Outcome.REALISED if days is not None else Outcome.NOT_YET
        day = timezone.localdate(now - timedelta(days=days)) if days is not None else None
        proposal = propose_resolution(outcome, day, "模拟的公告。", due_on=question.due_on, at=timezone.localdate(now))
        transition(question, "propose", officer, "按公告。", proposal, now=now)
        decision = decide_resolution(
            outcome,
            question.due_on,
            day,
            proposer=officer.person,
            confirmer=second.person,
            answered=study.panel(),
            at=timezone.localdate(now),
        )
        transition(question, "confirm", second, "", decision, now=now)
