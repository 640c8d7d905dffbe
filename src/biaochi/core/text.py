"""Text that exists in both languages of the platform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Text:
    """One statement in Chinese and in English.

    Parameters
    ----------
    zh, en : str
        The statement in each language; neither may be empty.

    Examples
    --------
    >>> Text("标尺", "ruler").within("en")
    'ruler'
    """

    zh: str
    en: str

    def __post_init__(self) -> None:
        if not self.zh or not self.en:
            raise ValueError(f"a text needs both languages, seen zh={self.zh!r}, en={self.en!r}")

    def within(self, lang: Lang) -> str:
        """Return the statement in one language."""
        return self.zh if lang == "zh" else self.en

    def format(self, **values: object) -> Text:
        """Fill the same named values into both languages."""
        return Text(self.zh.format(**values), self.en.format(**values))

    def to_dict(self) -> dict[str, str]:
        """Return ``{"zh": …, "en": …}``."""
        return {"zh": self.zh, "en": self.en}

    @classmethod
    def from_mapping(cls, value: Mapping[str, str]) -> Self:
        """Read ``{"zh": …, "en": …}``; a single language serves for both."""
        zh, en = value.get("zh", ""), value.get("en", "")
        return cls(zh or en, en or zh)

    @classmethod
    def same(cls, value: str) -> Self:
        """Return a text that reads the same in both languages, such as a code or a proper name."""
        return cls(value, value)
