"""Clauses partition a document; offsets point into the text as given."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biaochi.methods.textreview.normalise import shadow
from biaochi.methods.textreview.segment import segment

_ALPHABET = "甲乙投标人注册。；！？“”《》（）()：:，,.;!? \n\r\t|-1234567890一二三、第章节条①②abcdefg.No㎡½Ａ＃"


@given(st.text(_ALPHABET, max_size=120))
def test_every_character_lies_in_exactly_one_clause(text: str) -> None:
    covered = [0] * len(text)
    for clause in segment(text):
        assert clause.text == text[clause.start : clause.end] or "|" in text
        for i in range(clause.start, clause.end):
            covered[i] += 1
    assert all(c == 1 for c, ch in zip(covered, text, strict=True) if not ch.isspace())
    assert max(covered, default=0) <= 1


@given(st.text(max_size=60))
def test_the_shadow_leads_back_to_the_text(text: str) -> None:
    read = shadow(text)
    for start in range(0, len(read.text), 3):
        a, b = read.span(start, min(start + 2, len(read.text)))
        assert 0 <= a <= b <= len(text)


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("一、资格要求：\n1.甲；乙。\n2.丙", ["一、资格要求：", "1.甲；", "乙。", "2.丙"]),
        ("见“甲。乙”。丙（丁。戊）。", ["见“甲。乙”。", "丙（丁。戊）。"]),
        ("See Art. 5 of Ltd. Co. rules. Value 3.5 m. Next!", ["See Art. 5 of Ltd. Co. rules.", "Value 3.5 m. Next!"]),
        ("(1)甲\n(2)乙", ["(1)甲", "(2)乙"]),
        ("", []),
        ("   \n ", []),
    ],
)
def test_breaks(text: str, clauses: list[str]) -> None:
    assert [c.text for c in segment(text)] == clauses


def test_headings_open_a_path_and_a_colon_is_the_stem_of_its_items() -> None:
    text = "第三章 评标办法\n一、资格条件\n投标人应具备：\n（1）注册资本100万元\n（2）业绩\n二、其他"
    found = segment(text, document="d")
    assert found[3].path == ("第三章 评标办法", "一、资格条件")
    assert found[3].stem == "投标人应具备："
    assert found[3].role == "qualification"
    assert found[-1].stem == ""
    assert found[0].id == "d#1"


def test_a_table_row_is_a_clause_and_its_header_the_stem() -> None:
    text = "|条件|分值|\n|---|---|\n|本市业绩|2分。3分|\n"
    found = segment(text)
    assert [c.text for c in found][1:] == ["|本市业绩|2分。3分|"]
    assert found[1].stem == "|条件|分值|"


def test_repair_breaks_at_lost_line_ends() -> None:
    text = "Firstrnrnsecond."
    assert len(segment(text)) == 1
    parts = segment(text, repair=True)
    assert [c.text for c in parts] == ["Firstrnrn", "second."]


def test_long_texts_cost_no_more_than_in_proportion() -> None:
    line = "（一）投标人须在本市注册，“注册资本（不低于100万元。）；\n"
    costs = []
    for n in (400, 3200):
        text = line * n
        begin = time.process_time()
        segment(text)
        costs.append((time.process_time() - begin) / n)
    assert costs[1] < 4 * costs[0] + 1e-4
