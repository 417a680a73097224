"""Cosine geometry whose results do not depend on the order or the number of the rows, to the last bit.

A matrix product adds in an order that depends on the shape of the matrices, so a row's similarities would differ in
the last bit between a corpus and a part of it, and with them, now and then, a theme. Here every coordinate lies on a
grid of 2**-24. Products of two such numbers are multiples of 2**-48, and the sums of products of vectors of length one
(or a little more) stay below 2**5: each fits the 53 bits of a double, so every sum is exact whatever its order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["centre", "exact_mean", "on_grid", "sort_rows", "unit"]

_GRID = 2.0**24

Floats = NDArray[np.float64]


def on_grid(values: NDArray[np.floating]) -> Floats:
    """Round to multiples of 2**-24 (about 6e-8)."""
    rounded: Floats = np.round(np.asarray(values, dtype=np.float64) * _GRID) / _GRID
    return rounded + 0.0  # no negative zeros, which would sort and hash apart


def unit(vectors: NDArray[np.floating]) -> Floats:
    """Scale each row to length one, on the grid; a row of zeros stays one.

    Parameters
    ----------
    vectors : ndarray, shape (n, n_dimensions)

    Returns
    -------
    ndarray of float64, shape (n, n_dimensions)
    """
    rows = np.ascontiguousarray(vectors, dtype=np.float64)
    largest = np.max(np.abs(rows), axis=1, keepdims=True, initial=0.0)
    rows = np.divide(rows, largest, out=np.zeros_like(rows), where=largest > 0)  # so that squares cannot overflow
    length = np.sqrt(np.sum(rows * rows, axis=1, keepdims=True))
    return on_grid(np.divide(rows, length, out=np.zeros_like(rows), where=length > 0))


def exact_mean(vectors: Floats) -> Floats:
    """Give the mean of rows that lie on the grid, on the grid; the same in whatever order they come."""
    mean: Floats = vectors.sum(axis=0) / max(len(vectors), 1)
    return on_grid(mean)


def centre(vectors: Floats, mean: Floats) -> Floats:
    """Subtract `mean` from unit rows on the grid and scale to length one again.

    What is left of a row that all but equals the mean is rounding, not direction; it becomes zeros.
    """
    rows = vectors - mean
    rows[np.max(np.abs(rows), axis=1, initial=0.0) < 1e-6] = 0.0
    return unit(rows)


def sort_rows(vectors: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the first of each distinct row, in lexicographic order, and each row's place among them.

    Returns
    -------
    first : ndarray of int64, shape (n_distinct,)
    place : ndarray of int64, shape (n,)
    """
    _, first, place = np.unique(vectors, axis=0, return_index=True, return_inverse=True)
    return first.astype(np.int64), place.reshape(-1).astype(np.int64)
