"""Two-sided permutation tests over documents, exact where documents are few.

`scipy.stats.permutation_test` doubles a one-sided p and refuses groups of one document. Here the p-value is the share
of arrangements whose absolute statistic is at least the observed one: all arrangements where there are at most 20,000,
else ``n_resamples`` random ones with the observed arrangement counted in (the +1 correction).

References
----------
Phipson, B. & Smyth, G. K. (2010). Permutation p-values should never be zero. *Statistical Applications in Genetics and
Molecular Biology* 9(1), article 39.
Kwak, H. et al. (2021). FrameAxis. *PeerJ Computer Science* 7:e644: a permutation test of framing over texts, which is
one-sided, uncorrected, and draws from the group itself; this one is none of these.
"""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import comb as combf

__all__ = ["MAX_EXACT", "benjamini_hochberg", "exchange_test", "sign_flip_test"]

MAX_EXACT = 20_000
Floats = NDArray[np.float64]

# Sums in another order differ in the last bits; statistics this close count as equal.
_CLOSE = 1e-10
_BLOCK = 2_000_000


def exchange_test(
    values: ArrayLike, groups: ArrayLike, n_groups: int, *, n_resamples: int = 2000, random_state: int = 0
) -> tuple[Floats, Floats, NDArray[np.int64], NDArray[np.bool_]]:
    """Test each group's mean against the mean of all other documents by exchanging documents.

    Parameters
    ----------
    values : array-like of shape (n_documents, n_tests)
    groups : array-like of int, shape (n_documents,)
        Group of each document, 0 to ``n_groups`` - 1.
    n_groups : int
    n_resamples : int
        Random arrangements where there are more than 20,000.
    random_state : int

    Returns
    -------
    p : ndarray of shape (n_groups, n_tests)
        NaN for a group that is empty or holds every document.
    smallest : ndarray of shape (n_groups, n_tests)
        The smallest p that any arrangement of these values could have had.
    arrangements : ndarray of int64, shape (n_groups,)
        Arrangements looked at; ``n_resamples`` where they were drawn, 0 where there was nothing to test.
    exact : ndarray of bool, shape (n_groups,)
        Whether these were all there are.

    Examples
    --------
    >>> p, smallest, arrangements, exact = exchange_test([[9.0], [1.0], [2.0], [3.0], [4.0]], [0, 1, 1, 1, 1], 2)
    >>> float(p[0, 0]), float(smallest[0, 0]), int(arrangements[0])
    (0.2, 0.2, 5)
    """
    x = np.asarray(values, dtype=np.float64)
    label = np.asarray(groups, dtype=np.int64)
    n, n_tests = x.shape
    # The order of documents must not matter to random arrangements: sort them by what they hold.
    order = np.lexsort((label, *x.T[::-1]))
    x, label = x[order], label[order]
    x = x - (x.mean(axis=0) if n else 0.0)
    size = np.bincount(label, minlength=n_groups)
    observed = np.stack([np.bincount(label, weights=x[:, test], minlength=n_groups) for test in range(n_tests)], axis=1)
    p = np.full((n_groups, n_tests), np.nan)
    smallest = np.full((n_groups, n_tests), np.nan)
    arrangements, exact = np.zeros(n_groups, dtype=np.int64), np.zeros(n_groups, dtype=bool)
    sampled = []
    for group in np.flatnonzero((size > 0) & (size < n)):
        k = int(size[group])
        if combf(n, k) <= MAX_EXACT:
            # The values are centred, so the complement's sum is the group's with the sign turned: same |T|.
            taken = min(k, n - k)
            sums = _sums_of_subsets(x, taken)
            p[group], smallest[group] = _shares_at_least(np.abs(sums), np.abs(observed[group]))
            arrangements[group], exact[group] = comb(n, k), True
        else:
            sampled.append(group)
    if sampled:
        hits = _random_exchanges(x, size, np.abs(observed), n_resamples, random_state)
        constant = np.ptp(x, axis=0) <= _CLOSE
        p[sampled] = (hits[sampled] + 1) / (n_resamples + 1)
        smallest[sampled] = np.where(constant, 1.0, 1 / (n_resamples + 1))
        arrangements[sampled] = n_resamples
    return p, smallest, arrangements, exact


