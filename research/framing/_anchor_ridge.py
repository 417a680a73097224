"""A plain ridge on anchors with whole subjects left out: what the validity card asks of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from research.framing._rank_statistics import spearman

__all__ = ["LeftOutRidge", "least_agreement"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Ridge penalties tried on the anchors, as multiples of the mean squared length of the centred features.
_PENALTIES = (0.3, 1.0, 3.0, 10.0)


class LeftOutRidge:
    """Ridge on anchors with whole subjects left out, for many labellings at once.

    With a fixed penalty the fit is linear in the labels, so the residuals without group G are (I - H_GG)^-1 of those
    with it (Allen 1974 for single rows).
    """

    def __init__(self, X: Floats, subject: Integers, n_subjects: int) -> None:
        centred = X - X.mean(axis=0)
        values, self._vectors = np.linalg.eigh(centred @ centred.T)
        self._values = np.maximum(values, 0.0)
        self._size = max(float(self._values.sum()) / len(X), 1e-12)
        self._members = [np.flatnonzero(subject == number) for number in range(n_subjects)]

    def scores(self, y: Floats) -> tuple[Floats, float]:
        """Give each column's scores without the row's subject by its own best penalty, and the first column's."""
        best, error, chosen = np.zeros_like(y), np.full(y.shape[1], np.inf), _PENALTIES[0]
        for penalty in _PENALTIES:
            shrink = self._values / (self._values + penalty * self._size)
            hat = (self._vectors * shrink) @ self._vectors.T + 1 / len(y)
            residual = y - hat @ y
            without = np.empty_like(y)
            for rows in self._members:
                inner = np.eye(len(rows)) - hat[np.ix_(rows, rows)]
                without[rows] = y[rows] - np.linalg.solve(inner, residual[rows])
            found = ((without - y) ** 2).mean(axis=0)
            better = found < error
            best[:, better], error[better] = without[:, better], found[better]
            if better[0]:
                chosen = penalty
        return best, chosen


def least_agreement(
    X: Floats, y: Floats, subject: Integers, names: NDArray[np.str_], penalty: float, texts: Floats
) -> tuple[float | None, str]:
    """Give the least rank correlation of the texts' scores with those from anchors without one subject, and whose."""

    def direction(rows: Integers) -> Floats:
        centred = X[rows] - X[rows].mean(axis=0)
        gram = centred @ centred.T
        gram[np.diag_indices_from(gram)] += penalty * max(float(np.trace(gram)) / len(rows), 1e-12)
        w: Floats = centred.T @ np.linalg.solve(gram, y[rows] - y[rows].mean())
        return w

    whole = texts @ direction(np.arange(len(y)))
    ones, least, whose = np.ones(len(texts)), None, ""
    for number, name in enumerate(names):
        rows = np.flatnonzero(subject != number)
        if not {1.0, -1.0} <= set(np.sign(y[rows]).tolist()):
            continue
        rho = spearman(whole, texts @ direction(rows))(ones)
        if np.isfinite(rho) and (least is None or rho < least):
            least, whose = rho, str(name)
    return least, whose
