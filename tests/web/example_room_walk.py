"""Walks through the example room of the how-to as every kind of visitor; run by test_example_room.py."""

from __future__ import annotations

import io
import re

import django
import openpyxl

django.setup()

from biaochi.mechanisms.notice.web.models import Notice  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from biaochi.core.roles import Role  # noqa: E402
from biaochi.mechanisms import MECHANISMS  # noqa: E402
from biaochi.registry import ledger  # noqa: E402
from biaochi.registry.models import Document, ExportLog, Membership, Organisation, Person, Region, SavedView  # noqa: E402
from biaochi.web.todo import todo  # noqa: E402

Region.objects.create(code="330000", name_zh="示例省", name_en="Example Province")
office = Organisation.objects.create(kind="office", name_zh="示例 · 未来产业办", name_en="Example Office")
outside = Organisation.objects.create(kind="enterprise", name_zh="甲公司", name_en="Firm A")


def visitor(role: Role | None, number: int = 1, lang: str = "en") -> Client:
    client = Client(HTTP_HOST="localhost")
    client.cookies["language"] = lang
    if role is not None:
        person, made = Person.objects.get_or_create(username=f"{role}{number}", defaults={"name": f"{role} {number}"})
        if made:
            scope = "330000" if role is Role.OFFICER else ""
            house = outside if role is Role.FIRM else office
            Membership.objects.create(person=person, role=role, organisation=house, scope=scope)
        person.refresh_from_db()
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, (address, answer.status_code, answer.headers.get("Location"))
    text = b"".join(answer).decode("utf-8-sig") if answer.streaming else answer.content.decode("utf-8-sig")
    assert " style=" not in text, address
    assert not re.search(r"<script(?![^>]*(src=|application/json))", text), address
    return text


officer, second = visitor(Role.OFFICER), visitor(Role.OFFICER, 2)
public, firm, auditor = visitor(None), visitor(Role.FIRM), visitor(Role.AUDITOR)

assert "All notices" in page(officer, "/station/measure/")
assert page(public, "/notice/new/", 403)
answer = officer.post("/notice/new/", {"title_zh": "量子公告", "title_en": "", "body": ""})
assert answer.status_code == 422
assert 'aria-invalid="true"' in answer.content.decode()
answer = officer.post("/notice/new/", {"title_zh": "量子公告", "title_en": "Quantum notice", "body": "<b>全文</b>"})
assert answer.status_code == 302, answer.content.decode()
address = answer.headers["Location"]
notice = Notice.objects.get()

seen = page(officer, address)
assert "&lt;b&gt;" in seen
assert "Your decision" not in seen, "the creator may not issue"
assert "Your decision" in page(second, address)
for outsider in (public, firm):
    page(outsider, address, 404)
    assert "Quantum" not in page(outsider, "/notice/")
    assert notice.public_id not in page(outsider, "/search/?q=lzgg")
    page(outsider, f"/o/{notice.public_id}/", 404)
assert any(
    "Quantum notice" in i.title.en
    for i in todo(Membership.objects.get(person__username="officer2").actor, timezone.now())
)
assert "one thing waits" in page(second, "/")
assert "nothing waits" in page(officer, "/")

assert second.post(address, {"move": "issue", "reason": "", "version": "1"}).status_code == 422
assert second.post(address, {"move": "issue", "reason": "好", "version": "9"}).status_code == 409
assert second.post(address, {"move": "issue", "reason": "好", "version": "x"}).status_code == 422
assert officer.post(address, {"move": "issue", "reason": "好", "version": "1"}).status_code == 422
assert public.post(address, {"move": "issue", "reason": "好", "version": "1"}).status_code == 404
done = second.post(address, {"move": "issue", "reason": "内容已核", "version": "1"}, follow=True)
assert done.status_code == 200
assert "内容已核" in done.content.decode()

for outsider in (public, firm):
    text = page(outsider, address)
    assert "内容已核" in text
    assert "Comments" not in text
    assert "in preparation" not in text
assert "Quantum notice" in page(public, "/public/")
assert "Quantum notice" in page(public, "/public/feed.atom").replace("\n", "")
assert "内容已核" in page(officer, "/")
assert "issued" in page(officer, "/messages/")

assert second.post(address, {"comment": "请留意"}).status_code == 302
assert "请留意" in page(officer, address)
assert firm.post(address, {"comment": "我也说"}).status_code == 403
assert auditor.post(address, {"comment": "我也说"}).status_code == 403

rows = page(public, "/notice/?format=csv").splitlines()
assert rows[0] == "public_id,title,length,state", rows
assert len(rows) == 2
assert officer.get("/notice/?format=xlsx").content[:2] == b"PK"
assert ExportLog.objects.count() == 2
assert officer.post("/notice/", {"name": "我的", "query": "state=issued"}).status_code == 302
assert SavedView.objects.get().query == "state=issued"
assert "我的" in page(officer, "/notice/")

