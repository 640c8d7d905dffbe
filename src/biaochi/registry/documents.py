"""Files beside an object: few kinds, checked by their first bytes, stored under a random name, served as attachment."""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import zipfile
from pathlib import Path, PurePath
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from biaochi.core.errors import Fault, InputError
from biaochi.core.roles import Actor
from biaochi.core.text import Text
from biaochi.registry.models.governed import Governed, governed_models
from biaochi.registry.models.people import Person
from biaochi.registry.models.work import Document

MAX_BYTES = 25 * 1024 * 1024
KINDS: dict[str, tuple[bytes, ...]] = {
    "pdf": (b"%PDF-",),
    "docx": (b"PK\x03\x04",),
    "xlsx": (b"PK\x03\x04",),
    "csv": (),
    "txt": (),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
}
_INSIDE = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}


def keep(upload: UploadedFile[Any], subject: str, person: Person, visibility: str) -> Document:
    """Check a file and keep it; raise :class:`InputError` saying what is wrong with it."""
    name = PurePath(str(upload.name).replace("\\", "/")).name[-160:] or "file"
    kind = name.rsplit(".", 1)[-1].lower().replace("jpeg", "jpg") if "." in name else ""
    data = _read(upload, name)
    problem = _problem(kind, data)
    if problem is not None:
        code, message, fix = problem
        raise InputError([Fault(code, message, fix, file=name, seen=kind)])
    stored = secrets.token_hex(20)
    folder = Path(settings.DOCUMENT_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(folder / stored, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    shown_to = visibility if visibility in Document.Visibility.values else Document.Visibility.INTERNAL
    return Document.objects.create(
        subject=subject,
        name=name,
        kind=kind,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        stored_as=stored,
        visibility=shown_to,
        uploaded_by=person,
    )


def _read(upload: UploadedFile[Any], name: str) -> bytes:
    if upload.size is None or upload.size > MAX_BYTES:
        raise InputError(
            [
                Fault(
                    "file_too_large",
                    Text("文件过大", "the file is too large"),
                    Text("最大 25 MB", "at most 25 MB"),
                    file=name,
                    seen=str(upload.size),
                )
            ]
        )
    data: bytes = upload.read()
    return data


def _problem(kind: str, data: bytes) -> tuple[str, Text, Text] | None:
    allowed = "、".join(KINDS)
    if kind not in KINDS:
        return (
            "kind_refused",
            Text("这种文件不予接收", "this kind of file is not accepted"),
            Text(f"可接收：{allowed}", f"accepted: {', '.join(KINDS)}"),
        )
    if not data:
        return ("empty_file", Text("文件是空的", "the file is empty"), Text("请核对", "check it"))
    starts = KINDS[kind]
    if (starts and not data.startswith(starts)) or (not starts and b"\x00" in data[:4096]):
        return (
            "signature_differs",
            Text("文件内容与扩展名不符", "the content is not what the name says"),
            Text("请用原来的程序另存", "save it again with its own program"),
        )
    return _office_problem(kind, data) if kind in _INSIDE else None


def _office_problem(kind: str, data: bytes) -> tuple[str, Text, Text] | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [n.lower() for n in archive.namelist()]
            unpacked = sum(i.file_size for i in archive.infolist())
    except zipfile.BadZipFile:
        names, unpacked = [], 0
    if any(n.endswith("vbaproject.bin") or "/activex/" in n or "/embeddings/" in n for n in names):
        return (
            "macro_refused",
            Text("带宏或嵌入对象的文件不予接收", "files with macros or embedded objects are not accepted"),
            Text("请去掉后另存", "remove them and save again"),
        )
    if _INSIDE[kind] not in names or unpacked > 512 * 1024 * 1024:
        return (
            "signature_differs",
            Text("文件内容与扩展名不符", "the content is not what the name says"),
            Text("请用原来的程序另存", "save it again with its own program"),
        )
    return None


def find(public_id: str, actor: Actor) -> Document | None:
    """Return a document the actor may read, or ``None``."""
    document = Document.objects.filter(public_id=public_id).first()
    if document is None:
        return None
    obj = find_object(document.subject, actor)
    if obj is None:
        return None
    if document.visibility == Document.Visibility.PUBLIC or obj.seen_from_inside(actor):
        return document
    own = obj.organisation is not None and obj.organisation.public_id == actor.organisation
    return document if own else None


def find_object(public_id: str, actor: Actor) -> Any | None:
    """Return the object with a public identifier, if the actor may see it."""
    prefix = public_id.rsplit("-", 1)[0]
    candidates: list[type[Governed]] = [m for m in governed_models() if m.prefix == prefix]
    for model in candidates:
        found = model.visible(actor, model._default_manager.filter(public_id=public_id)).first()
        if found is not None:
            return found
    return None
