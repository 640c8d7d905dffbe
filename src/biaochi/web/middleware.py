"""Headers every answer carries, and the counters behind ``/metrics``."""

from __future__ import annotations

import time
from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

from biaochi.exchange.parameter_files import office_values
from biaochi.registry import office
from biaochi.web import metrics

CSP = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
GetResponse = Callable[[HttpRequest], HttpResponse]


class ClientAddress:
    """Behind proxies of ours, puts the visitor's address where the proxy's stood; nobody else is believed.

    Of ``X-Forwarded-For`` the last entry counts that is no proxy of ours: what stands before it the visitor may have
    written.  ``X-Forwarded-Proto`` falls away unless one of our proxies sent it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        told = request.META.pop("HTTP_X_FORWARDED_FOR", "")
        if not _is_proxy(client_address(request)):
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        elif told:
            chain = [part.strip() for part in told.split(",")]
            others = [part for part in chain if not _is_proxy(part)]
            if others and _is_address(others[-1]):
                request.META["REMOTE_ADDR"] = others[-1]
        return self.get_response(request)


def client_address(request: HttpRequest) -> str:
    """Return the address a request comes from, as far as we can know it."""
    return str(request.META.get("REMOTE_ADDR", ""))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_proxy(text: str) -> bool:
    if not settings.PROXIES or not _is_address(text):
        return False
    found = ip_address(text)
    address = getattr(found, "ipv4_mapped", None) or found
    return any(address in network for network in settings.PROXIES)


class OfficeValues:
    """Lets every mechanism decide by the office's own values of its parameters, where it set any."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with office_values(office.added_values):
            return self.get_response(request)


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
        name, method = place.split(":")[0], request.method if request.method in _METHODS else "other"
        seconds = time.perf_counter() - start
        metrics.observe(name, method or "other", response.status_code, seconds, settings.METRICS_FOLDER)
        return response
