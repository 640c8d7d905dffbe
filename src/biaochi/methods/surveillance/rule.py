"""The rule of one guardrail: which method watches which cap, with which parameters.

A rule is plain data.  It says nothing about what happens after an alarm; that is the supervisor's business.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Literal

from biaochi.core.errors import Fault, InputError
from biaochi.core.text import Text

Direction = Literal["above", "below"]
BETS: tuple[float, ...] = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9)
RATIOS: tuple[float, ...] = (1.5, 2.0, 3.0)
MIN_ASYMPTOTIC = 50
LEAST_RATE = 1e-9
LARGEST = 1e15


class Method(StrEnum):
    """How a stream is watched."""

    BETA = "beta"
    GAMMA = "gamma"
    BETTING = "betting"
    NORMAL = "normal"
    ASYMPTOTIC = "asymptotic"
    CUSUM = "cusum"
    E_DETECTOR = "e_detector"
    MAXSPRT = "maxsprt"
    HARD = "hard"

    @property
    def is_e_process(self) -> bool:
        """Whether the statistic is the logarithm of an e-process, so that it may be combined with others."""
        return self in (Method.BETA, Method.GAMMA, Method.BETTING, Method.NORMAL)

    @property
    def notify_only(self) -> bool:
        """Whether an alarm of this method may only notify: its level is approximate or it is a comparator."""
        return self in (Method.ASYMPTOTIC, Method.MAXSPRT)


class RuleError(InputError):
    """A rule contradicts itself; carries every fault, with the key as its column."""


_KEYS: dict[Method, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Method.BETA: (("cap", "alpha"), ("prior",)),
    Method.GAMMA: (("cap", "alpha"), ("prior",)),
    Method.BETTING: (("cap", "alpha", "range"), ()),
    Method.NORMAL: (("cap", "sigma", "alpha", "tune_at"), ()),
    Method.ASYMPTOTIC: (("cap", "alpha", "tune_at"), ()),
    Method.CUSUM: (("mu0", "sigma", "k"), ("h", "arl", "fast_start")),
    Method.E_DETECTOR: (("base", "kind", "cap", "arl"), ("range", "ratios")),
    Method.MAXSPRT: (("cap", "alpha", "horizon"), ("min_events", "critical")),
    Method.HARD: (("cap",), ()),
}
_COMMON = ("method", "direction", "min_data")
_FLOATS = ("cap", "alpha", "sigma", "tune_at", "mu0", "k", "h", "arl", "horizon", "critical")


@dataclass(frozen=True, slots=True)
class Rule:
    """What is watched, and how.

    Parameters
    ----------
    method : Method or str
        See :class:`Method`.
    cap : float
        Mean harm that must not be exceeded (``below``: must be reached); every method but ``cusum``.
    alpha : float
        Chance of a false alarm ever, in (0, 1); below ½ for ``normal``.
    direction : {"above", "below"}
        On which side of the cap harm lies.
    min_data : int
        First reading (1-based) that may alarm.
    prior : (float, float)
        Shape of the mixture: beta ``(a, b)``, by default ``(1, max(1, 1/(2·cap) − 1))``; gamma ``(a, b)`` in expected
        counts, by default ``(1, ½)``.
    range : (float, float)
        Least and greatest possible reading of ``betting``.
    sigma, tune_at : float
        Known sub-Gaussian scale of ``normal``, and standard deviation in control of ``cusum``; number of readings at
        which the boundary is tightest.
    mu0, k, h, arl, fast_start
        ``cusum``: level in control, allowance in σ, limit in σ or the average run length it is solved from, and
        whether the sum starts at h/2.
    base, kind, ratios
        ``e_detector``: likelihood (``beta``, ``gamma`` or ``betting``), ``sr`` or ``cusum``, harm ratios > 1.
    horizon, min_events, critical
        ``maxsprt``: expected events at the end, events before the first alarm, known critical value.

    Raises
    ------
    RuleError
        With every fault of the rule.

    Examples
    --------
    >>> Rule("beta", cap=0.02, alpha=0.05).shape
    (1.0, 24.0)
    """

    method: Method
    cap: float | None = None
    alpha: float | None = None
    direction: Direction = "above"
    min_data: int = 1
    prior: tuple[float, float] | None = None
    range: tuple[float, float] | None = None
    sigma: float | None = None
    tune_at: float | None = None
    mu0: float | None = None
    k: float | None = None
    h: float | None = None
    arl: float | None = None
    fast_start: bool = False
    base: Literal["beta", "gamma", "betting"] | None = None
    kind: Literal["sr", "cusum"] | None = None
    ratios: tuple[float, ...] | None = None
    horizon: float | None = None
    min_events: int | None = None
    critical: float | None = None

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "method", Method(self.method))
        except ValueError:
            raise RuleError(
                [
                    _fault(
                        "unknown_method",
                        "method",
                        self.method,
                        "没有这种方法",
                        "no such method",
                        "可选：" + "、".join(Method),
                        "choose from " + ", ".join(Method),
                    )
                ]
            ) from None
        for name in ("prior", "range", "ratios"):
            value = getattr(self, name)
            if isinstance(value, list | tuple):
                object.__setattr__(self, name, tuple(float(v) if _is_number(v) else v for v in value))
        for name in _FLOATS:
            value = getattr(self, name)
            if _is_number(value):
                object.__setattr__(self, name, float(value))
        faults = list(_rule_faults(self))
        if faults:
            raise RuleError(faults)

    @classmethod
    def from_mapping(cls, data: Mapping[str, object]) -> Rule:
        """Build from the keys of a guardrail; a key that the method does not use is a fault."""
        known = {f.name for f in fields(cls)}
        strange = [
            _fault("unknown_key", str(key), data[key], "没有这样的键", "no such key", "请删去", "remove it")
            for key in data
            if key not in known
        ]
        try:
            rule = cls(**{str(k): v for k, v in data.items() if k in known})  # type: ignore[arg-type]
        except RuleError as error:
            raise RuleError([*strange, *error.faults]) from None
        except TypeError:
            missing = _fault("missing_field", "method", "", "缺少方法", "the method is missing", "请补上", "add it")
            raise RuleError([*strange, missing]) from None
        if strange:
            raise RuleError(strange)
        return rule

    def to_mapping(self) -> dict[str, object]:
        """Return the keys that were set, as JSON types."""
        found: dict[str, object] = {}
        for f in fields(self):
            value = getattr(self, f.name)
            if f.name != "method" and value == f.default:
                continue
            found[f.name] = (
                value.value if isinstance(value, Method) else list(value) if isinstance(value, tuple) else value
            )
        return found

    @property
    def mirrored(self) -> bool:
        """Whether the stream is watched from below."""
        return self.direction == "below"

    @property
    def likelihood(self) -> str:
        """``beta``, ``gamma``, ``betting`` or the method itself: what a reading must look like."""
        return str(self.base) if self.method is Method.E_DETECTOR else self.method.value

    @property
    def harm_cap(self) -> float:
        """The cap on harm after mirroring, on the scale of the likelihood (betting: scaled to 0..1)."""
        cap = number_of(self.cap)
        if self.likelihood == "beta":
            return 1 - cap if self.mirrored else cap
        if self.likelihood == "betting":
            low, high = self.bounds
            scaled = (cap - low) / (high - low)
            return 1 - scaled if self.mirrored else scaled
        return cap

    @property
    def bounds(self) -> tuple[float, float]:
        """The range of ``betting``; (−∞, ∞) for others."""
        return self.range if self.range is not None else (-math.inf, math.inf)

    @property
    def shape(self) -> tuple[float, float]:
        """The mixture's prior, given or by default."""
        if self.prior is not None:
            return self.prior
        return (1.0, max(1.0, 1 / (2 * self.harm_cap) - 1)) if self.likelihood == "beta" else (1.0, 0.5)


