"""The pipeline: states, spans, dates, facts, one finding a span, a clause alone as in a batch."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biaochi.core.errors import DefinitionError
from biaochi.methods.textreview.engine import ClauseReview, Facts, Necessity, review
from biaochi.methods.textreview.explain import explain
from biaochi.methods.textreview.lexicon import Prefilter, required_literals
from biaochi.methods.textreview.rerank import train
from biaochi.methods.textreview.rule_pack import RulePack
from biaochi.methods.textreview.segment import segment, whole

DAY = date(2026, 6, 1)


def read(pack: RulePack, text: str, kind: str = "tender", day: date = DAY, facts: Facts | None = None) -> ClauseReview:
    return review([whole(text, identifier="c")], pack.at(day, kind), facts=facts).clauses[0]


@pytest.mark.parametrize(
    "text",
    [
        "开拓成本市场",
        "测绘基本地形",
        "中国有色金属",
        "AAA电池2节",
        "提升品牌知名度",
        "branded clothing",
        "注册建造师",
        "使用年限10年",
    ],
)
def test_words_inside_other_words_say_nothing(pack: RulePack, text: str) -> None:
    assert read(pack, text).verdict == "clean"


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("投标人须在本市注册", "violation"),
        ("交货地点为本市", "clean"),
        ("中标后须在本市设立服务网点", "needs_context"),
        ("须提供制造商授权书", "violation"),
        ("采购进口产品的，须提供制造商授权书", "clean"),
        ("法定代表人授权书", "clean"),
        ("Cisco switches or equivalent", "needs_context"),
        ("参考品牌：海康", "violation"),
        ("对小型和微型企业给予15%的价格扣除", "lawful_preference"),
        ("对小型和微型企业给予35%的价格扣除", "violation"),
        ("专门面向中小企业采购", "lawful_preference"),
        ("专门面向本市中小企业采购", "violation"),
        ("未提供本国产品声明函的，投标无效", "violation"),
    ],
)
def test_tender_clauses(pack: RulePack, text: str, verdict: str) -> None:
    assert read(pack, text).verdict == verdict


def test_no_law_binds_before_its_day(pack: RulePack) -> None:
    assert read(pack, "申领补贴的企业须在本区注册", "policy", date(2024, 7, 31)).verdict == "clean"
    assert read(pack, "申领补贴的企业须在本区注册", "policy", date(2024, 8, 1)).verdict == "violation"
    assert read(pack, "须提供销售业绩", "first_purchase", date(2021, 12, 31)).findings == ()
    for kind in ("tender", "policy", "fund"):
        for rule in pack.at(date(2024, 8, 1), kind).rules:
            assert rule.valid_from <= date(2024, 8, 1)


def test_track_records_are_forbidden_only_for_first_products(pack: RulePack) -> None:
    text = "具有2个以上类似项目业绩"
    assert read(pack, text).verdict == "clean"
    assert read(pack, text, "first_purchase").verdict == "violation"
    active = pack.at(DAY, "tender", first_kind=True)
    assert review([whole(text, identifier="c")], active).clauses[0].verdict == "violation"


def test_an_unverified_rule_gives_no_firm_verdict(pack: RulePack) -> None:
    found = read(pack, "基金返投比例不低于1.5倍", "fund")
    assert found.verdict == "needs_context"
    assert found.findings[0].state.value == "HUMAN_REVIEW"


def test_facts_settle_what_the_text_leaves_open(pack: RulePack) -> None:
    text = "须具有ISO9001质量管理体系认证"
    assert read(pack, text).verdict == "needs_context"
    known = Facts(necessity=(Necessity("D13", "ISO9001", "质量要求", "EV-1"),))
    assert read(pack, text, facts=known).verdict == "clean"
    assert read(pack, "须提供制造商授权", facts=Facts(imported=True)).verdict == "clean"
    listed = Facts(registry={"内部黑名单": ("blacklist", False)})
    assert read(pack, "列入内部黑名单的不得参加", facts=listed).verdict == "violation"
    assert read(pack, "对小微企业扣除15%", facts=Facts(sme_reserved=True)).verdict == "violation"
    open_list = Facts(lists={"赛道企业库": True})
    assert read(pack, "进入赛道企业库的企业给予奖励", "policy", facts=open_list).verdict == "clean"


def test_other_scripts_are_not_checked_and_never_clean(pack: RulePack) -> None:
    assert read(pack, "Участники должны быть зарегистрированы").verdict is None
    assert read(pack, "12345").verdict == "clean"


def test_spans_slice_to_the_quote_and_a_clause_alone_reads_as_in_a_batch(pack: RulePack) -> None:
    text = "一、资格\n１．注册资本≥５００万元㎡，且在本市注册。\n2.具有AAA信用等级得2分；须提供原厂授权。"
    active = pack.at(DAY, "tender")
    clauses = segment(text, document="d")
    together = review(clauses, active).clauses
    found = [f for c in together for f in c.findings]
    assert found
    assert all(text[f.start : f.end] == f.quote for f in found)
    alone = tuple(review([c], active).clauses[0] for c in clauses)
    assert alone == together
    for clause in together:
        spans = sorted((f.start, f.end) for f in clause.findings)
        assert all(a[1] <= b[0] for a, b in pairwise(spans))


def test_repeated_clauses_keep_their_own_offsets(pack: RulePack) -> None:
    text = "须在本市注册。须在本市注册。"
    found = review(segment(text), pack.at(DAY, "tender")).clauses
    assert [text[f.start : f.end] for c in found for f in c.findings] == [found[0].findings[0].quote] * 2
    assert found[1].findings[0].start == found[0].findings[0].start + 7


def test_explain_tells_every_stage(pack: RulePack) -> None:
    rule = pack.at(DAY, "tender").rule("D01")
    assert rule is not None
    steps = explain(whole("采购人不得要求在本市注册", identifier="c"), rule)
    assert [s.stage for s in steps] == ["applicable", "trigger", "force", "state"]
    assert steps[-1].result == "REJECTED"
    assert explain(whole("无关", identifier="c"), rule)[-1].result == "NO_TRIGGER"
    assert explain(whole("无关", identifier="c"), rule, in_force=False)[-1].result == "NOT_APPLICABLE"


@settings(max_examples=12)
@given(st.sampled_from(["在本市注册", "注册资本500万", "独家代理", "x"]), st.text("本市注册资独家0a", max_size=12))
def test_the_prefilter_never_silences_a_match(pack: RulePack, core: str, around: str) -> None:
    active = pack.at(DAY, "tender")
    text = around + core + around
    allowed = set(active.prefilter.candidates(text))
    for number, (_, _, pattern) in enumerate(active.places):
        if next(pattern.finditer(text), None) is not None:
            assert number in allowed


def test_every_shipped_pattern_has_a_literal_it_cannot_do_without(pack: RulePack) -> None:
    for kind in ("tender", "first_purchase", "policy", "fund"):
        active = pack.at(DAY, kind)
        assert active.prefilter.candidates("") == []
    assert required_literals(r"\d+") == ()
    assert Prefilter([r"\d+"]).candidates("ab") == [0]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("schema: other/1", "schema must be"),
        ("schema: biaochi.fairness.pack/1\ncode: a\nversion: b\nrules: [{id: X}]", "rule X"),
        ("schema: biaochi.fairness.pack/1\ncode: a\nversion: b\nrules: []", "at least one rule"),
        ("a: [", "well-formed"),
    ],
)
def test_a_faulty_pack_says_everything_that_is_wrong(text: str, problem: str) -> None:
    with pytest.raises(DefinitionError, match=problem):
        RulePack.from_yaml(text)


def test_the_reranker_swaps_only_between_two_verdicts() -> None:
    model = train(
        ["须在本市注册", "限本地企业", "证书得分", "体系认证得分"] * 6,
        [True, True, False, False] * 6,
        penalty=0.1,
        margin=0.1,
    )
    assert model.verdict("须在本市注册", "needs_context") == "violation"
    assert model.verdict("体系认证得分", "violation") == "needs_context"
    assert model.verdict("体系认证得分", "clean") == "clean"
    with pytest.raises(ValueError, match="both classes"):
        train(["a"], [True])


def test_an_endless_sentence_is_read_piece_by_piece(pack: RulePack) -> None:
    text = "投标人须在本市注册," * 60
    found = review([whole(text, identifier="a")], pack.at(DAY, "tender"), memo={}).clauses[0]
    assert len(found.findings) == 60
    assert all(a.end <= b.start for a, b in pairwise(found.findings))
