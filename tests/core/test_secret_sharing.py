"""Splitting a secret: any two of three give it back, one says nothing, a mistyped share is refused."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biaochi.core.secret_sharing import Share, combine_shares, split_secret


@given(st.binary(min_size=1, max_size=40), st.data())
def test_any_threshold_of_the_shares_gives_the_secret_back(secret: bytes, data: st.DataObject) -> None:
    threshold = data.draw(st.integers(2, 4))
    count = data.draw(st.integers(threshold, 6))
    parts = split_secret(
        secret, shares=count, threshold=threshold, random_bytes=lambda n: data.draw(st.binary(min_size=n, max_size=n))
    )
    for chosen in itertools.combinations(parts, threshold):
        assert combine_shares(chosen) == secret
    assert [Share.from_text(p.to_text()) for p in parts] == parts


def test_one_share_is_consistent_with_every_secret() -> None:
    seen = {
        (secret, chance): split_secret(bytes([secret]), shares=2, threshold=2, random_bytes=lambda n, c=chance: bytes([c]))[0].data
        for secret in range(0, 256, 17)
        for chance in range(256)
    }  # fmt: skip
    for secret in range(0, 256, 17):
        assert len({seen[secret, c] for c in range(256)}) == 256


@pytest.mark.parametrize(("secret", "shares", "threshold"), [(b"", 3, 2), (b"a", 3, 1), (b"a", 2, 3), (b"a", 256, 2)])
def test_impossible_splits(secret: bytes, shares: int, threshold: int) -> None:
    with pytest.raises(ValueError, match="split into"):
        split_secret(secret, shares=shares, threshold=threshold, random_bytes=bytes)


@pytest.mark.parametrize(
    ("shares", "told"),
    [
        ([Share(1, b"a")], "at least two"),
        ([Share(1, b"a"), Share(1, b"b")], "at least two"),
        ([Share(0, b"a"), Share(1, b"b")], "at least two"),
        ([Share(1, b"a"), Share(2, b"bc")], "different secrets"),
    ],
)
def test_shares_that_do_not_fit(shares: list[Share], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        combine_shares(shares)


@pytest.mark.parametrize("text", ["", "1-00-0000", "x-00-12", Share(1, b"ab").to_text()[:-1] + "z"])
def test_a_mistyped_share_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="mistyped"):
        Share.from_text(text)
