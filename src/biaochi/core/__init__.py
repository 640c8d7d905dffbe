"""Words every floor shares: decisions with reasons, verdicts, dated parameters, workflows, evidence, intervals.

Pure Python: no Django, no pandas, no input or output.
"""
