"""Back-tests as the records of their verb."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.mechanisms.layout.decisions.gate import decide_gate
from biaochi.mechanisms.layout.report.words import MODELS
from biaochi.methods.specialisation.entry import LEARNERS, Backtest
from biaochi.methods.specialisation.layouts import LayoutReplay


def backtest_body(
    found: Backtest, replay: LayoutReplay | None, parameters: Snapshot, *, at: date, names: Sequence[str]
) -> dict[str, object]:
    """Return the keys of ``biaochi.layout.backtest/1``; only the models asked for are shown."""
    gate = decide_gate(found.events, at=at, parameters=parameters)

    def asked(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
        for column in columns:
            if column in frame:
                frame = frame[frame[column].isin(list(names))]
        return frame

    calibration = {f.method for run in found.runs for f in run.forecasts.values()}
    first = found.runs[0].window if found.runs else None
    return {
        "conventions": {
            "event": found.event.code,
            "calibration": "isotonic on earlier origins",
            "calibrated_logistic": [first] if "logistic" in calibration else [],
        },
        "event": found.event.code,
        "gate": {"verdict": gate.outcome, "reasons": [r.to_dict() for r in gate.reasons]},
        "chosen": {"model": found.chosen or None, "reason": chosen_reason(found)},
        "origins": found.origins,
        "scores": asked(found.scores, "model"),
        "skill": asked(found.skill, "model", "baseline"),
        "reliability": asked(found.reliability, "model"),
        "layouts": [] if replay is None else replay.layouts,
        "layout_skill": [] if replay is None else replay.skill,
    }


def chosen_reason(found: Backtest) -> str:
    """Return why a model was chosen: ``too_few_events``, ``best_log_score`` or ``no_learner_beats_<baseline>``."""
    if found.gate != "met":
        return "too_few_events"
    return "best_log_score" if found.chosen in LEARNERS else f"no_learner_beats_{found.chosen}"


def backtest_summary(found: Backtest) -> Text:
    """Return what the back-test found, in one sentence."""
    n = len(found.origins)
    if found.gate != "met":
        return Text(
            f"{n} 个起点只见到 {found.events} 次进入，不足以排序",
            f"only {found.events} entries at {n} origins: too few for a ranking",
        )
    overall = found.scores[(found.scores["origin"] == "all") & (found.scores["model"] == found.chosen)].iloc[0]
    if found.chosen in LEARNERS:
        why = Text("胜过各基线", "beats every baseline")
    else:
        why = Text("没有学习模型胜过它", "no learner beats it")
    called = MODELS[found.chosen]
    return Text(
        f"{n} 个起点、{found.events} 次进入：选用“{called.zh}”（{why.zh}），AUC {overall['auc']:.3f}，"
        f"每地前几名命中 {overall['p_at_k']:.2f}（随机 {overall['random_p_at_k']:.2f}）；p 不是成功的保证",
        f"{n} origins, {found.events} entries: {called.en} is "
        f"used ({why.en}), AUC {overall['auc']:.3f}, precision at k "
        f"{overall['p_at_k']:.2f} (chance {overall['random_p_at_k']:.2f}); p forecasts no success",
    )
