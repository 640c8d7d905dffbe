"""Ten thousand hostile requests and uploads to every address of the site: no 500, nothing stored that should not be.

Run by hand: ``python benchmarks/site_hostile.py [--requests 10000] [--seed 0]``.  The demonstration is filled into a
throw-away folder; the requests go through the whole stack of the site in this process, as the public, as a firm, as an
officer, and as those who never decide.  Addresses come from the site itself, field names from its own forms.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import re
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

WORDS = (
    "", "0", "-1", "9" * 30, "1e999", "NaN", "-Infinity", "null", "true", "[]", "{}", "'", '"', "' OR 1=1 --", "1;DROP TABLE x", "../../etc/passwd",
    "..%2f..%2f", "<script>alert(1)</script>", "${7*7}", "{{7*7}}", "{% include 'x' %}", "%s%n", "\x00", "a\x00b", "\ufffe", "\u202eabc", "好" * 3000,
    "A" * 9000, "\r\nSet-Cookie: a=b", "create", "=1+1", "@SUM(A1)", "http://[::1", "https://[", "http://127.0.0.1:99999/", "file:///etc/passwd",
    "javascript:alert(1)", "2026-02-30", "9999-12-31", "0001-01-01", "2026-01-01T00:00:00+99:00", "1,5", "１２", "1e-400", "0x10", "on", "-0", "é" * 50,
)  # fmt: skip
NAMES = ("a.csv", "a.xlsx", "a.docx", "a.pdf", "a.png", "../../a.csv", "..\\..\\a.xlsx", "a.csv\x00.pdf", ".htaccess", "a.exe", "a.svg", "a.zip", "a.XLSX",
         "con", "甲.csv", "a" * 300 + ".csv", "", "a.pdf.html", "=cmd|'/c calc'!A1.csv")  # fmt: skip
FIELDS = ("q", "page", "state", "format", "next", "theme", "move", "reason", "version", "comment", "membership", "token", "accept", "corrected", "username",
          "password", "code", "act", "key", "purpose", "scopes", "name", "query", "forget", "cursor", "limit", "url", "journey", "offer", "visibility",
          "unit", "period", "year", "seed", "at", "lang", "template", "subject", "organisation", "role", "scope", "person")  # fmt: skip
BODIES = (b"", b"{", b"[]", b"null", b'{"move":"issue","version":1,"reason":"\\u0000"}', b'{"url":"https://[x"}', b"\xff\xfe", b"[" * 20_000,
          b'{"readings":[{}]}', b'{"readings":' + b"[1]" * 900 + b"}", b'{"move":"' + b"x" * 70_000 + b'","version":1e400}', b'{"version":9e99,"move":"a"}',
          b'{"\\ud800":1}')  # fmt: skip
METHODS = ("GET", "GET", "GET", "POST", "POST", "POST", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE")
_PLACE = re.compile(r"<(?:\w+:)?\w+>")
_NAME = re.compile(r'<(?:input|select|textarea|button)\b[^>]*\bname="([^"]+)"')


def zipped(members: Mapping[str, bytes]) -> bytes:
    """Return an archive of some members."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def workbook(sheet: bytes) -> bytes:
    """Return a workbook whose only sheet holds exactly these bytes."""
    main = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    relations = b'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return zipped(
        {
            "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/>'
            b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" '
            b'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
            "_rels/.rels": b"<Relationships "
            + relations
            + b'><Relationship Id="r1" Type="'
            + kind
            + b'/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": b"<workbook "
            + main
            + b' xmlns:r="'
            + kind
            + b'"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": b"<Relationships "
            + relations
            + b'><Relationship Id="r1" Type="'
            + kind
            + b'/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml": sheet,
        }
    )


