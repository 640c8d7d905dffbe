"""Finding things: every object's words are kept in one table; whether a hit is shown is asked of its own rule.

Chinese words are also found by the initials of their pinyin.  The initials come from the order of the first-level
characters of GB 2312, which is the order of their sounds; rarer characters have none.
"""

from __future__ import annotations

from bisect import bisect_right

from django.db.models import Q

from biaochi.core.roles import Actor
from biaochi.registry.models.governed import Governed, governed_models
from biaochi.registry.models.work import SearchEntry

# First code of each initial among the first-level characters of GB 2312-1980 (they are sorted by pinyin).
_STARTS = (
    0xB0A1, 0xB0C5, 0xB2C1, 0xB4EE, 0xB6EA, 0xB7A2, 0xB8C1, 0xB9FE, 0xBBF7, 0xBFA6, 0xC0AC, 0xC2E8, 0xC4C3,
    0xC5B6, 0xC5BE, 0xC6DA, 0xC8BB, 0xC8F6, 0xCBFA, 0xCDDA, 0xCEF4, 0xD1B9, 0xD4D1,
)  # fmt: skip
_INITIALS = "abcdefghjklmnopqrstwxyz"
_END = 0xD7F9


def initials(text: str) -> str:
    """Return the pinyin initials of a text; Latin letters and digits stay, everything else falls away.

    Examples
    --------
    >>> initials("量子科技 6G")
    'lzkj6g'
    """
    return "".join(_initial(c) for c in text)


def _initial(character: str) -> str:
    if character.isascii():
        return character.lower() if character.isalnum() else ""
    try:
        code = int.from_bytes(character.encode("gb2312"), "big")
    except UnicodeEncodeError:
        return ""
    if not _STARTS[0] <= code <= _END:
        return ""
    return _INITIALS[bisect_right(_STARTS, code) - 1]


def index(obj: Governed) -> None:
    """Keep the words of an object up to date."""
    words = [w for w in obj.search_words() if w]
    SearchEntry.objects.update_or_create(
        subject=obj.public_id,
        defaults={
            "label": obj._meta.label_lower,
            "words": "\n".join(words).casefold(),
            "initials": "\n".join(initials(w) for w in words),
        },
    )


def search(query: str, actor: Actor, limit: int = 60) -> list[Governed]:
    """Return what an actor may see of the objects whose words or pinyin initials contain the query."""
    needle = query.strip().casefold()
    if not needle:
        return []
    condition = Q(words__contains=needle)
    letters = "".join(c for c in needle if c.isalnum())
    if letters.isascii() and len(letters) >= 2:
        condition |= Q(initials__contains=letters)
    hits: dict[str, list[str]] = {}
    for subject, label in (
        SearchEntry.objects.filter(condition).order_by("-subject").values_list("subject", "label")[:2000]
    ):
        hits.setdefault(label, []).append(subject)
    found: list[Governed] = []
    for model in governed_models():
        subjects = hits.get(model._meta.label_lower)
        if subjects:
            rows = model._default_manager.filter(public_id__in=subjects).order_by("-public_id")
            found.extend(model.visible(actor, rows)[: limit - len(found)])
        if len(found) == limit:
            break
    return found
