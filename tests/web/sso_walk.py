"""Logs in by a small OpenID Connect provider on loopback; run by test_single_sign_on.py with the provider's address set."""

from __future__ import annotations

import json
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CLAIMS: dict[str, Any] = {}
ASKED: dict[str, Any] = {}


class Provider(BaseHTTPRequestHandler):
    """The least a provider must answer."""

    def do_GET(self) -> None:
        here = os.environ["BIAOCHI_OIDC_URL"]
        if self.path.endswith("openid-configuration"):
            places = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
            self.say(
                {
                    "issuer": here,
                    "jwks_uri": f"{here}/keys",
                    **{f"{k}_endpoint": f"{here}/{v}" for k, v in places.items()},
                }
            )
        elif self.path == "/userinfo":
            self.say(CLAIMS)
        else:
            self.say({"keys": [json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key())) | {"kid": "1"}]})

    def do_POST(self) -> None:
        ASKED["token"] = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        now = int(time.time())
        claims = {**CLAIMS, "iss": os.environ["BIAOCHI_OIDC_URL"], "aud": "biaochi", "iat": now, "exp": now + 60}
        token = jwt.encode(claims, KEY, "RS256", headers={"kid": "1"})
        self.say({"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": token})

    def say(self, record: dict[str, Any]) -> None:
        body = json.dumps(record).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


server = HTTPServer(("127.0.0.1", 0), Provider)
os.environ["BIAOCHI_OIDC_URL"] = f"http://127.0.0.1:{server.server_port}"
threading.Thread(target=server.serve_forever, daemon=True).start()

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402

from biaochi.core.roles import Role  # noqa: E402
from biaochi.registry.models import Membership, Person  # noqa: E402

call_command("migrate", verbosity=0)
person = Person.objects.create_person("officer-1", "示例 1", simulated=True)
Membership.objects.create(person=person, role=Role.OFFICER)
people = Person.objects.count()


def log_in(**claims: Any) -> tuple[Client, Any]:
    """Go to the provider and come back with what it says."""
    CLAIMS.clear()
    CLAIMS.update({"sub": "1", **claims})
    client = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")
    assert "/sso/office/login/" in client.get("/login/").content.decode()
    away = client.get("/sso/office/login/")
    assert away.status_code == 302, away.content
    asked = parse_qs(urlsplit(away["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    back = client.get("/sso/office/login/callback/", {"code": "c", "state": asked["state"][0]})
    return client, back


client, back = log_in(preferred_username="officer-1")
assert back.status_code == 302, back.content
assert back["Location"] == "/"
assert client.get("/").status_code == 200
assert "code_verifier" in ASKED["token"]

stranger, refused = log_in(preferred_username="nobody-here")
assert refused.status_code == 403
assert stranger.get("/").status_code == 302
assert Person.objects.count() == people, "nobody is made a person by logging in"

forged = Client(HTTP_HOST="localhost")
assert forged.get("/sso/office/login/callback/", {"code": "c", "state": "guessed"}).status_code in (302, 403)
assert forged.get("/").status_code == 302

Person.objects.filter(pk=person.pk).update(totp_on=True, totp_cipher="x")
second, asked_more = log_in(preferred_username="officer-1")
assert asked_more["Location"].startswith("/login/code/"), "a second factor that is switched on is asked for"
assert second.get("/").status_code == 302
Person.objects.filter(pk=person.pk).update(totp_on=False, is_active=False)
assert log_in(preferred_username="officer-1")[1].status_code == 403
print("signed on")
