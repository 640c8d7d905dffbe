"""What ships with the product: facts with their sources, templates, parameters with their status."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from biaochi.exchange.faults import Faults
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms.foresight.files import read_items, shipped_series, shipped_table, template_source


def test_facts_have_a_source_each() -> None:
    facts = shipped_table("technology_series.csv")
    assert (len(facts), facts["series"].nunique()) == (292, 60)
    assert (facts["source_title"].str.len() > 0).all()
    assert (facts["publisher"].str.len() > 0).all()
    index = shipped_table("technology_series_index.csv")
    assert set(index["series"]) == set(facts["series"])
    assert index["label_zh"].str.len().gt(0).all()


def test_few_series_are_regular_and_the_rest_is_only_shown() -> None:
    found = shipped_series()
    assert {s.technology for s in found.series} == {"genome_cost", "liion_pack_bnef2018", "liion_pack_first"}
    assert len(found.shown_only) == 57


def test_published_battery_rates_agree_with_the_series() -> None:
    """BloombergNEF prints a fall of 93 % over 2010–2025; the 2018 vintage alone fell by most of it to 2018."""
    rates = shipped_table("published_rates.csv")
    assert len(rates) == 15
    printed = pd.to_numeric(rates.loc[rates["measure"] == "fall of price since 2010", "value"]).iloc[0]
    series = next(s for s in shipped_series().series if s.technology == "liion_pack_bnef2018")
    fall = 100 * (1 - series.values[-1] / series.values[0])
    assert 80 < fall < printed


@pytest.mark.parametrize("name", ["nistep.yaml", "cn.yaml"])
def test_templates_can_be_read(name: str) -> None:
    faults = Faults()
    items = read_items(template_source(name), faults).items
    assert not len(faults)
    assert {i.type for i in items.values()} >= {"likert", "year", "choice"}


def test_what_was_only_recalled_is_marked() -> None:
    office = load_parameters("biaochi.mechanisms.foresight").at(date(2026, 6, 1))
    assert office["consensus_top_share"].confirmed
    for code in ("stability_share_changed", "round_limit", "reminder_days", "familiarity_weights", "stage_prior_rate"):
        assert not office[code].confirmed
