"""The clock of a feed: it starts with the first waiver and restarts whenever something newer arrives."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import numpy as np

from biaochi.core.text import Text
from biaochi.mechanisms.sandbox.decisions.paths import Arrivals
from biaochi.mechanisms.sandbox.model import Action, Alarm, AlarmKind, Feed, FeedStatus

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(microseconds: int) -> datetime:
    """Return microseconds since 1970 as an instant in UTC."""
    return _EPOCH + timedelta(microseconds=int(microseconds))


def microseconds(at: datetime) -> int:
    """Return an instant as microseconds since 1970."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def restarts(rows: Arrivals) -> np.ndarray:
    """Return the arrivals whose reading is newer than all before; empty cells do not count."""
    filled = np.flatnonzero(~np.isnan(rows.value))
    at = rows.at[filled]
    if not at.size:
        return filled
    newest = np.concatenate(([np.iinfo(np.int64).min], np.maximum.accumulate(at)[:-1]))
    return filled[at > newest]


def listen(case: str, feed: Feed, rows: Arrivals, started: datetime, as_of: datetime) -> tuple[FeedStatus, list[Alarm]]:
    """Return how a feed stands at ``as_of``, and every silence that passed a limit until then."""
    fresh = restarts(rows)
    last_at = moment(rows.at[fresh[-1]]) if fresh.size else None
    begin = microseconds(started)
    now = microseconds(as_of)
    arrived = rows.received[fresh]
    beats = np.concatenate(([begin], arrived[arrived > begin]))
    alarms: list[Alarm] = []
    for i in np.flatnonzero(np.diff(beats) > feed.amber_after_hours * 3.6e9):
        alarms.extend(_silences(case, feed, int(beats[i]), int(beats[i + 1]), now))
    alarms.extend(_silences(case, feed, int(beats[-1]), None, now))
    silent = max(0.0, (now - int(beats[-1])) / 3.6e9)
    if silent >= feed.suspend_after_hours:
        status = "suspend"
    else:
        status = "amber" if silent >= feed.amber_after_hours else "on_time"
    return FeedStatus(feed.metric, last_at, silent, status), alarms


def _silences(case: str, feed: Feed, beat: int, following: int | None, now: int) -> Iterable[Alarm]:
    for limit, action in ((feed.amber_after_hours, Action.NOTIFY), (feed.suspend_after_hours, Action.PAUSE)):
        passed = beat + round(limit * 3.6e9)
        if passed > now or (following is not None and following <= passed):
            continue
        at = moment(passed)
        done = Text("黄灯提示", "amber") if action is Action.NOTIFY else Text("自动暂停", "suspended by itself")
        yield Alarm(
            case,
            None,
            feed.metric,
            AlarmKind.MISSING_FEED,
            at,
            at,
            action,
            Text(
                f"{feed.metric} 已 {limit:g} 小时没有新读数：{done.zh}",
                f"{feed.metric} has sent nothing newer for {limit:g} hours: {done.en}",
            ),
            statistic=limit,
            threshold=limit,
        )
