"""Every file of a programme folder with its digest, and the head of a ledger that lies beside it."""

from __future__ import annotations

from dataclasses import dataclass

from biaochi.core.ledger import parse_line, verify_chain
from biaochi.exchange.source import Source
from biaochi.programme.folder import ProgrammeFolder


@dataclass(frozen=True, slots=True)
class InputRecord:
    """One input file of the turn; ``rows`` counts the data lines of a table, 0 for anything else."""

    name: str
    sha256: str
    rows: int
    ledger_head: str = ""

    def to_dict(self) -> dict[str, str | int]:
        """Return the record every result's ``inputs`` holds."""
        return {"name": self.name, "sha256": self.sha256, "rows": self.rows}


def inputs_of(folder: ProgrammeFolder) -> tuple[InputRecord, ...]:
    """Return every file below the folder, ordered by its path, hidden files left out."""
    found = []
    for path in sorted(folder.path.rglob("*")):
        relative = path.relative_to(folder.path)
        if path.is_dir() or any(part.startswith(".") for part in relative.parts):
            continue
        source = Source.read(path)
        rows = max(source.data.count(b"\n") - 1, 0) if path.suffix == ".csv" else 0
        head = _ledger_head(source) if path.name == "ledger.jsonl" else ""
        found.append(InputRecord(relative.as_posix(), source.sha256, rows, head))
    return tuple(found)


def _ledger_head(source: Source) -> str:
    try:
        lines = [parse_line(line) for line in source.text().splitlines() if line.strip()]
    except ValueError:
        return ""
    found = verify_chain(lines)
    return found.head if found.intact else ""
