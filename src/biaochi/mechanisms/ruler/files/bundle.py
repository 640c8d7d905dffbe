"""The bundle of a published index: the files every number rests on, the numbers, and their digests.

Who downloads it rebuilds every published number in three lines::

    from biaochi.mechanisms.ruler.files import rebuild
    index = rebuild("biaochi-ruler.zip")
    print(index.scores, index.card()["framework"]["digest"])

``rebuild`` raises when a digest differs or a number comes out otherwise.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from biaochi.core.canonical import digest
from biaochi.core.errors import Fault, InputError
from biaochi.core.text import Text
from biaochi.exchange.faults import unreadable
from biaochi.exchange.jsonfile import to_json
from biaochi.exchange.source import Source
from biaochi.exchange.tables import to_csv
from biaochi.mechanisms.ruler.files.reading import load
from biaochi.methods.composite import Composite

NAMES = ("framework.yaml", "observations.csv", "units.csv", "bands.yaml")
SCORES, CARD = "scores.csv", "card.json"
MAX_BYTES = 256 * 1024 * 1024
TIGHT = 1e-9
_EPOCH = (1980, 1, 1, 0, 0, 0)
_WORDS = {
    "digest_differs": (
        Text("摘要与方法卡所记不符", "the digest is not the one the card states"),
        Text("请重新下载，或核对是否改动过", "download it again, or see whether it was changed"),
    ),
    "number_differs": (
        Text("重算所得与发布的数不同", "the number comes out otherwise than published"),
        Text("请核对文件与软件版本", "check the files and the version of the software"),
    ),
}


@dataclass(frozen=True)
class Bundle:
    """The files a published index rests on, and the day up to which data are taken as known."""

    framework: Source
    observations: Source
    units: Source | None = None
    bands: Source | None = None
    as_of: date | None = None

    @property
    def sources(self) -> tuple[Source, ...]:
        """The files that are there."""
        found = (self.framework, self.observations, self.units, self.bands)
        return tuple(s for s in found if s is not None)

    @property
    def basis(self) -> str:
        """Digest of the files and the day; a number is the same wherever the basis is."""
        day = self.as_of.isoformat() if self.as_of else ""
        return digest([[s.name, s.sha256] for s in self.sources] + [["as_of", day]])

    def composite(self) -> Composite:
        """Return the index by these files; raise every fault."""
        found = load(
            self.framework, self.observations, units=self.units, bands=self.bands, at=self.as_of, as_of=self.as_of
        )
        _, dataset, method = found.sound()
        return method.fit(dataset).transform(dataset)

    def to_zip(self, composite: Composite) -> bytes:
        """Return files, scores and card as an archive with fixed dates, so that equal content has equal bytes."""
        card = {
            **composite.card(),
            "as_of": self.as_of,
            "basis": self.basis,
            "inputs": [{"name": s.name, "sha256": s.sha256} for s in self.sources],
        }
        members = [(s.name, s.data) for s in self.sources]
        members += [(SCORES, to_csv(composite.scores).encode()), (CARD, to_json(card).encode())]
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in members:
                archive.writestr(zipfile.ZipInfo(name, _EPOCH), data)
        return stream.getvalue()


def rebuild(path: str | Path | Source) -> Composite:
    """Rebuild an index from its bundle, and hold it against what was published.

    Raises
    ------
    InputError
        ``digest_differs`` for every file, framework or method that is not the one the card states;
        ``number_differs`` for scores that come out otherwise (beyond 1e-9).
    """
    source = path if isinstance(path, Source) else Source.read(path)
    files, published, card = _unpack(source)
    faults = [
        _fault("digest_differs", source.name, line["name"], seen=_digest_of(files, line["name"]))
        for line in card.get("inputs", [])
        if _digest_of(files, line["name"]) != line["sha256"]
    ]
    if faults:
        raise InputError(faults)
    composite = files.composite()
    own = composite.card()
    for key in ("framework", "method"):
        if own[key]["digest"] != card[key]["digest"]:
            faults.append(_fault("digest_differs", source.name, key, seen=own[key]["digest"]))
    faults += _differences(composite.scores, published, source.name)
    if faults:
        raise InputError(faults)
    return composite


def _unpack(source: Source) -> tuple[Bundle, pd.DataFrame, dict[str, Any]]:
    try:
        with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
            members = {i.filename: i for i in archive.infolist()}
            if any(i.file_size > MAX_BYTES for i in members.values()):
                raise _no_bundle(source)
            held = {n: archive.read(n) for n in (*NAMES, SCORES, CARD) if n in members}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise _no_bundle(source) from error
    if not {"framework.yaml", "observations.csv", SCORES, CARD} <= set(held):
        raise _no_bundle(source)
    try:
        card = json.loads(held[CARD])
        as_of = date.fromisoformat(card["as_of"]) if card.get("as_of") else None
        published = pd.read_csv(io.BytesIO(held[SCORES]), dtype={"unit": str, "period": str, "node": str})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _no_bundle(source) from error
    parts = {n: Source(n, held[n]) if n in held else None for n in NAMES}
    framework, observations = parts["framework.yaml"], parts["observations.csv"]
    assert framework is not None
    assert observations is not None
    return Bundle(framework, observations, parts["units.csv"], parts["bands.yaml"], as_of), published, card


def _no_bundle(source: Source) -> InputError:
    return unreadable(
        source.name,
        Text("这不是标尺的数据包", "this is not a bundle of the ruler"),
        Text("请用方法卡页下载的 zip", "take the zip from the method card's page"),
        "not_a_bundle",
    )


def _digest_of(files: Bundle, name: str) -> str:
    return next((s.sha256 for s in files.sources if s.name == name), "")


def _fault(code: str, file: str, column: str, *, seen: object, row: int = 0) -> Fault:
    message, fix = _WORDS[code]
    return Fault(code, message, fix, file, row, column, str(seen))


def _differences(ours: pd.DataFrame, theirs: pd.DataFrame, file: str) -> list[Fault]:
    key = ["unit", "period", "node"]
    both = theirs.reset_index(names="line").merge(ours[[*key, "score"]], on=key, how="outer", suffixes=("", "_own"))
    a, b = both["score"].to_numpy(dtype=float), both["score_own"].to_numpy(dtype=float)
    same = np.isclose(a, b, rtol=TIGHT, atol=TIGHT, equal_nan=True) & both["line"].notna().to_numpy()
    return [
        _fault(
            "number_differs",
            f"{file}/{SCORES}",
            "score",
            seen=f"{line.unit}, {line.period}, {line.node}: {line.score_own}",
            row=0 if pd.isna(line.line) else int(line.line) + 2,
        )
        for line in both[~same].head(50).itertuples()
    ]