importing = "/notice/import/drafts/"
assert "Each row becomes a draft" in page(officer, importing)
page(firm, importing, 403)
page(public, importing, 403)
assert officer.get(f"{importing}?template=xlsx").content[:2] == b"PK"


def upload(client: Client, name: str, content: bytes) -> HttpResponse:
    return client.post(importing, {"file": SimpleUploadedFile(name, content)})


stored = Notice.objects.count()
faulty = "title,title_en,body,weight\n甲,A,正文,0.5\n乙,B,,0.2\n丙,C,正文,7\n甲,D,正文,x\n=1+1,E,正文,\n".encode("gbk")
answer = upload(officer, "../公告<b>.csv", faulty)
text = answer.content.decode()
assert answer.status_code == 422
for code in ("missing_field", "share_range", "not_a_number", "duplicate_key"):
    assert code in text, code
assert "<b>.csv" not in text
assert Notice.objects.count() == stored, "nothing is stored"
token = re.search(r'name="token" value="([^"]+)"', text)[1]
copy = officer.post(importing, {"token": token, "corrected": "1"})
book = openpyxl.load_workbook(io.BytesIO(copy.content))
assert book["data"]["D4"].comment.text
assert book["data"]["A6"].value == "'=1+1"
assert book["错误 faults"].max_row == 5
assert second.post(importing, {"token": token, "accept": "1"}).status_code == 422, "another person's upload"
assert officer.post(importing, {"token": "x" + token, "accept": "1"}).status_code == 422
answer = officer.post(importing, {"token": token, "accept": "1"})
assert answer.status_code == 302
assert Notice.objects.count() == stored + 2
for name, content in (
    ("empty.csv", b""),
    ("x.xlsx", b"PK\x03\x04nonsense"),
    ("x.csv", b"\xff\xfe\x00"),
    ("x.csv", b"\x00\x01\x02"),
    ("x.csv", b"title,body\n" + b'"' * 999),
    ("x.csv", ("title,body\n" + "好" * 40000 + ",x\n").encode()),
    ("x.csv", b"nothing,here\n1,2\n"),
):
    assert upload(officer, name, content).status_code == 422, (name, content[:20])
assert upload(officer, "ok.csv", "\ufefftitle,body\n丁,正文\n".encode()).status_code == 302
assert officer.post(importing, {}).status_code == 422

pdf = SimpleUploadedFile("证明.pdf", b"%PDF-1.4 x")
assert officer.post(address, {"document": pdf, "visibility": "internal"}).status_code == 302
document = Document.objects.get()
answer = officer.get(f"/document/{document.public_id}/")
assert answer.headers["Content-Disposition"].startswith("attachment")
assert "sandbox" in answer.headers["Content-Security-Policy"]
page(firm, f"/document/{document.public_id}/", 404)
for name, content in (
    ("x.exe", b"MZ"),
    ("x.pdf", b"MZ"),
    ("x.zip", b"PK\x03\x04"),
    ("x.docx", b"PK\x03\x04"),
    ("x.csv", b"a\x00b"),
):
    refused = officer.post(address, {"document": SimpleUploadedFile(name, content)})
    assert refused.status_code == 422, name
assert Document.objects.count() == 1
assert firm.post(address, {"document": SimpleUploadedFile("a.txt", b"a")}).status_code == 403


def queries_of(client: Client, where: str) -> int:
    cache.clear()
    with CaptureQueriesContext(connection) as queries:
        client.get(where, follow=True)
    return len(queries)


pages = [(c, w) for c in (officer, public) for w in ("/notice/", "/", "/public/", address, "/search/?q=No")]
before = [queries_of(*each) for each in pages]
for number in range(60):
    Notice.objects.create(
        title_zh=f"第{number}号", title_en=f"No {number}", body="x", state="issued", organisation=office
    )
for (client, where), few in zip(pages, before, strict=True):
    many = queries_of(client, where)
    assert many <= few + 2, (where, few, many)
    gathers_from_all = where in ("/", "/public/", "/search/?q=No")
    assert many <= (6 * len(MECHANISMS) if gathers_from_all else 25), (where, many)

assert "all" in page(auditor, "/ledger/")
assert "Verified" in auditor.post("/ledger/").content.decode()
assert len(page(auditor, "/ledger/ledger.jsonl").splitlines()) == ledger.head().seq
page(officer, "/ledger/ledger.jsonl", 403)
page(officer, "/ledger/1/")
page(firm, "/ledger/1/", 404)
text = page(officer, "/calendar/")
feed = re.search(r'href="(/calendar/[^"]+\.ics)"', text)
assert feed
assert "BEGIN:VCALENDAR" in page(public, feed[1])

Membership.objects.filter(person__username="officer1").first().save()
assert officer.get("/").headers["Location"] == "/public/", "a role change ends the session"
page(public, feed[1], 404)
chinese = visitor(Role.OFFICER, 2, "zh-hans")
assert "我的待办" in page(chinese, "/")
print("walked")
