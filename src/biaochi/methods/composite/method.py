"""The method as users hold it: steps that can be fitted on a dataset."""

from __future__ import annotations

from dataclasses import dataclass

from biaochi.methods.composite.dataset import Dataset
from biaochi.methods.composite.pipeline import Fitted, fit
from biaochi.methods.composite.steps import Steps


@dataclass(frozen=True)
class Method(Steps):
    """An ordered, validated list of steps; see :class:`Steps` for its form.

    Examples
    --------
    >>> Method.from_steps([{"normalise": "minmax"}, {"aggregate": "arithmetic"}]).has("treat")
    False
    """

    def fit(self, dataset: Dataset) -> Fitted:
        """Learn caps, scales and weights on the base rows of a dataset; apply them with ``.transform(dataset)``."""
        return fit(self, dataset)
