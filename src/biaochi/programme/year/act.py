"""One act: a person of a role sends a form, opens a page, or a firm's machine posts to the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from biaochi.core.roles import Role

Form = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that goes with a form."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Act:
    """What a person does at an instant, by the same pages as everybody.

    Parameters
    ----------
    at : datetime
        When.
    role, number : Role, int
        Who: the n-th person of a role.
    address : str
        The page; ``{name}`` stands for what an earlier act kept under that name, in the fields as well.
    fields : mapping or None
        The form that is sent; ``None`` opens the page.  A form with ``move`` is a move of the object at the address.
    files : mapping
        Files sent with it.
    rows : tuple of mapping
        Readings posted to the API instead of a form, with the key kept as ``key``.
    keeps : str
        Name under which what comes back is kept.
    pattern : str
        Regular expression whose first group is what is kept; empty keeps the identifier of the page one is sent to.
    key : str
        Name of the kept API key.
    """

    at: datetime
    role: Role
    address: str
    fields: Form | None = None
    files: Mapping[str, Upload] = field(default_factory=dict)
    rows: tuple[Mapping[str, object], ...] = ()
    number: int = 1
    keeps: str = ""
    pattern: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """A mechanism opens with what it ships for a demonstration (real facts where there are some)."""

    at: datetime
    mechanism: str
