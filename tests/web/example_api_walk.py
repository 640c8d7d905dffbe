"""Calls the API of the example room as a firm, an officer and the public; run by test_example_room.py."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import django

django.setup()

from biaochi.mechanisms.notice.web.models import Notice  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from biaochi.core.roles import Role  # noqa: E402
from biaochi.registry import callers, hooks, ledger  # noqa: E402
from biaochi.registry.models import ApiKey, Membership, Organisation, Person, Region, Webhook, WebhookDelivery  # noqa: E402
from biaochi.registry.sealing import encrypt  # noqa: E402
from biaochi.registry.transition import create  # noqa: E402

Region.objects.get_or_create(code="440000", defaults={"name_zh": "示例", "name_en": "Example"})
client = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")


def member(role: Role, number: int, scope: str = "") -> Membership:
    house = Organisation.objects.create(kind="office", name_zh=f"单位{role}", name_en=f"House {role}")
    person = Person.objects.create_person(f"api-{role}-{number}", f"{role} {number}")
    return Membership.objects.create(person=person, role=role, organisation=house, scope=scope)


def call(method: str, path: str, key: str = "", status: int = 200, body: Any = None, **headers: str) -> Any:
    if key:
        headers["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    answer = client.generic(
        method, f"/api/v1{path}", json.dumps(body) if body is not None else b"", "application/json", **headers
    )
    assert answer.status_code == status, (method, path, answer.status_code, answer.content)
    if status >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json", path
        assert answer.json()["title"].isascii(), "in the caller's language"
    return answer.json() if answer.content else None


author = member(Role.OFFICER, 1, "440000")
issuer = member(Role.OFFICER, 2, "440000")
firm = member(Role.FIRM, 1)
key, token = callers.issue(issuer, "tests", ["read", "move", "webhooks"])
assert token not in str(ApiKey.objects.filter(pk=key.pk).values())
_, reading = callers.issue(issuer, "reading only", ["read"])
_, firm_token = callers.issue(firm, "tests", ["read", "move"])

for number in range(5):
    create(Notice(title_zh=f"接口{number}", title_en=f"Interface {number}", body="x"), author.actor)

assert call("GET", "/me")["role"] == "public"
assert call("GET", "/me", token)["scopes"] == ["move", "read", "webhooks"]
call("GET", "/me", "bk_wrong", 401)
assert call("GET", "/notice/objects/notice")["items"] == [], "drafts do not exist for the public"
assert call("GET", "/notice/objects/notice", firm_token)["items"] == []
first = call("GET", "/notice/objects/notice?limit=2", token)
assert len(first["items"]) == 2
second = call("GET", f"/notice/objects/notice?limit=2&cursor={first['next']}", token)
third = call("GET", f"/notice/objects/notice?limit=2&cursor={second['next']}", token)
assert third["next"] is None
found = [i["public_id"] for page in (first, second, third) for i in page["items"]]
assert len(set(found)) == 5
call("GET", "/notice/objects/notice?limit=0", token, 422)
target = found[0]
call("GET", f"/objects/{target}", status=404)
call("GET", f"/objects/{target}", firm_token, 404)
seen = call("GET", f"/objects/{target}", token)
assert [m["code"] for m in seen["moves"]] == ["issue"]
move = {"move": "issue", "reason": "核过", "version": seen["version"]}
call("POST", f"/objects/{target}/moves", token, 422, {**move, "reason": " "})
call("POST", f"/objects/{target}/moves", token, 409, {**move, "version": 7})
call("POST", f"/objects/{target}/moves", reading, 403, move)
call("POST", f"/objects/{target}/moves", "", 403, move)
call("POST", f"/objects/{target}/moves", firm_token, 404, move)
call("POST", f"/objects/{target}/moves", token, 422, {"move": "burn", "reason": "x", "version": 1})
call("POST", f"/objects/{target}/moves", token, 422, {"move": 7})
before = ledger.head()
once = {"HTTP_IDEMPOTENCY_KEY": "the same"}
done = call("POST", f"/objects/{target}/moves", token, 201, move, **once)
again = call("POST", f"/objects/{target}/moves", token, 201, move, **once)
assert done == again
assert ledger.head().seq == before.seq + 1
call("POST", f"/objects/{target}/moves", token, 422, {**move, "reason": "anders"}, **once)
assert done["ledger_digest"] == ledger.head().digest
public = call("GET", f"/objects/{target}")
assert public["version"] is None
assert public["state"]["code"] is None
assert [d["transition"] for d in call("GET", f"/objects/{target}/decisions")] == ["issue"]
assert [d["transition"] for d in call("GET", f"/objects/{target}/decisions", token)] == ["create", "issue"]
assert call("GET", "/ledger/anchor")["digest"] == ledger.head().digest

call("POST", "/webhooks", token, 422, {"url": "https://localhost/x"})
call("POST", "/webhooks", token, 422, {"url": "http://example.com/x"})
call("POST", "/webhooks", token, 422, {"url": "ftp://x"})
hook = Webhook.objects.create(
    organisation=issuer.organisation,
    person=issuer.person,
    role=issuer.role,
    scope=issuer.scope,
    url="https://127.0.0.1/x",
    secret_cipher=encrypt("s"),
)
blind = Webhook.objects.create(
    organisation=firm.organisation,
    person=firm.person,
    role=firm.role,
    url="https://127.0.0.1/y",
    secret_cipher=encrypt("s"),
)
state = call("GET", f"/objects/{found[1]}", token)
create(Notice(title_zh="再一", title_en="One more", body="x"), author.actor)
assert WebhookDelivery.objects.filter(webhook=hook).count() == 1
assert WebhookDelivery.objects.filter(webhook=blind).count() == 0, "who may not see is not told"
assert hooks.deliver(timezone.now()) == 0, "no message goes into our own network"
assert [w["public_id"] for w in call("GET", "/webhooks", token)] == [hook.public_id]
call("DELETE", f"/webhooks/{blind.public_id}", token, 404)
call("DELETE", f"/webhooks/{hook.public_id}", token, 204)

fresh = call("POST", "/keys/rotate", token, 201)["key"]
call("GET", "/me", token, 401)
call("GET", "/me", fresh)
callers.revoke(ApiKey.objects.get(pk=key.pk), issuer.actor)
call("GET", "/me", fresh, 401)
firm.valid_to = timezone.localdate() - timedelta(days=1)
firm.save()
call("GET", "/me", firm_token, 401)

description = call("GET", "/openapi.json")
assert description["openapi"].startswith("3.1")
for path, methods in description["paths"].items():
    for method, operation in methods.items():
        assert operation.get("summary"), (method, path)
        assert "application/problem+json" in operation["responses"]["422"]["content"], path
assert ledger.verify_database().intact
answers = {client.get("/api/v1/me").status_code for _ in range(320)}
assert answers == {200, 429}
print("called")
