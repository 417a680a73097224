"""Groups of documents summed up, and the comparison of each group with the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from research.inference._cells import Cells
from research.inference._cluster_test import cluster_test, smallest_by_clusters
from research.inference._clusters import Clusters, clustered_difference, clustered_mean
from research.inference._intervals import dispersion_of_difference, mean_interval, p_of_mean
from research.inference._permutation import LEVEL, Tested, exchange_test

__all__ = [
    "Comparison", "FEW", "Moments", "Summary", "compare_groups", "drawn_difference", "moments", "summarise",
]  # fmt: skip

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Below so many documents an interval of a mean may be too narrow where they are of different kinds.
FEW = 8
# The share of the sum of squares that is one document's in .09 of normal samples of eight, and of more hardly ever.
_LOPSIDED = 0.6
# Round-off leaves a variance of about 1e-33 among equal values.
_ALIKE = 1e-20


@dataclass(frozen=True)
class Summary:
    """Means over the documents of groups; arrays of shape (n_groups,).

    Attributes
    ----------
    n, n_clusters, n_paragraphs : documents, clusters of them (the documents where none are given), and paragraphs
    mean, low, high : the estimate and its interval; with one document the interval of its measurement draws
    sampling, freedom : variance of the mean over documents, and its degrees of freedom
    shared : what error that documents have in common adds to it
    alike : whether several documents all have the same value, so that there is no interval over them
    lopsided : whether one of eight documents or more makes most of their variance
    """

    n: Integers
    n_clusters: Integers
    n_paragraphs: Integers
    mean: Floats
    low: Floats
    high: Floats
    sampling: Floats
    freedom: Floats
    shared: Floats
    alike: NDArray[np.bool_]
    lopsided: NDArray[np.bool_]


@dataclass(frozen=True)
class Comparison:
    """Groups against the rest; arrays of shape (n_groups, n_tests), from `n` on of shape (n_groups,)."""

    difference: Floats
    low: Floats
    high: Floats
    tested: Tested
    n: Integers
    n_rest: Integers
    n_clusters: Integers
    n_clusters_rest: Integers


@dataclass(frozen=True)
class Moments:
    """Of groups; `n` and `n_clusters` (n_groups,), all else (n_groups, n_tests), or (n_groups, 1) without clusters."""

    n: Integers
    n_clusters: Integers
    mean: Floats
    variance: Floats
    sampling: Floats
    freedom: Floats


def moments(values: Floats, label: Integers, n_groups: int, cluster: Integers | None = None) -> Moments:
    """Give the mean, the sample variance and the dispersion of the mean of groups.

    Parameters
    ----------
    values : ndarray of shape (n, n_tests)
    label : ndarray of shape (n,)
        -1 for no group.
    n_groups : int
    cluster : ndarray of shape (n,), optional
        Which of them depend on one another.
    """
    from scipy.sparse import csr_array

    inside = np.flatnonzero(label >= 0)
    onehot = csr_array((np.ones(len(inside)), (label[inside], inside)), shape=(n_groups, len(label)))
    n = np.bincount(label[inside], minlength=n_groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (onehot @ values) / n[:, None]
        deviation = np.zeros_like(values)
        deviation[inside] = values[inside] - mean[label[inside]]
        variance = (onehot @ deviation**2) / (n[:, None] - 1)
        variance = np.where(n[:, None] > 1, variance, np.nan)
        if cluster is None:
            return Moments(n, n, mean, variance, variance / n[:, None], (n[:, None] - 1).astype(np.float64))
    found = clustered_mean(values, mean, label, n_groups, cluster)
    return Moments(n, found.n_clusters, mean, variance, found.sampling, found.freedom)


def summarise(
    cells: Cells,
    label: Integers,
    n_groups: int,
    drawn_sums: Floats,
    *,
    bound: float,
    confidence: float,
    clusters: Clusters | None = None,
) -> Summary:
    """Sum up cells (one a document and group) in groups.

    Parameters
    ----------
    cells : Cells
    label : ndarray of shape (n_cells,)
        Group of each cell, -1 for none.
    n_groups : int
    drawn_sums : ndarray of shape (n_draws, n_groups)
        Draws of the sums over each group's cells; no rows without draws.
    bound : float
        The quantity lies in [-bound, bound].
    confidence : float
    clusters : Clusters, optional
    """
    cluster = None if clusters is None else clusters.codes[cells.document]
    found = moments(cells.mean[:, None], label, n_groups, cluster)
    n, mean, variance, sampling, freedom = (
        found.n, found.mean[:, 0], found.variance[:, 0], found.sampling[:, 0], found.freedom[:, 0]
    )  # fmt: skip
    shared = np.zeros(n_groups)
    if len(drawn_sums) > 1:
        # The mean covariance between two documents: what error all documents have in common.
        shared = np.maximum(_between_covariance(drawn_sums, cells, label, n_groups), 0.0)
    low, high = mean_interval(mean, sampling, freedom, shared=shared, n_draws=len(drawn_sums), confidence=confidence)
    alike = (n > 1) & (np.nan_to_num(variance, nan=1.0) < _ALIKE)
    low, high = (np.where(alike, np.nan, np.clip(end, -bound, bound)) for end in (low, high))
    alone = np.flatnonzero((label >= 0) & (n[label] == 1))
    low[label[alone]], high[label[alone]] = cells.low[alone], cells.high[alone]
    inside = label >= 0
    n_paragraphs = np.bincount(label[inside], weights=cells.n_paragraphs[inside], minlength=n_groups)
    lopsided = ~alike & _is_lopsided(cells.mean, label, cluster, found)
    return Summary(
        n, found.n_clusters, np.rint(n_paragraphs).astype(np.int64), mean, low, high, sampling, freedom, shared, alike,
        lopsided,
    )  # fmt: skip


def _is_lopsided(values: Floats, label: Integers, cluster: Integers | None, found: Moments) -> NDArray[np.bool_]:
    """Tell where one document, or cluster, has most of the sum of squares; of few it has that by chance."""
    inside = label >= 0
    owner = np.arange(len(label)) if cluster is None else cluster
    pairs, pair = np.unique(np.stack([label[inside], owner[inside]]), axis=1, return_inverse=True)
    residuals = values[inside] - found.mean[label[inside], 0]
    squares = np.bincount(pair.ravel(), weights=residuals, minlength=pairs.shape[1]) ** 2
    farthest, total = np.zeros((2, len(found.n)))
    np.maximum.at(farthest, pairs[0], squares)
    np.add.at(total, pairs[0], squares)
    return np.asarray((found.n_clusters >= FEW) & (farthest > _LOPSIDED * total))


def drawn_difference(drawn_sums: Floats, cells: Cells, label: Integers, n_groups: int) -> Floats:
    """Give the measurement variance of group minus rest that the spread over documents does not show already."""
    if len(drawn_sums) < 2:
        return np.zeros(n_groups)
    n, own = _counts(cells, label, n_groups)
    n_rest, own_rest = n.sum() - n, own.sum() - own
    rest_sums = drawn_sums.sum(axis=1, keepdims=True) - drawn_sums
    with np.errstate(divide="ignore", invalid="ignore"):
        total = (drawn_sums / n - rest_sums / n_rest).var(axis=0, ddof=1)
        shown, _ = dispersion_of_difference(
            _within(drawn_sums, n, own), n, _within(rest_sums, n_rest, own_rest), n_rest
        )
    return np.asarray(np.nan_to_num(np.maximum(total - shown, 0.0), posinf=0.0))


def compare_groups(
    values: Floats,
    label: Integers,
    n_groups: int,
    *,
    shared: Floats | float,
    n_draws: int,
    bound: float,
    n_comparisons: int,
    n_resamples: int,
    confidence: float,
    random_state: int,
    cluster: Integers | None = None,
) -> Comparison:
    """Compare each group's documents with all other documents of a group; values (n_documents, n_tests).

    By Welch's t and exchanging documents; where they depend on one another by a t that is robust to it, and by
    arrangements of clusters where that has the larger p.
    """
    inside = label >= 0
    values, label = values[inside], label[inside]
    found = moments(values, label, n_groups)
    n, mean, variance = found.n, found.mean, found.variance
    total, size = values.sum(axis=0), len(values)
    n_rest = size - n
    with np.errstate(divide="ignore", invalid="ignore"):
        # Sums of squares about the overall mean give the variance of each group's rest without walking through it.
        centre = values.mean(axis=0) if size else np.zeros(values.shape[1])
        about = np.where(n[:, None] > 1, variance * (n[:, None] - 1), 0.0)
        about = np.where(n[:, None] > 0, about + n[:, None] * (mean - centre) ** 2, 0.0)
        rest_mean = (total - np.where(n[:, None] > 0, mean * n[:, None], 0.0)) / n_rest[:, None]
        rest_about = about.sum(axis=0) - about - n_rest[:, None] * (rest_mean - centre) ** 2
        rest_variance = np.where(n_rest[:, None] > 1, np.maximum(rest_about, 0.0) / (n_rest[:, None] - 1), 0.0)
    difference = mean - rest_mean
    difference[~np.isfinite(difference)] = np.nan
    shared = np.reshape(np.broadcast_to(shared, n_groups), (-1, 1))
    if cluster is None:
        variance = np.nan_to_num(variance)
        sampling, freedom = dispersion_of_difference(variance, n[:, None], rest_variance, n_rest[:, None])
        n_clusters, n_clusters_rest = n, n_rest
        tested = exchange_test(
            values, label, n_groups, shared=shared, n_comparisons=n_comparisons, n_resamples=n_resamples,
            random_state=random_state,
        )  # fmt: skip
    else:
        cluster = np.unique(cluster[inside], return_inverse=True)[1]
        robust = clustered_difference(values, label, n_groups, cluster)
        sampling, freedom, n_clusters = robust.sampling, robust.freedom, robust.n_clusters
        n_clusters_rest = np.array(
            [len(np.unique(cluster[label != group])) for group in range(n_groups)], dtype=np.int64
        )
        p = p_of_mean(difference, sampling, freedom, shared=shared, n_draws=n_draws)
        settled = {"n_resamples": n_resamples, "random_state": random_state}
        tested = _larger_p(np.where(sampling < _ALIKE, np.nan, p), values, label, cluster, settled)
    low, high = mean_interval(difference, sampling, freedom, shared=shared, n_draws=n_draws, confidence=confidence)
    low, high = (np.where(sampling < _ALIKE, np.nan, np.clip(end, -bound, bound)) for end in (low, high))
    return Comparison(difference, low, high, tested, n, n_rest, n_clusters, n_clusters_rest)


def _larger_p(p: Floats, values: Floats, label: Integers, cluster: Integers, settled: dict[str, int]) -> Tested:
    """Test by arrangements of clusters what the t finds, and take the larger p; see `_cluster_test`.

    Above the level the second p would change no decision.
    """
    arrangements = np.zeros(p.shape, dtype=np.int64)
    smallest, exact = np.full(p.shape, np.nan), np.zeros(p.shape, dtype=bool)
    for group in range(len(p)):
        own = label == group
        if not np.isfinite(p[group]).any():
            continue
        smallest[group] = np.where(np.isfinite(p[group]), smallest_by_clusters(own, cluster), np.nan)
        with np.errstate(invalid="ignore"):
            which = np.flatnonzero((p[group] <= LEVEL) & (smallest[group] <= LEVEL))
        if len(which):
            again = cluster_test(values[:, which], own, cluster, **settled)
            p[group, which] = np.maximum(p[group, which], again.p)
            arrangements[group, which], exact[group, which] = again.arrangements, again.exact
    return Tested(p, smallest, arrangements, exact)


def _counts(cells: Cells, label: Integers, n_groups: int) -> tuple[Floats, Floats]:
    """Give the number of cells and the sum of their own draw variances by group."""
    inside = label >= 0
    n: Floats = np.bincount(label[inside], minlength=n_groups).astype(np.float64)
    own = np.bincount(label[inside], weights=np.nan_to_num(cells.variance[inside]), minlength=n_groups)
    return n, np.asarray(own, dtype=np.float64)


def _between_covariance(drawn_sums: Floats, cells: Cells, label: Integers, n_groups: int) -> Floats:
    n, own = _counts(cells, label, n_groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        covariance: Floats = (drawn_sums.var(axis=0, ddof=1) - own) / (n * (n - 1))
    return np.where(n > 1, covariance, 0.0)


def _within(drawn_sums: Floats, n: Floats, own: Floats) -> Floats:
    """Give the mean variance of a document's draws less the mean covariance: what shows as spread over documents."""
    return np.where(n > 1, own / n - (drawn_sums.var(axis=0, ddof=1) - own) / (n * (n - 1)), 0.0)
