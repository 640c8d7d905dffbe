"""Pages of the layout: crowding on the shipped plans, the plan browser, documents coded twice, zones, uploads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.exchange.source import Source
from biaochi.mechanisms.layout.model import AssessmentResult
from biaochi.mechanisms.layout.web import demonstration, readings
from biaochi.mechanisms.layout.web.models import ActivityTable, DemandRange, Objection, PlanDocument, Reading, Zone
from biaochi.mechanisms.layout.web.site import SITE
from biaochi.registry.importing import check
from biaochi.registry.site import Demo
from biaochi.registry.transition import create, transition

pytestmark = pytest.mark.django_db
REGION = "990000"


def test_the_crowding_page_answers_in_its_heading(walk: Any) -> None:
    text = walk.page(walk.browser(), "/layout/")
    assert "量子科技、商业航天/空天信息/空天利用各有 13 个地区点名，全部 31 个地区中至多 30 个" in text
    assert "看不出地区之间相互照抄" in text
    assert "脑机接口：7 个地区点名，至多 23 个，共 31 个" in text
    assert "都记为未知" in text
    again = walk.page(walk.browser(lang="en"), "/layout/")
    assert "named by 13 regions each, at most 30 of all 31" in again
    assert "most alike: Zhejiang and Guangdong" in again
    assert Reading.objects.filter(kind="crowding").count() == 1, "computed once, kept as a reading"


def test_excess_similarity_against_both_nulls_with_and_without_national_tracks(walk: Any) -> None:
    found = readings.crowding_reading(readings.plan_table())
    assert found["parts"]["observed"] == pytest.approx(0.3073326708, abs=1e-9)
    assert found["local"]["observed"] == pytest.approx(found["without_national"]["mean"])
    for parts in (found["parts"], found["local"]):
        assert parts["size"] + parts["popular"] + parts["copying"] == pytest.approx(parts["observed"])
    assert len(set(found["order"])) == len(found["order"])
    assert len(found["order"]) == found["regions"]["complete"] + found["regions"]["partial"]


def test_the_plan_browser_tells_wording_document_and_evidence(walk: Any) -> None:
    text = walk.page(walk.browser(), "/layout/plans/?track=quantum&region=浙江")
    assert "量子信息" in text
    assert "见过原文" in text or "凭记忆" in text
    everything = walk.browser().get("/layout/plans/?format=csv").content.decode("utf-8-sig")
    assert len(everything.strip().splitlines()) == 401
    walk.page(walk.browser(), "/layout/plans/?track=nothing&page=99")


def test_a_demand_range_turns_unknown_into_a_verdict(walk: Any, cast: dict[str, Actor]) -> None:
    importer = next(i for i in SITE.importers if i.code == "demand")
    table = "track,demand,demand_lo,demand_hi,capacity,source\nquantum,5,4,8,1,测算\nnone,3,4,5,0,测算\n"
    seen = check(importer, Source("d.csv", table.encode()), cast["officer"])
    assert {f.code for f in seen.faults} == {"unknown_track", "out_of_range"}
    importer.store(seen.clean, Source("d.csv", table.encode()), cast["officer"])
    assert DemandRange.objects.get().track == "quantum"
    text = walk.page(walk.browser(), "/layout/")
    assert "拥挤" in text
    assert "需求容 4.0 至 8.0 处" in text


def test_a_document_is_coded_blind_twice_and_then_counts(walk: Any, cast: dict[str, Actor]) -> None:
    document = PlanDocument(
        title_zh="山西行动方案",
        title_en="Plan of Shanxi",
        place="山西",
        source="山西行动方案",
        dated="2026-01-05",
    )
    create(document, cast["officer"])
    officer, second = walk.browser(cast["officer"]), walk.browser(cast["second"])
    faulty = walk.move(officer, document, "code", status=422, coding="nothing,某\nquantum,\nbci,甲\nbci,乙")
    assert faulty.count("行：") >= 3, "every faulty line is told"
    walk.move(officer, document, "code", coding="quantum,量子计算\nbci,脑机接口")
    assert "量子计算" not in walk.page(second, document.get_absolute_url()), "the second coder is blind"
    assert "量子计算" in walk.page(officer, document.get_absolute_url())
    walk.move(officer, document, "code_again", status=422, coding="quantum,量子计算\nbci,脑机接口")
    document.refresh_from_db()
    assert document.second is None, "a refused move stores nothing"
    walk.move(second, document, "code_again", coding="quantum,量子计算\nbci,脑机接口")
    before = readings.plan_table().stood(readings.newest(readings.plan_table())).named["quantum"]
    walk.move(officer, document, "publish", status=422)
    walk.move(second, document, "publish")
    table = readings.plan_table()
    assert table.stood(readings.newest(table)).named["quantum"] == before + 1
    PlanDocument.objects.filter(pk=document.pk).update(simulated=True)
    table = readings.plan_table()
    assert table.stood(readings.newest(table)).named["quantum"] == before, "simulated documents never count"


def test_codings_that_differ_are_not_published(walk: Any, cast: dict[str, Actor]) -> None:
    document = PlanDocument(title_zh="甲", title_en="A", place="山西", source="甲", dated="2026-01-05")
    create(document, cast["officer"])
    walk.move(walk.browser(cast["officer"]), document, "code", coding="quantum,量子信息\nfusion,聚变")
    walk.move(walk.browser(cast["second"]), document, "code_again", coding="bci,脑机接口")
    walk.move(walk.browser(cast["third"]), document, "publish", status=422)


def test_a_zone_walks_from_application_to_rolling_assessment(walk: Any, cast: dict[str, Actor]) -> None:
    firm, officer, second = walk.browser(cast["firm"]), walk.browser(cast["officer"]), walk.browser(cast["second"])
    reviewer, other = walk.browser(cast["reviewer"]), walk.browser(cast["other"])
    asked = {
        "title_zh": "某区量子先导区",
        "title_en": "Quantum zone",
        "jurisdiction": "anhui",
        "site": "某开发区",
        "tracks": ["quantum"],
        "case_made": "已有中试平台。",
    }
    assert firm.get("/layout/zones/new/").status_code == 200
    assert (
        firm.post("/layout/zones/new/", {**asked, "tracks": ["quantum", "bci", "fusion", "embodied"]}).status_code
        == 422
    )
    assert firm.post("/layout/zones/new/", asked).status_code == 302
    zone = Zone.objects.get()
    assert zone.region_id == REGION
    walk.page(other, zone.get_absolute_url(), 404)
    criteria = ("level", "resources", "base", "mechanism", "direction", "concentration")
    refused = walk.move(
        officer, zone, "check", status=422, **dict.fromkeys(criteria[:-1], "yes") | {"concentration": "no"}
    )
    assert "空间集聚" in refused
    zone.refresh_from_db()
    assert zone.facts == {}, "a refused check stores nothing"
    walk.move(officer, zone, "check", **dict.fromkeys(criteria, "yes"))
    act = f"{zone.get_absolute_url()}"
    assert officer.post(f"{act}review/", {"experts": 5, "score": 80, "reason": "可"}).status_code == 403
    assert firm.post(f"{act}review/", {"experts": 5, "score": 80, "reason": "可"}).status_code == 403
    assert reviewer.post(f"{act}review/", {"experts": 0, "score": 180, "reason": ""}).status_code == 422
    assert reviewer.post(f"{act}review/", {"experts": 5, "score": 80, "reason": "可"}).status_code == 302
    walk.move(reviewer, zone, "review_site")
    today = timezone.localdate()
    walk.move(second, zone, "give_notice", status=422, notice_until=(today - timedelta(days=1)).isoformat())
    walk.move(second, zone, "give_notice", notice_until=today.isoformat())
    assert "公示中" in walk.page(other, zone.get_absolute_url())
    assert other.post(f"{act}object/", {"text": "用地有争议"}).status_code == 302
    assert "用地有争议" not in walk.page(walk.browser(), zone.get_absolute_url()), "what is objected is not published"
    Zone.objects.filter(pk=zone.pk).update(notice_until=timezone.now() - timedelta(hours=1))
    assert other.post(f"{act}object/", {"text": "晚了"}).status_code == 403
    assert "异议" in walk.move(second, zone, "start_building", status=422)
    objection = Objection.objects.get()
    assert firm.post(f"{act}settle/", {"objection": objection.pk, "text": "无"}).status_code == 403
    assert officer.post(f"{act}settle/", {"objection": objection.pk, "text": "已核实，无争议"}).status_code == 302
    walk.move(second, zone, "start_building")
    walk.move(officer, zone, "start_assessment")
    walk.move(officer, zone, "continue", status=422)
    assert officer.post(f"{act}assess/", {"result": "fail", "reason": "进度滞后"}).status_code == 302
    assert "整改" in walk.move(officer, zone, "continue", status=422), "an insufficient zone does not go on as it is"
    walk.move(officer, zone, "adjust")
    walk.move(officer, zone, "start_assessment")
    zone.refresh_from_db()
    assert zone.assessment == "", "a new assessment starts empty"
    officer.post(f"{act}assess/", {"result": AssessmentResult.RETAINED.value, "reason": "整改到位"})
    walk.move(officer, zone, "continue")
    zone.refresh_from_db()
    assert zone.state == "continued"


def test_applicant_checker_and_reviewer_differ(walk: Any, cast: dict[str, Actor]) -> None:
    zone = Zone(title_zh="甲", title_en="A", jurisdiction="other", site="某", tracks=["bci"], case_made="有")
    create(zone, cast["officer"])
    with pytest.raises(RefusedError):
        transition(zone, "check", cast["officer"], "自己核查")
    with pytest.raises(RefusedError):
        transition(zone, "check", cast["second"], "同一单位核查")


def test_an_upload_with_faults_is_not_kept(walk: Any, cast: dict[str, Actor]) -> None:
    client = walk.browser(cast["officer"])
    table = "region,track,period,value,unit\n浙江,quantum,2023,-1,项\n浙江,bci,2023,3,亿元\n"
    upload = SimpleUploadedFile("a.csv", table.encode(), content_type="text/csv")
    answer = client.post("/layout/import/activity/", {"file": upload})
    assert answer.status_code in (200, 422)
    assert not ActivityTable.objects.exists()


def test_the_demonstration_is_quick_and_simulated(walk: Any, cast: dict[str, Actor]) -> None:
    actors = {Role.OFFICER: cast["officer"], Role.FIRM: cast["firm"], Role.REVIEWER: cast["reviewer"]}
    stage = Demo(REGION, timezone.now(), actors, {Role.OFFICER: cast["second"]}, cast["other"])
    demonstration.fill(stage)
    assert sorted(Zone.objects.values_list("state", flat=True)) == ["applied", "continued", "on_notice"]
    assert all(z.simulated for z in Zone.objects.all())
    assert not Reading.objects.exists(), "nothing long is computed at the start"
