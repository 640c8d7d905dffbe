"""What the simulated years assume; every number is ours, none is measured, and each is printed with the result."""

from __future__ import annotations

from dataclasses import dataclass, fields

from biaochi.core.text import Text


@dataclass(frozen=True, slots=True)
class Assumptions:
    """The simulated world.

    Parameters
    ----------
    regions, tracks, picks : int
        Regions that choose, tracks they choose from, tracks each takes a year.
    demand : float
        Places each track can carry, on average; the number of each track varies by half of it.
    loss : float
        What a place nobody needs loses, in units of the gain of a perfectly suited place.
    noise_without, noise_with : float
        Error (logit, standard deviation) of what a region believes of its own suitability, without and with a ruler.
    learning : float
        With a ruler, each year of evidence divides the error's variance by 1 + learning · years.
    teams, budget, rounds : int
        Teams a fund can enter, money in units of a first-stage cost, rounds.
    cases, readings : int
        Sandbox cases a year, readings of each.
    cap, harmful_share, harmful_rate, harmless_rate : float
        Permitted rate of harm, share of cases above it, rate of these and of the others (as multiples of the cap).
    """

    regions: int = 12
    tracks: int = 10
    picks: int = 3
    demand: float = 3.0
    loss: float = 0.8
    noise_without: float = 1.2
    noise_with: float = 0.8
    learning: float = 0.5
    teams: int = 6
    budget: int = 40
    rounds: int = 5
    cases: int = 20
    readings: int = 400
    cap: float = 0.02
    harmful_share: float = 0.2
    harmful_rate: float = 3.0
    harmless_rate: float = 0.6

    def to_records(self) -> list[dict[str, object]]:
        """Return one record an assumption: code, value, meaning in both languages."""
        return [
            {"code": f.name, "value": getattr(self, f.name), "zh": _MEANING[f.name].zh, "en": _MEANING[f.name].en}
            for f in fields(self)
        ]


_MEANING = {
    "regions": Text("作选择的地区数", "regions that choose"),
    "tracks": Text("可选赛道数", "tracks to choose from"),
    "picks": Text("每个地区每年选的赛道数", "tracks each region takes a year"),
    "demand": Text("每条赛道平均容得下的地区数", "places a track can carry on average"),
    "loss": Text("多余一处的损失", "loss of a place nobody needs"),
    "noise_without": Text("没有标尺时对自身适合度的判断误差", "error of a region's belief without a ruler"),
    "noise_with": Text("有标尺时的判断误差", "error of a region's belief with a ruler"),
    "learning": Text("有标尺时每年证据带来的改进", "improvement by each year of evidence, with a ruler"),
    "teams": Text("基金可入围的队伍数", "teams a fund can enter"),
    "budget": Text("基金的钱（以第一阶段一次成本计）", "a fund's money, in first-stage costs"),
    "rounds": Text("基金的轮次", "rounds of a fund"),
    "cases": Text("每年的沙箱案例数", "sandbox cases a year"),
    "readings": Text("每个案例的读数", "readings of each case"),
    "cap": Text("允许的伤害率", "permitted rate of harm"),
    "harmful_share": Text("超过允许率的案例占比", "share of cases above the permitted rate"),
    "harmful_rate": Text("有害案例的伤害率（允许率的倍数）", "their rate, as a multiple of the permitted"),
    "harmless_rate": Text("其余案例的伤害率（允许率的倍数）", "the others' rate, as a multiple of the permitted"),
}
