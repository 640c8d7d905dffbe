"""Policies to compare, as a file: ``schema: biaochi.simulate.policy/1, policies[…]``."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

SCHEMA = "biaochi.simulate.policy/1"


@dataclass(frozen=True, slots=True)
class Policy:
    """One way to run a programme.

    Parameters
    ----------
    code : str
        Its name.
    ruler : bool
        Whether regions see where they stand, and learn from the ledger each year.
    disclosure : bool
        Whether each region knows what the others declare before it chooses.
    routes : int
        Over how many technical routes the fund spreads its teams.
    review_noise : float
        Chance (0..0.45) that a review passes what should fail, and the other way round.
    sandbox_alpha : float
        False-alarm level (0..1) of the sandbox's guardrails: smaller is more patient.
    """

    code: str
    ruler: bool
    disclosure: bool
    routes: int
    review_noise: float
    sandbox_alpha: float


class PolicyItem(BaseModel):
    """A policy as the file writes it."""

    model_config = ConfigDict(extra="forbid")
    code: str = Field(min_length=1)
    ruler: bool
    disclosure: bool
    routes: int = Field(ge=1, le=6)
    review_noise: float = Field(ge=0, le=0.45)
    sandbox_alpha: float = Field(gt=0, lt=1)


class PolicyFile(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid")
    policies: list[PolicyItem] = Field(min_length=1)

    def to_policies(self) -> tuple[Policy, ...]:
        """Return the policies in the file's order."""
        return tuple(
            Policy(p.code, p.ruler, p.disclosure, p.routes, p.review_noise, p.sandbox_alpha) for p in self.policies
        )
