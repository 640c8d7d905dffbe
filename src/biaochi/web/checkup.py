"""What ``biaochi doctor`` looks at: database mode, clock, disk, fonts, permissions, migrations, ledger, mail."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.mail import get_connection
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from biaochi.core.errors import BiaochiError
from biaochi.core.text import Text
from biaochi.exchange.charts import fonts_draw
from biaochi.registry import append_only, ledger
from biaochi.registry.models import ClockMark
from biaochi.web import environment

LEAST_FREE = 1 << 30
CLOCK_LATE_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: whether it is well, what was seen, what to do."""

    code: str
    ok: bool
    seen: Text
    fix: Text | None = None


def checkup(folder: Path) -> list[Check]:
    """Look at everything; a check that cannot be made is a problem, not a crash."""
    looks: tuple[tuple[str, Callable[[Path], Check]], ...] = (
        ("database", _database),
        ("migrations", _migrations),
        ("append_only", _triggers),
        ("ledger", _ledger),
        ("clock", _clock),
        ("disk", _disk),
        ("permissions", _permissions),
        ("fonts", _fonts),
        ("mail", _mail),
    )
    found = []
    for code, look in looks:
        try:
            found.append(look(folder))
        except Exception as error:
            seen = f"{type(error).__name__}: {error}"[:200]
            found.append(Check(code, False, Text.same(seen), Text("请按所示原因处理", "act on the cause shown")))
    return found


def _database(folder: Path) -> Check:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW server_version")
            return Check("database", True, Text.same(f"PostgreSQL {cursor.fetchone()[0]}"))
        cursor.execute("PRAGMA journal_mode")
        mode = str(cursor.fetchone()[0])
        cursor.execute("PRAGMA quick_check(1)")
        whole = str(cursor.fetchone()[0])
    ok = mode == "wal" and whole == "ok"
    fix = Text(
        "WAL 须在本地磁盘上；quick_check 非 ok 时请从备份恢复",
        "WAL needs a local disk; if quick_check is not ok, restore a backup",
    )
    return Check("database", ok, Text.same(f"SQLite journal_mode={mode} quick_check={whole}"), None if ok else fix)


def _migrations(folder: Path) -> Check:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    seen = Text(f"待迁移 {len(plan)} 项", f"{len(plan)} pending")
    fix = Text("运行 biaochi serve 即自动迁移；先做备份", "biaochi serve applies them; take a backup first")
    return Check("migrations", not plan, seen, fix if plan else None)


def _triggers(folder: Path) -> Check:
    gone = append_only.missing(connection)
    fix = Text(
        "触发器被移除：请核验台账，再运行 biaochi serve 恢复",
        "triggers were removed: verify the ledger, then run biaochi serve",
    )
    return Check("append_only", not gone, Text.same(", ".join(gone) or "ok"), fix if gone else None)


def _ledger(folder: Path) -> Check:
    found = ledger.verify_database()
    seen = Text(f"{found.lines} 条：{found.found.zh}", f"{found.lines} lines: {found.found.en}")
    fix = Text(
        "请勿再写入；与库外留存的链首比对，从备份恢复",
        "write nothing more; compare with a head kept outside, restore a backup",
    )
    return Check("ledger", found.intact, seen, None if found.intact else fix)


def _clock(folder: Path) -> Check:
    now = datetime.now(UTC)
    last = ledger.head()
    if last is not None and last.at > now:
        fix = Text("本机时间早于台账末条：请校时", "this machine's time is before the ledger's last line: set it right")
        return Check("clock", False, Text.same(now.isoformat(timespec="seconds")), fix)
    mark = ClockMark.objects.filter(code="clock").first()
    late = (now - mark.until).total_seconds() if mark else None
    if late is not None and late <= CLOCK_LATE_SECONDS:
        return Check("clock", True, Text(f"{late:.0f} 秒前走过", f"ticked {late:.0f} s ago"))
    seen = Text("时钟没有在走", "the clock is not running")
    return Check(
        "clock", False, seen, Text("请运行 biaochi serve（不带 --no-work）", "run biaochi serve (without --no-work)")
    )


def _disk(folder: Path) -> Check:
    free = shutil.disk_usage(folder).free
    ok = free >= LEAST_FREE
    fix = Text("请腾出至少 1 GB", "free at least 1 GB")
    return Check("disk", ok, Text(f"余 {free / 1e9:.1f} GB", f"{free / 1e9:.1f} GB free"), None if ok else fix)


def _permissions(folder: Path) -> Check:
    wrong = []
    key = folder / environment.SECRET_FILE
    if key.exists() and stat.S_IMODE(key.stat().st_mode) & 0o077:
        wrong.append(f"{key.name} {stat.S_IMODE(key.stat().st_mode):o}")
    if not key.exists() and not os.environ.get("BIAOCHI_SECRET_KEY"):
        wrong.append("no secret key")
    if folder.stat().st_mode & 0o007:
        wrong.append(f"{folder.name}/ {stat.S_IMODE(folder.stat().st_mode):o}")
    if not os.access(folder, os.W_OK):
        wrong.append("not writable")
    fix = Text(
        "请运行 chmod 700 数据文件夹，chmod 600 secret.key", "run chmod 700 on the folder and chmod 600 on secret.key"
    )
    return Check("permissions", not wrong, Text.same("; ".join(wrong) or "ok"), fix if wrong else None)


def _fonts(folder: Path) -> Check:
    try:
        ok = fonts_draw()
    except BiaochiError as error:
        return Check(
            "fonts", False, Text.same(str(error)[:200]), Text("请安装 biaochi[reports]", "install biaochi[reports]")
        )
    fix = Text(
        "图中文字会消失：请用 CHART_FONT_DIR 指向中文字体",
        "texts would vanish from charts: point CHART_FONT_DIR to a Chinese font",
    )
    return Check(
        "fonts",
        ok,
        Text("中文可绘" if ok else "中文不可绘", "Chinese draws" if ok else "Chinese does not draw"),
        None if ok else fix,
    )


def _mail(folder: Path) -> Check:
    if "Mailbox" in settings.EMAIL_BACKEND:
        return Check(
            "mail", True, Text("未设邮件服务器，邮件存于页面", "no mail server is set; mail is kept on a page")
        )
    link = get_connection(fail_silently=False)
    link.open()
    link.close()
    return Check("mail", True, Text.same(str(settings.EMAIL_HOST)))
