"""Two-sided permutation tests over documents, exact where documents are few.

p is the share of arrangements whose statistic is at least as far from 0 as the observed one: all arrangements where
there are at most 20,000, else ``n_resamples`` random ones with the observed arrangement counted in (the +1 correction).
Where that leaves a p near its floor and so many comparisons are made that its q could not fall below .05, more are
drawn, and they alone count.

**Exchanging documents** compares Welch's t of the arrangements and not the difference of means. A difference of means
is a test of whether two groups have the same *distribution*: of 5 documents against 60 with half the spread it rejects
equal means in .25 to .31 of cases at .05, of 8 against 40 with a third of it in .28 to .30, and an outlet that prints
briefs has such a spread. Welch's t rejects them in .04 to .08 (simulations of 400 to 600 samples).

**Themes** are compared within documents. Turning the signs of the documents' differences needs no independence of
paragraphs, but a symmetric distribution: of scores that are mostly 0 it rejects what is alike in .11 to .19 (80% zeros,
6 to 12 documents), .21 to .37 (92%), and still .35 with 99.5% zeros and 210 documents. Exchanging the paragraphs of
each document needs no symmetry and holds .04 to .07 there, but takes neighbouring paragraphs for independent. Each
fails where the other holds, so where signs find a p of .05 or less it is the larger of the two.

References
----------
Phipson, B. & Smyth, G. K. (2010). Permutation p-values should never be zero. *Statistical Applications in Genetics and
Molecular Biology* 9(1), article 39. Besag, J. & Clifford, P. (1991). Sequential Monte Carlo p-values. *Biometrika*
78(2).
Janssen, A. (1997). Studentized permutation tests for non-i.i.d. hypotheses and the generalized Behrens-Fisher problem.
*Statistics & Probability Letters* 36(1). Chung, E. & Romano, J. P. (2013). Exact and asymptotically robust permutation
tests. *Annals of Statistics* 41(2).
Kwak, H. et al. (2021). FrameAxis. *PeerJ Computer Science* 7:e644: a permutation test of framing over texts, which is
one-sided, uncorrected, and draws from the group itself; these are none of that.
"""

from __future__ import annotations

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
# Variances this small, in relation to the values' squares, are round-off.
_NO_SPREAD = 1e-13
_BLOCK = 2_000_000
# A test with at most so many hits among the first arrangements may need more of them.
_FEW_HITS = 10
# How much work more arrangements may be, about ten seconds' worth; what one takes however few its numbers are.
_MOST_WORK = 4_000_000_000
_EACH = 30_000
# With so many documents behind its variance a sum over them is normal enough for its p to be computed.
_NORMAL = 200
# Hits from which on a p is known well enough.
_ENOUGH_HITS = 50


