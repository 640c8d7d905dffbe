"""The web room of scenes: what listing needs, one slot and two writers, choosing by the rule, the trial, who sees what."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from biaochi.core.decision import Decision
from biaochi.core.errors import RefusedError
from biaochi.core.roles import Role
from biaochi.mechanisms.scene.web import site
from biaochi.mechanisms.scene.web.models import Scene, SceneApplication, Trial
from biaochi.registry.models import Membership, Organisation
from biaochi.registry.site import Demo
from biaochi.registry.transition import create, transition
from biaochi.web import demonstration as whole

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(db: None) -> Demo:
    """Return the cast, with the scenes' part of the demonstration."""
    found = whole.cast()
    site.demo(found)
    return found


def login(person: str) -> Client:
    client = Client(HTTP_HOST="localhost")
    client.cookies["language"] = "en"
    user = get_user_model().objects.get(public_id=person)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def post(person: str, obj: Any, move: str, **data: Any) -> int:
    obj.refresh_from_db()
    fields = {"move": move, "version": obj.version, "reason": "Because.", **{f"{move}-{k}": v for k, v in data.items()}}
    status = login(person).post(obj.get_absolute_url(), fields).status_code
    obj.refresh_from_db()
    return status


def test_listing_needs_a_clear_review_and_a_dated_rule(stage: Demo) -> None:
    scene = Scene.objects.get(state="draft")
    officer, reviewer = stage.actors[Role.OFFICER], stage.actors[Role.COMPETITION_REVIEWER]
    assert post(reviewer.person, scene, "review", verdict="findings") == 302
    with pytest.raises(RefusedError) as refused:
        transition(scene, "list", officer)
    assert refused.value.code == "review_clear"
    assert post(reviewer.person, scene, "return") == 302
    assert scene.review_verdict == ""
    assert post(reviewer.person, scene, "review", verdict="clear") == 302
    Scene.objects.filter(pk=scene.pk).update(rule_on=scene.opens_on)
    scene.refresh_from_db()
    with pytest.raises(RefusedError) as refused:
        transition(scene, "list", officer)
    assert refused.value.code == "rule_before_opening"
    Scene.objects.filter(pk=scene.pk).update(rule_on=timezone.localdate(), rule={"a": "0.5", "b": "0.4"})
    scene.refresh_from_db()
    with pytest.raises(RefusedError):
        transition(scene, "list", officer)
    Scene.objects.filter(pk=scene.pk).update(rule={"a": "0.5", "b": "0.5"})
    scene.refresh_from_db()
    transition(scene, "list", officer)


def test_from_application_to_first_purchase(stage: Demo) -> None:
    scene, application = Scene.objects.get(state="open"), SceneApplication.objects.get()
    owner, second = stage.actors[Role.SCENE_OWNER], stage.second[Role.SCENE_OWNER]
    firm, officer = stage.actors[Role.FIRM], stage.actors[Role.OFFICER]
    assert post(owner.person, application, "admit", points="technology:0.9") == 422
    assert post(owner.person, application, "admit", points="technology:0.9;safety:0.8;price:0.6") == 302
    assert post(second.person, application, "select") == 422  # others may still apply
    assert post(owner.person, scene, "close_applications") == 302
    assert post(owner.person, application, "select") == 422  # who admitted does not select
    assert post(second.person, application, "select") == 302
    assert post(firm.person, application, "accept") == 302
    assert post(owner.person, scene, "start") == 302, scene.to_domain()
    trial = Trial.objects.get()
    assert post(firm.person, trial, "report", value="nan") == 422
    assert post(firm.person, trial, "report", value="0.93") == 302
    assert post(officer.person, trial, "verify") == 302
    assert not site.trials(stage.actors[Role.BUYER], timezone.now())
    assert post(owner.person, trial, "conclude", outcome="first_purchase") == 302
    (offer,) = site.trials(stage.actors[Role.BUYER], timezone.now())
    assert offer.payload["value"] == 0.93
    assert offer.payload["outcome"] == "first_purchase"
    assert Client(HTTP_HOST="localhost").get(trial.get_absolute_url()).status_code == 200


def test_a_start_without_its_log_is_refused(stage: Demo) -> None:
    scene = Scene.objects.get(state="open")
    scene.log.filter(kind="conflict").delete()
    assert scene.to_domain().log_complete is False


def test_one_slot_is_given_once(stage: Demo) -> None:
    scene, first = Scene.objects.get(state="open"), SceneApplication.objects.get()
    second = SceneApplication(title_zh="乙", title_en="B", scene=scene, capability="x", region=scene.region)
    create(second, stage.other_firm)
    owner, chooser = stage.actors[Role.SCENE_OWNER], stage.second[Role.SCENE_OWNER]
    Scene.objects.filter(pk=scene.pk).update(slots=1, reserved=0)
    transition(first, "admit", owner, "In order.")
    scene.refresh_from_db()
    transition(scene, "close_applications", owner)
    with pytest.raises(RefusedError) as refused:
        transition(first, "select", chooser, "By the rule.", Decision("selected", (), timezone.now()))
    assert refused.value.code == "not_all_judged"
    transition(second, "admit", owner, "In order.")
    transition(first, "select", chooser, "By the rule.", Decision("selected", (), timezone.now()))
    with pytest.raises(RefusedError) as refused:
        transition(second, "select", chooser, "By the rule.", Decision("selected", (), timezone.now()))
    assert refused.value.code == "no_slot"