def number_of(value: float | None) -> float:
    """Return a parameter that a validated rule is known to have."""
    if value is None:
        raise TypeError("this rule has no such parameter")
    return value


def crosses(rule: Rule, statistic: float, threshold: float) -> bool:
    """Whether a statistic raises the alarm; ``asymptotic`` and ``hard`` need more than equality."""
    if rule.method is Method.HARD:
        return statistic < threshold if rule.mirrored else statistic > threshold
    return statistic > threshold if rule.method is Method.ASYMPTOTIC else statistic >= threshold


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _are_numbers(values: object, *, above: float = -LARGEST, below: float = LARGEST, count: int = 0) -> bool:
    """Whether this is a sequence of numbers between ``above`` and ``below``; of ``count`` of them when given."""
    if not isinstance(values, tuple) or not values or (count and len(values) != count):
        return False
    return all(_is_number(v) and above < v < below for v in values)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _fault(code: str, key: str, seen: object, zh: str, en: str, fix_zh: str, fix_en: str) -> Fault:
    return Fault(code, Text(zh, en), Text(fix_zh, fix_en), column=key, seen="" if seen is None else str(seen))


def _range_fault(rule: Rule, key: str, zh: str, en: str) -> Fault:
    seen = getattr(rule, key)
    return _fault("out_of_range", key, seen, f"应{zh}", f"it must be {en}", "请改正", "correct it")


def _rule_faults(rule: Rule) -> Iterable[Fault]:
    required, optional = _KEYS[rule.method]
    for key in required:
        if getattr(rule, key) is None:
            yield _fault(
                "missing_field", key, None, f"{rule.method} 方法缺少这一项", f"method {rule.method} needs this key",
                "请补上", "add it",
            )  # fmt: skip
    for f in fields(rule):
        unused = f.name not in (*required, *optional, *_COMMON)
        if unused and getattr(rule, f.name) != f.default:
            yield _fault(
                "unknown_key", f.name, getattr(rule, f.name), f"{rule.method} 方法不用这一项",
                f"method {rule.method} does not use this key", "请删去", "remove it",
            )  # fmt: skip
    numbers_ok = True
    for key in _FLOATS:
        value = getattr(rule, key)
        if value is not None and not _is_number(value):
            numbers_ok = False
            yield _fault("not_a_number", key, value, "不是数", "this is not a number", "请写一个数", "write a number")
    yield from _choice_faults(rule)
    if numbers_ok:
        yield from _number_faults(rule)
        yield from _method_faults(rule)


