"""Ridge regression in the dual, products whose bits do not depend on how many rows there are, and projections."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["project", "ridge", "without"]

Floats = NDArray[np.float64]


def ridge(gram: Floats, y: Floats, weights: Floats, penalty: float) -> tuple[Floats, Floats]:
    """Solve weighted ridge in the dual: give (coefficients of the rows, intercepts) for each column of `y`.

    The direction is ``X.T @ coefficients``; it minimises sum_i c_i (y_i - b - w.x_i)^2 + penalty * trace / n * |w|^2,
    where trace / n is the weighted mean squared length of the centred features.
    """
    from scipy.linalg import cho_factor, cho_solve

    share = weights / weights.sum()
    mean_row: Floats = gram @ share
    centred = gram - mean_row[:, None] - mean_row[None, :] + share @ mean_row
    root = np.sqrt(weights)
    kernel = centred * root[:, None] * root[None, :]
    damping = penalty * max(float(share @ np.diag(centred)), 1e-12)
    mean_y = share @ y
    kernel[np.diag_indices_from(kernel)] += damping
    coefficients: Floats = root[:, None] * cho_solve(cho_factor(kernel, lower=True), root[:, None] * (y - mean_y))
    # w = X_c' a with the a's summing to anything, so move the mean into the coefficients themselves.
    coefficients -= share[:, None] * coefficients.sum(axis=0)
    intercepts: Floats = mean_y - mean_row @ coefficients
    return coefficients, intercepts


def project(X: Floats, directions: Floats) -> Floats:
    """Give ``X @ directions.T``, each row's bits independent of how many rows there are.

    A BLAS product is not: it takes other paths for other shapes. `einsum` without optimisation sums row by row.
    """
    X = np.ascontiguousarray(X, dtype=np.float64)
    return np.stack([np.einsum("nd,d->n", X, direction, optimize=False) for direction in directions], axis=1)


def without(directions: Floats, w: Floats) -> Floats:
    """Take orthonormal directions, shape (n_directions, n_features), out of vectors, shape (..., n_features).

    Examples
    --------
    >>> without(np.array([[1.0, 0.0]]), np.array([2.0, 3.0])).tolist()
    [0.0, 3.0]
    """
    return w - (w @ directions.T) @ directions
