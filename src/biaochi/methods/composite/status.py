"""The status of a cell, as text in files and as a number in arrays."""

STATUS = ("observed", "provisional", "imputed", "missing", "not_applicable", "too_early", "screened_out")
OBSERVED, PROVISIONAL, IMPUTED, MISSING, NOT_APPLICABLE, TOO_EARLY, SCREENED_OUT = range(7)
