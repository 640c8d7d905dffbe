"""Reading what fairness needs: texts, facts, claims, registers; the shipped pack and clauses; the yearly part."""

from biaochi.mechanisms.fairness.files.documents import document_text
from biaochi.mechanisms.fairness.files.facts import read_claims, read_facts, with_market, with_registry
from biaochi.mechanisms.fairness.files.inputs import (
    How,
    Reviewed,
    Segmentation,
    clauses_of,
    read_entries,
    review_entries,
)
from biaochi.mechanisms.fairness.files.part import read_part
from biaochi.mechanisms.fairness.files.records import Entry, read_records
from biaochi.mechanisms.fairness.files.shipped import (
    LABELLED_ON,
    labelled,
    rules_on,
    shipped_clauses,
    shipped_measures,
    shipped_pack,
    shipped_reranker,
)

__all__ = [
    "LABELLED_ON",
    "Entry",
    "How",
    "Reviewed",
    "Segmentation",
    "clauses_of",
    "document_text",
    "labelled",
    "read_claims",
    "read_entries",
    "read_facts",
    "read_part",
    "read_records",
    "review_entries",
    "rules_on",
    "shipped_clauses",
    "shipped_measures",
    "shipped_pack",
    "shipped_reranker",
    "with_market",
    "with_registry",
]
