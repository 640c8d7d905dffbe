"""Eight threads want vouchers of one scheme at once, then claim on one contract; prints what came of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import django

django.setup()

from django.db import connection  # noqa: E402
from django.db import transaction as database  # noqa: E402
from django.utils import timezone  # noqa: E402

from biaochi.core.decision import Decision  # noqa: E402
from biaochi.core.errors import RefusedError  # noqa: E402
from biaochi.core.roles import Actor, Role  # noqa: E402
from biaochi.mechanisms.sandbox.web import vouchers  # noqa: E402
from biaochi.mechanisms.sandbox.web.models import Scheme, Voucher  # noqa: E402
from biaochi.registry import ledger  # noqa: E402
from biaochi.registry.models import Membership, Organisation, Person  # noqa: E402
from biaochi.registry.transition import transition  # noqa: E402

THREADS, EACH = 8, 3


def main() -> None:
    office = Organisation.objects.create(kind="office", name_zh="示例办", name_en="Office", simulated=True)
    actors = []
    for n in (1, 2):
        person = Person.objects.create_person(f"rush-{n}", f"示例 {n}")
        actors.append(Membership.objects.create(person=person, role=Role.OFFICER, organisation=office).actor)
    firms = [
        Organisation.objects.create(kind="enterprise", name_zh=f"示例公司{n}", name_en=f"Firm {n}", simulated=True)
        for n in range(THREADS)
    ]
    day = timezone.localdate()
    scheme = vouchers.open_scheme(
        Scheme(
            title_zh="券", title_en="Vouchers", budget=Decimal("1000"), start_on=day - timedelta(days=1),
            end_on=day + timedelta(days=30), holder_cap=Decimal("1000"), rates={"training": "0.5"}, simulated=True,
        )
    )  # fmt: skip
    refused: list[str] = []

    def rush(firm: Organisation) -> None:
        for _ in range(EACH):
            try:
                vouchers.issue(scheme, firm, Decimal("70"), actors[0])
            except RefusedError as error:
                refused.append(error.code)

    _all(rush, firms)
    made = list(Voucher.objects.filter(scheme=scheme))

    def claim(voucher: Voucher) -> None:
        holder = Actor("", Role.FIRM, voucher.holder.public_id)
        now = timezone.now()
        transition(voucher, "reserve", holder, now=now)
        Voucher.objects.filter(pk=voucher.pk).update(
            provider="云",
            contract=f"C-{voucher.pk}",
            invoice=f"I-{voucher.pk}",
            kind="training",
            paid_amount=Decimal("1000"),
        )
        transition(voucher, "consume", holder, now=now)
        transition(voucher, "claim", holder, now=now)
        voucher.refresh_from_db()
        transition(voucher, "verify", actors[1], "核验", check(voucher), now=timezone.now())
        transition(voucher, "redeem", actors[0], "兑付", now=timezone.now())

    _all(claim, made)
    scheme.refresh_from_db()
    balances = vouchers.balances(scheme)
    paid = sum(v for k, v in balances.items() if k.startswith("paid:"))
    print(
        json.dumps(
            {
                "issued": str(sum(v.face for v in made)),
                "refused": sorted(set(refused)),
                "count": len(made),
                "paid": str(paid),
                "redeemed": Voucher.objects.filter(scheme=scheme, state="redeemed").count(),
                "available": str(scheme.available),
                "books": str(balances["available"]),
                "sum": str(sum(balances.values())),
                "intact": ledger.verify_database().intact,
            }
        )
    )


def check(voucher: Voucher) -> Decision:
    with database.atomic():
        return vouchers.checked(voucher, timezone.now()).require("pay")


def _all(work: Callable[..., None], things: list[object]) -> None:
    def run(mine: list[object]) -> None:
        try:
            for thing in mine:
                work(thing)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(things[n::THREADS],)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


main()
