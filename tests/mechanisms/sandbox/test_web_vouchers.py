"""Vouchers on the site: no budget is spent twice, whoever claims at the same instant; books that sum to nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Role
from biaochi.mechanisms.sandbox.web import timekeeping, vouchers
from biaochi.mechanisms.sandbox.web.models import Affiliation, Scheme, Voucher
from biaochi.registry.models import Organisation
from biaochi.registry.site import Demo
from biaochi.registry.transition import transition
from biaochi.web import demonstration

RUSH = Path(__file__).with_name("voucher_rush.py")
EXPECTED = {
    "issued": "1000.00", "refused": ["budget_used_up"], "count": 15, "paid": "1000.00", "redeemed": 15,
    "available": "0.00", "books": "0.00", "sum": "0.00", "intact": True,
}  # fmt: skip


def rush(data: Path, **more: str) -> dict[str, Any]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("BIAOCHI_", "DJANGO_", "PYTEST_", "DATABASE_"))}
    environment = {
        **kept, "DJANGO_SETTINGS_MODULE": "biaochi.web.settings", "BIAOCHI_DATA": str(data),
        "BIAOCHI_SECRET_KEY": "only for tests", **more,
    }  # fmt: skip
    for arguments in (["-m", "django", "migrate", "-v", "0"], [str(RUSH)]):
        done = subprocess.run(
            [sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_eight_threads_never_spend_more_than_the_budget_on_sqlite(tmp_path: Path) -> None:
    assert rush(tmp_path) == EXPECTED


@pytest.fixture(scope="module")
def postgres_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a throw-away PostgreSQL on a socket of its own; give its address; stop it at the end."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = shutil.which("initdb") or (str(binaries[-1]) if binaries else None)
    if found is None:
        pytest.skip("PostgreSQL is not installed")
    tools, place = Path(found).parent, Path(tempfile.mkdtemp(prefix="biaochi-pg-", dir="/tmp"))
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if user:
        shutil.chown(place, "postgres")
    init = [*user, str(tools / "initdb"), "-D", f"{place}/data", "-U", "postgres", "--auth=trust", "-E", "UTF8"]
    subprocess.run([*init, "--locale=C.UTF-8"], check=True, capture_output=True, cwd=place)
    control = [*user, str(tools / "pg_ctl"), "-D", f"{place}/data", "-w"]
    options = f"-k {place} -c listen_addresses= -c fsync=off"
    subprocess.run(
        [*control, "-o", options, "-l", f"{place}/log", "start"], check=True, stdout=subprocess.DEVNULL, cwd=place
    )
    try:
        yield f"postgresql://postgres@/postgres?host={place}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, stdout=subprocess.DEVNULL, cwd=place)
        shutil.rmtree(place, ignore_errors=True)


@pytest.mark.postgres
def test_eight_threads_never_spend_more_than_the_budget_on_postgresql(postgres_database: str, tmp_path: Path) -> None:
    assert rush(tmp_path, DATABASE_URL=postgres_database) == EXPECTED


@pytest.fixture
def stage(db: None) -> Demo:
    return demonstration.cast()


def scheme_of(stage: Demo, **changes: Any) -> Scheme:
    day = timezone.localdate()
    values: dict[str, Any] = {
        "title_zh": "券", "title_en": "Vouchers", "budget": Decimal("1000"), "start_on": day - timedelta(days=5),
        "end_on": day + timedelta(days=5), "holder_cap": Decimal("600"), "rates": {"training": "0.5"},
    }  # fmt: skip
    return vouchers.open_scheme(Scheme(**(values | changes)))


def claimed(stage: Demo, scheme: Scheme, amount: str = "300", **facts: Any) -> Voucher:
    firm, officer = stage.actors[Role.FIRM], stage.actors[Role.OFFICER]
    holder = Organisation.objects.get(public_id=firm.organisation)
    voucher = vouchers.issue(scheme, holder, Decimal(amount), officer)
    values: dict[str, Any] = {
        "provider": "云甲", "contract": "C-1", "invoice": "F-1", "kind": "training", "paid_amount": Decimal("500"),
    }  # fmt: skip
    transition(voucher, "reserve", firm)
    Voucher.objects.filter(pk=voucher.pk).update(**(values | facts))
    transition(voucher, "consume", firm)
    transition(voucher, "claim", firm)
    return Voucher.objects.get(pk=voucher.pk)


def test_a_claim_is_paid_its_rate_and_the_rest_of_the_face_returns(stage: Demo) -> None:
    scheme = scheme_of(stage)
    voucher = claimed(stage, scheme)
    now = timezone.now()
    decision = vouchers.checked(voucher, now)
    assert (decision.outcome, decision.facts["awarded"]) == ("pay", Decimal("250.00"))
    officer, second = stage.actors[Role.OFFICER], stage.second[Role.OFFICER]
    with pytest.raises(RefusedError, match="same_person"):
        transition(voucher, "verify", officer, "核验", decision)
    transition(voucher, "verify", second, "核验", decision)
    with pytest.raises(RefusedError, match="same_person"):
        transition(voucher, "redeem", second, "兑付")
    transition(voucher, "redeem", officer, "兑付")
    scheme.refresh_from_db()
    assert scheme.available == Decimal("750.00")
    balances = vouchers.balances(scheme)
    assert sum(balances.values()) == 0
    assert balances["available"] == scheme.available
    transition(voucher, "claw_back", second, "材料不实")
    scheme.refresh_from_db()
    assert scheme.available == scheme.budget


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"other_subsidy": True}, "other_subsidy"),
        ({"paid_amount": Decimal("0")}, "unpaid"),
        ({"kind": "x"}, "kind_without_rate"),
    ],
)
def test_what_is_refused_says_why(stage: Demo, facts: dict[str, Any], rule: str) -> None:
    voucher = claimed(stage, scheme_of(stage), **facts)
    decision = vouchers.checked(voucher, timezone.now())
    assert decision.outcome == "refuse"
    with pytest.raises(RefusedError, match=rule):
        decision.require("pay")


def test_double_claims_and_affiliates_are_found_among_all_claims(stage: Demo) -> None:
    scheme = scheme_of(stage)
    first = claimed(stage, scheme, "100")
    second = claimed(stage, scheme, "100", contract="ｃ－１", invoice="F-2")
    assert vouchers.checked(first, timezone.now()).outcome == "pay"
    assert {r.rule for r in vouchers.checked(second, timezone.now()).reasons} >= {"double_claim"}
    Affiliation.objects.create(a=first.holder.public_id, b="云甲")
    assert {r.rule for r in vouchers.checked(first, timezone.now()).reasons} >= {"affiliated"}


def test_the_cap_of_a_holder_and_the_last_voucher(stage: Demo) -> None:
    scheme = scheme_of(stage)
    officer = stage.actors[Role.OFFICER]
    firm = Organisation.objects.get(public_id=stage.actors[Role.FIRM].organisation)
    other = Organisation.objects.get(public_id=stage.other_firm.organisation)
    assert vouchers.issue(scheme, firm, Decimal("700"), officer).face == Decimal("600")
    with pytest.raises(RefusedError, match="cap_reached"):
        vouchers.issue(scheme, firm, Decimal("1"), officer)
    assert vouchers.issue(scheme, other, Decimal("500"), officer).face == Decimal("400.00")
    with pytest.raises(RefusedError, match="budget_used_up"):
        vouchers.issue(scheme, other, Decimal("100"), officer)


def test_unused_vouchers_expire_and_return_their_amount(stage: Demo) -> None:
    scheme = scheme_of(stage)
    firm = Organisation.objects.get(public_id=stage.actors[Role.FIRM].organisation)
    voucher = vouchers.issue(scheme, firm, Decimal("200"), stage.actors[Role.OFFICER])
    assert timekeeping.keep_time(timezone.now() + timedelta(days=5)) == 0
    assert timekeeping.keep_time(timezone.now() + timedelta(days=8)) == 1
    voucher.refresh_from_db()
    scheme.refresh_from_db()
    assert voucher.state == "expired"
    assert scheme.available == scheme.budget
