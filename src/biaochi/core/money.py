"""Money in yuan, exact to the fen."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal, InvalidOperation

FEN = Decimal("0.01")


def yuan(value: str | int | Decimal) -> Decimal:
    """Return an amount in yuan, rounded half up to the fen.

    Binary floats are refused: they cannot hold most amounts exactly.

    Examples
    --------
    >>> yuan("1234.565")
    Decimal('1234.57')
    """
    if isinstance(value, float):
        raise TypeError("money is never a float; pass text, an integer or a Decimal")
    try:
        amount = Decimal(value)
    except InvalidOperation as error:
        raise ValueError(f"not an amount of money: {value!r}") from error
    if not amount.is_finite():
        raise ValueError(f"not an amount of money: {value!r}")
    return amount.quantize(FEN, ROUND_HALF_UP)


def written(amount: Decimal) -> str:
    """Return an amount with two decimals, as every file and interface carries it."""
    return f"{amount.quantize(FEN, ROUND_HALF_UP):f}"


def shared_out(total: Decimal, weights: Sequence[Decimal | int]) -> tuple[Decimal, ...]:
    """Split an amount by weights, floored to the fen; spare fen go to the largest remainders, ties to the earlier.

    Examples
    --------
    >>> shared_out(Decimal("100.00"), [1, 1, 1])
    (Decimal('33.34'), Decimal('33.33'), Decimal('33.33'))
    """
    exact_weights = [Decimal(w) for w in weights]
    if not exact_weights or any(w < 0 for w in exact_weights) or sum(exact_weights) == 0:
        raise ValueError("weights must not be negative and at least one must be positive")
    whole = sum(exact_weights, Decimal(0))
    fen = int((total / FEN).to_integral_value(ROUND_FLOOR))
    exact = [Decimal(fen) * w / whole for w in exact_weights]
    parts = [int(e.to_integral_value(ROUND_FLOOR)) for e in exact]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[: fen - sum(parts)]:
        parts[i] += 1
    return tuple(FEN * p for p in parts)
