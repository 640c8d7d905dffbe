"""Declared plans: which region named which track in which document, and what may be concluded from silence.

A track is *declared* when the newest complete document, or a partial one that is not older, names it; *absent* when
a complete document is silent; otherwise *unknown*.  A partial list never makes a track absent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
import pandas as pd

NATION = "全国"
LIST_MARKS = ("集群名单", "先导区", "试点")
PLAN_FIELDS = ("region", "level", "kind", "track", "wording", "source", "date", "evidence", "coverage")


class Coverage(StrEnum):
    """Whether a document's list of tracks is complete."""

    COMPLETE = "complete"
    PARTIAL = "partial"


class PlanState(StrEnum):
    """What is known of a region and a track."""

    DECLARED = "declared"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class Level(StrEnum):
    """Level of the regions compared."""

    PROVINCE = "province"
    CITY = "city"
    DISTRICT = "district"


class Documents(StrEnum):
    """Whether a region is read from its newest complete document or from all of them."""

    LATEST = "latest"
    UNION = "union"


@dataclass(frozen=True)
class Declarations:
    """The plans of one level as they stood on one day.

    Attributes
    ----------
    at : datetime.date
        The day.
    level : Level
        Whose plans.
    documents : Documents
        How several documents of a region were read.
    universe : tuple of str
        All regions asked about, also those without documents.
    state : DataFrame of str, universe × tracks
        ``declared``, ``absent`` or ``unknown``.
    complete : DataFrame of bool, regions with a complete document × tracks
        What their complete documents name.
    seen : DataFrame of bool, same shape
        Whether a naming rests on a row that was seen.
    partial : tuple of str
        Regions with partial documents only.
    rows : DataFrame
        All complete rows of the level known on the day, for dated comparisons.
    """

    at: date
    level: Level
    documents: Documents
    universe: tuple[str, ...]
    state: pd.DataFrame
    complete: pd.DataFrame
    seen: pd.DataFrame
    partial: tuple[str, ...]
    rows: pd.DataFrame

    @property
    def tracks(self) -> tuple[str, ...]:
        """All track codes, in order."""
        return tuple(self.state.columns)

    @property
    def silent(self) -> tuple[str, ...]:
        """Regions without any document."""
        heard = {*self.complete.index, *self.partial}
        return tuple(r for r in self.universe if r not in heard)

    @property
    def named(self) -> pd.Series:
        """Number of regions that declared each track."""
        return (self.state == PlanState.DECLARED.value).sum(axis=0)

    @property
    def possible(self) -> pd.Series:
        """Number of regions that declared each track or may have: all but the absent."""
        return (self.state != PlanState.ABSENT.value).sum(axis=0)

    @property
    def confirmed(self) -> pd.DataFrame:
        """The complete portfolios that rest on seen rows alone."""
        doubtful = (self.complete & ~self.seen).any(axis=1)
        return self.complete.loc[~doubtful]


def classified(plans: pd.DataFrame) -> pd.DataFrame:
    """Return plan rows with their kind filled in, and what is only a list of places marked partial.

    A city or district row whose source speaks of 集群名单， 先导区 or 试点 names single places, not a portfolio:
    it becomes kind ``list`` with partial coverage.  Other rows without a kind are ``plan``.
    """
    rows = plans.copy()
    pattern = "|".join(LIST_MARKS)
    listed = rows["level"].isin([Level.CITY, Level.DISTRICT]) & rows["source"].str.contains(pattern, regex=True)
    rows.loc[rows["kind"] == "", "kind"] = "plan"
    rows.loc[listed, "kind"] = "list"
    rows.loc[listed, "coverage"] = Coverage.PARTIAL.value
    return rows


def declarations(
    plans: pd.DataFrame,
    *,
    at: date,
    level: Level,
    tracks: Sequence[str],
    universe: Sequence[str] | None = None,
    documents: Documents = Documents.LATEST,
) -> Declarations:
    """Read the plans of one level as they stood on a day.

    Parameters
    ----------
    plans : DataFrame
        Columns region, level, kind, track, wording, source, date, evidence, coverage; one row a naming, dates as
        ``datetime.date``.  Repeats within a document count once.
    at : datetime.date
        Later documents are not known yet.
    level : Level
        Rows of other levels are left out.
    tracks : sequence of str
        Every code that could be named.
    universe : sequence of str or None
        All regions asked about; by default those with documents on that day.
    documents : Documents
        ``latest``: newest complete document and partial ones that are not older; ``union``: all documents.
    """
    rows = classified(plans)
    rows = rows[(rows["level"] == level.value) & (rows["date"] <= at)]
    regions = tuple(universe) if universe is not None else tuple(dict.fromkeys(rows["region"]))
    rows = rows[rows["region"].isin(regions)]
    complete = rows[rows["coverage"] == Coverage.COMPLETE.value]
    newest = complete.groupby("region")["date"].max()
    since = rows["region"].map(newest)
    if documents is Documents.LATEST:
        in_force = rows[since.isna() | (rows["date"] >= since)]
    else:
        in_force = rows
    whole = in_force[in_force["coverage"] == Coverage.COMPLETE.value]
    ordered = [r for r in regions if r in newest.index]
    portfolio = _table(whole, ordered, tracks)
    seen = _table(whole[whole["evidence"] == "seen"], ordered, tracks)
    named = _table(in_force, regions, tracks)
    told = np.isin(np.array(regions, dtype=object), ordered)[:, None]
    state = np.where(named, PlanState.DECLARED.value, np.where(told, PlanState.ABSENT.value, PlanState.UNKNOWN.value))
    partial = tuple(r for r in regions if r not in newest.index and r in set(rows["region"]))
    return Declarations(
        at,
        level,
        documents,
        regions,
        pd.DataFrame(state, index=list(regions), columns=list(tracks)),
        portfolio,
        seen,
        partial,
        complete,
    )


def national_days(plans: pd.DataFrame, at: date) -> dict[str, date]:
    """Return each nationally named track with the first day a national document named it, up to ``at``."""
    rows = plans[(plans["level"] == "national") & (plans["date"] <= at)]
    return {str(track): day for track, day in rows.groupby("track")["date"].min().items()}


def hindsight(declared: Declarations, national: dict[str, date]) -> dict[str, int]:
    """Count how many choices a national document names now, and how many it named when they were made.

    Returns
    -------
    dict
        ``choices`` region × track over all complete documents, ``named_now`` of them; ``pairs`` document × track,
        ``named_before`` of them on or before the document's date.
    """
    rows = declared.rows
    choices = rows.drop_duplicates(["region", "track"])
    pairs = rows.drop_duplicates(["region", "source", "date", "track"])
    before = [t in national and national[t] <= day for t, day in zip(pairs["track"], pairs["date"], strict=True)]
    return {
        "choices": len(choices),
        "named_now": int(choices["track"].isin(list(national)).sum()),
        "pairs": len(pairs),
        "named_before": sum(before),
    }


def _table(rows: pd.DataFrame, regions: Sequence[str], tracks: Sequence[str]) -> pd.DataFrame:
    table = pd.DataFrame(False, index=list(regions), columns=list(tracks))
    at_row, at_column = (
        table.index.get_indexer(pd.Index(rows["region"])),
        table.columns.get_indexer(pd.Index(rows["track"])),
    )
    values = table.to_numpy(copy=True)
    known = (at_row >= 0) & (at_column >= 0)
    values[at_row[known], at_column[known]] = True
    return pd.DataFrame(values, index=table.index, columns=table.columns)
