"""A chart as data: a Vega-Lite specification without colours of its own, its sentence, and its numbers.

``report`` rooms return figures; :mod:`biaochi.exchange.charts` draws them for the page, for print and for Word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart in one language.

    Parameters
    ----------
    key : str
        Stable name, used in file names and addresses.
    title : str
        What is shown, for headings and lists.
    alternative : str
        One sentence computed from the numbers; caption and text alternative in one.
    spec : mapping
        Vega-Lite without ``config``; colours only where they mean something, as names from ``TOKENS``
        (see :mod:`biaochi.exchange.charts`), such as ``token:own`` or ``token:tier-1``.
    rows : tuple of mapping
        The numbers behind the marks, one record a row of the data table, keys as column labels.
    simulated : bool
        Whether the numbers are simulated; said wherever the figure is shown.
    """

    key: str
    title: str
    alternative: str
    spec: Mapping[str, object]
    rows: tuple[Mapping[str, object], ...] = field(default=())
    simulated: bool = False
