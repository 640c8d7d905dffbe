"""The web room of fair-competition review: marked text, repair, an exception signed by two, who sees what."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.mechanisms.fairness.web import acts, site
from biaochi.mechanisms.fairness.web.models import FairnessReview
from biaochi.registry.site import Demo
from biaochi.registry.transition import transition
from biaochi.web import demonstration as whole

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(db: None) -> Demo:
    """Return the cast, with this part of the demonstration."""
    found = whole.cast()
    site.demo(found)
    return found


def login(actor: Actor) -> Client:
    client = Client(HTTP_HOST="localhost")
    client.cookies["language"] = "en"
    user = get_user_model().objects.get(public_id=actor.person)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def blocked() -> FairnessReview:
    return FairnessReview.objects.get(kind="tender")


def issued() -> FairnessReview:
    return FairnessReview.objects.get(kind="voucher")


def move(client: Client, obj: FairnessReview, code: str, reason: str = "") -> int:
    obj.refresh_from_db()
    data = {"move": code, "version": obj.version, "reason": reason}
    return client.post(obj.get_absolute_url(), data).status_code


def test_the_public_reads_the_issued_text_with_its_exception_and_not_the_draft(stage: Demo) -> None:
    public = Client(HTTP_HOST="localhost")
    page = public.get(issued().get_absolute_url()).content.decode()
    assert "<mark" in page
    assert "公平竞争审查条例" in page
    assert "有期限，替代方案的理由成立" in page
    assert "示例行业协会" not in page
    assert public.get(blocked().get_absolute_url()).status_code == 404
    assert blocked().public_id not in public.get("/fairness/").content.decode()


def test_a_blocking_finding_is_repaired_by_a_new_version(stage: Demo) -> None:
    buyer, reviewer = login(stage.actors[Role.BUYER]), login(stage.actors[Role.COMPETITION_REVIEWER])
    obj = blocked()
    page = reviewer.get(obj.get_absolute_url()).content.decode()
    assert "violation" in page
    assert "D02" in page
    assert move(reviewer, obj, "return", "业绩要求限定地区") == 302
    file = SimpleUploadedFile("t.txt", "一、资格要求\n投标人须具有同类项目业绩。".encode("gbk"))
    address = f"{obj.get_absolute_url()}text/"
    assert buyer.post(address, {"text-file": file}).status_code == 302
    obj.refresh_from_db()
    assert obj.number == 2
    assert obj.versions.count() == 1
    hearing = {"hearing-who": "示例协会", "hearing-on": timezone.localdate().isoformat(), "hearing-view": "无异议"}
    assert buyer.post(f"{obj.get_absolute_url()}hearing/", hearing).status_code == 302
    assert move(buyer, obj, "screen") == 302
    assert move(reviewer, obj, "review") == 302
    assert move(reviewer, obj, "conclude", "已修改") == 302
    assert move(buyer, obj, "issue") == 302
    obj.refresh_from_db()
    assert (obj.state, obj.conclusion) == ("issued", "compliant")


def test_one_signature_is_not_enough_and_a_new_text_voids_both(stage: Demo) -> None:
    obj, officer = issued(), stage.actors[Role.OFFICER]
    first, second = stage.actors[Role.COMPETITION_REVIEWER], stage.second[Role.COMPETITION_REVIEWER]
    assert acts.concluded(obj, stage.now).outcome == "compliant_with_exception"
    transition(obj, "amend", officer, "补充说明")
    acts.act(obj, "text", officer, {"text": obj.text + "\n解释权归发布单位。"})
    obj.refresh_from_db()
    transition(obj, "screen", officer)
    transition(obj, "review", first)
    assert acts.concluded(obj, stage.now).outcome == "open"
    acts.act(obj, "sign", first, {"reason": "同意"})
    assert acts.concluded(obj, stage.now).outcome == "open"
    with pytest.raises(RefusedError):
        acts.act(obj, "sign", first, {"reason": "再签"})
    acts.act(obj, "sign", second, {"reason": "同意"})
    assert acts.concluded(obj, stage.now).outcome == "compliant_with_exception"


def test_an_open_violation_is_not_issued_until_two_others_override(stage: Demo) -> None:
    obj, buyer = blocked(), stage.actors[Role.BUYER]
    first, second = stage.actors[Role.COMPETITION_REVIEWER], stage.second[Role.COMPETITION_REVIEWER]
    acts.act(obj, "hearing", buyer, {"who": "示例协会", "on": timezone.localdate(), "view": "反对"})
    transition(obj, "review", first)
    transition(obj, "conclude", first, "须修改", acts.concluded(obj, stage.now))
    client = login(buyer)
    assert move(client, obj, "issue") == 422
    acts.act(obj, "override", first, {"reason": "应急"})
    assert move(client, obj, "issue") == 422
    acts.act(obj, "override", second, {"reason": "应急，限一次"})
    assert move(client, obj, "issue") == 302


def test_a_lapsed_exception_comes_back_by_the_clock(stage: Demo) -> None:
    assert site.clock(stage.now) == 0
    assert site.clock(stage.now + timedelta(days=367)) == 1
    assert issued().state == "amended"
    assert Client(HTTP_HOST="localhost").get(issued().get_absolute_url()).status_code == 404


def test_others_may_not_act(stage: Demo) -> None:
    obj = blocked()
    for actor in (stage.actors[Role.FIRM], stage.actors[Role.AUDITOR], stage.actors[Role.BUYER]):
        answer = login(actor).post(f"{obj.get_absolute_url()}override/", {"override-reason": "x"})
        assert answer.status_code in (403, 404)


@pytest.mark.parametrize("data", [{}, {"pasted": "  "}, {"pasted": "x" * 200_001}])
def test_a_hand_in_without_a_text_says_so(stage: Demo, data: dict[str, str]) -> None:
    form = {"title_zh": "甲", "title_en": "A", "kind": "policy", "dated": "2026-03-01", **data}
    assert login(stage.actors[Role.OFFICER]).post("/fairness/new/", form).status_code == 422


def test_a_pasted_text_is_read_at_once(stage: Demo) -> None:
    form = {
        "title_zh": "甲", "title_en": "A", "kind": "policy", "dated": "2026-03-01", "pasted": "奖励须在本市注册的企业。",
    }  # fmt: skip
    client = login(stage.actors[Role.OFFICER])
    answer = client.post("/fairness/new/", form)
    assert answer.status_code == 302
    page = client.get(answer["Location"]).content.decode()
    assert "clauses: violations" in page
    assert "Claim an exception" in page


def test_the_page_shows_the_clock_of_the_exception_the_difference_of_versions_and_what_a_claim_may_name(
    stage: Demo,
) -> None:
    obj = issued()
    page = login(stage.actors[Role.COMPETITION_REVIEWER]).get(obj.get_absolute_url()).content.decode()
    assert "Exception clock" in page
    assert "365" in page
    officer = stage.actors[Role.OFFICER]
    transition(obj, "amend", officer, "补充说明")
    acts.act(obj, "text", officer, {"text": obj.text.replace("并在本市纳税", "")})
    page = login(officer).get(obj.get_absolute_url()).content.decode()
    assert "<del>申请企业须在本市注册并在本市纳税。</del>" in page
    assert "<ins>申请企业须在本市注册。</ins>" in page
    assert '<option value="F3">' in page


def test_the_rules_of_two_days_are_compared(stage: Demo) -> None:
    client = Client(HTTP_HOST="localhost")
    client.cookies["language"] = "en"
    page = client.get("/fairness/pack/").content.decode()
    assert "rules in force on" in page
    changed = client.get("/fairness/pack/", {"from": "2024-07-31", "to": "2025-04-20"}).content.decode()
    assert "I15.3" in changed
    assert "D02" not in changed
    assert client.get("/fairness/pack/", {"from": "x", "to": "2025-13-01"}).status_code == 200
