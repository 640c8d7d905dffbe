"""Keys such as ``on`` and ``no`` are words, whatever YAML 1.1 makes of them."""

from __future__ import annotations

from pathlib import Path

from biaochi.exchange.structured import read_data


def test_keys_that_yaml_takes_for_truth_values_stay_words(tmp_path: Path) -> None:
    place = tmp_path / "a.yaml"
    place.write_text("on: 2026-03-02\nno: true\nyes: [on]\n", "utf-8")
    data, _ = read_data(place)
    assert list(data) == ["on", "no", "yes"]
    assert data["no"] is True
    assert data["yes"] == [True]
