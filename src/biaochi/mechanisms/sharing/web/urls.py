"""Addresses of sharing."""

from biaochi.mechanisms.sharing.web.views import (
    BookingList,
    BookingPage,
    NewBooking,
    NewResource,
    ResourceList,
    ResourcePage,
)
from biaochi.registry.views import room_urls

app_name = "sharing"
urlpatterns = [
    *room_urls("bookings", listing=BookingList, page=BookingPage, creation=NewBooking),
    *room_urls("", listing=ResourceList, page=ResourcePage, creation=NewResource),
]
