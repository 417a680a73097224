"""Nearest neighbours of paragraphs, and the graph they make."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from research.themes._geometry import Floats

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["nearest_neighbors", "neighbor_graph", "smoothed"]

_SPARE = 8  # more candidates than asked for, so that single precision does not decide who is among the nearest
_BLOCK = 2048
_CLOSE = 1e-6  # between cosines: what single precision may not tell apart
_LEAST_WEIGHT = 1e-6  # of an edge whose cosine is not positive: a neighbour all the same


def nearest_neighbors(rows: Floats, n_neighbors: int) -> tuple[NDArray[np.int64], Floats]:
    """Find each unit row's nearest other rows by cosine, nearest first, ties by row number.

    Candidates are searched in single precision; their cosines are then computed exactly. Where others may be as near as
    the farthest candidate, all rows are compared: which of them the search comes upon depends on its threads.

    Parameters
    ----------
    rows : ndarray, shape (n, n_dimensions)
        Unit length, on the grid.
    n_neighbors : int
        At most n - 1.

    Returns
    -------
    indices : ndarray of int64, shape (n, n_neighbors)
    cosines : ndarray of float64, shape (n, n_neighbors)
    """
    from sklearn.neighbors import NearestNeighbors

    n = len(rows)
    search = NearestNeighbors(n_neighbors=min(n_neighbors + _SPARE, n - 1), algorithm="brute")
    candidates = search.fit(rows.astype(np.float32)).kneighbors(return_distance=False)
    candidates = np.sort(candidates, axis=1).astype(np.int64)
    indices = np.empty((n, n_neighbors), dtype=np.int64)
    cosines = np.empty((n, n_neighbors))
    for start in range(0, n, _BLOCK):
        block = slice(start, start + _BLOCK)
        exact = np.einsum("ij,ikj->ik", rows[block], rows[candidates[block]])
        order = np.argsort(-exact, axis=1, kind="stable")[:, :n_neighbors]
        indices[block] = np.take_along_axis(candidates[block], order, axis=1)
        cosines[block] = np.take_along_axis(exact, order, axis=1)
        if candidates.shape[1] < n - 1:
            for row in start + np.flatnonzero(exact.min(axis=1) > cosines[block][:, -1] - _CLOSE):
                everyone = rows @ rows[row]
                everyone[row] = -np.inf
                indices[row] = np.argsort(-everyone, kind="stable")[:n_neighbors]
                cosines[row] = everyone[indices[row]]
    return indices, cosines


def neighbor_graph(indices: NDArray[np.int64], cosines: Floats) -> csr_matrix:
    """Join each row with its neighbours, either way, by edges that weigh as much as the cosine."""
    from scipy.sparse import csr_matrix

    n, k = indices.shape
    weights = np.maximum(cosines, _LEAST_WEIGHT)
    directed = csr_matrix((weights.ravel(), (np.repeat(np.arange(n), k), indices.ravel())), shape=(n, n))
    graph = directed.maximum(directed.T).tocsr()
    graph.sort_indices()
    return graph


def smoothed(rows: Floats, n_neighbors: int, steps: int) -> Floats:
    """Move each row half the way to the mean of its neighbours, `steps` times."""
    from research.themes._geometry import unit

    if not steps:
        return rows
    indices, _ = nearest_neighbors(rows, n_neighbors)
    for _ in range(steps):
        rows = unit(rows / 2 + unit(rows[indices].mean(axis=1)) / 2)
    return rows
