"""Long computations of the fund, run as jobs and kept: rules in other worlds, and a review's packet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.utils import timezone

from biaochi.core.document import Grid, Paragraph, Section
from biaochi.core.figure import Figure
from biaochi.core.parameters import Snapshot
from biaochi.core.text import LANGS, Lang
from biaochi.exchange.jsonfile import jsonable
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms.fund.decisions import make_packet
from biaochi.mechanisms.fund.report import packet_records, sections, whatif_records
from biaochi.mechanisms.fund.report.figures import regrets
from biaochi.mechanisms.fund.web.models import Programme, Reading, Review
from biaochi.methods.allocation import DEFAULT_POLICIES, policy_named, whatif, worlds_of
from biaochi.methods.allocation import Programme as Model
from biaochi.registry.jobs import Progress

SHOWN = ("fund-beliefs", "fund-worlds", "fund-limits")
RUNS = 2_000
PATHS = 1_000
PACKAGE = "biaochi.mechanisms.fund"
WHATIF_JOB, PACKET_JOB = "fund.whatif", "fund.packet"


def rules() -> Snapshot:
    """Return the fund's parameters in force today."""
    return load_parameters(PACKAGE).at(timezone.localdate())


def whatif_content(programme: Model) -> dict[str, Any]:
    """Compare the rules in the worlds of a programme, at its own budget."""
    sizes = [r.prior.size for r in programme.routes]
    worlds = [w for w in worlds_of(programme).values() if not w.reverse or sizes == sizes[::-1]]
    found = whatif(programme, DEFAULT_POLICIES, worlds, [programme.budget], named=policy_named, n=RUNS, seed=0)
    figures = {lang: asdict(regrets(found, lang)) for lang in LANGS}
    return dict(jsonable({"records": whatif_records(found), "figure": figures}))


def packet_content(programme: Model) -> dict[str, Any]:
    """Make a review's packet: its records, and the sections the page shows in both languages."""
    made = make_packet(programme, (), at=timezone.localdate(), parameters=rules(), paths=PATHS)
    body: dict[str, Any] = {
        "records": packet_records(made),
        "sections": {lang: [_kept(s) for s in sections(made, lang) if s.key in SHOWN] for lang in LANGS},
    }
    return dict(jsonable(body))


def _kept(section: Section) -> dict[str, Any]:
    blocks = [{"kind": type(b).__name__.lower(), **asdict(b)} for b in section.blocks]
    return {"key": section.key, "heading": section.heading, "blocks": blocks}


def sections_of(content: Mapping[str, Any], lang: Lang) -> list[Section]:
    """Return a kept packet's sections as they were made."""
    return [Section(s["key"], s["heading"], tuple(_block(b) for b in s["blocks"])) for s in content["sections"][lang]]


def _block(kept: Mapping[str, Any]) -> Paragraph | Grid | Figure:
    plain = {k: v for k, v in kept.items() if k != "kind"}
    if kept["kind"] == "paragraph":
        return Paragraph(**plain)
    plain["rows"] = tuple(plain["rows"])
    return Grid(**plain) if kept["kind"] == "grid" else Figure(**plain)


def figure_of(content: Mapping[str, Any], lang: Lang) -> Figure:
    """Return the kept figure of a comparison of rules."""
    kept = dict(content["figure"][lang])
    return Figure(**{**kept, "rows": tuple(kept["rows"])})


def run_whatif(progress: Progress, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Compare rules for a programme, as a job."""
    programme = Programme.objects.get(public_id=arguments["programme"])
    if Reading.kept("whatif", programme.basis) is None:
        keep("whatif", programme.basis, whatif_content(programme.programme()))
    return {"programme": programme.public_id}


def run_packet(progress: Progress, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Make the packet of a review, as a job."""
    review = Review.objects.get(public_id=arguments["review"])
    if Reading.kept("packet", review.basis) is None:
        keep("packet", review.basis, packet_content(review.model()))
    return {"review": review.public_id}


def keep(kind: str, basis: str, content: Mapping[str, Any]) -> None:
    """Keep a result under its basis."""
    Reading.objects.get_or_create(kind=kind, basis=basis, defaults={"content": dict(content)})


def packet_of(review: Review) -> Any:
    """Return the kept packet of a review, or ``None`` while it is being made."""
    return Reading.kept("packet", review.basis)
