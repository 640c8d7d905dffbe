"""A staged funding programme with correlated teams: what it is, without any rule for spending.

A route has a hidden class, its teams have classes that depend on it; a funded team pays the cost of its stage and
passes or misses; the last stage is reality, the others are reviews.  Everything else in this package reads this object.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from biaochi.core.text import Text
from biaochi.methods.allocation.histories import Graph, IntArray, Tables, build_graph, build_tables
from biaochi.methods.allocation.programme_json import parse_programme
from biaochi.methods.allocation.routes import FloatArray, Observation, Payoff, Route, World


@dataclass(frozen=True, eq=False)
class Programme:
    """A programme: stages, routes, money, payoff, and what was observed so far.

    Parameters
    ----------
    stages : tuple of str
        Stage codes, length S.
    routes : tuple of Route
        Independent unless ``factors`` mix them.
    rounds : int
        T.
    budget : float
        B, ``inf`` for none; total over all rounds, money already spent included.
    caps : tuple of float
        Cap of each round, ``inf`` for none.
    payoff : Payoff
        Kind, V and β.
    return_value, discount : float
        λ, what a unit of money is worth elsewhere; δ, discount factor of one round.
    factors : tuple of float
        p_f; a single 1 when the routes are independent.
    factor_priors : tuple of tuple of ndarray
        π_f,r[k] for each factor and route.
    observations : tuple of Observation
        Attempts made so far.
    elapsed : int
        Rounds that are over.

    Examples
    --------
    >>> p = Programme.from_tables([[.5, .5]], [[[1], [1]]], [[[[0], [.5]]]], [10], 1, [.9], B=30, T=3, V=100, lam=1)
    >>> p.rounds_left, p.left
    (3, 30.0)
    """

    stages: tuple[str, ...]
    routes: tuple[Route, ...]
    rounds: int
    budget: float
    caps: tuple[float, ...]
    payoff: Payoff
    return_value: float = 1.0
    discount: float = 1.0
    factors: tuple[float, ...] = (1.0,)
    factor_priors: tuple[tuple[FloatArray, ...], ...] = ()
    observations: tuple[Observation, ...] = ()
    elapsed: int = 0
    worlds: tuple[World, ...] = ()
    name: Text | None = None
    team_names: Mapping[str, Text] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.factor_priors:
            object.__setattr__(self, "factor_priors", (tuple(r.prior for r in self.routes),))

    @cached_property
    def graph(self) -> Graph:
        """Every history a team can have from now on; depends on no probability and no cost."""
        return build_graph(self.routes, self.observations, self.rounds_left)

    @cached_property
    def tables(self) -> Tables:
        """Costs, likelihoods and posteriors of every history."""
        return build_tables(self.graph, self.routes, self.factors, self.factor_priors)

    @property
    def rounds_left(self) -> int:
        """Rounds still to come."""
        return self.rounds - self.elapsed

    @cached_property
    def spent(self) -> float:
        """Money spent on the observed attempts."""
        return float(self.tables.spent[self.tables.start].sum())

    @property
    def left(self) -> float:
        """Money left, ``inf`` when there is no budget."""
        return self.budget - self.spent

    def cap(self, t: int) -> float:
        """Return the cap of round t, counted from 0; 0 after the last round."""
        return self.caps[t] if t < self.rounds else 0.0

    @property
    def team_codes(self) -> tuple[str, ...]:
        """All team codes, route by route."""
        return tuple(team for route in self.routes for team in route.teams)

    def slot(self, team: str) -> tuple[int, int]:
        """Return (route index, team index) of a team code."""
        for r, route in enumerate(self.routes):
            if team in route.teams:
                return r, route.teams.index(team)
        raise KeyError(f"no team {team!r}")

    def with_model(
        self,
        routes: Sequence[Route] | None = None,
        *,
        factor_priors: tuple[tuple[FloatArray, ...], ...] | None = None,
    ) -> Programme:
        """Return the same programme under other probabilities or costs; histories keep their numbers."""
        changed = replace(
            self,
            routes=tuple(routes) if routes is not None else self.routes,
            factor_priors=self.factor_priors if factor_priors is None else factor_priors,
        )
        changed.__dict__["graph"] = self.graph
        return changed

    def at(self, t: int, code: IntArray) -> Programme:
        """Return the same programme as it stands at a round, each team at the node given; shape (R, M)."""
        graph, tables = replace(self.graph, start=code), replace(self.tables, start=code)
        moved = replace(self, elapsed=t)
        moved.__dict__.update(graph=graph, tables=tables)
        return moved

    def with_budget(self, budget: float) -> Programme:
        """Return the same programme with another total budget."""
        changed = replace(self, budget=budget)
        changed.__dict__["graph"] = self.graph
        changed.__dict__["tables"] = self.tables
        return changed

    @classmethod
    def from_tables(
        cls,
        pi: Sequence[ArrayLike],
        tau: Sequence[ArrayLike],
        q: Sequence[ArrayLike],
        cost: ArrayLike,
        nteams: int | Sequence[int],
        rho: ArrayLike = 1.0,
        B: float | None = None,
        T: int = 1,
        cap: Sequence[float | None] | None = None,
        V: float = 1.0,
        beta: float = 0.0,
        lam: float = 1.0,
        delta: float = 1.0,
    ) -> Self:
        """Build a coverage programme from arrays.

        Parameters
        ----------
        pi, tau, q : sequences, one entry a route
            π (K,), τ (K, J) and q (S, K, J); K and J may differ by route.
        cost : array_like of shape (S,) or (R, S)
            c.
        nteams : int or sequence of int
            Teams of each route.
        rho : float or array_like of shape (R,)
            ρ.
        B, T, cap, V, beta, lam, delta
            Budget, rounds, caps, V, β, λ, δ.
        """
        n = len(pi)
        counts = [nteams] * n if isinstance(nteams, int) else list(nteams)
        rhos = np.broadcast_to(np.asarray(rho, dtype=np.float64), (n,))
        passes = [np.asarray(table, dtype=np.float64) for table in q]
        stages = passes[0].shape[0]
        costs = np.broadcast_to(np.asarray(cost, dtype=np.float64), (n, stages))
        names = [_letters(r) for r in range(n)]
        routes = tuple(
            Route(
                names[r],
                np.asarray(pi[r], dtype=np.float64),
                np.asarray(tau[r], dtype=np.float64),
                tuple(np.stack([1 - stage, stage]) for stage in passes[r]),
                (1,) * stages,
                costs[r],
                float(rhos[r]),
                tuple(f"{names[r]}-{i + 1}" for i in range(counts[r])),
                (None,) * counts[r],
            )
            for r in range(n)
        )
        caps = tuple(np.inf if c is None else float(c) for c in (cap if cap is not None else [None] * T))
        budget = np.inf if B is None else float(B)
        stage_codes = tuple(f"s{s + 1}" for s in range(stages))
        return cls(stage_codes, routes, T, budget, caps, Payoff("coverage", V, beta), lam, delta)

    @classmethod
    def from_json(cls, data: object, *, file: str = "") -> Programme:
        """Read plain data of schema ``biaochi.fund.programme/1``.

        Raises
        ------
        InputError
            With every fault found, each with the path of the key and the value seen.
        """
        return cls(**parse_programme(data, file))


def _letters(index: int) -> str:
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(97 + rest) + text
    return text
