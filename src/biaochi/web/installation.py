"""Opening an installation: the data folder named, its key made, Django set up.  Nothing of ours is imported before."""

from __future__ import annotations

import fcntl
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import django
import typer

from biaochi.core.errors import UsageError
from biaochi.core.text import Text
from biaochi.web import environment

LOCK = "serving.lock"
DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="数据文件夹，默认 BIAOCHI_DATA / data folder, default BIAOCHI_DATA"),
]


def folder_of(data: Path | None) -> Path:
    """Return the data folder a command means, absolute."""
    return (data or environment.data_folder()).expanduser().resolve()


def make(folder: Path) -> None:
    """Make the data folder (only its owner may look in) and its key."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / "static").mkdir(exist_ok=True)
        environment.make_secret_key(folder)
    except OSError as error:
        raise UsageError(
            Text(
                f"无法使用数据文件夹 {folder}：{error.strerror}",
                f"cannot use the data folder {folder}: {error.strerror}",
            )
        ) from error


def name(folder: Path, *, demo: bool = False) -> None:
    """Tell this process and its children which installation they belong to."""
    os.environ["BIAOCHI_DATA"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "biaochi.web.settings"
    if demo:
        os.environ["BIAOCHI_DEMO"] = "1"


def open_installation(folder: Path) -> Any:
    """Set Django up for a folder and return the module of operations."""
    if not folder.is_dir() and not os.environ.get("DATABASE_URL"):
        raise UsageError(
            Text(
                f"没有数据文件夹 {folder}：请先运行 biaochi serve，或用 --data 指定",
                f"there is no data folder {folder}: run biaochi serve first, or name it with --data",
            )
        )
    name(folder)
    warnings.filterwarnings("ignore", message="No directory at")
    django.setup()
    return import_module("biaochi.web.operations")


@contextmanager
def serving(folder: Path) -> Iterator[None]:
    """Hold the folder's lock while serving; another server or a restore on the same folder is refused."""
    with (folder / LOCK).open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(
                Text(
                    f"数据文件夹 {folder} 正被另一个进程使用：请先停止它",
                    f"the data folder {folder} is in use by another process: stop that first",
                )
            ) from None
        yield


def complain(error: UsageError) -> None:
    """Print what is wrong in both languages and leave with exit code 2."""
    print(f"{error.text.zh}\n{error.text.en}", file=sys.stderr)
    raise typer.Exit(2)
