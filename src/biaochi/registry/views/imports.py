"""The import page: a table is checked whole; nothing is stored until it is clean, or the clean rows are accepted."""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import View

from biaochi.core.errors import Fault, InputError, RefusedError
from biaochi.exchange.source import Source
from biaochi.exchange.tables import read_rows
from biaochi.registry.acting import acting, page_language
from biaochi.registry.importing import KIND_TEXT, Checked, Importer, check, corrected_copy, template
from biaochi.registry.views.lists import XLSX

MAX_BYTES = 20 * 1024 * 1024
KEPT_SECONDS = 3600
_SALT = "biaochi.upload"
SHOWN_FAULTS = 500


class ImportView(View):
    """Template to download, file to upload, all faults, corrected copy, acceptance of the clean rows.

    Attributes
    ----------
    importer : Importer
        The table; ``ImportView.of(importer)`` makes its view.
    """

    importer: ClassVar[Importer]
    template_name: ClassVar[str] = "registry/import.html"

    @classmethod
    def of(cls, importer: Importer) -> Callable[..., HttpResponseBase]:
        """Return the view of one importer."""
        view: type[ImportView] = type(cls.__name__, (cls,), {"importer": importer})
        return view.as_view()

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Show the page, or give the template."""
        self._may(request)
        if request.GET.get("template") == "xlsx":
            content = template(self.importer.columns, page_language(request))
            return _attachment(content, f"{self.importer.code}-template.xlsx")
        return self._page(request)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Check an upload; or act on one checked before."""
        self._may(request)
        if "token" in request.POST:
            return self._again(request, request.POST["token"])
        upload = request.FILES.get("file")
        if upload is None:
            return self._page(request, problem=_("Choose a file first."), status=422)
        if upload.size is None or upload.size > MAX_BYTES:
            return self._page(request, problem=_("The file is larger than 20 MB; split it."), status=422)
        source = Source(_file_name(str(upload.name)), upload.read())
        checked = check(self.importer, source, acting(request).actor)
        if checked.faults:
            return self._page(request, checked=checked, source=source, token=_stage(source, request), status=422)
        return self._store(request, checked, source)

    def _again(self, request: HttpRequest, token: str) -> HttpResponseBase:
        source = _staged(token, request)
        if source is None:
            return self._page(request, problem=_("The upload is no longer kept; choose the file again."), status=422)
        checked = check(self.importer, source, acting(request).actor)
        if "corrected" in request.POST:
            content = corrected_copy(_rows(source), checked.faults, page_language(request))
            return _attachment(content, f"{Path(source.name).stem}-corrected.xlsx")
        if "accept" in request.POST and self.importer.partial and len(checked.clean):
            return self._store(request, Checked(checked.clean, ()), source)
        return self._page(request, checked=checked, source=source, token=token, status=422)

    def _store(self, request: HttpRequest, checked: Checked, source: Source) -> HttpResponseBase:
        actor = acting(request).actor
        try:
            with transaction.atomic():
                address = self.importer.store(checked.frame, source, actor)
        except InputError as error:
            again = Checked(checked.frame, error.faults)
            return self._page(request, checked=again, source=source, token=_stage(source, request), status=422)
        except RefusedError as error:
            return self._page(request, problem=error.text.within(page_language(request)), status=422)
        messages.success(
            request, _("Stored: %(rows)s rows of %(name)s.") % {"rows": len(checked.frame), "name": source.name}
        )
        return HttpResponseRedirect(address)

    def _may(self, request: HttpRequest) -> None:
        if acting(request).role not in self.importer.roles:
            raise PermissionDenied

    def _page(
        self,
        request: HttpRequest,
        *,
        checked: Checked | None = None,
        source: Source | None = None,
        token: str = "",
        problem: str = "",
        status: int = 200,
    ) -> HttpResponse:
        faults: tuple[Fault, ...] = checked.faults if checked else ()
        context = {
            "view": self,
            "importer": self.importer,
            "heading": self.importer.title,
            "faults": faults[:SHOWN_FAULTS],
            "fault_count": len(faults),
            "faulty_rows": len({f.row for f in faults}),
            "clean_rows": len(checked.clean) if checked else 0,
            "rows": len(checked.frame) if checked else 0,
            "source": source,
            "token": token,
            "problem": problem,
            "columns": [(c, KIND_TEXT[c.kind]) for c in self.importer.columns],
        }
        return render(request, self.template_name, context, status=status)


def _file_name(name: str) -> str:
    return re.sub(r"[^\w.\- ]", "_", name.replace("\\", "/").rsplit("/", 1)[-1])[-120:] or "table"


def _folder() -> Path:
    folder = Path(settings.DATA) / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _stage(source: Source, request: HttpRequest) -> str:
    """Keep an upload for an hour, for its own uploader only; older ones are removed."""
    folder = _folder()
    for old in folder.iterdir():
        if time.time() - old.stat().st_mtime > KEPT_SECONDS:
            old.unlink(missing_ok=True)
    name = secrets.token_hex(16)
    with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(source.data)
    return signing.dumps([name, source.name, acting(request).actor.person], salt=_SALT)


def _staged(token: str, request: HttpRequest) -> Source | None:
    try:
        name, shown, person = signing.loads(token, salt=_SALT, max_age=KEPT_SECONDS)
    except (signing.BadSignature, ValueError):
        return None
    if person != acting(request).actor.person:
        return None
    try:
        return Source(shown, (_folder() / name).read_bytes())
    except OSError:
        return None


def _rows(source: Source) -> list[list[str]]:
    try:
        return read_rows(source)
    except InputError:
        return []


def _attachment(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=XLSX,
        headers={
            "Content-Disposition": f'attachment; filename="{name.encode("ascii", "ignore").decode() or "table.xlsx"}"'
        },
    )
