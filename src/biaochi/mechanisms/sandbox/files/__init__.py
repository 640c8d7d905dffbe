"""Reading the sandbox's files, for the command line, the site and the yearly report; and its evidence bundles."""

from biaochi.mechanisms.sandbox.files.bundle import (
    DOES_NOT_ESTABLISH,
    Check,
    build_bundle,
    packed,
    read_ledger,
    verify_bundle,
)
from biaochi.mechanisms.sandbox.files.cases import CaseFile, read_cases
from biaochi.mechanisms.sandbox.files.guardrails import NamedRule, read_guardrails
from biaochi.mechanisms.sandbox.files.part import read_part
from biaochi.mechanisms.sandbox.files.posted import NO_STORED, TOO_MANY, Posted, Sent, read_sent, settle_sent
from biaochi.mechanisms.sandbox.files.readings import (
    INCIDENT_COLUMNS,
    READING_COLUMNS,
    STREAM_COLUMNS,
    Readings,
    arranged,
    check_stream,
    read_incidents,
    read_readings,
    read_streams,
)
from biaochi.mechanisms.sandbox.files.vouchers import (
    AFFILIATION_COLUMNS,
    CLAIM_COLUMNS,
    read_affiliations,
    read_claims,
    read_scheme,
)

__all__ = [
    "AFFILIATION_COLUMNS",
    "CLAIM_COLUMNS",
    "DOES_NOT_ESTABLISH",
    "INCIDENT_COLUMNS",
    "NO_STORED",
    "READING_COLUMNS",
    "STREAM_COLUMNS",
    "TOO_MANY",
    "CaseFile",
    "Check",
    "NamedRule",
    "Posted",
    "Readings",
    "Sent",
    "arranged",
    "build_bundle",
    "check_stream",
    "packed",
    "read_affiliations",
    "read_cases",
    "read_claims",
    "read_guardrails",
    "read_incidents",
    "read_ledger",
    "read_part",
    "read_readings",
    "read_scheme",
    "read_sent",
    "read_streams",
    "settle_sent",
    "verify_bundle",
]
