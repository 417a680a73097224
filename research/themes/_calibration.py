"""From similarities to probabilities, without labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from research.themes._geometry import Floats

__all__ = ["Calibration", "margins"]

# Without a second theme there is nothing to calibrate on; these are about what larger codebooks gave.
_DEFAULT = (-3.0, 8.0, 11.0)
# Where each theme has one text, none can be left out; regression on the labels of the bills and of BBC news, their
# topics' names as the codebook, gave (-2.4, 14, 18) and (-.7, 9, 45).
_NAMES_ONLY = (-2.5, 12.0, 18.0)
_STRANGERS = 0.5


def margins(scores: Floats) -> Floats:
    """Give each score less the best of the other themes' in the same row, or less 0 where that is below 0.

    0 is what a text about nothing in particular scores, so that of two themes the less wrong one gains nothing.

    Parameters
    ----------
    scores : ndarray, shape (n, n_themes)

    Returns
    -------
    ndarray, shape (n, n_themes)
    """
    other = np.zeros_like(scores)
    if scores.shape[1] > 1:
        two = np.sort(scores, axis=1)[:, -2:]
        other[:] = two[:, 1:]
        other[np.arange(len(scores)), np.argmax(scores, axis=1)] = two[:, 0]
    result: Floats = scores - np.maximum(other, 0.0)
    return result


@dataclass(frozen=True)
class Calibration:
    """Log-odds of a theme given its score s and its margin m: b0 + b1 s + b2 m.

    Fitted by logistic regression on items whose theme is known because they made it (a codebook's anchors, each scored
    as if it were not in the codebook; a cluster's rows, each by the regression without it), own theme against
    all other themes. Strangers, items scored by the other themes alone as if their own did not exist, teach what
    a text outside the codebook looks like; they weigh half, as if one text in three were such.

    On the bills of `research.themes._anchor_regression`, before definitions were split, with codebooks of 2, 3, 5, 10
    of the 21 topics drawn at random: without strangers .88, .81, .86, .70 of the bills on *other* topics reached a
    probability of .5, with them .28, .22, .39, .34 (of those on the codebook's own topics .85, .84, .87, .75), and F1
    rose from .17, .19, .30, .48 to .42, .46, .50, .57. Anchors alone cannot tell how much of a corpus is outside;
    `research.themes._paragraph_odds` finds it out.

    Attributes
    ----------
    coefficients : ndarray, shape (3,)
        b0, b1, b2.
    cut : float
        The 5th percentile of the items' scores for their own theme; what lies lower is unlike the theme.
    """

    coefficients: Floats
    cut: float

    @classmethod
    def fit(cls, scores: Floats, own: NDArray[np.int64], strangers: Floats | None = None) -> Calibration:
        """Fit on left-out scores.

        Parameters
        ----------
        scores : ndarray, shape (n, n_themes)
        own : ndarray of int64, shape (n,)
            Each item's own theme.
        strangers : ndarray, shape (n_strangers, n_themes - 1), optional
        """
        if not len(scores):
            return cls(np.array(_NAMES_ONLY if scores.shape[1] > 1 else _DEFAULT), 0.0)
        own_scores = scores[np.arange(len(scores)), own]
        cut = float(np.quantile(own_scores, 0.05))
        if scores.shape[1] < 2:
            return cls(np.array(_DEFAULT), cut)
        from sklearn.linear_model import LogisticRegression
        from threadpoolctl import threadpool_limits

        is_own = np.zeros(scores.shape, dtype=bool)
        is_own[np.arange(len(scores)), own] = True
        parts = [scores] if strangers is None else [scores, strangers]
        features = np.vstack([np.column_stack([part.ravel(), margins(part).ravel()]) for part in parts])
        target = np.zeros(len(features), dtype=bool)
        target[: is_own.size] = is_own.ravel()
        weight = np.where(np.arange(len(features)) < is_own.size, 1.0, _STRANGERS)
        with threadpool_limits(1):  # the bits of a BLAS product depend on how many threads there are
            model = LogisticRegression(C=100.0, max_iter=1000).fit(features, target, sample_weight=weight)
        slopes = np.maximum(model.coef_[0], 0.0)  # more similar must never mean less probable
        return cls(np.array([model.intercept_[0], *slopes]), cut)

    def log_odds(self, scores: Floats) -> Floats:
        """Give the log-odds, shape (n, n_themes)."""
        b0, b1, b2 = self.coefficients
        result: Floats = b0 + b1 * scores + b2 * margins(scores)
        return result
