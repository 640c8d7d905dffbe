"""Running the site: granian serves, a second process works and keeps the clock; both end together."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import FrameType

from biaochi.core.errors import UsageError
from biaochi.core.text import Text
from biaochi.web import environment, shared_cache

READY_SECONDS = 120
THREADS = 8


def free_port(host: str, port: int) -> int:
    """Return the port to use: a free one for 0; raise when the named one is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UsageError(
                Text(
                    f"无法使用 {host}：{port}（{error.strerror}）：请换 --port，或用 --port 0 取空闲端口",
                    f"cannot use {host}:{port} ({error.strerror}): choose another --port, or 0 for a free one",
                )
            ) from error
        return int(probe.getsockname()[1])


def _ready(host: str, port: int) -> bool:
    try:
        link = http.client.HTTPConnection(host, port, timeout=5)
        link.request("GET", "/readyz", headers={"Host": "localhost"})
        return link.getresponse().status == 200
    except OSError:
        return False


def share(folder: Path) -> None:
    """Tell the processes to come that they share a cache and their counters; what an earlier run left is removed."""
    os.environ[environment.SERVED] = "1"
    shared_cache.remove(folder / environment.CACHE_FILE)
    shutil.rmtree(folder / environment.METRICS_FOLDER, ignore_errors=True)
    (folder / environment.METRICS_FOLDER).mkdir(mode=0o700)


def serve(
    folder: Path, host: str, port: int, prepare: Callable[[], None], *, workers: int = 1, work: bool = True
) -> int:
    """Serve a data folder until told to stop; return the exit code.

    The server warms up while ``prepare`` migrates and fills the database; jobs and the clock start afterwards, and
    ``ready http://HOST:PORT/`` is printed once the site answers.
    """
    share(folder)
    shown = f"[{host}]" if ":" in host else host
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)]
    command += ["--workers", str(workers), "--blocking-threads", str(THREADS), "--no-ws", "--no-access-log"]
    command += ["--log-level", "error", "--workers-kill-timeout", "10", "biaochi.web.wsgi:application"]
    # A group of their own, so that a terminal's Ctrl-C reaches us only and we end them in order.
    processes = [subprocess.Popen(command, stdout=sys.stderr, start_new_session=True)]
    over = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        over.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    told = False
    code = 0
    try:
        prepare()
        started = time.monotonic()
        if work:
            worker = [sys.executable, "-m", "biaochi.web.worker"]
            processes.append(subprocess.Popen(worker, stdout=sys.stderr, start_new_session=True))
        while not over.is_set():
            if any(p.poll() is not None for p in processes):
                print("一个进程意外结束 / a process ended unexpectedly", file=sys.stderr)
                code = 1
                break
            if not told and _ready(_reachable(host), port):
                print(f"ready http://{shown}:{port}/", flush=True)
                told = True
            elif not told and time.monotonic() - started > READY_SECONDS:
                print("未能就绪 / did not become ready", file=sys.stderr)
                code = 1
                break
            over.wait(0.1 if not told else 1.0)
    finally:
        _end(processes)
    return code


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    """Ask each to end, give it ten seconds, then make it."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + 12
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
