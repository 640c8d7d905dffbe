"""Treat outliers: winsorise, then transform what is still skewed; every changed cell is recorded."""

from biaochi.methods.composite.treat.moments import passes, shape_moments
from biaochi.methods.composite.treat.treatment import Treatment, apply_treatment, learn_treatment

__all__ = ["Treatment", "apply_treatment", "learn_treatment", "passes", "shape_moments"]
