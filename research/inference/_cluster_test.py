"""Tests of a group against the rest by arrangements of clusters, to go beside the t of `_clusters`.

A t trusts the variance that a side shows. Of shares that are mostly 0 a small group often shows none, and its t is then
as large as one likes. Arrangements of clusters are not: where each lies on one side, whole clusters are exchanged
between the sides; where some hold documents of both, the group's documents are put into other clusters, as many into
one as were in one, by CR2's t. p is the larger of the two. Share of 300 samples in which nothing differs and p is at
most .05, and of those with a difference of a story's spread and a half (crossed: one):

=============================================  =====  ============
design                                         t      the larger p
=============================================  =====  ============
3 against 40, 30% of stories have the theme    .37    .01
3 against 20 of 1 to 5, 30%                    .27    .03
5 against 20 of 1 to 5, 30%                    .16    .04
10 against 40 of 1 to 5, 10%                   .13    .03
one of four in 3 of 20 stories, 20%            .23    .00
one of four in 8 of 40 stories, 20%            .18    .00
normal, 3 against 20 of 1 to 5                 .04    .03
..  with twice the spread / a difference       .05    .05 / .27
normal, 10 against 10 of 1 to 5                .04    .03
..  with twice the spread / a difference       .06    .05 / .68
normal, one of four in 8 of 40 stories         .05    .04
..  with a difference                          .46    .45
=============================================  =====  ============
"""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray
from scipy.special import comb as combf

from research.inference._permutation import Tested

__all__ = ["cluster_test", "smallest_by_clusters"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_CLOSE = 1e-10
_NO_SPREAD = 1e-13
_ENOUGH_HITS = 50


def smallest_by_clusters(own: NDArray[np.bool_], cluster: Integers) -> float:
    """Give the smallest p that arrangements of these clusters could have."""
    sizes = np.bincount(cluster)
    inside = np.bincount(cluster[own], minlength=len(sizes))
    within = np.prod(combf(sizes, inside))  # 1 where each lies on one side
    return float(1 / (combf(len(sizes), np.count_nonzero(inside)) * within))


def cluster_test(
    values: Floats,
    own: NDArray[np.bool_],
    cluster: Integers,
    *,
    n_resamples: int,
    random_state: int,
) -> Tested:
    """Test a group's mean against that of all other documents by arrangements of clusters.

    Parameters
    ----------
    values : ndarray of shape (n, n_tests)
    own : ndarray of bool, shape (n,)
        Which are of the group.
    cluster : ndarray of int, shape (n,)
        Codes from 0 on.
    n_resamples : int
        All arrangements of whole clusters are looked at where there are no more than this, else so many random ones;
        drawing ends where all tests have fifty hits (Besag & Clifford 1991).
    random_state : int

    Returns
    -------
    Tested
        Of shape (n_tests,).
    """
    # In an order that does not depend on names: clusters by what they hold, and documents in them.
    sizes = np.bincount(cluster)
    sums = np.zeros((len(sizes), values.shape[1]))
    np.add.at(sums, cluster, values)
    rank = np.argsort(np.lexsort((*sums.T, np.bincount(cluster[own], minlength=len(sizes)), sizes)))
    order = np.lexsort((*values.T, own, rank[cluster]))
    values, own, cluster = values[order], own[order], rank[cluster[order]]
    sizes = np.bincount(cluster)
    inside = np.bincount(cluster[own], minlength=len(sizes))
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    whole = np.add.reduceat(values, starts, axis=0)
    held = np.flatnonzero(inside)

    def as_far(mine: Integers) -> NDArray[np.bool_]:
        return _t(values, mine, cluster, whole, sizes) >= observed - _CLOSE * (1 + observed)

    observed = _t(values, np.flatnonzero(own), cluster, whole, sizes)
    hits, n = np.zeros(len(observed)), len(sizes)
    nested = bool((inside[held] == sizes[held]).all())
    exact = nested and combf(n, len(held)) <= n_resamples
    rng, arrangements = np.random.default_rng(random_state), 0
    if exact:
        arrangements = comb(n, len(held))
        for chosen in combinations(range(n), len(held)):
            hits += as_far(np.flatnonzero(np.isin(cluster, chosen)))
        p = hits / arrangements
    else:
        while arrangements < n_resamples and not (hits >= _ENOUGH_HITS).all():
            if nested:
                mine = np.flatnonzero(np.isin(cluster, rng.permutation(n)[: len(held)]))
            else:
                mine = _placed(inside[held], starts, sizes, rng)
            hits += as_far(mine)
            arrangements += 1
        p = (hits + 1) / (arrangements + 1)
    smallest = np.full(p.shape, smallest_by_clusters(own, cluster))
    return Tested(p, smallest, np.full(p.shape, arrangements), np.full(p.shape, exact))


def _placed(together: Integers, starts: Integers, sizes: Integers, rng: np.random.Generator) -> Integers:
    """Put documents into random clusters that hold so many, as many into one as are together; give their rows."""
    free = rng.permutation(len(sizes))
    rows = []
    for n in np.sort(together[together > 1])[::-1]:  # the largest first, which fewest clusters hold
        at = int(np.argmax(sizes[free] >= n))
        place, free = free[at], np.delete(free, at)
        rows.append(starts[place] + rng.permutation(sizes[place])[:n])
    alone = free[: np.count_nonzero(together == 1)]
    rows.append(starts[alone] + rng.integers(0, sizes[alone]))
    return np.concatenate(rows)


def _t(values: Floats, mine: Integers, cluster: Integers, whole: Floats, sizes: Integers) -> Floats:
    """Give CR2's |t| of some documents against the others, for every test at once."""
    n_clusters = len(sizes)
    sums = np.zeros_like(whole)
    np.add.at(sums, cluster[mine], values[mine])
    counts = np.bincount(cluster[mine], minlength=n_clusters)
    error, difference = np.zeros_like(whole), np.zeros(whole.shape[1])
    squares = np.zeros(whole.shape[1])
    for sign, side, held in ((1.0, sums, counts), (-1.0, whole - sums, sizes - counts)):
        n = held.sum()
        mean = side.sum(axis=0) / n
        larger = np.sqrt(1 / np.maximum(1 - held / n, 1e-12)) / n
        error += sign * larger[:, None] * (side - held[:, None] * mean)
        squares += ((larger[:, None] * side) ** 2).sum(axis=0)
        difference += sign * mean
    variance = (error**2).sum(axis=0)
    variance = np.where(variance <= _NO_SPREAD * squares, 0.0, variance)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(difference) / np.sqrt(variance)
    # Where no side shows a variance, nothing is as far as a difference.
    return np.where(np.abs(difference) <= _CLOSE, 0.0, np.minimum(np.nan_to_num(t, posinf=1e12), 1e12))