def sign_flip_test(
    differences: ArrayLike, *, n_resamples: int = 2000, random_state: int = 0
) -> tuple[Floats, Floats, NDArray[np.int64], NDArray[np.bool_]]:
    """Test mean differences within documents against 0 by turning their signs.

    Parameters
    ----------
    differences : array-like of shape (n_documents, n_tests)
        NaN where a document does not take part in a test.
    n_resamples : int
        Random arrangements where there are more than 20,000.
    random_state : int

    Returns
    -------
    p, smallest : ndarray of shape (n_tests,)
        NaN where no document takes part.
    arrangements : ndarray of int64, shape (n_tests,)
    exact : ndarray of bool, shape (n_tests,)
        Whether these were all there are.

    Examples
    --------
    >>> p, smallest, arrangements, exact = sign_flip_test([[1.0], [2.0], [1.5], [0.5], [1.0]])
    >>> float(p[0]), float(smallest[0]), int(arrangements[0])
    (0.0625, 0.0625, 32)
    """
    x = np.asarray(differences, dtype=np.float64)
    n_tests = x.shape[1]
    size = np.isfinite(x).sum(axis=0)
    x = np.nan_to_num(x, nan=0.0)
    if n_tests:
        x = x[np.lexsort(tuple(x.T[::-1]))]
    observed = np.abs(x.sum(axis=0))
    p, smallest = np.full(n_tests, np.nan), np.full(n_tests, np.nan)
    arrangements = np.zeros(n_tests, dtype=np.int64)
    few = (size > 0) & (size <= int(np.log2(MAX_EXACT)))
    for test in np.flatnonzero(few):
        taking_part = x[x[:, test] != 0, test]
        # A difference of exactly 0 is the same under both signs: leaving it out changes no share.
        signs = 1.0 - 2.0 * ((np.arange(2 ** len(taking_part))[:, None] >> np.arange(len(taking_part))) & 1)
        sums = np.abs(signs @ taking_part)[:, None]
        share, least = _shares_at_least(sums, observed[test : test + 1])
        p[test], smallest[test], arrangements[test] = share[0], least[0], 2 ** int(size[test])
    many = np.flatnonzero((size > 0) & ~few)
    if len(many):
        rng = np.random.default_rng(random_state)
        hits = np.zeros(len(many))
        block = max(1, _BLOCK // max(1, len(x)))
        for start in range(0, n_resamples, block):
            rows = min(block, n_resamples - start)
            signs = 1.0 - 2.0 * rng.integers(0, 2, size=(rows, len(x)), dtype=np.int8)
            hits += (np.abs(signs @ x[:, many]) >= observed[many] - _CLOSE).sum(axis=0)
        p[many] = (hits + 1) / (n_resamples + 1)
        smallest[many] = np.where(np.abs(x[:, many]).max(axis=0) <= _CLOSE, 1.0, 1 / (n_resamples + 1))
        arrangements[many] = n_resamples
    return p, smallest, arrangements, few


def benjamini_hochberg(p: ArrayLike) -> Floats:
    """Give the false-discovery-rate adjusted p-values; NaN stays NaN and does not count.

    Examples
    --------
    >>> benjamini_hochberg([0.01, float("nan"), 0.04]).tolist()
    [0.02, nan, 0.04]
    """
    from scipy.stats import false_discovery_control

    values = np.asarray(p, dtype=np.float64)
    adjusted = np.full(values.shape, np.nan)
    present = np.isfinite(values)
    if present.any():
        adjusted[present] = false_discovery_control(values[present])
    return adjusted


def _sums_of_subsets(x: Floats, k: int) -> Floats:
    """Sum the rows of x over every subset of k rows."""
    subsets = np.fromiter(combinations(range(len(x)), k), dtype=np.dtype((np.int64, k)), count=comb(len(x), k))
    sums = np.zeros((len(subsets), x.shape[1]))
    for column in subsets.T:
        sums += x[column]
    return sums


def _shares_at_least(statistics: Floats, observed: Floats) -> tuple[Floats, Floats]:
    """Give the share of arrangements at least as far out as the observed one, and as the farthest one."""
    p = (statistics >= observed - _CLOSE).mean(axis=0)
    return p, (statistics >= statistics.max(axis=0) - _CLOSE).mean(axis=0)


def _random_exchanges(
    x: Floats, size: NDArray[np.int64], observed: Floats, n_resamples: int, random_state: int
) -> Floats:
    """Count random arrangements in which a group's sum is at least as far from 0 as the observed one."""
    rng = np.random.default_rng(random_state)
    hits = np.zeros(observed.shape)
    filled = np.flatnonzero(size > 0)
    starts = np.concatenate(([0], np.cumsum(size[filled])[:-1]))
    for _ in range(n_resamples):
        sums = np.add.reduceat(x[rng.permutation(len(x))], starts, axis=0)
        hits[filled] += np.abs(sums) >= observed[filled] - _CLOSE
    return hits