def hostile_files() -> tuple[bytes, ...]:
    """Return contents nobody should store: bombs, entities, macros, disguises, broken encodings."""
    laughs = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(8)
    )
    row = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>%s</t></is></c></row></sheetData></worksheet>'
    outside = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + row % b"&x;"
    return (
        b"",
        b"\x00" * 4096,
        b"a,b\n=1+1,@x\n",
        b'unit,indicator,period,value\n"a',
        "单位,值\n甲,1\n".encode("gbk"),
        "a,b\n1,2\n".encode("utf-16"),
        b"a," * 20_000 + b"\n",
        b"a\n" + b"x" * 200_000 + b"\n",
        b"%PDF-1.7\n<script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"\x89PNG\r\n\x1a\n<html>",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,
        b"PK\x03\x04broken",
        zipped({"../../evil": b"x"}),
        zipped({"xl/workbook.xml": b"<workbook/>", "xl/vbaProject.bin": b"x", "[Content_Types].xml": b"<Types/>"}),
        zipped({"word/document.xml": b"<d/>", "word/vbaProject.bin": b"x"}),
        zipped({"word/document.xml": b"<d/>", "word/embeddings/a.exe": b"MZ"}),
        workbook(b"<?xml?><not closed"),
        workbook(laughs + b"]>" + row % b"&i;"),
        workbook(outside),
        workbook(row % b" " * 4000),
        zipped({"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": b"\x00" * 60_000_000}),
        bytes(range(256)) * 40,
    )


@dataclass
class Guest:
    """Somebody with a session of his own, perhaps with an API key."""

    name: str
    client: Any
    actor: Any
    person: Any = None
    key: str = ""
    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass
class Seen:
    """What came of it."""

    statuses: Counter[int] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    uploads: int = 0


def templates() -> list[str]:
    """Return every address of the site, with ``{}`` where something is to be named."""
    from django.urls import URLPattern, URLResolver, get_resolver  # noqa: PLC0415

    def walk(patterns: Sequence[Any], before: str) -> Iterator[str]:
        for pattern in patterns:
            here = before + _PLACE.sub("{}", str(pattern.pattern))
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, here)
            elif isinstance(pattern, URLPattern):
                yield "/" + here.replace("^", "").replace("$", "").replace("\\Z", "")

    return sorted(set(walk(get_resolver().url_patterns, "")))


def guests() -> list[Guest]:
    """Return who comes: the public, a firm, an officer, and those who never decide."""
    from django.test import Client  # noqa: PLC0415

    from biaochi.core.roles import Actor, Role  # noqa: PLC0415
    from biaochi.registry import callers  # noqa: PLC0415
    from biaochi.registry.models import Membership  # noqa: PLC0415

    found = [Guest("public", Client(HTTP_HOST="localhost"), Actor("", Role.PUBLIC))]
    for role in (Role.FIRM, Role.OFFICER, Role.AUDITOR, Role.ADMINISTRATOR, Role.ANALYST):
        held = Membership.objects.filter(role=role).select_related("person", "organisation").order_by("pk")[0]
        key = callers.issue(held, "hostile", ["read", "move", "import", "readings", "bids"])[1] if role.decides else ""
        found.append(Guest(role.value, Client(HTTP_HOST="localhost"), held.actor, held.person, key))
        log_in(found[-1])
    return found


def log_in(guest: Guest) -> None:
    """Log a guest in, perhaps again: a hostile request may have logged him out."""
    if guest.person is not None:
        guest.person.refresh_from_db()
        guest.client.force_login(guest.person, backend="django.contrib.auth.backends.ModelBackend")


def identifiers() -> list[str]:
    """Return public identifiers of some objects of every model."""
    from biaochi.registry.models.governed import governed_models  # noqa: PLC0415

    return [i for m in governed_models() for i in m._default_manager.values_list("public_id", flat=True)[:3]]


