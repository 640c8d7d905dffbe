"""The unified social credit code (统一社会信用代码) and its check digit, GB 32100-2015."""

from __future__ import annotations

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def check_character(first17: str) -> str:
    """Return the check character of the first seventeen; raise ``ValueError`` when one of them is not allowed.

    The weights are the powers of three modulo 31 (GB 32100-2015, §6).
    """
    total = sum(_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(first17))
    return _ALPHABET[-total % 31]


def is_credit_code(code: str) -> bool:
    """Whether a code has eighteen allowed characters and the right check character.

    Examples
    --------
    >>> is_credit_code("91110000600037341L"), is_credit_code("911100006000373410")
    (True, False)
    """
    if len(code) != 18 or any(c not in _ALPHABET for c in code):
        return False
    return check_character(code[:17]) == code[17]
