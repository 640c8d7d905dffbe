"""Results of guidance funds as records, figures and text."""

from biaochi.mechanisms.capital.report.document import findings, results, sections
from biaochi.mechanisms.capital.report.records import cashflow_records, terms_records, waterfall_records

__all__ = ["cashflow_records", "findings", "results", "sections", "terms_records", "waterfall_records"]
