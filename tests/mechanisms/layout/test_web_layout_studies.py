"""Pages that rest on uploaded activity: declared against real, studies with certificates, menus answered by regions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from django.utils import timezone

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.exchange.source import Source
from biaochi.exchange.tables import to_csv
from biaochi.mechanisms.layout.model.study import StudyRules
from biaochi.mechanisms.layout.web import demonstration, readings
from biaochi.mechanisms.layout.web.models import ActivityTable, Menu, MenuAnswer, PlanDocument, Reading, TrackOutlook
from biaochi.mechanisms.layout.web.site import SITE
from biaochi.mechanisms.layout.web.taking import take_outlook, take_plans
from biaochi.mechanisms.layout.web.uploads import IMPORTERS, store_activity
from biaochi.registry.importing import check
from biaochi.registry.jobs import Progress
from biaochi.registry.models import Job
from biaochi.registry.site import Demo, Offer
from biaochi.registry.transition import transition

pytestmark = pytest.mark.django_db
REGION = "990000"
IMPORT = {i.code: i for i in IMPORTERS}
PROGRAMMES = """track,class,weight
quantum,量子调控与量子信息,1
biomanufacturing,合成生物学,2
biomanufacturing,绿色生物制造,1
cell_gene,干细胞及转化研究,1
embodied,智能机器人,1
additive_laser,增材制造与激光制造,1
hydrogen,可再生能源与氢能技术,1
deepsea,深海关键技术与装备,1
adv_nuclear,核安全与先进核能技术,1
"""


def activity() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    codes = ["quantum", "bci", "fusion", "hydrogen", "embodied", "other_track"]
    return pd.DataFrame(
        [
            {
                "row": 0,
                "region": r,
                "track": t,
                "period": str(y),
                "value": int(rng.poisson(9)),
                "unit": "项",
                "source": "",
                "se": "",
            }
            for y in (2022, 2023)
            for r in ("浙江", "北京", "安徽", "某地")
            for t in codes
        ]
    )


@pytest.fixture
def studied(cast: dict[str, Actor], monkeypatch: pytest.MonkeyPatch) -> ActivityTable:
    """Return a small simulated table whose regions are those of the example province, with quick rules."""
    monkeypatch.setattr(demonstration, "REGIONS", 12)
    monkeypatch.setattr(demonstration, "YEARS", 5)
    rules = StudyRules(k=3, min_events=10, cap_slack=1.25, max_loss=0.02, bootstrap=20, refits=3)
    monkeypatch.setattr(readings.activity, "study_rules", lambda parameters: rules)
    stage = Demo(REGION, timezone.now(), {Role.OFFICER: cast["officer"]}, {}, cast["other"])
    demonstration._table(stage, cast["officer"])
    return ActivityTable.objects.get()


COMPUTED: dict[str, Any] = {}


def run(table: ActivityTable, event: str = "loose") -> None:
    """Run the job of a study; what one test computed the others read, since it rests on the same digest."""
    basis = readings.study_basis(table, event)
    if basis in COMPUTED:
        Reading.objects.get_or_create(kind="study", basis=basis, defaults={"content": COMPUTED[basis]})
        return
    readings.run_study(Progress("J-test"), {"table": table.public_id, "event": event})
    if event == "loose":
        COMPUTED[basis] = readings.study_reading(table, event)


def test_declared_stands_against_real_for_all_regions_and_for_one(walk: Any, cast: dict[str, Actor]) -> None:
    frame = activity()
    address = store_activity(frame, Source("a.csv", to_csv(frame).encode()), cast["officer"])
    text = walk.page(walk.browser(cast["second"]), address)
    assert "处已有专业化基础" in text
    assert "没有规划文件，点名什么不明" in text, "a region without plans is named as such"
    one = walk.page(walk.browser(cast["second"]), f"{address}?region=浙江")
    assert "浙江点名的" in one
    assert "（" in one, "quotients of counts carry their interval"
    assert "不在规划表里" in walk.page(walk.browser(cast["officer"]), f"{address}?region=某地")
    whole = walk.page(walk.browser(cast["officer"]), f"{address}?periods=all")
    assert "2022–2023" in whole
    for stranger in (None, cast["firm"], cast["reviewer"], cast["city"]):
        walk.page(walk.browser(stranger), address, 404)
    assert "a.csv" not in walk.page(walk.browser(cast["firm"]), "/layout/activity/")
    uploaded = ActivityTable.objects.get()
    study = f"/layout/activity/{uploaded.public_id}/study/"
    assert walk.browser(cast["officer"]).post(study).status_code == 403, "two periods are no back-test"
    walk.page(walk.browser(cast["firm"]), study, 404)


@pytest.mark.reference
def test_national_projects_by_province_stand_against_the_plans(walk: Any, shared: Path, cast: dict[str, Actor]) -> None:
    """None of these projects ships: a programme is a class, and a concordance says which tracks grow out of it."""
    projects = pd.read_csv(
        shared / "data" / "b_region_tech" / "cn_nkrdp_projects_with_province_2018_2020.csv.gz", dtype=str
    ).dropna(subset=["province", "type", "year"])
    counted = projects.groupby(["province", "type", "year"]).size().reset_index(name="value")
    counted.columns = pd.Index(["region", "track", "period", "value"])
    table = counted.assign(unit="项", source="国家重点研发计划", se="")
    source = Source("projects.csv", to_csv(table).encode())
    seen = check(IMPORT["activity"], source, cast["officer"])
    assert not seen.faults
    address = IMPORT["activity"].store(seen.clean, source, cast["officer"])
    officer = walk.browser(cast["officer"])
    assert "没有统计这些赛道，无法对照" in walk.page(officer, address), "programmes are not tracks yet"
    parents = Source("concordance.csv", PROGRAMMES.encode())
    seen = check(IMPORT["concordance"], parents, cast["officer"])
    assert not seen.faults
    IMPORT["concordance"].store(seen.clean, parents, cast["officer"])
    text = walk.page(officer, f"{address}?periods=all")
    assert "处已有专业化基础" in text
    assert "推算" in walk.page(officer, f"{address}?periods=all&region=浙江")
    reading = readings.real_reading(ActivityTable.objects.get(), whole=True)
    assert len(reading["regions"]) == 31
    assert set(reading["imputed"]) == {"quantum", "biomanufacturing", "cell_gene", "embodied", "additive_laser"} | {
        "hydrogen",
        "deepsea",
        "adv_nuclear",
    }
    at = reading["tracks"].index
    row = reading["quotient"][reading["regions"].index("北京")]
    mixed = (2 * row[at("合成生物学")] + row[at("绿色生物制造")]) / 3
    assert row[at("biomanufacturing")] == pytest.approx(mixed)


def test_a_concordance_with_faults_is_refused(cast: dict[str, Actor]) -> None:
    table = "track,class,weight\nquantum,甲,0\nnothing,乙,1\n"
    seen = check(IMPORT["concordance"], Source("c.csv", table.encode()), cast["officer"])
    assert {f.code for f in seen.faults} == {"unknown_track", "out_of_range"}


def test_a_study_is_a_job_with_frontier_and_certificates(
    walk: Any, cast: dict[str, Actor], studied: ActivityTable
) -> None:
    client = walk.browser(cast["officer"])
    address = f"/layout/activity/{studied.public_id}/study/"
    assert "还没有测算" in walk.page(client, address)
    assert client.post(address, {"event": "loose"}).status_code == 302
    assert client.post(address, {"event": "loose"}).status_code == 302
    assert Job.objects.filter(code="layout.study").count() == 1, "asked twice, queued once"
    assert "正在测算" in walk.page(client, address)
    assert "还没有测算" in walk.page(client, f"{address}?event=strict"), "each meaning of entry is its own study"
    run(studied)
    text = walk.page(client, address)
    for said in ("错开之后少", "这是有理由的菜单，不是任务", "预期少几次进入", "已证最优", "从不按概率", "有多稳定"):
        assert said in text, said
    for code in ("additive", "density_relative", "log_rca", "loose", "best_log_score"):
        assert f">{code}<" not in text, "no raw code on the screen"
    reading = readings.study_reading(studied, "loose")
    assert set(reading["plans"]) == {"p0", "p1", "p2"}
    assert reading["plans"]["p2"]["certificate"]["gap"] <= 1e-3
    assert reading["plans"]["p0"]["certificate"]["integral"]
    own, plan = reading["steps"][0], reading["steps"][-1]
    assert (own["kind"], plan["kind"]) == ("own", "plan")
    assert plan["overload"] == 0
    assert plan["avoided"] == own["overload"]
    lost = [s["lost"] for s in reading["steps"][1:-1]]
    assert lost == sorted(lost), "dearer duplication never gains entries"
    english = walk.page(walk.browser(cast["officer"], "en"), f"{address}?problem=p2&event=loose")
    assert "Differing avoids" in english
    assert Reading.objects.filter(kind="study").count() == 1


def test_too_few_strict_entries_are_not_ranked(
    walk: Any, cast: dict[str, Actor], studied: ActivityTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = StudyRules(k=3, min_events=10_000, cap_slack=1.25, max_loss=0.02, bootstrap=20, refits=3)
    monkeypatch.setattr(readings.activity, "study_rules", lambda parameters: rules)
    run(studied, "strict")
    text = walk.page(walk.browser(cast["officer"]), f"/layout/activity/{studied.public_id}/study/?event=strict")
    assert "进入次数不足，不排序" in text
    answer = walk.browser(cast["officer"]).post(
        f"/layout/activity/{studied.public_id}/study/", {"event": "strict", "act": "menus"}
    )
    assert answer.status_code == 422
    assert "没有菜单" in answer.content.decode()
    assert not Menu.objects.exists()


def test_limits_are_checked_and_make_p1(walk: Any, cast: dict[str, Actor], studied: ActivityTable) -> None:
    client = walk.browser(cast["officer"])
    address = f"/layout/activity/{studied.public_id}/study/"
    wrong = client.post(address, {"act": "limits", "limits": "clusters: {湾: [甲地, 示例01地]}\nk: 0\nnothing: 1\n"})
    assert wrong.status_code == 422
    studied.refresh_from_db()
    assert studied.limits == ""
    unknown = client.post(address, {"act": "limits", "limits": "budget: {甲地: 5}\n"})
    assert unknown.status_code == 422
    assert "甲地" in unknown.content.decode()
    right = "clusters: {湾: [示例01地, 示例02地, 示例03地]}\npair_penalty: 0.5\n"
    assert client.post(address, {"act": "limits", "limits": right}).status_code == 302
    studied.refresh_from_db()
    run(studied)
    reading = readings.study_reading(studied, "loose")
    assert reading["joint"] == ["clusters", "pair_penalty"]
    picks = {
        m["region"]: {i["track"] for i in m["items"]}
        for m in reading["plans"]["p1"]["menus"]
        if m["region"] < "示例04地"
    }
    assert len(picks) == 3
    assert walk.page(client, f"{address}?problem=p1").count("没有写约束") == 0
    for hostile in ("a: [", "x: &x [1]\ny: *x\n", "k: 2\nk: 3\n", "{" * 4000, "[1, 2]"):
        assert client.post(address, {"act": "limits", "limits": hostile}).status_code == 422, hostile[:20]
    assert client.post(address, {"act": "limits", "limits": "cap: 0\n"}).status_code == 302
    studied.refresh_from_db()
    run(studied)
    assert "约束无法同时满足" in walk.page(client, address), "limits that contradict are said to"
    assert "没有菜单" in client.post(address, {"act": "menus"}).content.decode()
    analyst_of_other = walk.browser(cast["firm"])
    assert analyst_of_other.post(address, {"act": "limits", "limits": ""}).status_code == 404


def test_a_menu_goes_from_computed_to_reviewed(walk: Any, cast: dict[str, Actor], studied: ActivityTable) -> None:
    run(studied)
    officer, second, city = (walk.browser(cast[k]) for k in ("officer", "second", "city"))
    address = f"/layout/activity/{studied.public_id}/study/"
    assert officer.post(address, {"event": "loose", "act": "menus"}).status_code == 302
    assert Menu.objects.count() == 12
    assert officer.post(address, {"event": "loose", "act": "menus"}).status_code == 302
    assert Menu.objects.count() == 12, "made once"
    menu = Menu.objects.get(place="示例01地")
    assert menu.simulated
    walk.page(city, menu.get_absolute_url(), 404)
    act = menu.get_absolute_url()
    assert "须先写明送给哪个地区的主管部门" in walk.page(second, act)
    walk.move(second, menu, "issue", status=422)
    choices = {c.split(":")[1]: c for c in _choices(walk.page(second, act))}
    assert city.post(f"{act}address/", {"receiver": choices["990100"]}).status_code == 404
    assert second.post(f"{act}address/", {"receiver": "nobody:990100"}).status_code == 422
    assert second.post(f"{act}address/", {"receiver": choices["990100"]}).status_code == 302
    walk.page(city, act, 404)
    walk.move(officer, menu, "issue", status=422)
    walk.move(second, menu, "issue")
    text = walk.page(city, act)
    assert "不是任务" in text
    for stranger in (None, cast["firm"], cast["other"], cast["reviewer"]):
        walk.page(walk.browser(stranger), act, 404)
    walk.page(walk.browser(cast["auditor"]), act)
    first, rest = menu.items[0]["track"], [i["track"] for i in menu.items[1:]]
    walk.move(city, menu, "answer", status=422)
    assert officer.post(f"{act}answer/", {"track": first, "kind": "chosen", "reason": "越权"}).status_code == 403
    assert city.post(f"{act}answer/", {"track": first, "kind": "outside_menu", "reason": "甲"}).status_code == 422
    assert city.post(f"{act}answer/", {"track": first, "kind": "chosen", "reason": ""}).status_code == 422
    assert city.post(f"{act}answer/", {"track": first, "kind": "chosen", "reason": "本地有基础"}).status_code == 302
    assert city.post(f"{act}answer/", {"track": rest[0], "kind": "deferred", "reason": "再看一年"}).status_code == 302
    beyond = next(t for t in readings.plan_table().names if t not in {first, *rest})
    assert city.post(f"{act}answer/", {"track": beyond, "kind": "outside_menu", "reason": "有医院"}).status_code == 302
    assert city.post(f"{act}answer/", {"track": first, "kind": "declined", "reason": "改主意"}).status_code == 302
    assert MenuAnswer.objects.count() == 3, "a changed mind is one answer"
    walk.move(city, menu, "answer")
    menu.refresh_from_db()
    assert menu.state == "answered"
    assert city.post(f"{act}answer/", {"track": first, "kind": "chosen", "reason": "晚了"}).status_code == 403
    text = walk.page(second, act)
    assert "不选 1 条" in text
    assert "另选菜单之外 1 条" in text
    assert "没有答复" in text, "what was not answered is said in the decision, and obliges to nothing"
    walk.move(second, menu, "review", reason="下一轮多看邻近。")
    menu.refresh_from_db()
    assert menu.state == "reviewed"


def test_a_menu_taken_back_is_computed_anew_without_answers(
    walk: Any, cast: dict[str, Actor], studied: ActivityTable
) -> None:
    run(studied)
    officer, second, city = (walk.browser(cast[k]) for k in ("officer", "second", "city"))
    officer.post(f"/layout/activity/{studied.public_id}/study/", {"event": "loose", "act": "menus"})
    menu = Menu.objects.get(place="示例02地")
    act = menu.get_absolute_url()
    choices = {c.split(":")[1]: c for c in _choices(walk.page(officer, act))}
    officer.post(f"{act}address/", {"receiver": choices["990100"]})
    walk.move(second, menu, "issue")
    track = menu.items[0]["track"]
    city.post(f"{act}answer/", {"track": track, "kind": "chosen", "reason": "有"})
    studied.limits = "exclude: [{region: 示例02地, track: " + track + ", reason: 用地}]"
    studied.save()
    walk.move(second, menu, "recompute", status=422)
    run(studied)
    walk.move(second, menu, "recompute")
    menu.refresh_from_db()
    assert menu.state == "computed"
    assert track not in {
        i["track"] for i in menu.items if i["tier"] == "firm" and i["p"] is not None and i["density"] < 0
    }
    assert not menu.answers.exists()
    walk.page(city, act, 404)


def _choices(text: str) -> list[str]:
    return [part.split('"')[0] for part in text.split('<option value="')[1:] if ":" in part.split('"')[0]]


def outlook(**payload: Any) -> Offer:
    return Offer("FF-1", Text("氢能储运", "hydrogen storage"), timezone.now(), payload)


def test_an_outlook_of_foresight_stands_among_the_reasons(
    walk: Any, cast: dict[str, Actor], studied: ActivityTable
) -> None:
    with pytest.raises(RefusedError):
        take_outlook(outlook(), cast["officer"])
    assert (
        take_outlook(outlook(p_none_ready={"2030": 0.4, "2035": 0.1}, simulated=True), cast["officer"])
        == "/layout/outlooks/"
    )
    text = walk.page(walk.browser(cast["officer"]), "/layout/outlooks/")
    assert "还没有归到赛道" in text
    assert "60 %" in text
    assert (
        walk.browser(cast["firm"]).post("/layout/outlooks/", {"outlook": "FF-1", "track": "hydrogen"}).status_code
        == 403
    )
    track = readings.plan_table().names
    run(studied)
    item = readings.study_reading(studied, "loose")["plans"]["p0"]["menus"][0]["items"][0]["track"]
    assert item in track
    walk.browser(cast["officer"]).post("/layout/outlooks/", {"outlook": "FF-1", "track": item})
    take_outlook(outlook(p_none_ready={"2030": 0.2}, track="no_such"), cast["officer"])
    kept = TrackOutlook.objects.get()
    assert (kept.track, kept.by_year) == (item, [("2030", pytest.approx(0.8))]), "a newer outlook keeps its track"
    page = walk.page(walk.browser(cast["officer"]), f"/layout/activity/{studied.public_id}/study/")
    assert "至少一条路线达标的概率" in page


def test_a_declared_plan_enters_as_a_document_that_was_found(cast: dict[str, Actor]) -> None:
    offer = Offer(
        "RP-1", Text("某市方案", "plan"), timezone.now(), {"place": "某市", "dated": "2026-03-01", "level": "city"}
    )
    address = take_plans(offer, cast["officer"])
    document = PlanDocument.objects.get()
    assert (document.state, document.coverage, address) == ("found", "partial", document.get_absolute_url())
    with pytest.raises(RefusedError):
        take_plans(Offer("RP-2", Text.same("x"), timezone.now(), {"place": "某市", "dated": "soon"}), cast["officer"])
    assert set(SITE.takes) == {"outlook", "plans"}


def test_menus_never_leak_through_lists_exports_or_search(
    walk: Any, cast: dict[str, Actor], studied: ActivityTable
) -> None:
    run(studied)
    walk.browser(cast["officer"]).post(
        f"/layout/activity/{studied.public_id}/study/", {"event": "loose", "act": "menus"}
    )
    menu = Menu.objects.first()
    assert menu is not None
    for person in (cast["city"], cast["firm"], cast["reviewer"], None):
        client = walk.browser(person)
        listed = client.get("/layout/menus/")
        if listed.status_code == 200:
            assert menu.title_zh not in listed.content.decode()
        found = client.get("/search/", {"q": menu.public_id})
        assert menu.title_zh not in found.content.decode()
    with pytest.raises(RefusedError):
        transition(menu, "issue", cast["city"], "抢先")
