"""Two thousand hostile requests to the example room: no 500, and nothing stored.  Run by test_example_room.py."""

from __future__ import annotations

import random

import django

django.setup()

from biaochi.mechanisms.notice.web.models import Notice  # noqa: E402
from django.test import Client  # noqa: E402

from biaochi.core.roles import Role  # noqa: E402
from biaochi.registry import callers  # noqa: E402
from biaochi.registry.models import Comment, Document, LedgerEntry, Membership, Organisation, Person, Region  # noqa: E402
from biaochi.registry.transition import create  # noqa: E402

chance = random.Random(0)
Region.objects.get_or_create(code="440000", defaults={"name_zh": "示例", "name_en": "Example"})
house = Organisation.objects.create(kind="office", name_zh="甲", name_en="A")
other = Organisation.objects.create(kind="enterprise", name_zh="乙", name_en="B")


def member(role: Role, organisation: Organisation, scope: str = "") -> Membership:
    person = Person.objects.create_person(f"hostile-{role}", str(role))
    return Membership.objects.create(person=person, role=role, organisation=organisation, scope=scope)


officer, firm = member(Role.OFFICER, house, "440000"), member(Role.FIRM, other)
notice = create(Notice(title_zh="甲", title_en="A", body="x"), officer.actor)
_, key = callers.issue(firm, "hostile", ["read", "move", "import", "webhooks"])
client = Client(HTTP_HOST="localhost", raise_request_exception=False)
firm.person.refresh_from_db()
client.force_login(firm.person, backend="django.contrib.auth.backends.ModelBackend")
before = (LedgerEntry.objects.count(), Notice.objects.count())

WORDS = (
    "", "0", "-1", "9" * 30, "1e999", "NaN", "null", "true", "[]", "{}", "'", '"', "' OR 1=1 --", "../../etc/passwd", "..%2f..%2f",
    "<script>alert(1)</script>", "${7*7}", "{{7*7}}", "%s%n", "\x00", "\ufffe", "\ud83d", "好" * 3000, "A" * 9000, "\r\nSet-Cookie: a=b",
    "NT-0", notice.public_id, "issue", "create", "=1+1", "http://[::1", "https://[", "http://127.0.0.1:99999/", "file:///etc/passwd",
)  # fmt: skip
PATHS = (
    "/", "/public/", "/search/", "/station/{}/", "/o/{}/", "/notice/", "/notice/{}/", "/notice/new/", "/notice/import/drafts/", "/ledger/",
    "/ledger/{}/", "/document/{}/", "/people/{}/", "/people/", "/language/{}/", "/theme/", "/role/", "/calendar/{}.ics", "/first/{}/",
    "/invitation/{}/", "/login/", "/login/code/", "/account/", "/keys/", "/journeys/", "/messages/", "/enter/", "/mail/", "/metrics",
    "/api/v1/objects/{}", "/api/v1/objects/{}/decisions", "/api/v1/objects/{}/moves", "/api/v1/notice/objects/notice", "/api/v1/webhooks",
    "/api/v1/webhooks/{}", "/api/v1/notice/imports/drafts", "/api/v1/me", "/static/{}", "/{}",
)  # fmt: skip
FIELDS = ("q", "page", "state", "format", "next", "theme", "move", "reason", "version", "comment", "membership", "token", "accept", "username",
          "password", "code", "act", "purpose", "scopes", "title_zh", "body", "name", "query", "forget", "cursor", "limit", "url", "journey", "offer")  # fmt: skip


def safe(word: str) -> str:
    return word.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


seen: dict[int, int] = {}
for number in range(2000):
    path = chance.choice(PATHS).replace("{}", safe(chance.choice(WORDS)).replace("?", "").replace("#", "")[:300] or "x")
    fields = {f: safe(chance.choice(WORDS)) for f in chance.sample(FIELDS, 4)}
    headers = {
        "REMOTE_ADDR": f"10.0.{number % 250}.{number // 250}",
        "HTTP_ACCEPT_LANGUAGE": chance.choice(["en", "zh", "xx;q=9", "*"]),
    }
    if path.startswith("/api/") and chance.random() < 0.5:
        headers["HTTP_AUTHORIZATION"] = f"Bearer {chance.choice([key, 'x', ''])}"
        headers["HTTP_IDEMPOTENCY_KEY"] = chance.choice(["", "k", "x" * 200])
    kind = chance.randrange(4)
    if kind == 0:
        answer = client.get(path, fields, **headers)
    elif kind == 1:
        answer = client.post(path, fields, **headers)
    elif kind == 2:
        body = chance.choice(
            [
                b"",
                b"{",
                b"[]",
                b'{"move":"issue","version":1,"reason":"\\u0000"}',
                b'{"url":"https://[x"}',
                b"\xff\xfe",
                b"[" * 5000,
            ]
        )
        answer = client.generic(
            chance.choice(["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE"]),
            path,
            body,
            "application/json",
            **headers,
        )
    else:
        answer = client.generic(
            "POST",
            path,
            b'--x\r\nContent-Disposition: form-data; name="file"; filename=".."\r\n\r\n\x00',
            "multipart/form-data; boundary=x",
            **headers,
        )
    seen[answer.status_code] = seen.get(answer.status_code, 0) + 1
    assert answer.status_code < 500, (number, path, fields, answer.status_code)
    if number % 100 == 0:
        firm.person.refresh_from_db()
        client.force_login(firm.person, backend="django.contrib.auth.backends.ModelBackend")
assert (LedgerEntry.objects.exclude(transition__startswith="api_key").count(), Notice.objects.count()) == (
    before[0] - 1,
    before[1],
)
assert not Comment.objects.exists()
assert not Document.objects.exists()
print("survived", seen)