def safe(word: str) -> str:
    """Return a word as it may stand in a request line."""
    return word.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def besiege(count: int, seed: int, *, progress: bool = False) -> Seen:
    """Send hostile requests; return their statuses, and every one that broke something."""
    chance = random.Random(seed)
    found, who, known, places, files = Seen(), guests(), identifiers(), templates(), hostile_files()
    for number in range(count):
        guest = chance.choice(who)
        place = chance.choice(places)
        while "{}" in place:
            word = chance.choice(known) if chance.random() < 0.6 else safe(chance.choice(WORDS))[:300]
            place = place.replace("{}", re.sub(r"[?#\s\x00]", "", word) or "x", 1)
        if place == "/logout/" and chance.random() < 0.9:
            place = "/"
        if number % 150 == 0:
            for someone in who:
                log_in(someone)
        headers = {
            "REMOTE_ADDR": f"10.{number // 60000}.{number // 250 % 250}.{number % 250}",
            "HTTP_ACCEPT_LANGUAGE": chance.choice(("en", "zh", "xx;q=9", "*")),
        }
        if place.startswith("/api/") and guest.key and chance.random() < 0.7:
            headers["HTTP_AUTHORIZATION"] = f"Bearer {chance.choice((guest.key, guest.key, 'x', ''))}"
            headers["HTTP_IDEMPOTENCY_KEY"] = chance.choice(("", "k", "x" * 200, f"n{number}"))
        try:
            status = _one(chance, guest, place, known, files, headers, found)
        except Exception as error:
            trace = error.__traceback__
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
            found.broken.append(
                f"{number} {guest.name} {place[:120]}: {type(error).__name__}: {error} at {where}"[:600]
            )
            continue
        found.statuses[status] += 1
        if status >= 500:
            found.broken.append(f"{number} {guest.name} {place[:120]}: {status}")
        if progress and number % 1000 == 999:
            print(f"{number + 1} requests, {len(found.broken)} broken", flush=True)
    return found


def _one(
    chance: random.Random,
    guest: Guest,
    place: str,
    known: Sequence[str],
    files: Sequence[bytes],
    headers: dict[str, str],
    found: Seen,
) -> int:
    method, client = chance.choice(METHODS), guest.client
    if method != "POST":
        fields = {f: safe(chance.choice(WORDS)) for f in chance.sample(FIELDS, 4)}
        answer = client.generic(method, place, QUERY_STRING=_query(fields), **headers)
        if method == "GET" and answer.status_code == 200 and not answer.streaming:
            guest.fields[place] = tuple(dict.fromkeys(_NAME.findall(answer.content.decode("utf-8", "replace"))))
        return int(answer.status_code)
    kind = chance.randrange(5)
    if kind == 0:
        content = chance.choice(
            ("application/json", "text/plain", "application/xml", "multipart/form-data; boundary=x")
        )
        return int(client.generic("POST", place, chance.choice(BODIES), content, **headers).status_code)
    names = guest.fields.get(place) or _named(client, place, guest)
    names = [n for n in names if n != "csrfmiddlewaretoken"] or list(chance.sample(FIELDS, 4))
    fields: dict[str, Any] = {n: _value(chance, known) for n in names if chance.random() < 0.8}
    if kind in (1, 2):
        from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: PLC0415

        found.uploads += 1
        name = chance.choice(NAMES).replace("\x00", "%00")
        upload = SimpleUploadedFile(name or "x", chance.choice(files), "application/octet-stream")
        fields |= {chance.choice(("file", "document", *names[-2:])): upload}
    return int(client.post(place, fields, **headers).status_code)


def _named(client: Any, place: str, guest: Guest) -> tuple[str, ...]:
    answer = client.get(place)
    text = answer.content.decode("utf-8", "replace") if answer.status_code == 200 and not answer.streaming else ""
    guest.fields[place] = tuple(dict.fromkeys(_NAME.findall(text)))
    return guest.fields[place]


def _value(chance: random.Random, known: Sequence[str]) -> str:
    return chance.choice(known) if chance.random() < 0.1 else safe(chance.choice(WORDS))


def _query(fields: Mapping[str, str]) -> str:
    from urllib.parse import urlencode  # noqa: PLC0415

    return urlencode(fields)


