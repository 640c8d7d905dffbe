"""A heavy run on a local Dask cluster gives the same digits as one process."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "scale" / "dask_cluster.py"


def test_a_local_cluster_changes_no_digit() -> None:
    pytest.importorskip("distributed", reason="the extra biaochi[scale] is not installed")
    spec = importlib.util.spec_from_file_location("dask_cluster", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    from distributed import Client, LocalCluster  # noqa: PLC0415 - only with the extra

    alone, _ = example.run(60)
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        together, _ = example.run(60, client.get_executor())
    assert example.same(alone, together)
