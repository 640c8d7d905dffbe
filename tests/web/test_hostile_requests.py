"""Hostile requests and uploads to every address of the site: nothing breaks, nothing is stored that should not be.

A seeded sample of what ``benchmarks/site_hostile.py`` sends ten thousand of.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.site_hostile import besiege, record, trespasses
from django.core.cache import cache
from django.test import override_settings

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
