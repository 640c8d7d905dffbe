"""Administrative regions by GB/T 2260 code: two digits for the province, two for the city, two for the county."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from biaochi.core.text import Text

NATION = "100000"


class RegionLevel(StrEnum):
    """The four levels a code may name."""

    NATION = "national"
    PROVINCE = "province"
    CITY = "city"
    DISTRICT = "district"


@dataclass(frozen=True, slots=True)
class Region:
    """A region with its code and names."""

    code: str
    name: Text

    def __post_init__(self) -> None:
        region_level(self.code)

    @property
    def level(self) -> RegionLevel:
        """The level its code names."""
        return region_level(self.code)

    @property
    def parent(self) -> str:
        """Code of the region above; empty for the nation."""
        return region_parent(self.code)


def region_level(code: str) -> RegionLevel:
    """Return the level of a code, or raise ``ValueError``.

    Examples
    --------
    >>> region_level("330000").value, region_level("330100").value
    ('province', 'city')
    """
    if len(code) != 6 or not code.isdigit() or code[0] == "0":
        raise ValueError(f"not a GB/T 2260 code (six digits): {code!r}")
    if code == NATION:
        return RegionLevel.NATION
    if code.endswith("0000"):
        return RegionLevel.PROVINCE
    return RegionLevel.CITY if code.endswith("00") else RegionLevel.DISTRICT


def region_parent(code: str) -> str:
    """Return the code of the region above; empty for the nation."""
    level = region_level(code)
    if level is RegionLevel.NATION:
        return ""
    if level is RegionLevel.PROVINCE:
        return NATION
    return f"{code[:2]}0000" if level is RegionLevel.CITY else f"{code[:4]}00"


def region_within(code: str, outer: str) -> bool:
    """Whether a region is another or lies inside it.

    Examples
    --------
    >>> region_within("330106", "330000"), region_within("330000", "330100")
    (True, False)
    """
    while code:
        if code == outer:
            return True
        code = region_parent(code)
    return False
