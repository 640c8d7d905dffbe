"""Every pattern of page: nothing serious for axe-core in both languages, light and dark; by keyboard; on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from benchmarks.page_checks import scrolls_sideways, serious_violations, unreached_by_keyboard

pytestmark = [pytest.mark.browser, pytest.mark.slow]
OFFICER = {"zh": "未来产业办", "en": "Office officer"}
PATTERNS = (
    "/",
    "/public/",
    "/station/measure/",
    "/sandbox/",
    "/sandbox/waivers/",
    "/ruler/",
    "/ruler/frameworks/",
    "/ruler/import/observations/",
    "/search/?q=a",
    "/calendar/",
    "/programme/",
    "/parameters/",
    "/journeys/",
    "/ledger/",
    "/messages/",
    "/account/",
    "/keys/",
    "/api/v1/docs/",
    "/enter/",
    "/mail/",
    "/nothing/",
)
OBJECTS = ("/sandbox/cases/", "/ruler/frameworks/", "/fairness/")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_pattern_of_page_is_accessible(visitor: Callable[..., Any], lang: str) -> None:
    officer = visitor(lang=lang)
    page = officer.enter(OFFICER[lang])
    wrong: list[str] = []
    paths = [*PATTERNS, *(found for listed in OBJECTS for found in first_object(officer, listed))]
    for path in paths:
        page.goto(officer.address + path)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            wrong += [f"{path} {scheme}: {v}" for v in serious_violations(page)]
        page.set_viewport_size({"width": 390, "height": 800})
        if scrolls_sideways(page):
            wrong.append(f"{path} scrolls sideways at 390")
        page.set_viewport_size({"width": 1280, "height": 800})
        if lang == "zh":
            wrong += [f"{path}: {m}" for m in unreached_by_keyboard(page)]
    officer.said[:] = [line for line in officer.said if "404" not in line]
    assert not wrong, "\n".join(wrong)


def first_object(officer: Any, listed: str) -> list[str]:
    """Return the address of the first object of a list page."""
    page = officer.go(listed)
    link = page.locator("table.folds tbody th a").first
    return [link.get_attribute("href")] if link.count() else []
