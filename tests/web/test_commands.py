"""serve, demo, backup, restore, doctor and ledger, as a person runs them: real processes on a real folder."""

from __future__ import annotations

import hashlib
import http.cookiejar
import json
import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import tarfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from biaochi.cli import app

COMMAND = [sys.executable, "-c", "from biaochi.cli import main; main()"]
PASSWORD = "a long enough phrase"


def surroundings(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("BIAOCHI_", "DATABASE_URL", "DJANGO_"))}
    return {**kept, **more}


def run(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own."""
    done = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, env=surroundings(), timeout=120, check=False
    )
    assert done.returncode == code, (arguments, done.returncode, done.stdout[-2000:], done.stderr[-2000:])
    assert "Traceback" not in done.stderr
    return done


def here(*arguments: str, code: int) -> str:
    """Run a command that ends before it opens a database, in this process; return what it says."""
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == code, (arguments, done.output, done.exception)
    return done.stderr


@contextmanager
def serving(*arguments: str) -> Iterator[tuple[str, list[str]]]:
    """Run a serving command; give its address and what it printed before; end it and see that it ends well."""
    process = subprocess.Popen(
        [*COMMAND, *arguments, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=surroundings(),
    )
    assert process.stdout is not None
    printed: list[str] = []
    try:
        for line in process.stdout:
            ready = re.fullmatch(r"ready (http://127\.0\.0\.1:\d+)/\n", line)
            if ready:
                yield ready[1], printed
                break
            printed.append(line)
        else:
            raise AssertionError(process.stderr.read() if process.stderr else "")
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 0


class Browser:
    """Just enough of one: cookies, forms with their token, redirects."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self.opener.addheaders = [("Accept-Language", "en")]

    def get(self, path: str) -> str:
        with self.opener.open(self.origin + path, timeout=30) as answer:
            return str(answer.read().decode())

    def post(self, path: str, **fields: str) -> str:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(path))
        assert token
        data = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": token[1]}).encode()
        with self.opener.open(self.origin + path, data, timeout=30) as answer:
            return str(answer.read().decode())


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that was served once, with an administrator, a few people, and a backup taken while serving."""
    folder = tmp_path_factory.mktemp("house") / "data"
    with serving("serve", "--data", str(folder)) as (origin, printed):
        link = re.search(r"/first/[^/]+/", "".join(printed))
        assert link, printed
        browser = Browser(origin)
        page = browser.post(link[0], username="admin", name="Administrator", password=PASSWORD)
        assert "Administrator" in browser.get("/account/")
        assert "nothing waits for you" in page
        with pytest.raises(urllib.error.HTTPError, match="404"):
            Browser(origin).get(link[0])
        browser.post(
            "/people/",
            **{
                "kind_of_form": "person",
                "person-username": "officer",
                "person-name": "示例 · 未来产业办",
                "person-email": "",
            },
        )
        address = re.search(r'href="(/people/P-[^"]+)">示例', browser.get("/people/"))
        assert address
        browser.post(address[1], act="grant", role="officer", scope="990000")
        invitation = re.search(r"http://[^<]+(/invitation/[^<]+)<", browser.post(address[1], act="invite"))
        assert invitation
        officer = Browser(origin)
        officer.post(invitation[1], new_password1=PASSWORD, new_password2=PASSWORD)
        assert "nothing waits for you" in officer.post("/login/", username="officer", password=PASSWORD)
        assert "in use by another process" in here("serve", "--data", str(folder), "--port", "0", code=2)
        assert "biaochi_ledger_lines 2" in browser.get("/metrics")
        run("backup", str(folder.parent / "backup.tgz"), "--data", str(folder))
        assert "正被另一个进程使用" in here("restore", str(folder.parent / "backup.tgz"), "--data", str(folder), code=2)
        doctor = json.loads(run("doctor", "--data", str(folder), "--format", "json").stdout)
        assert doctor["schema"] == "biaochi.doctor/1"
        assert doctor["ok"] is True, doctor
    return folder


def test_only_the_owner_may_look_in(installation: Path) -> None:
    assert stat.S_IMODE(installation.stat().st_mode) == 0o700
    assert stat.S_IMODE((installation / "secret.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((installation.parent / "backup.tgz").stat().st_mode) == 0o600


def test_verify_a_live_database_and_an_exported_file(installation: Path, tmp_path: Path) -> None:
    live = json.loads(run("ledger", "verify", "--data", str(installation), "--format", "json", "--lang", "en").stdout)
    assert live["schema"] == "biaochi.ledger.verify/1"
    assert (live["intact"], live["lines"]) == (True, 2)
    assert any("rebuilt the whole chain" in t for t in live["does_not_prove"])
    exported = tmp_path / "ledger.jsonl"
    run("ledger", "export", "--data", str(installation), "--out", str(exported))
    assert run("ledger", "export", "--data", str(installation)).stdout == exported.read_text(encoding="utf-8")
    anchor = tmp_path / "anchor.json"
    run("ledger", "anchor", "--data", str(installation), "--out", str(anchor))
    assert json.loads(anchor.read_text())["digest"] == live["head"]
    elsewhere = run("ledger", "verify", str(exported), "--anchor", str(anchor), "--format", "json")
    assert json.loads(elsewhere.stdout)["head"] == live["head"]
    assert json.loads(elsewhere.stdout)["inputs"][0]["rows"] == 2
    cut = tmp_path / "cut.jsonl"
    cut.write_text(exported.read_text(encoding="utf-8").splitlines(keepends=True)[0], encoding="utf-8")
    here("ledger", "verify", str(cut), code=0)
    here("ledger", "verify", str(cut), "--anchor", live["head"], code=1)
    text = exported.read_text(encoding="utf-8")
    changed = tmp_path / "changed.jsonl"
    changed.write_text(text.replace("officer", "auditor", 1), encoding="utf-8")
    here("ledger", "verify", str(changed), code=1)
    changed.write_text("{}\n", encoding="utf-8")
    assert "bad_line" in here("ledger", "verify", str(changed), code=1)
    assert here("ledger", "verify", str(tmp_path), code=1)
    assert here("ledger", "verify", str(tmp_path / "none.jsonl"), code=1)


def test_restore_brings_everything_back_and_keeps_what_was_there(installation: Path, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    here("restore", str(installation.parent / "backup.tgz"), "--data", str(folder), code=0)
    run("ledger", "verify", "--data", str(folder))
    assert (folder / "secret.key").read_text() == (installation / "secret.key").read_text()
    answer = json.loads(
        run("restore", str(installation.parent / "backup.tgz"), "--data", str(folder), "--format", "json").stdout
    )
    assert (tmp_path / answer["kept"]).is_dir()
    assert answer["ledger_lines"] == 2


def test_a_backup_with_a_broken_ledger_replaces_nothing(installation: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    with tarfile.open(installation.parent / "backup.tgz") as archive:
        archive.extractall(work, filter="data")
    with sqlite3.connect(work / "database.sqlite3") as link:
        link.execute("DROP TRIGGER registry_ledgerentry_update")
        link.execute("UPDATE registry_ledgerentry SET body = replace(body, 'officer', 'auditor') WHERE seq = 2")
    link.close()
    manifest = json.loads((work / "manifest.json").read_text())
    digest = hashlib.sha256((work / "database.sqlite3").read_bytes()).hexdigest()
    forged = tmp_path / "forged.tgz"

    def pack() -> None:
        (work / "manifest.json").write_text(json.dumps(manifest))
        with tarfile.open(forged, "w:gz") as archive:
            for name in ("manifest.json", *manifest["files"]):
                archive.add(work / name, name)

    folder = tmp_path / "house"
    here("restore", str(installation.parent / "backup.tgz"), "--data", str(folder), code=0)
    pack()
    assert "damaged" in here("restore", str(forged), "--data", str(folder), code=1)
    manifest["files"]["database.sqlite3"] = digest
    pack()
    assert "ledger_broken" in here("restore", str(forged), "--data", str(folder), code=1)
    run("ledger", "verify", "--data", str(folder))
    assert not list(tmp_path.glob(".biaochi-restore-*"))


@pytest.mark.parametrize("content", [b"", b"not a backup", b"\x1f\x8b\x08\x00broken"])
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.tgz"
    file.write_bytes(content)
    assert "not_a_backup" in here("restore", str(file), "--data", str(tmp_path / "data"), code=1)


def test_commands_on_a_folder_that_is_none(tmp_path: Path) -> None:
    for command in (["doctor"], ["ledger", "verify"], ["backup", str(tmp_path / "b.tgz")]):
        assert here(*command, "--data", str(tmp_path / "none"), code=2)


def test_doctor_says_what_to_do(installation: Path) -> None:
    (installation / "secret.key").chmod(0o644)
    try:
        answer = json.loads(
            run("doctor", "--data", str(installation), "--format", "json", "--lang", "en", code=1).stdout
        )
    finally:
        (installation / "secret.key").chmod(0o600)
    permissions = next(c for c in answer["checks"] if c["code"] == "permissions")
    assert not permissions["ok"]
    assert "chmod" in permissions["fix"]


def test_demo_gets_ready_and_lets_one_in_as_any_role() -> None:
    with serving("demo") as (origin, _):
        browser = Browser(origin)
        assert "enter in any role" in browser.get("/login/")
        page = browser.get("/enter/")
        roles = re.findall(r'name="membership" value="([^"]+)"', page)
        assert len(roles) >= 24
        home = browser.post("/enter/", membership=roles[0])
        assert "My todo" in home
        assert "Demonstration" in home
        browser.get("/mail/")


def test_the_demonstration_takes_no_used_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "not empty" in here("demo", "--data", str(tmp_path), "--port", "0", code=2)


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert "--port" in here("serve", "--data", str(tmp_path / "d"), "--port", port, code=2)
