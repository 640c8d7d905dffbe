"""Who is bound and which way."""

from __future__ import annotations

import pytest

from biaochi.methods.textreview.force import read_force


@pytest.mark.parametrize(
    ("text", "words", "force"),
    [
        ("投标人须在本市注册", "在本市注册", "gate"),
        ("在本市注册的得2分", "在本市注册", "score"),
        ("采购人不得要求供应商在本市注册", "在本市注册", "ban"),
        ("不得将在本市注册作为资格条件", "在本市注册", "ban"),
        ("在本市注册不作为评审因素", "在本市注册", "ban"),
        ("未在本市注册的不得参加", "在本市注册", "gate"),
        ("企业不得为外商投资企业", "外商投资企业", "gate"),
        ("不要求在本市注册", "在本市注册", "disclaim"),
        ("注册地不限", "注册地", "disclaim"),
        ("包括但不限于在本市注册，须提供证明", "在本市注册", "gate"),
        ("不限品牌，但须在本市注册", "在本市注册", "gate"),
        ("清理要求在本市注册的规定", "在本市注册", "mention"),
        ("员工不少于50人", "员工", "gate"),
        ("the firm must be registered in the city", "registered in the city", "gate"),
        ("bidders shall not be required to be registered in the city", "registered in the city", "disclaim"),
        ("registration in the city is not required", "registration in the city", "disclaim"),
        ("foreign firms may not bid", "foreign firms", "gate"),
    ],
)
def test_force(text: str, words: str, force: str) -> None:
    start = text.index(words)
    assert read_force(text, start, start + len(words)).force.value == force


def test_a_stem_that_forbids_drafters_clears_its_items() -> None:
    reading = read_force("在本市注册", 0, 5, stem="采购人不得将下列条件作为资格要求:")
    assert reading.force.value == "ban"
    assert read_force("在本市注册", 0, 5, stem="投标人应具备下列条件:").force.value == "gate"
