"""Hostile requests and uploads to every address of the site: nothing breaks, nothing is stored that should not be.

A seeded sample of what ``benchmarks/site_hostile.py`` sends ten thousand of.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.site_hostile import besiege, record, trespasses
from django.core.cache import cache
from django.test import Client, override_settings

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("rooms")]
REQUESTS = 600


def test_hostile_requests_and_uploads_break_and_store_nothing(filled: list[str], tmp_path: Path) -> None:
    cache.clear()
    with override_settings(DATA=tmp_path, DOCUMENT_ROOT=tmp_path / "documents"):
        before = record()
        found = besiege(REQUESTS, seed=1)
        assert not found.broken
        assert not trespasses(before)
    assert found.uploads > 20


@pytest.mark.parametrize("body", [b"", b"--x\r\nno end", b"\x00" * 100, b"--x--\r\n", b"--y\r\n\r\n--y--"])
def test_a_broken_form_is_no_fault_of_ours(filled: list[str], body: bytes) -> None:
    client = Client(HTTP_HOST="localhost", REMOTE_ADDR="10.77.0.1")
    for content in ("multipart/form-data; boundary=x", "multipart/form-data", "multipart/form-data; boundary=\xe4"):
        answer = client.generic("POST", "/api/v1/ruler/imports/observations", body, content)
        assert answer.status_code in (400, 403, 422), (content, answer.status_code)