def _choice_faults(rule: Rule) -> Iterable[Fault]:
    choices = {"direction": ("above", "below"), "base": ("beta", "gamma", "betting"), "kind": ("sr", "cusum")}
    for key, allowed in choices.items():
        value = getattr(rule, key)
        if value is not None and value not in allowed:
            listed = ", ".join(allowed)
            yield _fault(
                "unknown_value", key, value, "没有这个选项", "no such choice", f"可选：{listed}", f"choose {listed}"
            )
    for key in ("min_data", "min_events"):
        value = getattr(rule, key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            yield _range_fault(rule, key, "为不小于 1 的整数", "a whole number of at least 1")
    if not _is_flag(rule.fast_start):
        yield _range_fault(rule, "fast_start", "为 true 或 false", "true or false")
    if rule.direction == "below" and rule.likelihood in ("gamma", "asymptotic", "maxsprt"):
        yield _fault(
            "unknown_value", "direction", rule.direction, "该方法只能看“above”", "this method only watches above",
            "请用 above", "use above",
        )  # fmt: skip


def _number_faults(rule: Rule) -> Iterable[Fault]:
    if rule.alpha is not None and not 0 < rule.alpha < (0.5 if rule.method is Method.NORMAL else 1):
        yield _range_fault(rule, "alpha", "在 0 与 1 之间（normal 小于 0.5）", "between 0 and 1 (normal: below 0.5)")
    for key in ("sigma", "tune_at", "h", "horizon", "critical"):
        value = getattr(rule, key)
        if value is not None and value < 1 / LARGEST:
            yield _range_fault(rule, key, "大于 0", "positive")
    if rule.k is not None and rule.k < 0:
        yield _range_fault(rule, "k", "不小于 0", "at least 0")
    if rule.arl is not None and rule.arl <= 1:
        yield _range_fault(rule, "arl", "大于 1", "greater than 1")
    for key in _FLOATS:
        value = getattr(rule, key)
        if value is not None and abs(value) > LARGEST:
            yield _range_fault(rule, key, f"不超过 {LARGEST:g}", f"at most {LARGEST:g}")
    if rule.prior is not None and not _are_numbers(rule.prior, above=LEAST_RATE, below=1 / LEAST_RATE, count=2):
        yield _range_fault(rule, "prior", "为两个正数", "two positive numbers")
    if rule.ratios is not None and not _are_numbers(rule.ratios, above=1.0, below=LARGEST):
        yield _range_fault(rule, "ratios", "为大于 1 的数", "numbers greater than 1")
    if rule.range is not None and not (_are_numbers(rule.range, count=2) and rule.range[0] < rule.range[1]):
        yield _range_fault(rule, "range", "为由小到大的两个数", "two increasing numbers")
    elif rule.cap is not None:
        yield from _cap_faults(rule)


def _cap_faults(rule: Rule) -> Iterable[Fault]:
    cap = number_of(rule.cap)
    if rule.likelihood == "beta" and not LEAST_RATE <= cap <= 1 - LEAST_RATE:
        yield _range_fault(rule, "cap", "在 0 与 1 之间", "between 0 and 1")
    if rule.likelihood in ("gamma", "maxsprt") and not 1 / LARGEST <= cap <= LARGEST:
        yield _range_fault(rule, "cap", "大于 0", "positive")
    if rule.likelihood == "betting" and rule.range is not None and not rule.range[0] < cap < rule.range[1]:
        yield _range_fault(rule, "cap", "在读数范围之内", "inside the range of readings")


def _method_faults(rule: Rule) -> Iterable[Fault]:
    if rule.method is Method.CUSUM and (rule.h is None) == (rule.arl is None):
        yield _fault(
            "missing_field", "h", rule.h, "h 与 arl 须且只能给一个", "exactly one of h and arl must be given",
            "请给出其一", "give one of them",
        )  # fmt: skip
    if rule.method is Method.ASYMPTOTIC and _is_number(rule.min_data) and rule.min_data < MIN_ASYMPTOTIC:
        yield _range_fault(rule, "min_data", f"不小于 {MIN_ASYMPTOTIC}", f"at least {MIN_ASYMPTOTIC}")
    if rule.method is Method.E_DETECTOR:
        if rule.base == "betting" and rule.range is None:
            yield _fault(
                "missing_field", "range", None, "以 betting 为基础时须给出范围", "base betting needs the range",
                "请补上", "add it",
            )  # fmt: skip
        for key, wanted in (("range", ("betting",)), ("ratios", ("beta", "gamma"))):
            if getattr(rule, key) is not None and rule.base not in wanted:
                yield _fault(
                    "unknown_key", key, getattr(rule, key), f"基础为 {rule.base} 时不用这一项",
                    f"base {rule.base} does not use this key", "请删去", "remove it",
                )  # fmt: skip
