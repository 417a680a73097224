"""What a discovered theme is once it has been found: a direction in embedding space.

Whatever clusters the paragraphs, a ridge regression of the clusters on the vectors, each cluster weighing the same,
says what belongs to which theme, of the fitted paragraphs and of new ones. Its few arrays are all that is saved.
AMI / ARI of what it assigns, fitted on the communities in the first row:

===========================  ===========  ===========  ===========
                             bills        BBC          posts
===========================  ===========  ===========  ===========
the communities themselves   .467 / .351  .845 / .874  .644 / .399
ridge, penalty 3 (in use)    .472 / .355  .861 / .892  .630 / .409
ridge, penalty 1             .467 / .351  .855 / .886  .632 / .409
ridge, penalty 30            .464 / .350  .866 / .896  .622 / .406
ridge, rows weigh the same   .469 / .354  .855 / .884  .632 / .387
logistic regression, C = 1   .468 / .349  .858 / .887  .635 / .390
nearest centroid             .464 / .352  .829 / .866
nearest of the finer parts   .379 / .266  .848 / .878  .631 / .394
===========================  ===========  ===========  ===========
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from research.themes._geometry import Floats, on_grid

__all__ = ["LinearThemes"]

_PENALTY = 3.0
_LARGEST = 8.0  # of a coefficient vector: keeps sums of products on the grid exact


@dataclass(frozen=True)
class LinearThemes:
    """A score for each theme: weights . x + intercept, 0 for a text about nothing in particular.

    Attributes
    ----------
    weights : ndarray, shape (n_themes, n_dimensions)
        On the grid.
    intercepts : ndarray, shape (n_themes,)
    """

    weights: Floats
    intercepts: Floats

    @classmethod
    @threadpool_limits.wrap(limits=1)  # type: ignore[untyped-decorator]  # the bits depend on how many threads there are
    def fit(cls, rows: Floats, labels: NDArray[np.int64]) -> tuple[LinearThemes, Floats]:
        """Regress themes on rows, each theme weighing the same.

        With weights n / (K n_k), the rows' weighted mean taken away, and penalty 3: W = (X'DX + 3 I)^-1 X'D (Y - 1/K).

        Parameters
        ----------
        rows : ndarray, shape (n, n_dimensions)
            Centred, unit length.
        labels : ndarray of int64, shape (n,)
            From 0, none left out.

        Returns
        -------
        themes : LinearThemes
        left_out : ndarray, shape (n, n_themes)
            Each row's scores without it, by e_i / (1 - h_ii).
        """
        counts = np.bincount(labels)
        weight = (len(labels) / len(counts) / counts)[labels]
        target = np.eye(len(counts))[labels] - 1.0 / len(counts)
        middle = (weight[:, None] * rows).sum(axis=0) / weight.sum()
        centred = rows - middle
        weighted = weight[:, None] * centred
        if rows.shape[1] <= len(rows):
            inverse = np.linalg.inv(weighted.T @ centred + _PENALTY * np.eye(rows.shape[1]))
            coefficients = inverse @ (weighted.T @ target)
            leverage = weight * np.sum((centred @ inverse) * centred, axis=1)
        else:  # the same in the dual, where there are fewer rows than dimensions
            root = np.sqrt(weight)[:, None]
            kernel = (root * centred) @ (root * centred).T
            inverse = np.linalg.inv(kernel + _PENALTY * np.eye(len(rows)))
            coefficients = (root * centred).T @ (inverse @ (root * target))
            leverage = np.sum(inverse * kernel, axis=1)
        scores = centred @ coefficients
        leverage = np.clip(leverage + weight / weight.sum(), 0.0, 0.999)[:, None]
        left_out: Floats = target - (target - scores) / (1 - leverage)
        scale = max(1.0, float(np.sqrt((coefficients**2).sum(axis=0)).max()) / _LARGEST)
        weights = on_grid(coefficients.T / scale)
        return cls(weights, on_grid(-(middle @ coefficients) / scale)), left_out / scale

    def score(self, rows: Floats) -> Floats:
        """Score centred unit rows on the grid, shape (n, n_themes)."""
        scores: Floats = rows @ self.weights.T + self.intercepts
        return scores

    def assign(self, rows: Floats) -> NDArray[np.int64]:
        """Give each row the theme with the highest score."""
        labels: NDArray[np.int64] = np.argmax(self.score(rows), axis=1).astype(np.int64)
        return labels
