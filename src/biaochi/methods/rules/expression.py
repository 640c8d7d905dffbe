"""The language of rules: columns, ``+``, ``-``, ``/`` and ``mean``, held against thresholds; read here, never run.

A leaf is one line that a lawyer can read; the parser knows these forms::

    rd_1/revenue_1 >= 0.03                      any expression against a number; 万 stands for ten thousand
    mean(rd_1, rd_2) >= 1000万
    1 <= award_national_3y <= 3                 a rank among the winners (0 means none)
    srdi_until >= at                            a title valid on the day
    champion_until none or < at                 a title not held on the day
    at - registered_on >= 365 days              age in days, or: age(registered_on) <= 5 years
    institution >= provincial                   a level
    field = chain_gap                           a text
    product_code has 8 or 10 digits             the length of a code
    review review_market                        the outcome of an official review

A trailing † marks a test whose rule value was only recalled: it never yields a firm answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, TypeAlias

from biaochi.core.errors import DefinitionError
from biaochi.methods.rules.columns import BY_NAME, LEVELS

Operator = Literal[">=", "<=", ">", "<", "="]


@dataclass(frozen=True, slots=True)
class Col:
    """The value of a column."""

    name: str


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum; ``signs`` holds +1 or −1 for each term."""

    terms: tuple[Expression, ...]
    signs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ratio:
    """A quotient."""

    top: Expression
    bottom: Expression


@dataclass(frozen=True, slots=True)
class Mean:
    """An arithmetic mean."""

    parts: tuple[Expression, ...]


Expression: TypeAlias = Col | Sum | Ratio | Mean


@dataclass(frozen=True, slots=True)
class Compare:
    """An expression against a number."""

    left: Expression
    op: Operator
    right: Fraction


@dataclass(frozen=True, slots=True)
class Between:
    """A rank between two numbers, both included."""

    column: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Held:
    """A title valid on the day."""

    column: str


@dataclass(frozen=True, slots=True)
class NotHeld:
    """A title never held, or ended before the day."""

    column: str


@dataclass(frozen=True, slots=True)
class Age:
    """Time since a date, in whole days or by anniversaries; the anniversary itself is included."""

    column: str
    op: Literal[">=", "<="]
    count: int
    unit: Literal["days", "years"]


@dataclass(frozen=True, slots=True)
class Level:
    """A level or better."""

    column: str
    at_least: str


@dataclass(frozen=True, slots=True)
class Is:
    """A text."""

    column: str
    value: str


@dataclass(frozen=True, slots=True)
class Digits:
    """A code of digits with one of these lengths."""

    column: str
    lengths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """The outcome of an official review; empty means that nobody has reviewed yet."""

    column: str


Test: TypeAlias = Compare | Between | Held | NotHeld | Age | Level | Is | Digits | Review


@dataclass(frozen=True, slots=True)
class Leaf:
    """A test as written, with its meaning; ``unverified`` when its rule value was only recalled.

    ``columns`` are the columns it reads, in order of appearance.
    """

    text: str
    test: Test
    unverified: bool = False
    columns: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", columns_of(self.test))


_NUMBER = r"-?\d+(?:\.\d+)?万?"
_NAME = r"[a-z][a-z0-9_]*"
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"review ({_NAME})"), "review"),
    (re.compile(rf"(\d+) <= ({_NAME}) <= (\d+)"), "between"),
    (re.compile(rf"({_NAME}_until) >= at"), "held"),
    (re.compile(rf"({_NAME}_until) none or < at"), "not_held"),
    (re.compile(rf"at - ({_NAME}) (>=|<=) (\d+) days"), "days"),
    (re.compile(rf"age\(({_NAME})\) (>=|<=) (\d+) years"), "years"),
    (re.compile(rf"({_NAME}) >= ({'|'.join(LEVELS)})"), "level"),
    (re.compile(rf"({_NAME}) has (\d+)(?: or (\d+))? digits"), "digits"),
    (re.compile(rf"({_NAME}) = ([a-z_]+)"), "is"),
    (re.compile(rf"(.+?) (>=|<=|>|<|=) ({_NUMBER})"), "compare"),
)
_TOKEN = re.compile(rf"\s*({_NAME}|\d+(?:\.\d+)?|[()+\-/,])")


def parse_leaf(text: str) -> Leaf:
    """Return the meaning of one line.

    Raises
    ------
    DefinitionError
        When the line has no known form, or names a column that does not exist.

    Examples
    --------
    >>> parse_leaf("rd_1/revenue_1 >= 0.03").test
    Compare(left=Ratio(top=Col(name='rd_1'), bottom=Col(name='revenue_1')), op='>=', right=Fraction(3, 100))
    >>> parse_leaf("revenue_4 >= 1000万†").unverified
    True
    """
    plain = text.strip()
    unverified = plain.endswith("†")
    plain = plain.removesuffix("†").strip()
    for pattern, form in _FORMS:
        match = pattern.fullmatch(plain)
        if match:
            leaf = Leaf(plain, _build(form, match.groups()), unverified)
            unknown = [c for c in leaf.columns if c not in BY_NAME]
            if unknown:
                raise DefinitionError(f"rule “{text}”", [f"unknown column {c}" for c in unknown])
            return leaf
    raise DefinitionError(f"rule “{text}”", ["this is none of the forms a rule may have"])


