"""The framework editor: a draft changed node by node, by its weights or by its text; nothing faulty is kept."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from biaochi.core.errors import Fault, InputError
from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.mechanisms.ruler.files import FIELDS, node_fields, with_fields
from biaochi.mechanisms.ruler.web import words
from biaochi.mechanisms.ruler.web.acts import edit
from biaochi.mechanisms.ruler.web.checking import read_tree
from biaochi.mechanisms.ruler.web.models import Framework
from biaochi.registry.acting import acting, page_language

MOST_TEXT = 1_000_000


class FrameworkEditor(View):
    """Change a draft; what is adopted never changes."""

    def get(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Show the nodes and the text."""
        framework = _draft(request, public_id)
        return _page(request, framework, framework.document, (), 200)

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Check the change; keep it when it is clean and not only a check was asked for."""
        framework = _draft(request, public_id)
        try:
            document = _changed(framework.document, request.POST)
        except InputError as error:
            return _page(request, framework, framework.document, error.faults, 422)
        _, faults = read_tree(document)
        if faults:
            return _page(request, framework, document, faults, 422)
        if request.POST.get("act") == "check" or document == framework.document:
            return _page(request, framework, document, (), 200, checked=True)
        edit(framework, document, acting(request).actor, request.POST.get("reason", "")[:4000], timezone.now())
        return HttpResponseRedirect(framework.get_absolute_url())


def _draft(request: HttpRequest, public_id: str) -> Framework:
    actor = acting(request).actor
    rows = Framework.visible(actor, Framework.objects.filter(Framework.scope_of(actor), public_id=public_id))
    framework = rows.first()
    if framework is None:
        raise Http404
    if actor.role is not Role.OFFICER or framework.state != "draft":
        raise PermissionDenied
    return framework


def _changed(document: str, data: QueryDict) -> str:
    """Return the file as the form says it should be: its text, its weights, or one node of it."""
    if data.get("by") == "text":
        return data.get("document", "")[:MOST_TEXT].replace("\r\n", "\n")
    lines = [line | {"was": line["code"]} for line in node_fields(document)]
    if data.get("by") == "weights":
        return with_fields(document, [line | {"weight": data.get(f"w-{line['code']}", "")} for line in lines])
    line = {field: data.get(field, "") for field in FIELDS} | {"was": data.get("was", "")}
    if not line["code"].strip():
        return document
    if not line["was"]:
        return with_fields(document, [*lines, line])
    kept = [line if old["code"] == line["was"] else old for old in lines]
    if data.get("gone"):
        kept = [old for old in lines if old["code"] != line["was"]]
    return with_fields(document, kept)


def _page(
    request: HttpRequest,
    framework: Framework,
    document: str,
    faults: Sequence[Fault],
    status: int,
    *,
    checked: bool = False,
) -> HttpResponse:
    lang = page_language(request)
    try:
        lines: list[dict[str, str]] = node_fields(document)
    except InputError:
        lines = node_fields(framework.document)
    parents = {line["parent"] for line in lines}
    answer = Text(
        f"有 {len(faults)} 处错误，没有保存" if faults else "没有错误" if checked else "改指标、权重与来源",
        f"{len(faults)} faults; nothing was kept" if faults else "No fault found" if checked else "Change the tree",
    )
    chosen = request.POST.get("was") or request.GET.get("node", "")
    own = next((line for line in lines if line["code"] == chosen), None)
    if faults and request.POST.get("by") == "node":
        own = {field: request.POST.get(field, "") for field in FIELDS}
    context = {
        "framework": framework,
        "rows": [{**line, "inner": line["code"] in parents} for line in lines],
        "node": own or dict.fromkeys(FIELDS, ""),
        "was": chosen if own is not None else "",
        "inner": chosen in parents,
        "document": document,
        "faults": [f.line(lang) for f in faults],
        "answer": answer.within(lang),
        "polarities": [(code, text.within(lang)) for code, text in words.POLARITY.items()],
    }
    return render(request, "ruler/editor.html", context, status=status)
