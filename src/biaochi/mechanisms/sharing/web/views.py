"""Pages of resources and bookings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone

from biaochi.core.decision import Decision
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.sharing.model import ResourceKind
from biaochi.mechanisms.sharing.web.forms import KINDS, BookingForm, ResourceForm, UseForm
from biaochi.mechanisms.sharing.web.models import HOLDING, TAKING, Booking, Resource
from biaochi.registry.models import Organisation
from biaochi.registry.views import CreateView, Item, ListColumn, ListView, ObjectView, Section

AHEAD = timedelta(days=60)


class ResourceList(ListView):
    """Resources that can be booked."""

    model = Resource
    heading = Text("共享资源", "Shared resources")
    create_url = "sharing:resource_new"
    columns = (
        ListColumn("kind", Text("类型", "kind"), lambda r: KINDS[ResourceKind(r.kind)]),
        ListColumn("capacity", Text("容量", "capacity"), lambda r: r.capacity, numeric=True),
        ListColumn(
            "price",
            Text("今日单价（元）", "price today (yuan)"),
            lambda r: r.price_on(timezone.localdate()),
            numeric=True,
        ),
    )


class ResourcePage(ObjectView):
    """One resource: prices and calendar."""

    model = Resource

    def answer(self, obj: Resource, actor: Actor, lang: Lang) -> str:
        """Return capacity and price."""
        price = obj.price_on(timezone.localdate())
        return Text(
            f"同时 {obj.capacity:g} {obj.unit}；"
            + (f"每单位 {price} 元。" if price is not None else "今日没有挂牌价，不能确认预约。"),
            f"{obj.capacity:g} {obj.unit} at once; "
            + (f"{price} yuan a unit." if price is not None else "no price is listed today, so nothing is confirmed."),
        ).within(lang)

    def sections(self, obj: Resource, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return the calendar without names, and the prices."""
        now = timezone.now()
        rows = obj.bookings.filter(state__in=HOLDING, ends_at__gte=now, starts_at__lte=now + AHEAD).order_by(
            "starts_at"
        )
        may = actor.role is Role.FIRM and obj.state == "listed"
        return [
            Section(
                Text("日历", "Calendar"),
                "sharing/calendar.html",
                {"rows": rows, "resource": obj, "may": may},
                Text("六十天内已占用的时段；不写谁用。", "Times taken within sixty days; not by whom."),
                now=True,
            ),
            Section(Text("挂牌价", "Listed prices"), "sharing/prices.html", {"rows": obj.prices.all()}),
        ]


class NewResource(CreateView):
    """A resource is offered."""

    model = Resource
    form_class = ResourceForm
    heading = Text("新资源", "New resource")
    consequence = Text("公开可见，企业可以预约。", "Becomes public; firms may book it.")

    def prepare(self, obj: Resource, form: forms.ModelForm[Any], actor: Actor) -> None:
        """It lies where its owner is."""
        house = Organisation.objects.filter(public_id=actor.organisation).first()
        obj.region = house.region if house else None


class BookingList(ListView):
    """Bookings."""

    model = Booking
    heading = Text("预约", "Bookings")
    create_url = "sharing:booking_new"
    related = ("resource",)
    columns = (
        ListColumn("starts_at", Text("从", "from"), lambda b: b.starts_at),
        ListColumn("ends_at", Text("到", "to"), lambda b: b.ends_at),
        ListColumn("units", Text("单位", "units"), lambda b: b.units, numeric=True),
        ListColumn("charge", Text("费用（元）", "charge (yuan)"), lambda b: b.charge, numeric=True),
    )


class BookingPage(ObjectView):
    """One booking."""

    model = Booking
    related = ("resource", "resource__organisation")
    move_forms = {"use": UseForm}

    def answer(self, obj: Booking, actor: Actor, lang: Lang) -> str:
        """Return whether it fits, and what it costs."""
        if obj.state not in ("requested", "held"):
            return ""
        due = obj.due()
        reason = obj.fit().reasons[-1].text
        return Text(
            f"{reason.zh}；" + (f"费用 {due} 元。" if due is not None else "没有挂牌价。"),
            f"{reason.en}; " + (f"{due} yuan." if due is not None else "no price is listed."),
        ).within(lang)

    def facts(self, obj: Booking, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return what, when, how much, at which charge."""
        return [
            Item(Text("资源", "resource"), obj.resource.title),
            Item(Text("从", "from"), obj.starts_at),
            Item(Text("到", "to"), obj.ends_at),
            Item(Text("单位", "units"), obj.units),
            Item(Text("实用单位", "units used"), obj.used_units),
            Item(Text("费用（元）", "charge (yuan)"), obj.charge),
        ]

    def decide(self, obj: Booking, move: str, actor: Actor, data: Mapping[str, Any], now: datetime) -> Decision | None:
        """Hold and confirm with the reasons of the fit; the life cycle checks again under its lock."""
        if move in TAKING:
            return obj.fit().require("confirmed")
        return Decision("used", (), now, facts={"units": data["units"]}) if move == "use" else None


class NewBooking(CreateView):
    """A firm asks for time."""

    model = Booking
    form_class = BookingForm
    heading = Text("预约", "Book")
    consequence = Text("由业主答复；确认后占用该时段。", "The owner answers; once confirmed the time is taken.")

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        """Choose the resource one came from."""
        found = Resource.objects.filter(public_id=request.GET.get("resource", ""), state="listed").first()
        return {"resource": found.pk} if found else {}

    def prepare(self, obj: Booking, form: forms.ModelForm[Any], actor: Actor) -> None:
        """Name it after its resource."""
        obj.region = obj.resource.region
        obj.title_zh, obj.title_en = f"预约：{obj.resource.title_zh}"[:200], f"Booking: {obj.resource.title_en}"[:200]
