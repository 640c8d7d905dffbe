"""A purchase as open data (OCDS 1.1.5), back again, and the compiled release of several."""

from biaochi.mechanisms.procurement.decisions.compiled import compile_releases, record_package
from biaochi.mechanisms.procurement.report.ocds.export import EXTENSIONS, release_package
from biaochi.mechanisms.procurement.report.ocds.read_back import offers_table, purchase_of, tables_of_releases

__all__ = [
    "EXTENSIONS",
    "compile_releases",
    "offers_table",
    "purchase_of",
    "record_package",
    "release_package",
    "tables_of_releases",
]
