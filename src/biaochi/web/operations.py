"""What the commands do once Django is set up: migrate, load facts, links, backup, restore, checks."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from biaochi.core.ledger import ChainLine, Verification
from biaochi.exchange.taxonomy_files import shipped_taxonomy
from biaochi.programme.year import demonstration_year
from biaochi.registry import ledger, played, rights
from biaochi.registry.models import ExternalDigest, Region, Track
from biaochi.registry.regions import PROVINCES
from biaochi.web import demonstration
from biaochi.web.simulation import snapshot
from biaochi.web.simulation.player import Player

log = logging.getLogger("biaochi.operations")


def migrate() -> None:
    """Bring the database to the newest form."""
    call_command("migrate", interactive=False, verbosity=0)


def load_facts() -> None:
    """Load what ships with the product: provinces, directions and tracks; existing rows are brought up to date."""
    Region.objects.bulk_create(
        [Region(code=c, name_zh=zh, name_en=en) for c, zh, en in PROVINCES],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name_zh", "name_en"],
    )
    tracks = [
        Track(
            code=t.code,
            direction=t.direction.value,
            name_zh=t.name.zh,
            name_en=t.name.en,
            aliases=list(t.aliases),
            national_on=[d.isoformat() for d in t.national],
            order=number,
        )
        for number, t in enumerate(shipped_taxonomy())
    ]
    Track.objects.bulk_create(
        tracks,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["direction", "name_zh", "name_en", "aliases", "national_on", "order"],
    )


def first_link() -> str:
    """Return the path of a one-time link for the first administrator; empty when there is one already."""
    if not rights.needs_administrator():
        return ""
    return f"/first/{rights.new_link(rights.FIRST_ADMINISTRATOR)}/"


def verify() -> Verification:
    """Verify the ledger of this installation."""
    return ledger.verify_database()


def chain() -> Iterator[ChainLine]:
    """Yield the chain of this installation."""
    return ledger.lines()


def head() -> ChainLine | None:
    """Return the last line of the chain."""
    last = ledger.head()
    return last.line if last else None


def note_anchor(line: ChainLine, given_to: str) -> None:
    """Remember that a head was given out; verification then holds the chain against it."""
    if line.seq and not ExternalDigest.objects.filter(seq=line.seq, digest=line.digest).exists():
        ExternalDigest.objects.create(
            seq=line.seq, digest=line.digest, given_to=given_to[:160], given_at=datetime.now(UTC)
        )


def database_kind() -> str:
    """Return ``sqlite`` or ``postgresql``."""
    return str(connection.vendor)


def documents_folder() -> Path:
    """Return where documents are kept."""
    return Path(settings.DOCUMENT_ROOT)


def close() -> None:
    """Close the connection to the database, so that others may rename it."""
    connection.close()


def play_year(start: date, seed: int) -> tuple[snapshot.Head, bytes, bytes]:
    """Play the demonstration year into this freshly migrated installation; return head, snapshot and tables."""
    tables = snapshot.tables()
    load_facts()
    acts = demonstration_year(start, seed)
    with played.year(seed):
        played.move_to(acts[0].at)
        player = Player(demonstration.cast())
        count = player.play(acts)
    last = ledger.head()
    head = snapshot.Head(
        start=start.isoformat(),
        seed=seed,
        acts=count,
        opened=tuple(player.opened),
        lines=last.seq if last else 0,
        digest=last.digest if last else "",
        migrations=snapshot.migrations_digest(),
    )
    return head, snapshot.write(head), tables


def make_demonstration() -> None:
    """Make the tables of a demonstration: from the shipped statements where they fit, else by migrating."""
    if not snapshot.make_tables(snapshot.head_of(snapshot.shipped())):
        migrate()


def fill_demonstration() -> None:
    """Fill a fresh installation with the demonstration programme."""
    demonstration.fill()