def _build(form: str, parts: tuple[str, ...]) -> Test:
    match form:
        case "review":
            return Review(parts[0])
        case "between":
            return Between(parts[1], int(parts[0]), int(parts[2]))
        case "held":
            return Held(parts[0])
        case "not_held":
            return NotHeld(parts[0])
        case "days" | "years":
            return Age(parts[0], ">=" if parts[1] == ">=" else "<=", int(parts[2]), form)
        case "level":
            return Level(parts[0], parts[1])
        case "digits":
            return Digits(parts[0], tuple(int(p) for p in parts[1:] if p))
        case "is":
            return Is(parts[0], parts[1])
        case _:
            return Compare(parse_expression(parts[0]), parts[1], parse_number(parts[2]))  # type: ignore[arg-type]


def parse_number(text: str) -> Fraction:
    """Read a number exactly; 万 multiplies by ten thousand.

    Examples
    --------
    >>> parse_number("1500万"), parse_number("0.03")
    (Fraction(15000000, 1), Fraction(3, 100))
    """
    return Fraction(text.removesuffix("万")) * (10_000 if text.endswith("万") else 1)


def parse_expression(text: str) -> Expression:
    """Return the expression of columns that a text means.

    Examples
    --------
    >>> columns_of(parse_expression("(rd_1+rd_2)/(sales_1+sales_2)"))
    ('rd_1', 'rd_2', 'sales_1', 'sales_2')
    """
    tokens, position = [], 0
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if match is None:
            raise DefinitionError(f"expression “{text}”", [f"cannot read “{text[position:]}”"])
        tokens.append(match.group(1))
        position = match.end()
    reader = _Reader(text, tokens)
    found = reader.sum()
    if reader.tokens:
        raise DefinitionError(f"expression “{text}”", [f"“{reader.tokens[0]}” is not expected here"])
    return found


class _Reader:
    """A recursive-descent reader of three levels: sums, quotients, atoms."""

    def __init__(self, text: str, tokens: list[str]) -> None:
        self.text, self.tokens = text, tokens

    def take(self, expected: str = "") -> str:
        if not self.tokens or (expected and self.tokens[0] != expected):
            seen = self.tokens[0] if self.tokens else "the end"
            raise DefinitionError(f"expression “{self.text}”", [f"expected {expected or 'a column'}, seen {seen}"])
        return self.tokens.pop(0)

    def sum(self) -> Expression:
        terms, signs = [self.quotient()], [1]
        while self.tokens and self.tokens[0] in "+-":
            signs.append(1 if self.take() == "+" else -1)
            terms.append(self.quotient())
        return terms[0] if len(terms) == 1 else Sum(tuple(terms), tuple(signs))

    def quotient(self) -> Expression:
        found = self.atom()
        while self.tokens and self.tokens[0] == "/":
            self.take()
            found = Ratio(found, self.atom())
        return found

    def atom(self) -> Expression:
        first = self.take()
        if first == "(":
            found = self.sum()
            self.take(")")
            return found
        if first == "mean":
            self.take("(")
            parts = [self.sum()]
            while self.tokens and self.tokens[0] == ",":
                self.take()
                parts.append(self.sum())
            self.take(")")
            return Mean(tuple(parts))
        if not re.fullmatch(_NAME, first):
            raise DefinitionError(f"expression “{self.text}”", [f"expected a column, seen “{first}”"])
        return Col(first)


def columns_of(node: Test | Expression) -> tuple[str, ...]:
    """Return the columns a test or expression reads, each once, in order of appearance."""
    match node:
        case Col(name):
            found: list[str] = [name]
        case Sum(terms=parts) | Mean(parts=parts):
            found = [c for p in parts for c in columns_of(p)]
        case Ratio(top, bottom):
            found = [*columns_of(top), *columns_of(bottom)]
        case Compare(left=left):
            found = list(columns_of(left))
        case _:
            found = [node.column]
    return tuple(dict.fromkeys(found))


def denominators(node: Expression) -> tuple[Expression, ...]:
    """Return every denominator inside an expression."""
    match node:
        case Ratio(top, bottom):
            return (bottom, *denominators(top), *denominators(bottom))
        case Sum(terms=parts) | Mean(parts=parts):
            return tuple(d for p in parts for d in denominators(p))
        case _:
            return ()
