"""Groups of documents summed up, and the comparison of each group with the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from research.inference._cells import Cells
from research.inference._intervals import difference_interval, dispersion_of_difference, mean_interval
from research.inference._permutation import Tested, exchange_test

__all__ = ["Comparison", "FEW", "Summary", "compare_groups", "drawn_difference", "moments", "summarise"]

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
    n, n_paragraphs : documents and paragraphs
    mean, low, high : the estimate and its interval; with one document the interval of its measurement draws
    variance, shared : of the documents' values, and what error they have in common adds to that of the mean
    alike : whether several documents all have the same value, so that there is no interval over them
    lopsided : whether one of eight documents or more makes most of their variance
    """

    n: Integers
    n_paragraphs: Integers
    mean: Floats
    low: Floats
    high: Floats
    variance: Floats
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


def moments(values: Floats, label: Integers, n_groups: int) -> tuple[Integers, Floats, Floats]:
    """Give the number of documents, mean and sample variance of groups; values (n, n_tests), label -1 for none."""
    from scipy.sparse import csr_array

    inside = np.flatnonzero(label >= 0)
    onehot = csr_array((np.ones(len(inside)), (label[inside], inside)), shape=(n_groups, len(label)))
    n = np.bincount(label[inside], minlength=n_groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (onehot @ values) / n[:, None]
        deviation = np.zeros_like(values)
        deviation[inside] = values[inside] - mean[label[inside]]
        variance = (onehot @ deviation**2) / (n[:, None] - 1)
    return n, mean, np.where(n[:, None] > 1, variance, np.nan)


def summarise(
    cells: Cells, label: Integers, n_groups: int, drawn_sums: Floats, *, bound: float, confidence: float
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
    """
    n, mean, variance = moments(cells.mean[:, None], label, n_groups)
    shared = np.zeros(n_groups)
    if len(drawn_sums) > 1:
        # The mean covariance between two documents: what error all documents have in common.
        shared = np.maximum(_between_covariance(drawn_sums, cells, label, n_groups), 0.0)
    low, high = mean_interval(
        mean[:, 0], variance[:, 0], n, shared=shared, n_draws=len(drawn_sums), confidence=confidence
    )
    alike = (n > 1) & (np.nan_to_num(variance[:, 0], nan=1.0) < _ALIKE)
    low, high = (np.where(alike, np.nan, np.clip(end, -bound, bound)) for end in (low, high))
    alone = np.flatnonzero((label >= 0) & (n[label] == 1))
    low[label[alone]], high[label[alone]] = cells.low[alone], cells.high[alone]
    inside = label >= 0
    n_paragraphs = np.bincount(label[inside], weights=cells.n_paragraphs[inside], minlength=n_groups)
    lopsided = ~alike & _is_lopsided(cells.mean, label, n, mean[:, 0], variance[:, 0])
    return Summary(
        n, np.rint(n_paragraphs).astype(np.int64), mean[:, 0], low, high, variance[:, 0], shared, alike, lopsided
    )


def _is_lopsided(values: Floats, label: Integers, n: Integers, mean: Floats, variance: Floats) -> NDArray[np.bool_]:
    """Tell where the farthest document has most of the sum of squares; of few documents it has that by chance."""
    inside = np.flatnonzero(label >= 0)
    farthest = np.zeros(len(n))
    np.maximum.at(farthest, label[inside], (values[inside] - mean[label[inside]]) ** 2)
    with np.errstate(invalid="ignore"):
        return np.asarray((n >= FEW) & (farthest > _LOPSIDED * variance * (n - 1)))


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
) -> Comparison:
    """Compare each group's documents with all other documents of a group; values (n_documents, n_tests)."""
    values, label = values[label >= 0], label[label >= 0]
    n, mean, variance = moments(values, label, n_groups)
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
    low, high = difference_interval(
        difference, np.nan_to_num(variance), n[:, None], rest_variance, n_rest[:, None],
        shared=shared, n_draws=n_draws, confidence=confidence,
    )  # fmt: skip
    sampling, _ = dispersion_of_difference(np.nan_to_num(variance), n[:, None], rest_variance, n_rest[:, None])
    low, high = (np.where(sampling < _ALIKE, np.nan, np.clip(end, -bound, bound)) for end in (low, high))
    tested = exchange_test(
        values, label, n_groups, shared=shared, n_comparisons=n_comparisons, n_resamples=n_resamples,
        random_state=random_state,
    )  # fmt: skip
    return Comparison(difference, low, high, tested, n, n_rest)


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
