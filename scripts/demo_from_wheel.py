"""Build the wheel, install it with [web] into a clean environment, start ``biaochi demo`` from it, look at its pages.

``python scripts/demo_from_wheel.py [FOLDER]``: FOLDER (default ``.lanes/wheel``) is made anew.  Needs ``uv``.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = {"/public/": "公开门户", "/enter/": "示例", "/healthz": ""}


def main(folder: Path) -> None:
    """Do it; raise on the first thing that is not as it should be."""
    uv = str(Path(sys.executable).with_name("uv"))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    subprocess.run([uv, "build", "-q", "--wheel", "--out-dir", str(folder / "dist"), str(ROOT)], check=True)
    (wheel,) = (folder / "dist").glob("*.whl")
    assert wheel.name.endswith("-py3-none-any.whl"), f"{wheel.name} is not pure Python"
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, str(folder / "venv")], check=True)
    python = folder / "venv" / "bin" / "python"
    constraints = str(ROOT / "requirements" / "run.txt")
    subprocess.run(
        [uv, "pip", "install", "-q", "--compile-bytecode", "--python", str(python), "-c", constraints, f"{wheel}[web]"],
        check=True,
    )
    print(
        f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB, demo ready in {_demo(python.with_name('biaochi')):.1f} s"
    )


def _demo(command: Path) -> float:
    """Start the demonstration away from the source tree; return the seconds until it was ready."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("BIAOCHI_", "DJANGO_", "PYTHON", "DATABASE_URL"))}
    began = time.monotonic()
    process = subprocess.Popen(
        [str(command), "demo", "--port", "0"], stdout=subprocess.PIPE, text=True, env=kept, cwd=command.parent
    )
    assert process.stdout is not None
    try:
        told = process.stdout.readline()
        ready = re.fullmatch(r"ready (http://127\.0\.0\.1:\d+)/\n", told)
        assert ready is not None, f"not ready: {told!r}"
        seconds = time.monotonic() - began
        for path, words in PAGES.items():
            request = urllib.request.Request(ready[1] + path, headers={"Accept-Language": "zh-CN"})
            with urllib.request.urlopen(request, timeout=30) as answer:
                page = answer.read().decode()
            assert words in page, f"{path} does not say {words}"
        return seconds
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT / ".lanes" / "wheel")
