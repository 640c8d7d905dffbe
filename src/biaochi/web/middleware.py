"""Headers every answer carries, and the counters behind ``/metrics``."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

from biaochi.web import metrics

CSP = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}

GetResponse = Callable[[HttpRequest], HttpResponse]


class SecurityHeaders:
    """Adds the security headers; pages of the site are never kept by shared caches."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = HttpResponseBadRequest() if _has_nul(request) else self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


def _has_nul(request: HttpRequest) -> bool:
    """Whether address or query hold a NUL character, which no database text may hold."""
    return "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", "")


class Measure:
    """Counts answers and their time by the first part of the address; never by person or object."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        start = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        place = (match.app_name or match.view_name or "page") if match else "unknown"
        metrics.observe(place.split(":")[0], request.method or "GET", response.status_code, time.perf_counter() - start)
        return response
