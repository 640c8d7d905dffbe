"""The second process: runs queued jobs and keeps the clock; ends by itself when its parent is gone."""

from __future__ import annotations

import os
import signal
import threading
import warnings
from importlib import import_module
from types import FrameType

import django

POLL_SECONDS = 2.0


def _end_with_parent(parent: int) -> None:
    """End this process when the one that started it is gone, however that happened."""
    over = threading.Event()
    while not over.wait(POLL_SECONDS):
        if os.getppid() != parent:
            os._exit(0)


def main() -> None:
    """Work until told to stop."""
    warnings.filterwarnings("ignore", message="No directory at")
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    django.setup()
    clock = import_module("biaochi.web.clock").Clock()
    clock.start()
    worker = import_module("django_tasks_db.management.commands.db_worker").Worker(
        queue_names=["*"],
        interval=POLL_SECONDS,
        batch=False,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=f"biaochi-{os.getpid()}",
        excluded_queue_names=[],
    )

    def stop(number: int, frame: FrameType | None) -> None:
        clock.stop()
        worker.running = False
        if not worker.running_task:
            raise SystemExit(0)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    worker.run()


if __name__ == "__main__":
    main()
