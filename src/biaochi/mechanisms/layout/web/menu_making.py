"""Menus from a study: one for each region, kept with everything it rests on."""

from __future__ import annotations

from typing import Any

from django.db import transaction as database
from django.utils import timezone

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.mechanisms.layout.web import readings
from biaochi.mechanisms.layout.web.models import ActivityTable, Menu
from biaochi.registry.models import Membership, Organisation, Region
from biaochi.registry.transition import create


def study_of(uploaded: ActivityTable, event: str) -> Any:
    """Return the study menus are made from; without one, or where its gate is unmet, there is nothing to make."""
    reading = readings.study_reading(uploaded, event)
    if reading is None:
        raise RefusedError("no_study", Text("须先完成回测与测算", "the back-test has to be computed first"))
    if not reading["plans"]:
        raise RefusedError("gate_unmet", Text("进入次数不足，不排序，没有菜单", "too few entries: no ranking, no menu"))
    if reading["plans"]["p0"]["infeasible"]:
        raise RefusedError("infeasible", Text("约束相互矛盾，没有菜单", "the limits contradict one another: no menu"))
    return reading


def best_plan(reading: Any) -> tuple[str, Any]:
    """Return the plan menus rest on: P1 where the office set limits only it knows and they can be met, else P0."""
    code = "p1" if reading["joint"] and not reading["plans"]["p1"]["infeasible"] else "p0"
    return code, reading["plans"][code]


def make_menus(uploaded: ActivityTable, event: str, actor: Actor) -> list[Menu]:
    """Make the menu of every region that has none yet."""
    reading = study_of(uploaded, event)
    code, plan = best_plan(reading)
    known = set(Menu.objects.filter(table=uploaded, event=event).values_list("place", flat=True))
    offices = receivers(actor)
    made = []
    with database.atomic():
        for found in plan["menus"]:
            place = str(found["region"])
            if place in known or not found["items"]:
                continue
            name = readings.place_names().get(place, Text.same(place))
            menu = Menu(
                title_zh=f"{name.zh}：错位发展菜单",
                title_en=f"{name.en}: menu with reasons",
                table=uploaded,
                place=place,
                event=event,
                problem=code,
                items=found["items"],
                basis=readings.study_basis(uploaded, event),
                computed_by=actor.person,
                simulated=uploaded.simulated,
            )
            office = [(house, region) for house, region in offices if place in _names(region)]
            if len(office) == 1:
                menu.receiver = office[0][0]
                create(menu, actor, now=timezone.now())
                Menu.objects.filter(pk=menu.pk).update(region=office[0][1])
            else:
                create(menu, actor, now=timezone.now())
            made.append(menu)
    return made


def refreshed(menu: Menu) -> tuple[str, list[Any], str]:
    """Return problem, items and basis of a menu as the present study has them."""
    reading = study_of(menu.table, menu.event)
    code, plan = best_plan(reading)
    items: list[Any] = next((m["items"] for m in plan["menus"] if m["region"] == menu.place), [])
    return code, items, readings.study_basis(menu.table, menu.event)


def receivers(actor: Actor) -> list[tuple[Organisation, Region]]:
    """Return the offices a menu can go to, each with the region it answers for, within the actor's own scope."""
    rows = (
        Membership.objects.in_force()
        .filter(role=Role.OFFICER.value, organisation__kind=Organisation.Kind.OFFICE)
        .select_related("organisation", "organisation__region")
    )
    found: dict[tuple[int, str], tuple[Organisation, Region]] = {}
    regions = {r.code: r for r in Region.objects.filter(code__in={m.scope for m in rows if m.scope})}
    for row in rows:
        house = row.organisation
        region = regions.get(row.scope) or (house.region if house else None)
        if house is None or region is None or not _within(region.code, actor.scope):
            continue
        found[house.pk, region.code] = (house, region)
    return sorted(found.values(), key=lambda pair: (pair[1].code, pair[0].name_zh))


def _within(code: str, scope: str) -> bool:
    if len(scope) != 6 or not scope.isdigit() or scope == "100000":
        return True
    stem = scope[:2] if scope.endswith("0000") else scope[:4] if scope.endswith("00") else scope
    return code.startswith(stem)


def _names(region: Region) -> set[str]:
    short = region.name_zh
    for ending in ("维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "特别行政区", "省", "市"):
        short = short.removesuffix(ending)
    return {region.name_zh, short, region.name_en, region.code}
