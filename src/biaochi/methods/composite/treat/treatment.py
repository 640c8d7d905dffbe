"""Learn the treatment of each column on the base rows, and apply it to any rows.

While a column fails and fewer than ``winmax`` cells were changed, all its maxima move to the next lower value (or, if
G₁ < 0, all its minima to the next higher).  A column that still fails is transformed, from the original values or,
with ``combine``, from the winsorised ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from biaochi.methods.composite.steps import THEN
from biaochi.methods.composite.treat.moments import SortedMoments, passes, shape_moments

_NAN = float("nan")
_TINY = float(np.finfo(float).tiny)


@dataclass(frozen=True)
class Treatment:
    """What was learnt; arrays of shape (…, I) over the leading axes of the data.

    ``low`` and ``high`` are the caps in force (``cap_low`` and ``cap_high`` those of the winsorising, whether or not a
    transformation then went back to the original), ``form`` an index into :data:`THEN` (0 = none), ``shift`` and
    ``power`` the constants of the form.  ``skew``, ``kurtosis``, ``passed`` describe the raw column, ``nwin`` the
    winsorised cells,
    ``passed_after`` and the moments ``*_after`` the end.
    """

    low: np.ndarray
    high: np.ndarray
    cap_low: np.ndarray
    cap_high: np.ndarray
    form: np.ndarray
    shift: np.ndarray
    power: np.ndarray
    skew: np.ndarray
    kurtosis: np.ndarray
    passed: np.ndarray
    nwin: np.ndarray
    skew_win: np.ndarray
    kurtosis_win: np.ndarray
    skew_after: np.ndarray
    kurtosis_after: np.ndarray
    passed_after: np.ndarray


def learn_treatment(
    x: np.ndarray,
    *,
    winmax: np.ndarray | int,
    skew: float,
    kurtosis: float,
    then: str,
    combine: bool,
    lam: float | None = None,
) -> Treatment:
    """Learn on columns.

    Parameters
    ----------
    x : ndarray, shape (…, I, n)
        Base rows along the last axis; NaN = missing.
    winmax : int or ndarray, shape (…,)
        Largest number of cells to winsorise, one for each leading index.
    skew, kurtosis : float
        A column passes if |G₁| < skew or G₂ < kurtosis.
    then, combine, lam
        Transformation of columns that still fail, whether on the winsorised column, and the Box–Cox λ (None = fitted).
    """
    shape = x.shape[:-1]
    flat = x.reshape(-1, x.shape[-1])
    limit = np.broadcast_to(np.asarray(winmax)[..., None], shape).reshape(-1)
    n, g1, g2 = shape_moments(flat)
    passed = passes(g1, g2, skew, kurtosis) | (n < 4)
    k = len(flat)
    found = {
        "low": np.full(k, -np.inf), "high": np.full(k, np.inf),
        "cap_low": np.full(k, -np.inf), "cap_high": np.full(k, np.inf), "form": np.zeros(k, dtype=np.int8),
        "shift": np.zeros(k), "power": np.ones(k), "nwin": np.zeros(k, dtype=np.int64),
        "skew_win": np.full(k, _NAN), "kurtosis_win": np.full(k, _NAN), "skew_after": g1.copy(),
        "kurtosis_after": g2.copy(), "passed_after": passed.copy(),
    }  # fmt: skip
    failing = np.flatnonzero(~passed)
    if failing.size:
        _winsorise(flat, failing, limit, g1, g2, n, found, skew, kurtosis)
        still = failing[~found["passed_after"][failing]]
        if still.size and then != "none":
            _transform(flat, still, found, then, combine, lam, skew, kurtosis)
    reshaped = {key: value.reshape(shape) for key, value in found.items()}
    return Treatment(skew=g1.reshape(shape), kurtosis=g2.reshape(shape), passed=passed.reshape(shape), **reshaped)


def _winsorise(
    flat: np.ndarray,
    failing: np.ndarray,
    limit: np.ndarray,
    g1: np.ndarray,
    g2: np.ndarray,
    n: np.ndarray,
    found: dict[str, np.ndarray],
    skew: float,
    kurtosis: float,
) -> None:
    ordered = np.sort(flat[failing], axis=-1)
    count = n[failing]
    lines, places = np.arange(len(failing)), np.arange(ordered.shape[1])
    with np.errstate(invalid="ignore"):
        new = np.ones(ordered.shape, dtype=bool)
        new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    # Where a run of equal values begins, and where it ends.
    begin = np.maximum.accumulate(np.where(new, places, 0), axis=1)
    ends = np.roll(new, -1, axis=1)
    ends[lines, count - 1] = True
    end = np.minimum.accumulate(np.where(ends, places, places[-1])[:, ::-1], axis=1)[:, ::-1]
    # Values before ``first`` and from ``last`` on are changed; the caps are the values just inside.
    first, last = np.zeros(len(failing), dtype=np.int64), count.copy()
    low, high = ordered[:, 0].copy(), ordered[lines, count - 1].copy()
    bottom, top = low.copy(), high.copy()
    now, kurt = g1[failing].copy(), g2[failing].copy()
    cells = np.zeros(len(failing), dtype=np.int64)
    moments = SortedMoments(ordered, count, int(limit[failing].max()))
    a = np.flatnonzero(limit[failing] > 0)
    while a.size:
        a = a[high[a] > low[a]]
        upper = now[a] >= 0
        u, d = a[upper], a[~upper]
        last[u] = begin[u, last[u] - 1]
        high[u] = ordered[u, last[u] - 1]
        first[d] = end[d, first[d]] + 1
        low[d] = ordered[d, first[d]]
        cells[a] = first[a] + count[a] - last[a]
        now[a], kurt[a] = moments.at(a, first[a], last[a], low[a], high[a])
        a = a[~passes(now[a], kurt[a], skew, kurtosis) & (cells[a] < limit[failing][a])]
    touched = cells > 0
    found["nwin"][failing] = cells
    found["low"][failing] = np.where(touched & (low > bottom), low, -np.inf)
    found["high"][failing] = np.where(touched & (high < top), high, np.inf)
    found["cap_low"][failing], found["cap_high"][failing] = found["low"][failing], found["high"][failing]
    for key in ("skew_win", "skew_after"):
        found[key][failing] = now
    for key in ("kurtosis_win", "kurtosis_after"):
        found[key][failing] = kurt
    found["passed_after"][failing] = passes(now, kurt, skew, kurtosis)


def _transform(
    flat: np.ndarray,
    still: np.ndarray,
    found: dict[str, np.ndarray],
    then: str,
    combine: bool,
    lam: float | None,
    skew: float,
    kurtosis: float,
) -> None:
    columns = flat[still]
    if combine:
        columns = np.clip(columns, found["low"][still, None], found["high"][still, None])
    else:
        found["low"][still] = -np.inf
        found["high"][still] = np.inf
    if then in ("iqr", "mad", "sd"):
        found["low"][still], found["high"][still] = _fences(columns, then)
    else:
        form, shift, power = _constants(columns, found["skew_win"][still], then, lam)
        found["form"][still], found["shift"][still], found["power"][still] = form, shift, power
    part = _applied(
        flat[still][:, None, :],
        *(found[key][still][:, None] for key in ("low", "high", "form", "shift", "power")),
    )[:, 0, :]
    _, g1, g2 = shape_moments(part)
    found["skew_after"][still], found["kurtosis_after"][still] = g1, g2
    found["passed_after"][still] = passes(g1, g2, skew, kurtosis)


def _fences(columns: np.ndarray, then: str) -> tuple[np.ndarray, np.ndarray]:
    """Caps: quartiles ∓ 1.5 IQR, median ∓ 3·1.4826·MAD, or mean ∓ 3 sd."""
    if then == "iqr":
        first, third = np.nanquantile(columns, [0.25, 0.75], axis=-1)
        return first - 1.5 * (third - first), third + 1.5 * (third - first)
    if then == "mad":
        middle = np.nanmedian(columns, axis=-1)
        spread = 3 * 1.4826 * np.nanmedian(np.abs(columns - middle[:, None]), axis=-1)
    else:
        middle = np.nanmean(columns, axis=-1)
        spread = 3 * np.nanstd(columns, axis=-1, ddof=1)
    return middle - spread, middle + spread


def _constants(
    columns: np.ndarray, g1: np.ndarray, then: str, lam: float | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    low, high = np.nanmin(columns, axis=-1), np.nanmax(columns, axis=-1)
    pad = 0.01 * (high - low)
    form = np.full(len(columns), THEN.index(then), dtype=np.int8)
    power = np.ones(len(columns))
    if then in ("log_ct", "log_ct_plus"):
        shift = low - pad
        if then == "log_ct_plus":
            mirrored = g1 <= 0
            shift = np.where(mirrored, high + pad, shift)
            form = np.where(mirrored, form, THEN.index("log_ct")).astype(np.int8)
    elif then == "sqrt":
        shift = low
    else:
        shift = low - 1
    if then == "boxcox":
        for i, column in enumerate(columns):
            power[i] = lam if lam is not None else _boxcox_lambda(column[np.isfinite(column)] - shift[i])
    return form, shift, power


def _boxcox_lambda(positive: np.ndarray) -> float:
    found = optimize.minimize_scalar(lambda p: -float(stats.boxcox_llf(p, positive)), bounds=(-5, 5), method="bounded")
    return float(found.x)


def apply_treatment(x: np.ndarray, treatment: Treatment) -> np.ndarray:
    """Return treated values, shape (…, I, R); values beyond what was learnt are held at its end."""
    return _applied(x, treatment.low, treatment.high, treatment.form, treatment.shift, treatment.power)


def _applied(
    x: np.ndarray, low: np.ndarray, high: np.ndarray, form: np.ndarray, shift: np.ndarray, power: np.ndarray
) -> np.ndarray:
    y = x.copy()
    capped = np.isfinite(low) | np.isfinite(high)
    if capped.any():
        y[capped] = np.clip(x[capped], low[capped][:, None], high[capped][:, None])
    for kind in np.unique(form[form > 0]):
        cells = form == kind
        y[cells] = transformed(y[cells], THEN[int(kind)], shift[cells][:, None], power[cells][:, None])
    return np.asarray(y)


def transformed(x: np.ndarray, then: str, shift: np.ndarray, power: np.ndarray) -> np.ndarray:
    """Return columns (k, R) transformed; values below the shift (outside what was learnt) stop just above it."""
    if then == "log_ct_plus":
        return np.asarray(-np.log(np.maximum(shift - x, _TINY)))
    gap = np.maximum(x - shift, 0.0 if then == "sqrt" else _TINY)
    if then in ("log_ct", "log_ct_orig"):
        return np.asarray(np.log(gap))
    if then == "sqrt":
        return np.asarray(np.sqrt(gap))
    log = np.log(gap)
    return np.asarray(np.where(power == 0, log, np.expm1(power * log) / np.where(power == 0, 1.0, power)))


def slope(x: np.ndarray, treatment: Treatment) -> np.ndarray:
    """Return the derivative of treated by raw values, shape (I, R); 0 where a value is capped."""
    low, high = treatment.low[..., None], treatment.high[..., None]
    result = np.where((x > high) | (x < low), 0.0, 1.0)
    result = np.where(np.isfinite(x), result, np.nan)
    y = np.clip(x, low, high)
    for where in np.argwhere(treatment.form > 0):
        cell = tuple(where)
        then, shift = THEN[int(treatment.form[cell])], float(treatment.shift[cell])
        power = float(treatment.power[cell])
        gap = shift - y[cell] if then == "log_ct_plus" else y[cell] - shift
        with np.errstate(divide="ignore", invalid="ignore"):
            if then in ("log_ct", "log_ct_orig", "log_ct_plus"):
                step = 1 / gap
            elif then == "sqrt":
                step = 0.5 / np.sqrt(gap)
            else:
                step = gap ** (power - 1)
        result[cell] = np.where(gap > 0, result[cell] * step, 0.0)
    return result
