"""The ruler on the site: first screen, what changed, cards for auditors, the editor, the queue, bands, the ledger's feed."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from django.test import Client
from django.utils import timezone

from biaochi.core.decision import Decision
from biaochi.core.errors import RefusedError
from biaochi.core.region import NATION
from biaochi.core.roles import Actor, Role
from biaochi.exchange.source import Source
from biaochi.mechanisms.ruler.files import rebuild
from biaochi.mechanisms.ruler.web import acts, changes, readings
from biaochi.mechanisms.ruler.web.models import Band, Cell, Framework, Reading, Submission
from biaochi.mechanisms.ruler.web.process import fed_framework, take_observations
from biaochi.registry.models import LedgerEntry, Membership, Organisation, Person, Region
from biaochi.registry.site import Offer
from biaochi.registry.transition import create, transition

pytestmark = pytest.mark.django_db
UNITS = [f"{11 + i}0000" for i in range(8)]
DOCUMENT = """schema: biaochi.ruler.framework/1
code: DEMO
version: "1"
name: {zh: 例, en: demo}
effective_on: 2024-01-01
nodes:
  - {code: DEMO, name: {zh: 总, en: total}}
  - {code: A, name: {zh: 投入, en: input}, parent: DEMO}
  - {code: x, name: {zh: 甲, en: ex}, parent: A, polarity: positive, owner: o, source: s, lag_years: 0, target: 30}
  - {code: y, name: {zh: 乙, en: why}, parent: A, polarity: negative, owner: o, source: s, lag_years: 0}
  - {code: B5, name: {zh: 里程碑按期核验率, en: on-time milestones}, parent: DEMO, polarity: positive, unit: "%",
     owner: o, source: s, lag_years: 0}
  - {code: z, name: {zh: 丙, en: zed}, parent: DEMO, polarity: band, owner: o, source: s, lag_years: 0}
method:
  - impute: {method: mean}
  - normalise: {method: minmax, to: [1, 100]}
  - weights: declared
  - aggregate: arithmetic
uncertainty:
  factors:
    weights: {scale: 0.25, levels: [1, 2], draws: 16}