def test_rivals_do_not_see_each_other_and_drafts_stay_inside(stage: Demo) -> None:
    application, draft = SceneApplication.objects.get(), Scene.objects.get(state="draft")
    rival = login(stage.other_firm.person)
    assert rival.get(application.get_absolute_url()).status_code == 404
    assert application.public_id not in rival.get("/scene/applications/?format=csv").content.decode()
    assert rival.get(draft.get_absolute_url()).status_code == 404
    opened = Scene.objects.get(state="open")
    page = rival.get(opened.get_absolute_url()).content.decode()
    assert "Firms that fit" not in page
    assert application.public_id not in page
    assert rival.post(f"/scene/{opened.public_id}/log/", {"kind": "risk", "text": "x"}).status_code == 403


def test_the_owner_sees_reasons_matches_and_log(stage: Demo) -> None:
    page = login(stage.actors[Role.SCENE_OWNER].person).get(Scene.objects.get(state="open").get_absolute_url())
    text = page.content.decode()
    for heading in ("Is the record complete", "Firms that fit", "Diligence log", "From application to trial"):
        assert heading in text
    assert "E1" in text


def test_a_scene_is_drafted_with_weights_that_are_read(stage: Demo) -> None:
    owner = login(stage.actors[Role.SCENE_OWNER].person)
    assert owner.get("/scene/new/").status_code == 200
    answer = owner.post("/scene/new/", {"rule_text": "technology:x"})
    assert answer.status_code == 422
    assert login(stage.actors[Role.FIRM].person).get("/scene/new/").status_code == 403


def third(stage: Demo, scene: Scene, name: str) -> SceneApplication:
    """Return an application of one more firm."""
    house = Organisation.objects.create(kind="enterprise", name_zh=name, name_en=name, simulated=True)
    person = get_user_model().objects.create_person(name, name)
    actor = Membership.objects.create(person=person, role=Role.FIRM, organisation=house).actor
    made = SceneApplication(title_zh=name, title_en=name, scene=scene, capability="x", region=scene.region)
    return create(made, actor)


def test_a_reserved_slot_goes_to_a_confirmed_start_up_and_else_to_anyone(stage: Demo) -> None:
    scene, young = Scene.objects.get(state="open"), SceneApplication.objects.get()
    owner, chooser = stage.actors[Role.SCENE_OWNER], stage.second[Role.SCENE_OWNER]
    assert (scene.slots, scene.reserved) == (2, 1)
    large = SceneApplication(title_zh="乙", title_en="B", scene=scene, capability="x", region=scene.region)
    create(large, stage.other_firm)
    larger = third(stage, scene, "third")
    for application, points in ((young, 0.5), (large, 0.7), (larger, 0.9)):
        text = f"technology:{points};safety:{points};price:{points}"
        assert post(owner.person, application, "admit", points=text) == 302
    assert post(owner.person, scene, "close_applications") == 302
    assert post(chooser.person, young, "select") == 422  # nobody confirmed that it is a start-up
    SceneApplication.objects.filter(pk=young.pk).update(startup_confirmed=True)
    assert post(chooser.person, young, "select") == 302
    assert post(chooser.person, large, "select") == 422
    assert post(chooser.person, larger, "select") == 302
    told = login(stage.actors[Role.FIRM].person).get(young.get_absolute_url()).content.decode()
    assert "takes a reserved slot" in told
    assert "先给初创企业 1 个" in Client(HTTP_HOST="localhost").get(scene.get_absolute_url()).content.decode()


def test_admission_confirms_a_start_up(stage: Demo) -> None:
    application, owner = SceneApplication.objects.get(), stage.actors[Role.SCENE_OWNER]
    points = "technology:0.9;safety:0.8;price:0.6"
    assert post(owner.person, application, "admit", points=points, startup="on") == 302
    assert application.startup_confirmed


def test_a_reserve_lies_within_the_slots(stage: Demo) -> None:
    owner = login(stage.actors[Role.SCENE_OWNER].person)
    answer = owner.post("/scene/new/", {"slots": 2, "reserved": 3, "rule_text": "technology:0.6;price:0.3"})
    told = answer.content.decode()
    assert "the reserve must lie between 0 and 2" in told
    assert "weights sum to 0.9" in told


def test_the_workbench_suggests_pairs_and_prices_a_share_of_start_ups(stage: Demo) -> None:
    owner = login(stage.actors[Role.SCENE_OWNER].person)
    page = owner.get("/scene/workbench/", {"share": "1", "way": "flow"}).content.decode()
    assert "Suggested pairs" in page
    assert "share of start-ups" in page
    assert owner.get("/scene/workbench/", {"share": "x", "way": "y"}).status_code == 200
    assert owner.get("/scene/workbench/", {"way": "stable", "share": "0.5"}).status_code == 200
    assert login(stage.actors[Role.FIRM].person).get("/scene/workbench/").status_code == 403
