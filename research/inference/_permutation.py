"""Two-sided permutation tests over documents, exact where documents are few.

p is the share of arrangements whose statistic is at least as far from 0 as the observed one: all arrangements where
there are at most 20,000, else ``n_resamples`` random ones with the observed arrangement counted in (the +1 correction).
Where that leaves a p at its floor and so many comparisons are made that its q could not fall below .05, more are drawn.

**Exchanging documents** compares Welch's t of the arrangements and not the difference of means. A difference of means
is a test of whether two groups have the same *distribution*: of 5 documents against 60 with half the spread it rejects
equal means in .25 to .31 of cases at .05, of 8 against 40 with a third of it in .28 to .30, and an outlet that prints
briefs has such a spread. Welch's t rejects them in .04 to .08 (simulations of 400 to 600 samples).

**Themes** are compared within documents. Turning the signs of the documents' differences needs no independence of
paragraphs, but a symmetric distribution: of scores that are mostly 0 it rejects what is alike in .11 to .19 (80% zeros,
6 to 12 documents) and .21 to .37 (92%). Exchanging the paragraphs of each document needs no symmetry and holds .04 to
.07 there, but takes neighbouring paragraphs for independent. Each fails where the other holds, so p is the larger of
the two.

References
----------
Phipson, B. & Smyth, G. K. (2010). Permutation p-values should never be zero. *Statistical Applications in Genetics and
Molecular Biology* 9(1), article 39.
Janssen, A. (1997). Studentized permutation tests for non-i.i.d. hypotheses and the generalized Behrens-Fisher problem.
*Statistics & Probability Letters* 36(1). Chung, E. & Romano, J. P. (2013). Exact and asymptotically robust permutation
tests. *Annals of Statistics* 41(2).
Kwak, H. et al. (2021). FrameAxis. *PeerJ Computer Science* 7:e644: a permutation test of framing over texts, which is
one-sided, uncorrected, and draws from the group itself; these are none of that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from math import ceil, comb

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import comb as combf

__all__ = ["LEVEL", "MAX_EXACT", "Tested", "benjamini_hochberg", "exchange_test", "shuffle_test", "sign_flip_test"]

MAX_EXACT = 20_000
LEVEL = 0.05
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Sums in another order differ in the last bits; statistics this close count as equal.
_CLOSE = 1e-10
# Variances this small, in relation to that of all values, are round-off.
_NO_SPREAD = 1e-13
_BLOCK = 2_000_000
# A test with at most so many hits among the first arrangements may need more of them; how much work that may be.
_FEW_HITS = 10
_MOST_WORK = 4_000_000_000
# How much more work it is to shuffle a paragraph than to add up a number.
_SORTING = 50


@dataclass(frozen=True)
class Tested:
    """What a permutation test found; arrays of one shape, a test each.

    Attributes
    ----------
    p : NaN where there is nothing to test
    smallest : the smallest p that any arrangement of these values could have had
    arrangements : how many were looked at; 0 where there was nothing to test
    exact : whether these were all there are
    """

    p: Floats
    smallest: Floats
    arrangements: Integers
    exact: NDArray[np.bool_]


def exchange_test(
    values: ArrayLike,
    groups: ArrayLike,
    n_groups: int,
    *,
    shared: ArrayLike = 0.0,
    n_comparisons: int = 1,
    n_resamples: int = 2000,
    random_state: int = 0,
) -> Tested:
    """Test each group's mean against the mean of all other documents, by Welch's t and exchanging documents.

    Parameters
    ----------
    values : array-like of shape (n_documents, n_tests)
    groups : array-like of int, shape (n_documents,)
        Group of each document, 0 to ``n_groups`` - 1.
    n_groups : int
    shared : array-like, broadcast to (n_groups, n_tests)
        Variance of the difference that no exchange of documents shows, such as the error of anchors; the observed t is
        smaller by it.
    n_comparisons : int
        How many comparisons q will be corrected for.
    n_resamples : int
        Random arrangements where there are more than 20,000.
    random_state : int

    Returns
    -------
    Tested
        Of shape (n_groups, n_tests). A group of one document, and one against one other, is not tested: how far others
        would differ cannot be known from one.

    Examples
    --------
    >>> found = exchange_test([[9.0], [8.0], [2.0], [3.0], [4.0]], [0, 0, 1, 1, 1], 2)
    >>> float(found.p[0, 0]), float(found.smallest[0, 0]), int(found.arrangements[0, 0])
    (0.1, 0.1, 10)
    """
    x = np.asarray(values, dtype=np.float64)
    label = np.asarray(groups, dtype=np.int64)
    n, n_tests = x.shape
    # The order of documents must not matter to random arrangements: sort them by what they hold.
    order = np.lexsort((label, *x.T[::-1]))
    x, label = x[order], label[order]
    x = x - (x.mean(axis=0) if n else 0.0)
    both = np.hstack([x, x**2])
    size = np.bincount(label, minlength=n_groups)
    added = np.broadcast_to(np.asarray(shared, dtype=np.float64), (n_groups, n_tests))
    found = _nothing((n_groups, n_tests))
    sums = np.zeros((n_groups, 2 * n_tests))
    np.add.at(sums, label, both)
    tested = np.flatnonzero((size > 1) & (size < n - 1))
    observed = np.zeros((n_groups, n_tests))
    for group in tested:
        observed[group] = _welch(sums[group], both.sum(axis=0), int(size[group]), n, added[group])
    sampled = []
    for group in tested:
        k = int(size[group])
        if combf(n, k) <= MAX_EXACT:
            # Of the smaller side: the other has what is left of the totals.
            small = min(k, n - k)
            found.p[group], found.smallest[group] = _shares_at_least(
                _welch(_sums_of_subsets(both, small), both.sum(axis=0), small, n), observed[group]
            )
            found.arrangements[group], found.exact[group] = comb(n, k), True
        else:
            sampled.append(int(group))
    if sampled:
        _sample(found, both, size, np.array(sampled), observed, n_comparisons, n_resamples, random_state)
    return found


def _sample(
    found: Tested,
    both: Floats,
    size: Integers,
    sampled: Integers,
    observed: Floats,
    n_comparisons: int,
    n_resamples: int,
    random_state: int,
) -> None:
    n, n_tests = len(both), observed.shape[1]
    hits = _random_exchanges(both, size, sampled, observed, n_resamples, random_state)
    found.p[sampled] = (hits + 1) / (n_resamples + 1)
    found.smallest[sampled] = 1 / (n_resamples + 1)
    found.arrangements[sampled] = n_resamples
    found.smallest[:, np.ptp(both[:, :n_tests], axis=0) <= _CLOSE] = 1.0
    # The second draws alone decide where there are some, so that looking at the first costs no validity.
    deep = np.flatnonzero((hits <= _FEW_HITS).any(axis=0))
    more = _enough(n_comparisons, n_resamples, n * max(1, len(deep)))
    if len(deep) and more > n_resamples:
        columns = np.concatenate([deep, deep + n_tests])
        again = _random_exchanges(both[:, columns], size, sampled, observed[:, deep], more, random_state + 1)
        rows, which = np.nonzero(hits[:, deep] <= _FEW_HITS)
        place = (sampled[rows], deep[which])
        found.p[place] = (again[rows, which] + 1) / (more + 1)
        found.smallest[place] = np.minimum(found.smallest[place], 1 / (more + 1))
        found.arrangements[place] = more


def sign_flip_test(
    differences: ArrayLike, *, shared: ArrayLike = 0.0, n_resamples: int = 2000, random_state: int = 0
) -> Tested:
    """Test mean differences within documents against 0 by turning their signs.

    Parameters
    ----------
    differences : array-like of shape (n_documents, n_tests)
        NaN where a document does not take part in a test.
    shared : array-like, broadcast to (n_tests,)
        Variance of the mean that no turning of signs shows; as in `exchange_test`.
    n_resamples : int
        Random arrangements where there are more than 20,000.
    random_state : int

    Returns
    -------
    Tested
        Of shape (n_tests,).

    Examples
    --------
    >>> found = sign_flip_test([[1.0], [2.0], [1.5], [0.5], [1.0]])
    >>> float(found.p[0]), float(found.smallest[0]), int(found.arrangements[0])
    (0.0625, 0.0625, 32)
    """
    x = np.asarray(differences, dtype=np.float64)
    n_tests = x.shape[1]
    size = np.isfinite(x).sum(axis=0)
    x = np.nan_to_num(x, nan=0.0)
    if n_tests:
        x = x[np.lexsort(tuple(x.T[::-1]))]
    observed = np.abs(x.sum(axis=0)) * _shrunk(x, size, np.broadcast_to(np.asarray(shared, dtype=np.float64), n_tests))
    found = _nothing((n_tests,))
    few = (size > 0) & (size <= int(np.log2(MAX_EXACT)))
    for test in np.flatnonzero(few):
        taking_part = x[x[:, test] != 0, test]
        # A difference of exactly 0 is the same under both signs: leaving it out changes no share.
        signs = 1.0 - 2.0 * ((np.arange(2 ** len(taking_part))[:, None] >> np.arange(len(taking_part))) & 1)
        share, least = _shares_at_least(np.abs(signs @ taking_part)[:, None], observed[test : test + 1])
        found.p[test], found.smallest[test] = share[0], least[0]
        found.arrangements[test], found.exact[test] = 2 ** int(size[test]), True
    many = np.flatnonzero((size > 0) & ~few)
    if len(many):
        rng = np.random.default_rng(random_state)
        hits = np.zeros(len(many))
        block = max(1, _BLOCK // max(1, len(x)))
        for start in range(0, n_resamples, block):
            rows = min(block, n_resamples - start)
            signs = 1.0 - 2.0 * rng.integers(0, 2, size=(rows, len(x)), dtype=np.int8)
            hits += (np.abs(signs @ x[:, many]) >= observed[many] - _CLOSE).sum(axis=0)
        found.p[many] = (hits + 1) / (n_resamples + 1)
        found.smallest[many] = np.where(np.abs(x[:, many]).max(axis=0) <= _CLOSE, 1.0, 1 / (n_resamples + 1))
        found.arrangements[many] = n_resamples
    return found


def shuffle_test(
    scores: Floats,
    weights: Floats,
    documents: Integers,
    themes: Integers,
    which: Integers,
    *,
    shrink: Floats,
    n_comparisons: int = 1,
    n_resamples: int = 2000,
    random_state: int = 0,
) -> Floats:
    """Test each theme's mean difference from its documents' other paragraphs by exchanging paragraphs within documents.

    Parameters
    ----------
    scores, weights : ndarray of shape (n_paragraphs,)
    documents : ndarray of int, shape (n_paragraphs,)
    themes : ndarray of int, shape (n_paragraphs,)
        -1 for none.
    which : ndarray of int, shape (n_tests,)
        The themes to test.
    shrink : ndarray of shape (n_tests,)
        What the observed statistic is multiplied by, for error that no exchange shows.
    n_comparisons : int
        How many comparisons q will be corrected for.
    n_resamples : int
        Random arrangements, or more where so many comparisons need it.
    random_state : int

    Returns
    -------
    ndarray of shape (n_tests,)
        p.

    Examples
    --------
    >>> scores = np.tile([1.0, 0.0, 0.0, 0.0, 0.0], 4)
    >>> one = np.ones(20)
    >>> p = shuffle_test(scores, one, np.repeat(np.arange(4), 5), np.tile([0, 1, 1, 1, 1], 4), [0], shrink=np.ones(1))
    >>> bool(p[0] < 0.01)
    True
    """
    which = np.asarray(which, dtype=np.int64)
    # Only documents with one of the themes; in an order that does not depend on their names.
    has = np.isin(documents, documents[np.isin(themes, which)])
    scores, weights, documents, themes = scores[has], weights[has], documents[has], themes[has]
    _, document, count = np.unique(documents, return_inverse=True, return_counts=True)
    mean = np.bincount(document, weights=scores) / count
    rank = np.empty(len(count), dtype=np.int64)
    rank[np.lexsort((count, mean))] = np.arange(len(count))
    order = np.argsort(rank[document], kind="stable")
    score, weight, document = scores[order], weights[order], rank[document][order]
    column = np.full(int(themes.max(initial=0)) + 1, len(which))
    column[which] = np.arange(len(which))
    theme = np.where(themes[order] >= 0, column[themes[order]], len(which))
    n_documents, n_columns = len(count), len(which) + 1
    total_weight = np.bincount(document, weights=weight)[:, None]
    total = np.bincount(document, weights=weight * score)[:, None]

    def statistic(labels: Integers) -> Floats:
        cell = document * n_columns + labels
        shape = (n_documents, n_columns)
        own_weight = np.bincount(cell, weights=weight, minlength=n_documents * n_columns).reshape(shape)
        own = np.bincount(cell, weights=weight * score, minlength=n_documents * n_columns).reshape(shape)
        with np.errstate(divide="ignore", invalid="ignore"):
            difference = own / own_weight - (total - own) / (total_weight - own_weight)
        inside = (own_weight > 0) & (total_weight - own_weight > 0)
        return np.asarray(np.abs(np.where(inside, difference, 0.0).sum(axis=0)[:-1]))

    observed = statistic(theme) * shrink
    rng = np.random.default_rng(random_state)
    hits = np.zeros(len(which))
    n_resamples = _enough(n_comparisons, n_resamples, _SORTING * len(score))
    for _ in range(n_resamples):
        # Documents are numbered, so a random fraction shuffles within each of them alone.
        hits += statistic(theme[np.argsort(document + rng.random(len(document)))]) >= observed - _CLOSE
    p: Floats = (hits + 1) / (n_resamples + 1)
    return p


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


def _nothing(shape: tuple[int, ...]) -> Tested:
    missing: Callable[[], Floats] = lambda: np.full(shape, np.nan)  # noqa: E731 - twice the same, once a line
    return Tested(missing(), missing(), np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=bool))


def _enough(n_comparisons: int, n_resamples: int, work: int) -> int:
    """Give how many arrangements let one of so many comparisons have a q below .05, as far as work allows."""
    wanted = ceil(2 * n_comparisons / LEVEL)
    return max(n_resamples, min(wanted, _MOST_WORK // max(1, work)))


def _welch(sums: Floats, totals: Floats, k: int | Integers, n: int, shared: Floats | float = 0.0) -> Floats:
    """Give Welch's |t| of k values with these sums and sums of squares (…, 2 n_tests) against the n - k others.

    Of centred values; infinite where both sides are constant and differ.
    """
    n_tests = sums.shape[-1] // 2
    total, square, squares = sums[..., :n_tests], sums[..., n_tests:], totals[n_tests:]
    difference = np.abs(total) * (1 / k + 1 / (n - k))
    own = np.maximum(square - total**2 / k, 0.0) / (k - 1)
    rest = np.maximum(squares - square - total**2 / (n - k), 0.0) / (n - k - 1)
    variance = own / k + rest / (n - k)
    variance = np.where(variance <= _NO_SPREAD * squares, 0.0, variance) + shared
    with np.errstate(divide="ignore", invalid="ignore"):
        t = difference / np.sqrt(variance)
    return np.asarray(np.where(difference <= _CLOSE, 0.0, t))


def _shrunk(x: Floats, size: Integers, shared: Floats) -> Floats:
    """Give what a sum of differences is multiplied by, so that its t counts the variance `shared` too.

    Turning signs leaves the sum of squares as it is, so t is a function of the sum alone.
    """
    n = np.maximum(size, 1)
    squares = (x**2).sum(axis=0)
    mean = x.sum(axis=0) / n
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.maximum(squares - n * mean**2, 0.0) / (n * np.maximum(n - 1, 1))
        t = mean**2 / (own + shared)
        smaller = np.sqrt(t * squares / (n * (n - 1) + n * t)) / np.abs(mean)
    return np.asarray(np.where((shared > 0) & (size > 1) & (mean != 0), smaller, 1.0))


def _sums_of_subsets(x: Floats, k: int) -> Floats:
    """Sum the rows of x over every subset of k rows."""
    subsets = np.fromiter(combinations(range(len(x)), k), dtype=np.dtype((np.int64, k)), count=comb(len(x), k))
    sums = np.zeros((len(subsets), x.shape[1]))
    for column in subsets.T:
        sums += x[column]
    return sums


def _as_far(statistics: Floats, observed: Floats) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):  # infinity less infinity
        close = _CLOSE * (1 + np.where(np.isfinite(observed), np.abs(observed), 0.0))
        return np.asarray(statistics >= observed - close)


def _shares_at_least(statistics: Floats, observed: Floats) -> tuple[Floats, Floats]:
    """Give the share of arrangements at least as far out as the observed one, and as the farthest one."""
    return _as_far(statistics, observed).mean(axis=0), _as_far(statistics, statistics.max(axis=0)).mean(axis=0)


def _random_exchanges(
    both: Floats, size: Integers, sampled: Integers, observed: Floats, n_resamples: int, random_state: int
) -> Floats:
    """Count random arrangements in which a group's t is at least as far from 0 as the observed one."""
    rng = np.random.default_rng(random_state)
    hits = np.zeros((len(sampled), observed.shape[1]))
    filled = np.flatnonzero(size > 0)
    starts = np.concatenate(([0], np.cumsum(size[filled])[:-1]))
    place = np.searchsorted(filled, sampled)
    totals, n = both.sum(axis=0), len(both)
    sizes = size[sampled][:, None]
    for _ in range(n_resamples):
        sums = np.add.reduceat(both[rng.permutation(n)], starts, axis=0)[place]
        hits += _as_far(_welch(sums, totals, sizes, n), observed[sampled])
    return hits
