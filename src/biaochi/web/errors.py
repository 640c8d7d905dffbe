"""Pages for what goes wrong: they say what happened and what to do, and give nothing away."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from biaochi.core.text import Text
from biaochi.web.api.problems import problem

_SAID = {
    400: (Text("请求有误", "The request cannot be understood"), Text("请返回上一页重试。", "Go back and try again.")),
    403: (
        Text("当前身份不能打开这一页", "Your present role may not open this page"),
        Text(
            "如您另有身份，请在页首切换；否则请联系系统管理员。",
            "Switch the role at the top if you hold another; else ask the administrator.",
        ),
    ),
    404: (
        Text("没有这一页，或不向您开放", "There is no such page, or it is not open to you"),
        Text("请核对地址，或从首页进入。", "Check the address, or start from the home page."),
    ),
    429: (
        Text("尝试过多，请稍后再来", "Too many attempts; please wait"),
        Text("十五分钟后可再试。", "Try again in a quarter of an hour."),
    ),
    500: (
        Text("系统出错，已记录", "Something went wrong on our side; it was recorded"),
        Text("没有保存一半的内容。请稍后重试。", "Nothing was half saved. Please try again later."),
    ),
}


def page(request: HttpRequest, status: int) -> HttpResponse:
    """Return the page of a status; without the site's frame when even that might fail."""
    if request.path.startswith("/api/"):
        return problem(request, status)
    heading, todo = _SAID[status]
    template = "web/plain_error.html" if status == 500 else "web/error.html"
    lang = "zh" if getattr(request, "LANGUAGE_CODE", "zh").startswith("zh") else "en"
    return render(request, template, {"heading": heading, "todo": todo, "status": status, "lang": lang}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return page(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500."""
    heading, todo = _SAID[500]
    body = render(None, "web/plain_error.html", {"heading": heading, "todo": todo, "status": 500})
    body.status_code = 500
    return body


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that was not ours, or too old."""
    return page(request, 403)


def locked_out(request: HttpRequest, credentials: Any = None, *args: Any, **kwargs: Any) -> HttpResponse:
    """429 after too many failed log-ins."""
    return page(request, 429)
