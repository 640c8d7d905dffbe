"""What the surroundings say: data folder, secret key, database, mail.  Nothing is created here."""

from __future__ import annotations

import os
import secrets
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

SECRET_FILE = "secret.key"  # noqa: S105 - a file name
DATABASE_FILE = "biaochi.sqlite3"
CACHE_FILE = "cache.sqlite3"
METRICS_FOLDER = "metrics"
SERVED = "BIAOCHI_SERVED"


def data_folder() -> Path:
    """Return the folder that holds database, documents and key: ``BIAOCHI_DATA`` or ``~/.local/share/biaochi``."""
    named = os.environ.get("BIAOCHI_DATA")
    return Path(named).expanduser() if named else Path.home() / ".local" / "share" / "biaochi"


def secret_key(folder: Path) -> str:
    """Return the installation's key: ``BIAOCHI_SECRET_KEY``, else the key file, else one for this process only."""
    given = os.environ.get("BIAOCHI_SECRET_KEY")
    if given:
        return given
    try:
        return (folder / SECRET_FILE).read_text(encoding="ascii").strip()
    except OSError:
        return secrets.token_urlsafe(48)


def make_secret_key(folder: Path) -> None:
    """Write a new key, readable by its owner only, unless there is one."""
    place = folder / SECRET_FILE
    try:
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(secrets.token_urlsafe(48) + "\n")


def database(folder: Path) -> dict[str, Any]:
    """Return Django's settings of the database: ``DATABASE_URL`` (PostgreSQL), else SQLite in the data folder.

    SQLite runs in WAL with immediate transactions: a deferred one that starts by reading cannot wait for the write
    lock and fails under load.  ``synchronous=FULL`` keeps an acknowledged write through a power cut.
    """
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": folder / DATABASE_FILE,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise SystemExit(
            f"DATABASE_URL 只支持 postgresql://，所见为 {parts.scheme}://\n"
            f"DATABASE_URL must be a postgresql:// address, seen {parts.scheme}://"
        )
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def cache(folder: Path) -> dict[str, Any]:
    """Return Django's settings of the cache: shared by the processes that ``serve`` starts, else this process's own."""
    if not flag(SERVED):
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    return {
        "BACKEND": "biaochi.web.shared_cache.SharedCache",
        "LOCATION": folder / CACHE_FILE,
        "OPTIONS": {"MAX_ENTRIES": 5000},
    }


def mail() -> dict[str, Any]:
    """Return Django's mail settings from ``BIAOCHI_SMTP_URL``; without one, mail is kept on a page."""
    url = os.environ.get("BIAOCHI_SMTP_URL", "")
    if not url:
        return {"EMAIL_BACKEND": "biaochi.registry.mailbox.MailboxBackend"}
    parts = urlsplit(url)
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "DEFAULT_FROM_EMAIL": os.environ.get("BIAOCHI_MAIL_FROM", "biaochi@localhost"),
    }


def single_sign_on() -> dict[str, str] | None:
    """Return how to reach the provider of single sign-on; ``None`` without ``BIAOCHI_OIDC_URL``."""
    url = os.environ.get("BIAOCHI_OIDC_URL", "").rstrip("/")
    if not url:
        return None
    if find_spec("allauth") is None:
        raise SystemExit("单点登录需要 biaochi[sso] / single sign-on needs biaochi[sso]")
    if urlsplit(url).scheme != "https" and urlsplit(url).hostname not in ("127.0.0.1", "localhost", "::1"):
        raise SystemExit("BIAOCHI_OIDC_URL 须为 https / BIAOCHI_OIDC_URL must be https")
    return {
        "url": url,
        "client": os.environ.get("BIAOCHI_OIDC_CLIENT", "biaochi"),
        "secret": os.environ.get("BIAOCHI_OIDC_SECRET", ""),
        "name": os.environ.get("BIAOCHI_OIDC_NAME", "OpenID Connect"),
        "claim": os.environ.get("BIAOCHI_OIDC_CLAIM", "preferred_username"),
    }


def flag(name: str) -> bool:
    """Whether a variable says yes."""
    return os.environ.get(name, "").lower() in ("1", "yes", "true", "on")


def listed(name: str, default: tuple[str, ...]) -> list[str]:
    """Return a comma-separated variable as a list."""
    text = os.environ.get(name, "")
    return [part.strip() for part in text.split(",") if part.strip()] or list(default)


def networks(name: str, default: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    """Return a comma-separated variable as networks; a single address is one of its own."""
    found = []
    for part in listed(name, default):
        try:
            found.append(ip_network(part, strict=False))
        except ValueError:
            raise SystemExit(f"{name}：{part} 不是地址或网段\n{name}: {part} is no address and no network") from None
    return tuple(found)
