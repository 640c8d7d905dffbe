"""What the page of rising terms says: the back-test first, then the terms."""

from __future__ import annotations

from typing import Any

from biaochi.core.text import Lang, Text
from biaochi.mechanisms.foresight.decisions import Watched
from biaochi.mechanisms.foresight.web.pages import share, signed
from biaochi.registry.marks import interval_mark


def scan_heading(watched: Watched, lang: Lang) -> str:
    """Return how many terms rise, as the answer of a scan."""
    found = watched.result.signals.terms
    n = int(found["candidate"].sum())
    names = ("、" if lang == "zh" else ", ").join(str(t) for t in found.loc[found["candidate"], "term"].head(3))
    if n == 0:
        return Text("没有上升的词", "No term rises").within(lang)
    return Text(f"{n} 个词在上升，居首的是{names}", f"{n} terms rise, first {names}").within(lang)


def scan_sentence(watched: Watched, lang: Lang) -> str:
    """Return what became of such terms before, against terms of like count."""
    past = watched.result.signals.backtest
    if len(past) == 0:
        return Text(
            "时期太少，无法回测：这些词后来怎样，没有依据可说。",
            "Too few periods for a back-test: nothing can be said of what becomes of them.",
        ).within(lang)
    grows, low, high = (float(past[c].mean()) for c in ("p_grows", "null_low", "null_high"))
    better = grows > high
    return Text(
        f"先看成绩：以前选出的词中 {share(grows)} 继续增长，频次相近的词为 {share(low)}–{share(high)}，"
        + ("高于随机。" if better else "并不高于随机：这里说的是已经升起的，不是将要升起的。"),
        f"Its record first: of terms found before {share(grows)} grew on, "
        f"of terms of like count {share(low)}–{share(high)}; "
        + ("above chance." if better else "not above chance: this is what rose, not what will."),
    ).within(lang)


def backtest_rows(watched: Watched, lang: Lang) -> list[dict[str, Any]]:
    """Return each origin of the back-test with the matched null as a mark."""
    rows = []
    for r in watched.result.signals.backtest.to_dict("records"):
        low, high, grows = float(r["null_low"]), float(r["null_high"]), float(r["p_grows"])
        label = Text(
            f"频次相近的词 {share(low)}–{share(high)}", f"terms of like count {share(low)}–{share(high)}"
        ).within(lang)
        rows.append(
            {
                "origin": int(r["origin"]),
                "n": int(r["n"]),
                "grows": share(grows),
                "mark": interval_mark(
                    low, high, label=label, least=0, most=1, middle=float(r["null_median"]), ticks=10
                ),
                "null": f"{share(low)}–{share(high)}",
                "stays": share(float(r["p_stays"])),
                "null_stays": share(float(r["null_stays"])),
            }
        )
    return rows


def signal_rows(watched: Watched, lang: Lang) -> list[dict[str, Any]]:
    """Return the rising terms with what was decided of each."""
    chosen = watched.result.signals.terms
    rows = []
    for r in chosen[chosen["candidate"]].head(watched.result.top).to_dict("records"):
        decision = watched.decisions[str(r["term"])]
        watch = decision.outcome == "watch"
        rows.append(
            {
                "term": str(r["term"]),
                "count": int(r["count"]),
                "escore": signed(float(r["escore"])),
                "burst": r["burst"],
                "percentile": share(float(r["percentile"])),
                "verdict": Text("建议列入观察，由人定", "suggested for the watch list, a person decides")
                if watch
                else Text("不列入", "left"),
                "badge": "manual_review" if watch else "not_applicable",
                "reasons": [reason.text.within(lang) for reason in decision.reasons],
            }
        )
    return rows
