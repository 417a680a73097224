"""Rank statistics of weighted rows: a weight counts as so many equal rows, so that a bootstrap need not draw them.

Each function gives a statistic, from the weights of the rows to a number; NaN where it cannot be told.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["FEWEST_IN_THEME", "Statistic", "auroc", "auroc_within", "spearman", "spearman_within"]

Floats = NDArray[np.float64]
Statistic = Callable[[Floats], float]

FEWEST_IN_THEME = 5
"""Texts of a theme from which a rank correlation within it is worth averaging."""


def _ranker(values: Floats) -> Callable[[Floats], Floats]:
    """Give a function from weights to mid-ranks, in which a weight counts as so many equal rows."""
    _, place = np.unique(values, return_inverse=True)

    def ranks(weights: Floats) -> Floats:
        size = np.bincount(place, weights=weights)
        found: Floats = (np.cumsum(size) - size / 2)[place]
        return found

    return ranks


def spearman(a: Floats, b: Floats) -> Statistic:
    """Correlate the mid-ranks."""
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return lambda weights: float("nan")
    rank_a, rank_b = _ranker(a), _ranker(b)

    def statistic(weights: Floats) -> float:
        share = weights / weights.sum()
        x, y = rank_a(weights), rank_b(weights)
        x, y = x - share @ x, y - share @ y
        scale = float(np.sqrt((share @ x**2) * (share @ y**2)))
        return float(share @ (x * y)) / scale if scale > 1e-12 else float("nan")

    return statistic


def _pairs(scores: Floats, positive: NDArray[np.bool_]) -> Callable[[Floats], tuple[float, float]]:
    """Give a function from weights to (pairs in the right order, pairs), ties half."""
    _, place = np.unique(scores, return_inverse=True)

    def count(weights: Floats) -> tuple[float, float]:
        up = np.bincount(place, weights=weights * positive)
        down = np.bincount(place, weights=weights * ~positive)
        return float(up @ (np.cumsum(down) - down / 2)), float(up.sum() * down.sum())

    return count


def auroc(scores: Floats, positive: NDArray[np.bool_]) -> Statistic:
    """Give the share of pairs of a positive and another row that the scores put in the right order, ties half."""
    if not np.isfinite(scores).all():
        return lambda weights: float("nan")
    count = _pairs(scores, positive)

    def statistic(weights: Floats) -> float:
        right, pairs = count(weights)
        return right / pairs if pairs else float("nan")

    return statistic


def auroc_within(scores: Floats, positive: NDArray[np.bool_], themes: NDArray[np.str_]) -> Statistic:
    """Compare only texts of one theme; themes count by their pairs."""
    if not np.isfinite(scores).all():
        return lambda weights: float("nan")
    members = [np.flatnonzero(themes == name) for name in sorted(set(themes.tolist()) - {""})]
    counts = [(rows, _pairs(scores[rows], positive[rows])) for rows in members]

    def statistic(weights: Floats) -> float:
        found = [count(weights[rows]) for rows, count in counts]
        pairs = sum(each[1] for each in found)
        return sum(each[0] for each in found) / pairs if pairs else float("nan")

    return statistic


def spearman_within(scores: Floats, y: Floats, themes: NDArray[np.str_]) -> Statistic:
    """Average over themes of five labelled texts or more, by their number of texts."""
    members = [np.flatnonzero(themes == name) for name in sorted(set(themes.tolist()) - {""})]
    each = [(rows, spearman(scores[rows], y[rows])) for rows in members if len(rows) >= FEWEST_IN_THEME]

    def statistic(weights: Floats) -> float:
        summed = total = 0.0
        for rows, rho in each:
            size = float(weights[rows].sum())
            value = rho(weights[rows]) if size else float("nan")
            if np.isfinite(value):
                summed, total = summed + size * value, total + size
        return summed / total if total else float("nan")

    return statistic
