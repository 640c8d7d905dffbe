"""A PostgreSQL of one's own for tests and measurements: made in a temporary folder, on a socket, gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def tools() -> Path | None:
    """Return the folder of PostgreSQL's programs, or ``None`` where it is not installed."""
    found = shutil.which("initdb")
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return Path(found).resolve().parent if found else installed[-1].parent if installed else None


@contextmanager
def throwaway_postgres(*, fsync: bool = False) -> Iterator[str]:
    """Start a server, give the address of its (not yet made) database ``biaochi``, stop it at the end.

    Raises
    ------
    FileNotFoundError
        PostgreSQL is not installed.
    """
    programs = tools()
    if programs is None:
        raise FileNotFoundError("PostgreSQL is not installed: run `make apt`")
    place = Path(tempfile.mkdtemp(prefix="biaochi-pg-", dir="/tmp"))
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if user:
        shutil.chown(place, "postgres")
    make = [str(programs / "initdb"), "-D", f"{place}/data", "-U", "postgres", "--auth=trust", "-E", "UTF8"]
    subprocess.run([*user, *make, "--locale=C.UTF-8"], check=True, capture_output=True, cwd=place)
    options = f"-k {place} -c listen_addresses= -c fsync={'on' if fsync else 'off'}"
    control = [*user, str(programs / "pg_ctl"), "-D", f"{place}/data", "-w"]
    started = [*control, "-o", options, "-l", f"{place}/log", "start"]
    subprocess.run(started, check=True, stdout=subprocess.DEVNULL, cwd=place)
    try:
        yield f"postgresql://postgres@/biaochi?host={place}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, stdout=subprocess.DEVNULL, cwd=place)
        shutil.rmtree(place, ignore_errors=True)
