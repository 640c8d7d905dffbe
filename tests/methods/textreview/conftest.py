"""The shipped pack, for tests that read text with it."""

from __future__ import annotations

from importlib.resources import files

import pytest

from biaochi.methods.textreview.rule_pack import RulePack


@pytest.fixture(scope="session")
def pack() -> RulePack:
    text = (files("biaochi.mechanisms.fairness") / "parameters" / "rule_pack.yaml").read_text("utf-8")
    return RulePack.from_yaml(text)
