"""The same comparison of policies in one process and on a local Dask cluster: the digits are the same.

``python examples/scale/dask_cluster.py [WORLDS] [WORKERS]``; needs ``pip install 'biaochi[scale]'``.
On a real cluster only the address changes: ``Client("tcp://scheduler:8786")``.
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import Executor

import numpy as np
from distributed import Client, LocalCluster

from biaochi.programme.simulation.compare import OUTCOMES, Comparison, compare
from biaochi.programme.simulation.policy import Policy

POLICIES = (
    Policy("alone", False, False, 1, 0.2, 0.05),
    Policy("disclosed", True, True, 3, 0.1, 0.05),
)


def run(worlds: int, executor: Executor | None = None) -> tuple[Comparison, float]:
    """Return the comparison and the seconds it took."""
    began = time.perf_counter()
    found = compare(POLICIES, years=1, worlds=worlds, seed=0, executor=executor)
    return found, time.perf_counter() - began


def same(one: Comparison, other: Comparison) -> bool:
    """Whether every outcome of every world is the same number."""
    return all(np.array_equal(one.outcomes[o], other.outcomes[o]) for o in OUTCOMES)


def main(worlds: int = 200, workers: int = 2) -> int:
    """Run both and say whether they agree."""
    alone, seconds = run(worlds)
    with (
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster,  # type: ignore[no-untyped-call]
        Client(cluster) as client,  # type: ignore[no-untyped-call]
    ):
        together, parallel = run(worlds, client.get_executor())
    equal = same(alone, together)
    print(f"{worlds} worlds: one process {seconds:.1f} s, {workers} workers {parallel:.1f} s, identical {equal}")
    return 0 if equal else 1


if __name__ == "__main__":
    raise SystemExit(main(*(int(a) for a in sys.argv[1:])))
