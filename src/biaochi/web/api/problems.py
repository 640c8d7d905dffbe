"""What goes wrong in the API, as ``application/problem+json`` (RFC 9457) in the caller's language."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from django.http import HttpRequest, HttpResponse
from ninja import Schema

from biaochi.core.errors import Fault, RefusedError
from biaochi.core.text import Lang, Text

PROBLEM_JSON = "application/problem+json"
_STATUS = {
    "stale": 409,
    "not_found": 404,
    "wrong_role": 403,
    "out_of_scope": 403,
    "same_person": 403,
    "same_organisation": 403,
    "other_organisation": 403,
    "missing_scope": 403,
}
TITLES: dict[int, Text] = {
    400: Text("请求有误", "The request cannot be understood"),
    401: Text("密钥无效、已过期或已停用", "The key is unknown, expired or revoked"),
    403: Text("不允许", "Not allowed"),
    404: Text("没有这一项，或不向您开放", "There is no such thing, or it is not open to you"),
    405: Text("此处不接受这种请求", "This method is not accepted here"),
    409: Text("内容已有变动", "It changed in the meantime"),
    415: Text("内容类型不符", "This content type is not accepted"),
    422: Text("内容不符合要求", "The content does not fit"),
    429: Text("请求过多", "Too many requests"),
    500: Text("系统出错，已记录", "Something went wrong on our side; it was recorded"),
}


class FaultOut(Schema):
    """One fault of an upload."""

    code: str
    file: str
    row: int
    column: str
    seen: str
    message: str
    fix: str


class Problem(Schema):
    """What went wrong."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    faults: list[FaultOut] = []


def language(request: HttpRequest) -> Lang:
    """Return the caller's language."""
    return "zh" if str(getattr(request, "LANGUAGE_CODE", "zh")).startswith("zh") else "en"


def problem(
    request: HttpRequest,
    status: int,
    *,
    code: str = "",
    detail: str = "",
    faults: Sequence[Fault] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return a problem as an answer."""
    lang = language(request)
    name = code or {404: "not_found", 429: "too_many"}.get(status, "error")
    title = TITLES.get(status, TITLES[400]).within(lang)
    body = {
        "type": f"urn:biaochi:problem:{name}",
        "title": title,
        "status": status,
        "detail": detail or title,
        "code": name,
        "faults": [f.to_dict(lang) for f in faults],
    }
    return HttpResponse(
        json.dumps(body, ensure_ascii=False), content_type=PROBLEM_JSON, status=status, headers=dict(headers or {})
    )


def of_refusal(request: HttpRequest, error: RefusedError) -> HttpResponse:
    """Return a refusal as a problem; its code chooses the status."""
    detail = error.text.within(language(request))
    return problem(request, _STATUS.get(error.code, 422), code=error.code, detail=detail)