"""


def rows(year: int, factor: float = 1.0) -> pd.DataFrame:
    """Observations of one year."""
    lines = []
    for i, unit in enumerate(UNITS):
        for j, code in enumerate(("x", "y", "B5", "z")):
            value = (10 + 7 * ((i + 3 * j) % 8)) * factor * (1 + 0.02 * (i % 3))
            lines.append((unit, code, str(year), value))
    frame = pd.DataFrame(lines, columns=["unit", "indicator", "period", "value"])
    return frame.assign(se=None, grade="A", source="测试", status="observed", vintage=None)


class House:
    """A site with one framework in force, and the people around it."""

    def __init__(self) -> None:
        for unit in UNITS:
            Region.objects.get_or_create(code=unit, defaults={"name_zh": f"省{unit[:2]}", "name_en": f"P{unit[:2]}"})
        self.office, self.other = (
            Organisation.objects.create(kind="office", name_zh=n, name_en=n, region_id=UNITS[0])
            for n in ("甲办", "乙办")
        )
        self.officer, self.second = self.member(Role.OFFICER, self.office), self.member(Role.OFFICER, self.other)
        self.auditor = self.member(Role.AUDITOR, self.other)
        self.firm = self.member(Role.FIRM, self.other)
        self.now = timezone.now()
        self.framework = self.adopted(DOCUMENT)

    @staticmethod
    def member(role: Role, house: Organisation) -> Actor:
        number = Person.objects.count()
        person = Person.objects.create_person(f"r-{number}", f"人 {number}", email=f"r{number}@example.invalid")
        return Membership.objects.create(person=person, role=role.value, organisation=house, scope=NATION).actor

    def draft(self, document: str) -> Framework:
        units = "unit,name_zh,name_en,size\n" + "".join(f"{u},省{u[:2]},P{u[:2]},{i}\n" for i, u in enumerate(UNITS))
        framework = Framework(title_zh="例", title_en="demo", document=document, units=units)
        acts.fill(framework)
        return create(framework, self.officer)

    def publish(self, framework: Framework, frame: pd.DataFrame, **more: Any) -> Submission:
        made = acts.hand_in(framework, frame, Source("t.csv", frame.to_csv().encode()), self.officer)
        transition(made, "validate", self.second, "核")
        Submission.objects.filter(pk=made.pk).update(**more)
        made.refresh_from_db()
        transition(made, "publish", self.second, "发")
        return made

    def adopted(self, document: str, *, years: tuple[int, ...] = (2022, 2023)) -> Framework:
        framework = self.draft(document)
        for n, year in enumerate(years):
            self.publish(framework, rows(year, 1 + 0.1 * n))
        acts.store_audit(framework, self.officer, self.now)
        framework.refresh_from_db()
        transition(framework, "consult", self.officer, "")
        transition(framework, "adopt", self.second, "可", Decision("adopt", (), self.now))
        return framework

    @staticmethod
    def browser(actor: Actor | None = None, lang: str = "zh") -> Client:
        client = Client(HTTP_HOST="localhost")
        client.cookies["language"] = "zh-hans" if lang == "zh" else lang
        if actor is not None:
            person = Person.objects.get(public_id=actor.person)
            client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> House:
    """Return the site, with few replications; what the process remembers of other tests is forgotten."""
    monkeypatch.setattr(readings, "REPLICATIONS", 16)
    readings.built.cache_clear()
    readings.change_days.cache_clear()
    return House()


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[-1500:]
    return str(answer.content.decode())


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_first_screen_answers_four_questions_and_no_rank(house: House) -> None:
    for lang, words in (
        ("zh", ("站在哪一层", "与同类之差", "差距由什么构成", "先动哪", "尚早或不计分", "丙（不计分）")),
        (
            "en",
            (
                "Where it stands",
                "Gap to its peers",
                "What the gap is made of",
                "What to move first",
                "zed (not scored)",
            ),
        ),
    ):
        page = text(house.browser(lang=lang).get(f"/ruler/units/{UNITS[2]}/"))
        head = page[page.index("<h1>") : page.index("<h1>") + 2000]
        screen = plain(page[page.index('class="sec now"') :][:9000])
        for word in words:
            assert word in screen, (word, screen[:1500])
        assert ("层" if lang == "zh" else "tier") in head
        assert "名次" not in page.split("仍要看名次区间")[0].split("<main")[1]
    ranked = text(house.browser().get(f"/ruler/units/{UNITS[2]}/?ranks=1"))
    assert "名次区间（90%）" in ranked
    assert "按原值名次最前与最后的指标" in ranked


def test_revision_method_and_goalposts_are_told_apart_and_add_up(house: House) -> None:
    revised = rows(2023, 1.1).query("unit == @UNITS[3] and indicator == 'x'").assign(value=[44.0])
    house.publish(house.framework, revised, revision_reason="error_corrected", vintage=timezone.localdate())
    page = text(house.browser().get("/ruler/changes/"))
    assert "变动主要来自" in page
    assert "更正差错" in page
    found = changes.last_reading(house.framework, readings.bundle(house.framework), timezone.localdate())
    assert found is not None
    line = {u["unit"]: u for u in found["units"]}[UNITS[3]]
    assert line["left_period"] == line["right_period"] == "2023"
    assert abs(line["revision"]) > 1e-6
    assert abs(line["performance"]) < 1e-9
    assert abs(line["method"]) < 1e-9
    for unit in found["units"]:
        parts = sum(unit[p] for p in ("performance", "goalposts", "revision", "method"))
        assert abs(parts - unit["total"]) < 1e-9
        assert abs(unit["left"] - unit["right"] - unit["total"]) < 1e-9
    assert [(c["unit"], c["indicator"], c["after"]) for c in found["cells"]] == [(UNITS[3], "x", 44.0)]
    before = Reading.objects.count()
    text(house.browser(lang="en").get("/ruler/changes/"))
    assert Reading.objects.count() == before, "computed once, kept as a reading"

    other = DOCUMENT.replace('version: "1"', 'version: "2"').replace("aggregate: arithmetic", "aggregate: geometric")
    after = house.adopted(other)
    old = house.framework
    old.refresh_from_db()
    Framework.objects.filter(pk=old.pk).update(successor=after, overlap_periods=2)
    old.refresh_from_db()
    transition(old, "retire", house.officer, "")
    states = changes.states(after, timezone.localdate())
    then = next(s for s in states if s.framework == old)
    page = text(house.browser().get(f"/ruler/changes/?then={then.code}"))
    assert "方法" in plain(page[page.index("<h1>") : page.index("</h1>")])
    assert "合成" in page
    text(house.browser().get("/ruler/changes/?then=nonsense"))


def test_gaming_cards_are_for_auditors_alone(house: House) -> None:
    for actor, status in ((None, 403), (house.officer, 403), (house.firm, 403), (house.auditor, 200)):
        assert house.browser(actor).get("/ruler/gaming/").status_code == status
    client = house.browser(house.auditor)
    page = text(client.get("/ruler/gaming/"))
    assert "不指控任何人" in page
    keys = re.findall(r'name="card" value="([^"]+)"', page)
    cards = readings.audit_reading(house.framework, readings.bundle(house.framework))["gaming"]
    assert len(keys) == sum(c["verdict"] == "check" for c in cards)
    key = f"{cards[0]['indicator']}/{cards[0]['test']}"
    assert client.post("/ruler/gaming/", {"card": key, "reason": "逐笔核过"}).status_code == 302
    entry = LedgerEntry.objects.filter(transition="looked_at").get()
    assert "逐笔核过" not in entry.body
    assert cards[0]["indicator"] + "/" not in entry.body
    assert "逐笔核过" in text(client.get("/ruler/gaming/")) or cards[0]["verdict"] != "check"
    assert client.post("/ruler/gaming/", {"card": "x/none", "reason": "?"}).status_code == 404
    assert house.browser(house.officer).post("/ruler/gaming/", {"card": key, "reason": "x"}).status_code == 403
    for address in ("/ruler/", f"/ruler/units/{UNITS[0]}/", "/ruler/card/", house.framework.get_absolute_url()):
        assert "gaming" not in house.browser(house.officer).get(address).content.decode().lower().split("<main")[1]


def test_the_editor_keeps_only_what_is_clean_and_writes_both_digests(house: House) -> None:
    draft = house.draft(DOCUMENT.replace("code: DEMO\nversion", "code: DRAFT\nversion"))
    address = f"/ruler/frameworks/{draft.public_id}/edit/"
    assert house.browser().get(address).status_code in (403, 404)
    assert house.browser(house.firm).get(address).status_code in (403, 404)
    client = house.browser(house.officer)
    page = text(client.get(address + "?node=x"))
    fields = dict(re.findall(r'<input id="f-[^"]*" name="([a-z_]+)" value="([^"]*)"', page))
    assert (fields["code"], fields["parent"], fields["target"]) == ("x", "A", "30")
    form = {"by": "node", "was": "x", "polarity": "positive", "reason": "调权重", **fields}
    bad = text(client.post(address, {**form, "weight": "-2", "lag_years": "soon"}), 422)
    assert "没有保存" in bad
    assert "权重须为" in bad
    assert 'value="soon"' in bad, "what was entered is kept"
    draft.refresh_from_db()
    before = draft.digest
    assert "没有错误" in text(client.post(address, {**form, "weight": "3", "act": "check"}))
    draft.refresh_from_db()
    assert draft.digest == before
    assert client.post(address, {**form, "weight": "3", "act": "keep"}).status_code == 302
    draft.refresh_from_db()
    assert draft.digest != before
    assert "weight: 3" in draft.document
    assert "target: 30" in draft.document
    entry = LedgerEntry.objects.filter(subject=draft.public_id, transition="edited").get()
    assert entry.content["decision"]["facts"] == {"before": before, "after": draft.digest}
    assert entry.reason == "调权重"
    weights = {"by": "weights", "w-x": "2", "w-y": "1", "w-A": "4", "w-B5": "1", "w-z": "", "w-DEMO": "", "reason": "r"}
    assert client.post(address, weights).status_code == 302
    draft.refresh_from_db()
    assert "weight: 4" in draft.document
    added = {"by": "node", "code": "n", "name_zh": "新", "name_en": "new", "parent": "A", "polarity": "negative"}
    assert client.post(address, added).status_code == 302
    draft.refresh_from_db()
    assert "code: n" in draft.document
    assert client.post(address, {**added, "was": "n", "gone": "1"}).status_code == 302
    draft.refresh_from_db()
    assert "code: n\n" not in draft.document
    broken = text(client.post(address, {"by": "text", "document": "nodes: [", "act": "keep"}), 422)
    assert "没有保存" in broken
    assert client.get(f"/ruler/frameworks/{house.framework.public_id}/edit/").status_code == 403
    with pytest.raises(RefusedError, match="not_a_draft"):
        acts.edit(house.framework, DOCUMENT, house.officer, "", house.now)


def test_the_queue_shows_who_waits_and_what_is_unusual(house: House) -> None:
    for year in (2018, 2019, 2020, 2021):
        house.publish(house.framework, rows(year, 0.9 + 0.01 * (year - 2018)))
    frame = rows(2024, 1.2)
    frame.loc[(frame["unit"] == UNITS[1]) & (frame["indicator"] == "x"), "value"] = 9000.0
    made = acts.hand_in(house.framework, frame, Source("n.csv", b"n"), house.officer)
    own, other = (text(house.browser(a).get("/ruler/validation/")) for a in (house.officer, house.second))
    assert "由另一单位的人办理" in own
    assert "您可：核验通过" in plain(other)
    assert made.get_absolute_url() in other
    assert f"{UNITS[1]}" in other[other.index("异常变动") :]
    assert house.browser().get("/ruler/validation/").status_code == 403
    text(house.browser(house.second, "en").get("/ruler/validation/"))


def test_a_band_set_by_an_office_counts_and_stands_in_the_bundle(house: House) -> None:
    address = f"/ruler/frameworks/{house.framework.public_id}/band/"
    data = {"indicator": "z", "low": "20", "high": "40", "effective_on": "2024-01-01", "citation": "办公会纪要"}
    assert house.browser(house.firm).post(address, data).status_code in (403, 404)
    client = house.browser(house.officer)
    assert client.post(address, data).status_code == 302
    assert client.post(address, {**data, "low": "30"}).status_code == 302
    assert client.post(address, {**data, "indicator": "x"}).status_code == 302
    assert client.post(address, {**data, "effective_on": "2024-06-01", "low": "90"}).status_code == 302
    assert [(b.low, b.high) for b in Band.objects.all()] == [(20.0, 40.0)]
    assert LedgerEntry.objects.filter(transition="band_set").count() == 1
    page = text(house.browser().get(f"/ruler/units/{UNITS[2]}/"))
    assert "丙（不计分）" not in page
    assert "适度区间：丙" in text(house.browser().get("/ruler/card/"))
    packed = b"".join(house.browser().get("/ruler/bundle.zip"))
    index = rebuild(Source("b.zip", packed))
    assert index.dataset.framework.by_code["z"].band == (20.0, 40.0)
    zed = index.scores[(index.scores["node"] == "z") & (index.scores["period"] == "2023")]
    assert zed["score"].notna().all()


def test_the_bundle_of_the_site_rebuilds_the_page(house: House) -> None:
    packed = b"".join(house.browser().get("/ruler/bundle.zip"))
    index = rebuild(Source("b.zip", packed))
    assert index.card()["framework"]["digest"] == house.framework.digest
    page = text(house.browser().get(f"/ruler/units/{UNITS[4]}/"))
    scores = index.scores
    score = scores[(scores["unit"] == UNITS[4]) & (scores["node"] == "DEMO") & (scores["period"] == "2023")]["score"]
    assert f"{score.iloc[0]:.1f}" in page


def test_ledger_events_become_published_observations_of_grade_b(house: House) -> None:
    found = fed_framework()
    assert found is not None
    assert found[0] == house.framework
    day = date(2025, 3, 1)
    events = [
        {"seq": n, "on": day.isoformat(), "unit": UNITS[0], "kind": "milestone_due", "facts": {"hit": n != 9}}
        for n in (7, 8, 9, 12)
    ]
    offer = Offer("ledger-12", house.framework.title, house.now, {"as_of": "2025-12-31", "events": events})
    address = take_observations(offer, house.officer)
    made = Submission.objects.get(public_id=address.strip("/").split("/")[-1])
    cell = Cell.objects.get(submission=made)
    assert (cell.value, cell.grade, cell.cases) == (75.0, "B", 4)
    assert cell.low is not None
    assert cell.high is not None
    assert cell.low < 75 < cell.high
    assert cell.source == "台账 / ledger #7, #8, #9, #12"
    assert "里程碑" not in text(house.browser().get("/ruler/process/")), "not public before publication"
    transition(made, "validate", house.second, "核")
    transition(made, "publish", house.second, "发")
    page = text(house.browser().get("/ruler/process/"))
    assert "里程碑按期核验率" in page
    assert "#9" in page
    assert 'href="/ledger/9/"' not in page
    assert 'href="/ledger/9/"' in text(house.browser(house.auditor).get("/ruler/process/"))
    assert ">B<" in page
    assert "75.0" in page
    with pytest.raises(RefusedError, match="nothing_new"):
        take_observations(offer, house.officer)
    table = pd.read_csv(io.BytesIO(readings.bundle(house.framework).observations.data), dtype=str)
    fed = table[(table["grade"] == "B") & (table["period"] == "2025")]
    assert fed["source"].tolist() == [cell.source]
    assert fed["vintage"].tolist() == ["2025-12-31"]


def test_a_successor_is_named_with_the_periods_both_have(house: House) -> None:
    after = house.adopted(DOCUMENT.replace('version: "1"', 'version: "2"'))
    client = house.browser(house.second)
    old = house.framework
    old.refresh_from_db()
    address = old.get_absolute_url()
    page = text(client.get(address))
    assert after.public_id in page
    data = {"move": "retire", "version": old.version, "reason": "", "retire-successor": after.public_id}
    assert client.post(address, data).status_code == 302
    old.refresh_from_db()
    assert (old.state, old.successor, old.overlap_periods) == ("retired", after, 2)
    assert house.now - timedelta(days=1) < old.entered_at
