"""Regions by code; directions and tracks with aliases and dated national flags."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biaochi.core.document import Document, Grid, Paragraph, Section
from biaochi.core.errors import DefinitionError
from biaochi.core.figure import Figure
from biaochi.core.region import NATION, Region, RegionLevel, region_level, region_parent, region_within
from biaochi.core.taxonomy import Direction, Taxonomy, Track
from biaochi.core.text import Text

codes = st.integers(110000, 999999).map(str)


@given(codes)
def test_every_code_climbs_to_the_nation(code: str) -> None:
    assert region_within(code, NATION)
    assert region_within(code, code)
    if region_level(code) is RegionLevel.DISTRICT:
        assert region_level(region_parent(code)) in (RegionLevel.CITY, RegionLevel.PROVINCE, RegionLevel.NATION)


def test_levels_and_parents() -> None:
    assert Region("330106", Text("西湖区", "Xihu")).parent == "330100"
    assert Region("330000", Text("浙江", "Zhejiang")).level is RegionLevel.PROVINCE
    assert region_parent("330100") == "330000"
    assert region_parent("330000") == NATION
    assert region_parent(NATION) == ""
    assert not region_within("330000", "320000")


@pytest.mark.parametrize("code", ["", "33", "33000a", "033000", "3300000"])
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="GB/T 2260"):
        Region(code, Text("x", "x"))


QUANTUM = Track(
    "quantum", Text("量子科技", "Quantum"), Direction.INFORMATION, ("量子信息",), (date(2025, 3, 5), date(2024, 1, 29))
)


def test_tracks_are_found_by_any_name() -> None:
    tracks = Taxonomy([QUANTUM])
    assert tracks.find("QUANTUM") is tracks.find("量子信息 ") is tracks["quantum"]
    assert tracks.find("炼金") is None
    assert "quantum" in tracks
    assert (len(tracks), tracks.of(Direction.INFORMATION), tracks.of(Direction.SPACE)) == (1, (QUANTUM,), ())
    assert all(d.text.zh for d in Direction)


def test_a_national_flag_is_a_dated_fact() -> None:
    assert QUANTUM.national_since(date(2024, 1, 28)) is None
    assert QUANTUM.national_since(date(2026, 1, 1)) == date(2024, 1, 29)


def test_contradictions_are_refused() -> None:
    with pytest.raises(DefinitionError, match="share a code"):
        Taxonomy([QUANTUM, QUANTUM])
    other = Track("q2", Text("量子信息", "other"), Direction.INFORMATION)
    with pytest.raises(DefinitionError, match="names both"):
        Taxonomy([QUANTUM, other])


def test_documents_are_plain_data() -> None:
    figure = Figure("f", "t", "s", {"mark": "bar"})
    grid = Grid("g", "t", {"a": "A"}, ({"a": 1},))
    document = Document("t", "s", "zh", ("f",), (Section("s", "h", (Paragraph("p"), grid, figure)),))
    assert document.sections[0].blocks[1] is grid
    assert document.notices == document.colophon == ()