def record() -> dict[str, dict[str, Any]]:
    """Return what is stored: state, version and house of every object, and who holds which right."""
    from biaochi.registry.models import ApiKey, Membership, Person, Webhook  # noqa: PLC0415
    from biaochi.registry.models.governed import governed_models  # noqa: PLC0415

    objects = {
        o.public_id: (o.state, o.version, o.organisation_id, type(o))
        for m in governed_models()
        for o in m._default_manager.all()
    }
    rights = {m.public_id: (m.person_id, m.role, m.scope, m.valid_to) for m in Membership.objects.all()}
    people = {p.public_id: (p.is_active, p.totp_on) for p in Person.objects.all()}
    keys = {k.public_id: (k.role, k.organisation_id) for k in ApiKey.objects.all()}
    hooks = {w.public_id: w.url for w in Webhook.objects.all()}
    return {"objects": objects, "rights": rights, "people": people, "keys": keys, "hooks": hooks}


def trespasses(before: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return what is stored now that should not be: changes beyond the guests' rights, files of other kinds, broken chain."""
    from pathlib import Path  # noqa: PLC0415

    from django.conf import settings  # noqa: PLC0415

    from biaochi.core.roles import Role  # noqa: PLC0415
    from biaochi.registry import documents, ledger  # noqa: PLC0415
    from biaochi.registry.models import Comment, Decision, Document, LedgerEntry  # noqa: PLC0415

    now, wrong = record(), []
    known = before["objects"]
    moved = {d.subject: Role(d.role) for d in Decision.objects.all()}
    for public_id, (state, version, house, kind) in now["objects"].items():
        if public_id not in known:
            maker = moved.get(public_id)
            if maker is None or (maker not in kind.creators and maker.decides and version == 1):
                wrong.append(f"{public_id} was made by {maker}")
        elif (
            (state, version) != known[public_id][:2]
            and not moved[public_id].decides
            and moved[public_id] is not Role.CLOCK
        ):
            wrong.append(f"{public_id} was moved by {moved[public_id]}")
        elif known[public_id][2] != house:
            wrong.append(f"{public_id} changed its house")
    wrong += [f"{p} is gone" for p in known if p not in now["objects"]]
    wrong += [
        f"{kind} {code} changed"
        for kind in ("rights", "people")
        for code in before[kind]
        if now[kind].get(code) != before[kind][code]
    ]
    wrong += [f"webhook {w} was added" for w in now["hooks"].keys() - before["hooks"].keys()]
    deciding = set(LedgerEntry.objects.values_list("role", flat=True).distinct())
    wrong += [f"a line of the ledger by {r}" for r in deciding & {"auditor", "analyst", "public"}]
    for kept in Document.objects.all():
        content = (Path(settings.DOCUMENT_ROOT) / kept.stored_as).read_bytes()
        if documents._problem(kept.kind, content) is not None or "/" in kept.name or "\x00" in kept.name:
            wrong.append(f"the document {kept.name[:40]!r} was kept as {kept.kind}")
    wrong += [
        f"a comment by {c.role}"
        for c in Comment.objects.filter(role__in=("auditor", "analyst", "public", "administrator"))
    ]
    if not ledger.verify_database().intact:
        wrong.append("the chain is broken")
    return wrong


def main() -> int:
    """Fill a throw-away folder, besiege it, say what broke and what was stored wrongly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="biaochi-hostile-") as folder:
        os.environ |= {"BIAOCHI_DATA": folder, "DJANGO_SETTINGS_MODULE": "biaochi.web.settings"}
        import django  # noqa: PLC0415

        django.setup()
        from biaochi.web import operations  # noqa: PLC0415

        operations.migrate()
        operations.load_facts()
        operations.fill_demonstration()
        before = record()
        started = time.perf_counter()
        found = besiege(wanted.requests, wanted.seed, progress=True)
        seconds = time.perf_counter() - started
        wrong = trespasses(before)
    print(f"{wanted.requests} requests, {found.uploads} uploads in {seconds:.0f} s over {len(templates())} addresses")
    print("answers: " + ", ".join(f"{s} × {n}" for s, n in sorted(found.statuses.items())))
    print(f"broken: {len(found.broken)}; stored that should not be: {len(wrong)}")
    for line in [*found.broken[:40], *wrong[:40]]:
        print(" ", line)
    return int(bool(found.broken or wrong))


if __name__ == "__main__":
    sys.exit(main())
