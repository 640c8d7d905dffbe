"""What a page in a real browser must hold: no serious violation of WCAG 2.2 AA, every control by keyboard, no sideways scroll.

axe-core comes with the development dependency ``axe-playwright-python``; nothing of it ships with the product.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
SERIOUS = ("serious", "critical")
_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
_RUN = "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})"
_MARK = """() => {
  const all = 'a[href],button,input:not([type=hidden]),select,textarea,summary,[tabindex]:not([tabindex="-1"])';
  const group = new Map();
  window.__wanted = [...document.querySelectorAll(all)].filter(e => {
    if (e.disabled || e.tabIndex < 0 || e.closest('[inert]') || !e.checkVisibility({visibilityProperty: true})) return false;
    if (e.type === 'radio') {
      const key = e.form ? [...document.forms].indexOf(e.form) + e.name : e.name;
      const one = e.checked || !document.querySelector(`input[type=radio][name="${e.name}"]:checked`) && !group.has(key);
      if (one) group.set(key, e);
      return one;
    }
    return true;
  });
  window.__reached = new Set();
  window.__blind = new Set();
  window.__note = () => {
    const e = document.activeElement;
    if (!e || e === document.body) return;
    window.__reached.add(e);
    const s = getComputedStyle(e);
    const ring = (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== 'none';
    if (!ring && !e.closest('label, .file') && e.tagName !== 'IFRAME') window.__blind.add(e.outerHTML.slice(0, 120));
  };
  document.addEventListener('focusin', window.__note, true);
  return window.__wanted.length;
}"""
_MISSED = "() => window.__wanted.filter(e => !window.__reached.has(e)).map(e => e.outerHTML.slice(0, 120))"
_BLIND = "() => [...window.__blind]"


def serious_violations(page: Page) -> list[str]:
    """Return what axe-core calls serious or critical on the page as it stands."""
    page.evaluate(_AXE)
    found: dict[str, Any] = page.evaluate(_RUN, list(TAGS))
    return [
        f"{v['id']} ({v['impact']}, {len(v['nodes'])}×): {v['nodes'][0]['html'][:160]} {v['nodes'][0].get('failureSummary', '')[:200]!r}"
        for v in found["violations"]
        if v["impact"] in SERIOUS
    ]


def unreached_by_keyboard(page: Page) -> list[str]:
    """Press the tab key through the whole page; return controls it never reached and those that showed no focus."""
    count: int = page.evaluate(_MARK)
    for _ in range(count + 3):
        page.keyboard.press("Tab")
    missed: list[str] = page.evaluate(_MISSED)
    blind: list[str] = page.evaluate(_BLIND)
    return [f"not reached: {m}" for m in missed] + [f"no focus seen: {b}" for b in blind]


def scrolls_sideways(page: Page) -> bool:
    """Whether the page as a whole scrolls sideways at its present width."""
    return bool(page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth + 1"))
