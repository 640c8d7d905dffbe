"""The web room of sharing: resources, prices, bookings."""
