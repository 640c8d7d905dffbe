"""The shipped taxonomy is whole, agrees with the plans it was coded from, and faulty ones list every fault."""

from __future__ import annotations

import csv
from datetime import date
from importlib.resources import files

import pytest

from biaochi.core.errors import InputError
from biaochi.core.period import date_or_end
from biaochi.core.taxonomy import Direction
from biaochi.exchange.source import Source
from biaochi.exchange.taxonomy_files import read_taxonomy, shipped_taxonomy

DATA = files("biaochi").joinpath("data")


def test_every_direction_has_tracks_and_there_are_45() -> None:
    taxonomy = shipped_taxonomy()
    assert len(taxonomy) == 45
    assert all(taxonomy.of(d) for d in Direction)
    assert [t.code for t in taxonomy][:2] == ["embodied", "biomanufacturing"]


@pytest.mark.parametrize("alias", ["人形机器人", "仿生机器人", "类人机器人", "具身智能", "EMBODIED"])
def test_the_names_of_embodied_intelligence_are_one_track(alias: str) -> None:
    found = shipped_taxonomy().find(alias)
    assert found is not None
    assert found.code == "embodied"


def test_national_flags_are_dated_and_taken_from_the_rows_of_the_nation() -> None:
    taxonomy = shipped_taxonomy()
    assert taxonomy["bci"].national_since(date(2023, 9, 12)) is None
    assert taxonomy["bci"].national_since(date(2023, 9, 13)) == date(2023, 9, 13)
    rows = csv.DictReader(DATA.joinpath("plans", "region_tracks.csv").read_text("utf-8").splitlines())
    expected: dict[str, set[date]] = {}
    for row in rows:
        if row["region"] == "全国":
            expected.setdefault(row["track"], set()).add(date_or_end(row["date"]))
    assert {t.code: set(t.national) for t in taxonomy if t.national} == expected


def test_tracks_of_the_plans_are_the_tracks_of_the_taxonomy() -> None:
    plans, taxonomy = (DATA.joinpath(folder, "tracks.csv").read_text("utf-8") for folder in ("plans", "taxonomy"))
    assert plans == taxonomy


def test_no_wording_that_names_several_tracks_is_an_alias() -> None:
    rows = csv.DictReader(DATA.joinpath("plans", "region_tracks.csv").read_text("utf-8").splitlines())
    meant: dict[str, set[str]] = {}
    for row in rows:
        meant.setdefault(row["wording"], set()).add(row["track"])
    for track in shipped_taxonomy():
        for alias in track.aliases:
            assert meant.get(alias, {track.code}) == {track.code}, alias


def test_all_faults_of_a_taxonomy_are_listed() -> None:
    tracks = Source("tracks.csv", "track,name_zh,name_en,direction\na,甲,A,energy\nb,乙,B,fire\n".encode())
    aliases = Source("aliases.csv", "track,alias\nb,甲\nc,丙\n".encode())
    with pytest.raises(InputError) as caught:
        read_taxonomy(tracks, aliases)
    assert [(f.code, f.file, f.row) for f in caught.value.faults] == [
        ("ambiguous_alias", "aliases.csv", 2),
        ("unknown_track", "aliases.csv", 3),
        ("unknown_value", "tracks.csv", 3),
    ]