@dataclass(frozen=True)
class Tested:
    """What a permutation test found; arrays of one shape, a test each.

    Attributes
    ----------
    p : NaN where there is nothing to test
    smallest : the smallest p that any arrangement of these values could have, were all looked at
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
    size = np.bincount(label, minlength=n_groups)
    added = np.broadcast_to(np.asarray(shared, dtype=np.float64), (n_groups, n_tests))
    found = _nothing((n_groups, n_tests))
    tested = np.flatnonzero((size > 1) & (size < n - 1))
    if not len(tested):
        return found
    both = np.hstack([x, x**2])
    sums = np.zeros((n_groups, 2 * n_tests))
    np.add.at(sums, label, both)
    totals, constant = both.sum(axis=0), np.ptp(x, axis=0) <= _CLOSE
    observed = _welch(sums, totals, np.maximum(size, 2)[:, None], n, added)
    sampled = []
    for group in tested:
        k = int(size[group])
        if combf(n, k) <= MAX_EXACT:
            # Of the smaller side: the other has what is left of the totals.
            small = min(k, n - k)
            found.p[group], found.smallest[group] = _shares_at_least(
                _welch(_sums_of_subsets(both, small), totals, small, n), observed[group]
            )
            found.arrangements[group], found.exact[group] = comb(n, k), True
        else:
            sampled.append(int(group))
            found.smallest[group] = np.where(constant, 1.0, 1 / combf(n, k))
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
    # Names must not matter to random arrangements: tests, documents and groups stand in the order of what they hold.
    n_tests, totals = observed.shape[1], both.sum(axis=0)
    tests = np.lexsort((totals[:n_tests], totals[n_tests:]))
    documents = np.lexsort(tuple(both[:, test] for test in tests[::-1]))
    filled = np.flatnonzero(size > 0)
    filled = filled[np.lexsort((*(observed[filled][:, test] for test in tests[::-1]), size[filled]))]
    slot = np.empty(len(size), dtype=np.int64)
    slot[filled] = np.arange(len(filled))
    draws = _Exchanges(both[documents], size[filled])
    hits = draws.hits(observed[sampled], slot[sampled], np.arange(n_tests), n_resamples, random_state)
    found.p[sampled] = (hits + 1) / (n_resamples + 1)
    found.arrangements[sampled] = n_resamples
    # The second draws alone decide where there are some, so that looking at the first costs no validity.
    few = hits <= _FEW_HITS * min(1.0, (n_resamples + 1) / 2001)
    deep = np.flatnonzero(few.any(axis=0))
    more = _enough(n_comparisons, n_resamples, draws.work(deep)) if len(deep) else 0
    if more > n_resamples:
        again = draws.hits(observed[sampled], slot[sampled], deep, more, random_state + 1)
        rows, which = np.nonzero(few[:, deep])
        place = (sampled[rows], deep[which])
        found.p[place] = (again[rows, which] + 1) / (more + 1)
        found.arrangements[place] = more


class _Exchanges:
    """Random exchanges of documents between groups; values and their squares (n_documents, 2 n_tests).

    A document has few of many themes, so that sums of their shares are sums of mostly zeros.
    """

    def __init__(self, both: Floats, size: Integers) -> None:
        self._both, self._size = both, size
        self._starts = np.concatenate(([0], np.cumsum(size))).astype(np.int64)
        self._is_sparse = both.shape[1] > 8 and np.count_nonzero(both) < both.size / 4

    def work(self, tests: Integers) -> int:
        """Say how many numbers an arrangement touches."""
        held = self._both[:, tests]
        numbers = 2 * (int(np.count_nonzero(held)) if self._is_sparse else held.size)
        return _EACH + 3 * len(self._both) + numbers + 20 * len(self._size) * len(tests)

    def hits(self, observed: Floats, slots: Integers, tests: Integers, n_resamples: int, random_state: int) -> Floats:
        """Count arrangements in which a group's t is at least as far from 0 as the observed one, (n_slots, n_tests)."""
        from scipy.sparse import csr_array

        rng = np.random.default_rng(random_state)
        columns = np.concatenate([tests, tests + self._both.shape[1] // 2])
        dense = self._both[:, columns]
        sparse = csr_array(dense) if self._is_sparse else None
        n, totals = len(dense), dense.sum(axis=0)
        sizes, wanted = self._size[slots][:, None], observed[:, tests]
        hits = np.zeros(wanted.shape)
        for _ in range(n_resamples):
            order = rng.permutation(n)
            if sparse is None:
                sums = np.add.reduceat(dense[order], self._starts[:-1], axis=0)
            else:
                sums = (csr_array((np.ones(n), order, self._starts), shape=(len(self._size), n)) @ sparse).toarray()
            hits += _as_far(_welch(sums[slots], totals, sizes, n), wanted)
        return hits


def sign_flip_test(
    differences: ArrayLike,
    *,
    shared: ArrayLike = 0.0,
    n_comparisons: int = 1,
    n_resamples: int = 2000,
    random_state: int = 0,
) -> Tested:
    """Test mean differences within documents against 0 by turning their signs.

    Parameters
    ----------
    differences : array-like of shape (n_documents, n_tests)
        NaN where a document does not take part in a test.
    shared : array-like, broadcast to (n_tests,)
        Variance of the mean that no turning of signs shows; as in `exchange_test`.
    n_comparisons : int
        How many comparisons q will be corrected for.
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
        hits = _random_signs(x[:, many], observed[many], n_resamples, random_state)
        found.p[many] = (hits + 1) / (n_resamples + 1)
        taking_part = (np.abs(x[:, many]) > _CLOSE).sum(axis=0)
        found.smallest[many] = np.where(taking_part, 2.0 ** (1.0 - taking_part), 1.0)
        found.arrangements[many] = n_resamples
        deep = many[hits <= _FEW_HITS * min(1.0, (n_resamples + 1) / 2001)]
        more = _enough(n_comparisons, n_resamples, _EACH // 10 + len(x) * (len(deep) + 2))
        if len(deep) and more > n_resamples:
            found.p[deep] = (_random_signs(x[:, deep], observed[deep], more, random_state + 1) + 1) / (more + 1)
            found.arrangements[deep] = more
    return found


def _random_signs(x: Floats, observed: Floats, n_resamples: int, random_state: int) -> Floats:
    """Count random signs that bring a sum at least as far from 0 as the observed one."""
    rng = np.random.default_rng(random_state)
    hits = np.zeros(len(observed))
    block = max(1, _BLOCK // max(1, len(x)))
    for start in range(0, n_resamples, block):
        rows = min(block, n_resamples - start)
        signs = 1.0 - 2.0 * rng.integers(0, 2, size=(rows, len(x)), dtype=np.int8)
        hits += (np.abs(signs @ x) >= observed - _CLOSE).sum(axis=0)
    return hits


def shuffle_test(
    scores: Floats,
    weights: Floats,
    documents: Integers,
    chosen: NDArray[np.bool_],
    *,
    shrink: float = 1.0,
    n_comparisons: int = 1,
    n_resamples: int = 2000,
    random_state: int = 0,
) -> float:
    """Test a theme's mean difference from its documents' other paragraphs by exchanging paragraphs within documents.

    Parameters
    ----------
    scores, weights : ndarray of shape (n_paragraphs,)
    documents : ndarray of int, shape (n_paragraphs,)
        Sorted.
    chosen : ndarray of bool, shape (n_paragraphs,)
        Which are of the theme.
    shrink : float
        What the observed statistic is multiplied by, for error that no exchange shows.
    n_comparisons, n_resamples, random_state : int
        As in `exchange_test`. Drawing ends with fifty hits (Besag & Clifford 1991).

    Returns
    -------
    float
        p. Where two hundred documents or more are behind the variance of the statistic, from the normal distribution
        with the variance that all exchanges have.

    Examples
    --------
    >>> scores = np.tile([1.0, 0.0, 0.0, 0.0, 0.0], 4)
    >>> p = shuffle_test(scores, np.ones(20), np.repeat(np.arange(4), 5), np.tile([True] + 4 * [False], 4))
    >>> bool(p < 0.01)
    True
    """
    starts = np.flatnonzero(np.diff(documents, prepend=-1))
    size = np.diff(np.append(starts, len(documents)))
    taken = np.add.reduceat(chosen.astype(np.int64), starts)
    mean = np.add.reduceat(scores, starts) / size
    about = np.add.reduceat((scores - np.repeat(mean, size)) ** 2, starts)
    # Documents without the theme, without others, or with one score add nothing to any arrangement.
    held = (taken > 0) & (taken < size) & (about > _NO_SPREAD)
    if not held.any():
        return 1.0
    rows = np.repeat(held, size)
    scores, weights, chosen = scores[rows], weights[rows], chosen[rows]
    size, taken, about, mean = size[held], taken[held], about[held], mean[held]
    # In an order that does not depend on names: of documents and of the paragraphs in each.
    rank = np.argsort(np.lexsort((taken, about, size, mean)))
    document = np.repeat(rank, size)
    order = np.lexsort((weights, scores, document))
    scores, weights, chosen, document = scores[order], weights[order], chosen[order], document[order]
    sorted_size = np.bincount(document)
    starts = np.concatenate(([0], np.cumsum(sorted_size)[:-1]))
    total_weight, total = np.add.reduceat(weights, starts), np.add.reduceat(weights * scores, starts)

    def statistic(chosen: NDArray[np.bool_]) -> Floats:
        """Give the sum over documents of theme less rest, of choices (…, n_paragraphs)."""
        own_weight = np.add.reduceat(np.where(chosen, weights, 0.0), starts, axis=-1)
        own = np.add.reduceat(np.where(chosen, weights * scores, 0.0), starts, axis=-1)
        return np.asarray(np.abs((own / own_weight - (total - own) / (total_weight - own_weight)).sum(axis=-1)))

    observed = float(statistic(chosen)) * shrink
    # Of equal weights; how often paragraphs are printed hardly changes it.
    variance = about / (size - 1) * size / (taken * (size - taken))
    if variance.sum() ** 2 / (variance**2).sum() >= _NORMAL:
        from scipy.special import ndtr

        return float(2 * ndtr(-observed / np.sqrt(variance.sum())))
    rng = np.random.default_rng(random_state)
    wanted = _enough(n_comparisons, n_resamples, _EACH // 10 + 50 * len(scores))
    first = np.repeat(starts, sorted_size)
    counts = np.repeat(np.add.reduceat(chosen.astype(np.int64), starts), sorted_size)
    place = np.arange(len(scores)) - first < counts
    hits, drawn, block = 0, 0, max(1, _BLOCK // 10 // len(scores))
    while drawn < wanted and hits < _ENOUGH_HITS:
        rows_now = min(block, wanted - drawn)
        # Documents are numbered, so a random fraction shuffles within each of them alone.
        shuffled = np.argsort(document + rng.random((rows_now, len(scores))), axis=-1)
        drawn_now = np.zeros((rows_now, len(scores)), dtype=bool)
        np.put_along_axis(drawn_now, shuffled, np.broadcast_to(place, shuffled.shape), axis=-1)
        hits += int((statistic(drawn_now) >= observed - _CLOSE).sum())
        drawn += rows_now
    return (hits + 1) / (drawn + 1)


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
    p, smallest = np.full((2, *shape), np.nan)
    return Tested(p, smallest, np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=bool))


def _enough(n_comparisons: int, n_resamples: int, work: int) -> int:
    """Give how many arrangements let one of so many comparisons have a q below .05, as far as work allows."""
    wanted = ceil(2 * n_comparisons / LEVEL)
    return max(n_resamples, min(wanted, _MOST_WORK // max(1, work)))


def _welch(sums: Floats, totals: Floats, k: int | Integers, n: int, shared: Floats | float = 0.0) -> Floats:
    """Give Welch's |t| of k values with these sums and sums of squares (…, 2 n_tests) against the n - k others.

    Infinite where both sides are constant and differ.
    """
    n_tests = sums.shape[-1] // 2
    total, square, squares = sums[..., :n_tests], sums[..., n_tests:], totals[n_tests:]
    rest_total = totals[:n_tests] - total
    difference = np.abs(total / k - rest_total / (n - k))
    own = np.maximum(square - total**2 / k, 0.0) / (k - 1)
    rest = np.maximum(squares - square - rest_total**2 / (n - k), 0.0) / np.maximum(n - k - 1, 1)
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
