"""The hash chain: any changed byte is found, and an export verifies without a database."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biaochi.core.ledger import GENESIS, ChainLine, chain_body, chain_digest, next_line, parse_line, verify_chain


def body(n: int) -> str:
    return chain_body(
        actor=f"p-{n}",
        at=f"2026-01-01T00:00:{n % 60:02d}.000000Z",
        decision={"outcome": "met", "score": 0.5},
        reason="理由",
        role="officer",
        subject="ruler/F-1",
        transition="publish",
    )


def chain(length: int) -> list[ChainLine]:
    lines: list[ChainLine] = []
    for n in range(length):
        lines.append(next_line(lines[-1] if lines else None, body(n)))
    return lines


def test_the_digest_is_what_the_specification_says() -> None:
    line = chain(1)[0]
    expected = hashlib.sha256(("0" * 64 + "\n1\n" + line.body).encode()).hexdigest()
    assert line.digest == expected == chain_digest(GENESIS, 1, line.body)


def test_the_body_is_canonical() -> None:
    parsed = json.loads(body(1))
    assert list(parsed) == sorted(["actor", "at", "decision", "reason", "role", "subject", "transition"])
    assert parsed["decision"]["score"] == "0.5"
    assert "理由" in body(1)


def test_an_intact_chain_verifies_and_exports() -> None:
    lines = chain(5)
    again = [parse_line(line.to_json()) for line in lines]
    found = verify_chain(again)
    assert found.intact
    assert (found.lines, found.head) == (5, lines[-1].digest)
    assert verify_chain([]).intact
    assert verify_chain(lines, anchor=lines[2].digest).intact


def test_a_lost_anchor_is_found() -> None:
    assert not verify_chain(chain(3), anchor="f" * 64).intact
    assert not verify_chain([], anchor="f" * 64).intact


@given(st.integers(0, 4), st.data())
def test_any_changed_byte_is_found(where: int, data: st.DataObject) -> None:
    lines = chain(5)
    raw = bytearray(lines[where].to_json().encode())
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 127))
    try:
        changed = parse_line(raw.decode())
    except ValueError:
        return  # the line no longer reads: found
    if changed == lines[where]:
        return  # the same line in another spelling of JSON
    assert not verify_chain([*lines[:where], changed, *lines[where + 1 :]]).intact


@pytest.mark.parametrize(
    "broken",
    [
        lambda ls: [*ls[:1], *ls[2:]],
        lambda ls: [ls[1], ls[0], *ls[2:]],
        lambda ls: [replace(ls[0], prev="1" * 64), *ls[1:]],
        lambda ls: [replace(ls[0], body="{}", digest=chain_digest(GENESIS, 1, "{}")), *ls[1:]],
        lambda ls: [replace(ls[0], body="x", digest=chain_digest(GENESIS, 1, "x"))],
    ],
)
def test_gaps_swaps_and_forgeries_are_found(broken: object) -> None:
    found = verify_chain(broken(chain(4)))  # type: ignore[operator]
    assert not found.intact
    assert found.broken_at >= 1
    assert found.found.zh


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{}",
        '{"seq": true, "prev": "", "digest": "", "body": ""}',
        '{"seq": 1, "prev": 1, "digest": "", "body": ""}',
        "x",
    ],
)
def test_what_is_no_line_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_line(text)
