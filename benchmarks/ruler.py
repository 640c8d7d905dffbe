"""Speed, memory and accuracy of the ruler's replications.

    python benchmarks/ruler.py [REFERENCE_FOLDER]

Needs the ASEM reference (``00_iMeta.csv``, ``00_iData.csv``), by default beside the project.  Prints, in one run, by
processor time: replications a second with ranks for four factors, memoised and brute force (each from the raw values on,
one by one), with noise in every cell in one process and in two; peak memory at 100,000 replications; the error of
Sobol' indices against the exact Ishigami values by N; and the time of 51 benefit-of-the-doubt programmes.
"""

from __future__ import annotations

import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import qmc

from biaochi.methods.composite import Dataset, Method, Plan, benefit_of_doubt, read_coinr, replay, sobol_indices

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "reference" / "composite"
EXAMPLE = [
    "denominate",
    {"impute": {"method": "group_mean", "by": "EurAsia_group"}},
    {"screen": {"min_available": 0.9}},
    {"treat": {"winmax": 5, "skew": 2.0, "kurtosis": 3.5, "then": "log_ct"}},
    {"normalise": {"method": "minmax", "to": [1, 100]}},
    {"weights": "declared"},
    {"aggregate": "arithmetic"},
]
FACTORS = {
    "treat.winmax": {"choice": [1, 2, 3, 4, 5]},
    "normalise": {"choice": [{"method": "minmax", "to": [1, 100]}, {"method": "zscore", "mean": 100, "sd": 10}]},
    "weights": {"scale": 0.25, "levels": [2, 3], "draws": 1024},
    "aggregate": {"choice": ["arithmetic", "geometric"]},
}
PEER_CPU = 8.5  # COINr 1.1.14 on the same example, replications a second of CPU, as measured for the specification


def timed(method: Method, data: Dataset, plan: Plan, n: int, **more: object) -> float:
    """Return replications a second of processor time, ranks included; of wall time where several processes run."""
    clock = time.perf_counter if "executor" in more else time.process_time
    design = plan.sample(n, rng=np.random.default_rng(0))
    started = clock()
    found = replay(method, data, plan, design, **more)  # type: ignore[arg-type]
    found.ranks.sum()
    return n / (clock() - started)


def speed(method: Method, data: Dataset) -> None:
    """Print replications a second."""
    plan = Plan.from_mapping({"factors": FACTORS})
    noisy_plan = Plan.from_mapping({"factors": {"observations": {"noise": "se", "draws": 10**6}, **FACTORS}})
    noisy = replace(data, se=0.05 * np.abs(np.nan_to_num(data.values)))
    memoised, brute = timed(method, data, plan, 20_000), timed(method, data, plan, 300, memoise=False)
    print(f"4 factors, memoised           {memoised:9.0f} /s   {memoised / PEER_CPU:7.0f} × COINr by CPU")
    print(f"4 factors, brute force        {brute:9.0f} /s   memoising saves {memoised / brute:.0f} ×")
    one = timed(method, noisy, noisy_plan, 4_000)
    with ProcessPoolExecutor(2, mp_context=get_context("forkserver")) as pool:
        timed(method, noisy, noisy_plan, 200, executor=pool)
        two = timed(method, noisy, noisy_plan, 8_000, executor=pool)
    print(f"noise in every cell, 1 process {one:9.0f} /s   {one / PEER_CPU:7.0f} × COINr by CPU")
    print(f"noise in every cell, 2 processes{two:8.0f} /s wall")


def memory(method: Method, data: Dataset) -> None:
    """Print peak memory at 100,000 replications."""
    plan = Plan.from_mapping({"factors": FACTORS})
    started = time.process_time()
    found = replay(method, data, plan, plan.sample(100_000, rng=np.random.default_rng(0)))
    found.ranks.sum()
    seconds = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"100,000 replications          {100_000 / seconds:9.0f} /s   peak {peak:.0f} MB resident in all")


def ishigami(x: np.ndarray) -> np.ndarray:
    """Return the Ishigami function, a = 7, b = 0.1."""
    return np.asarray(np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0]))


def accuracy() -> None:
    """Print the largest error over all six indices, median and worst of 100 designs and the default one, by N."""
    first, total = np.array([0.313905, 0.442411, 0]), np.array([0.557589, 0.442411, 0.243684])
    for n in (256, 1024, 4096):
        errors = []
        for seed in range(100):
            u = (2 * qmc.Sobol(6, rng=np.random.default_rng(seed)).random(n) - 1) * np.pi
            a, b = u[:, :3], u[:, 3:]
            mixed = np.stack([ishigami(np.where(np.arange(3) == k, b, a)) for k in range(3)])
            found = sobol_indices(ishigami(a), ishigami(b), mixed, rng=np.random.default_rng(0), resamples=5)
            gaps = (np.abs(found.first[:, 0] - first).max(), np.abs(found.total[:, 0] - total).max())
            errors.append(max(gaps))
        print(
            f"Sobol' error at N = {n:5d}      median {np.median(errors):.4f}, worst of 100 {max(errors):.4f}, default seed {errors[0]:.4f}"
        )


def programmes(method: Method, data: Dataset) -> None:
    """Print the time of 51 benefit-of-the-doubt programmes over 8 pillars."""
    composite = method.fit(data).transform(data)
    y = composite.stage("aggregated")[list(data.framework.parents[:8])].to_numpy() / 100
    started = time.process_time()
    benefit_of_doubt(y)
    print(f"51 BoD programmes             {time.process_time() - started:9.3f} s")


def main(folder: Path) -> None:
    """Run everything; memory first, so that nothing else counts."""
    imeta, idata = pd.read_csv(folder / "00_iMeta.csv"), pd.read_csv(folder / "00_iData.csv")
    framework, data = read_coinr(imeta, idata, method=EXAMPLE)
    assert framework.method is not None
    memory(framework.method, data)
    speed(framework.method, data)
    programmes(framework.method, data)
    accuracy()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
