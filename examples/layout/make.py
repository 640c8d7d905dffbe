"""Write a simulated programme folder for the layout: ``python examples/layout/make.py FOLDER``.

Everything is simulated: sixteen regions, ten tracks, six years.  Then::

    biaochi layout check FOLDER/*.csv
    biaochi layout backtest FOLDER/activity.csv
    biaochi layout plan FOLDER/activity.csv --refits 20
    biaochi layout simulate FOLDER/tracks.csv FOLDER/gains.csv
    biaochi layout report FOLDER --out report/ --refits 20
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np


def main(folder: Path, seed: int = 4) -> None:
    """Write activity.csv, tracks.csv and gains.csv."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    log = rng.normal(0, 1, (16, 10))
    activity = ["region,track,period,value,source"]
    for year in range(2015, 2021):
        log = 0.9 * log + rng.normal(0, 0.6, log.shape)
        counts = rng.poisson(np.exp(2.5 + log))
        activity += [f"r{i:02d},t{j},{year},{counts[i, j]},simulated" for i in range(16) for j in range(10)]
    tracks = ["track,name_zh,name_en,direction,value,demand_lo,demand,demand_hi,capacity,kappa"]
    directions = ("manufacturing", "information", "materials", "energy", "space")
    tracks += [f"t{j},模拟赛道{j},Simulated track {j},{directions[j % 5]},1,2,4,6,1,0.3" for j in range(10)]
    gains = ["region,track,p"]
    gains += [f"r{i:02d},t{j},{rng.beta(1, 5):.3f}" for i in range(16) for j in range(10)]
    for name, lines in {"activity.csv": activity, "tracks.csv": tracks, "gains.csv": gains}.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
