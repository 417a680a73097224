"""What a fit remembers of its paragraphs: how sure of them it would be without them, and how near they are.

A classifier of 384 dimensions knows the paragraphs it was fitted on by heart: the probabilities it gives them are near
one whatever they are. Each fitted paragraph therefore keeps what the classifier says of it without it; it is recognised
by its vector.

An outlier is no nearer to the five paragraphs nearest to it than the typical paragraph is to the five nearest of
themes other than its own. Planted among others, 25 texts of another kind or of noise were told from them so (area under
the curve; share flagged of the others and of the planted):

==============================  ==================  ================  =====
                                nearest five        own centroid      GLOSH
==============================  ==================  ================  =====
posts among bills               .857 (.05, .40)     .579              .905
posts among news paragraphs     .820 (.15, .64)     .683              .870
bills among BBC articles        .645 (.00, .00)     .950              .522
noise among bills               .992 (.05, 1.00)    .640              .578
==============================  ==================  ================  =====

Texts of another kind that are like one another become a theme of their own, and are then no outliers.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from research.themes._geometry import Floats

__all__ = ["Neighborhood", "Remembered"]

_NEAREST = 5
_LARGEST = 2_000
_SAME = 1.0 - 1e-6  # a cosine from which on it is the same text
_BLOCK = 4096


@dataclass(frozen=True)
class Remembered:
    """Left-out log-odds and stability of the fitted rows.

    Attributes
    ----------
    keys : ndarray of uint64, shape (n,)
        Increasing.
    log_odds : ndarray of float32, shape (n, n_themes)
    stability : ndarray of float32, shape (n,)
        The share of reruns that left a row with its theme; NaN where it was in none.
    """

    keys: NDArray[np.uint64]
    log_odds: NDArray[np.float32]
    stability: NDArray[np.float32]

    @classmethod
    def of(cls, rows: Floats, log_odds: Floats, stability: Floats) -> Remembered:
        """Remember rows that are all different."""
        keys = _keys(rows)
        order = np.argsort(keys, kind="stable")
        return cls(keys[order], log_odds[order].astype(np.float32), stability[order].astype(np.float32))

    def replace(self, rows: Floats, log_odds: Floats) -> Floats:
        """Give log-odds with those of remembered rows in their place."""
        known, place = self._find(rows)
        result: Floats = np.where(known[:, None], self.log_odds[place].astype(np.float64), log_odds)
        return result

    def stability_of(self, rows: Floats) -> Floats:
        """Give the stability of remembered rows, NaN for others."""
        known, place = self._find(rows)
        return np.where(known, self.stability[place].astype(np.float64), np.nan)

    def _find(self, rows: Floats) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        keys = _keys(rows)
        place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1).astype(np.int64)
        return self.keys[place] == keys, place


@dataclass(frozen=True)
class Neighborhood:
    """Fitted rows to be near to, at most 2,000, and how near is near enough.

    Attributes
    ----------
    rows : ndarray, shape (n, n_dimensions)
    fence : float
        Mean cosine with the five nearest below which a row is an outlier.
    """

    rows: Floats
    fence: float

    @classmethod
    def of(cls, rows: Floats, labels: NDArray[np.int64]) -> Neighborhood:
        """Learn from rows that are all different, in an order of their own."""
        kept = np.arange(len(rows))
        if len(kept) > _LARGEST:
            kept = np.sort(np.random.default_rng(0).choice(len(kept), _LARGEST, replace=False))
        rows, labels = rows[kept], labels[kept]
        cosines = rows @ rows.T
        cosines[labels[:, None] == labels[None]] = np.nan
        elsewhere = _nearest(cosines)
        return cls(rows, float(np.nanmedian(elsewhere)) if np.isfinite(elsewhere).any() else -1.0)

    def outliers(self, rows: Floats) -> NDArray[np.bool_]:
        """Say which rows are no nearer than the fence."""
        far = np.empty(len(rows), dtype=bool)
        for start in range(0, len(rows), _BLOCK):
            cosines = rows[start : start + _BLOCK] @ self.rows.T
            cosines[cosines > _SAME] = np.nan
            near = _nearest(cosines)
            far[start : start + _BLOCK] = near < self.fence  # a row like all others has none: no outlier
        return far


def _nearest(cosines: Floats) -> Floats:
    """Give each row's mean of its five greatest numbers, those that are none left out; NaN where all are."""
    count = min(_NEAREST, cosines.shape[1])
    filled = np.where(np.isnan(cosines), -np.inf, cosines)
    greatest = np.sort(np.partition(filled, cosines.shape[1] - count, axis=1)[:, cosines.shape[1] - count :], axis=1)
    known = np.isfinite(greatest)
    sums = np.where(known, greatest, 0.0).sum(axis=1)
    with np.errstate(invalid="ignore"):
        means: Floats = sums / known.sum(axis=1)
    return means


def _keys(rows: Floats) -> NDArray[np.uint64]:
    digests = (blake2b(row.tobytes(), digest_size=8).digest() for row in np.ascontiguousarray(rows, dtype="<f8"))
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)
