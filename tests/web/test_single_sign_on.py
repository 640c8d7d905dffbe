"""Single sign-on opens the door to known persons only, through a real exchange with a small provider."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_the_provider_lets_known_persons_in_and_makes_nobody(tmp_path: Path) -> None:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("BIAOCHI_", "DATABASE_URL"))}
    surroundings = {
        **kept,
        "BIAOCHI_DATA": str(tmp_path),
        "BIAOCHI_SECRET_KEY": "only for tests, never for an installation",
        "DJANGO_SETTINGS_MODULE": "biaochi.web.settings",
    }
    walk = Path(__file__).with_name("sso_walk.py")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(walk)], env=surroundings, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "signed on" in done.stdout
