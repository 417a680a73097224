"""Rows of the framing benchmark: agreement measures with bootstrap intervals over documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from research.inference import clustered_interval

__all__ = ["Judge", "auroc"]

Floats = NDArray[np.float64]


def auroc(truth: NDArray[np.bool_], scores: Floats) -> float:
    """Give the share of (true, false) pairs in the right order, ties half; NaN where one kind is missing."""
    positive = int(truth.sum())
    negative = len(truth) - positive
    if not positive or not negative:
        return float("nan")
    ranks = rankdata(scores)
    return float((ranks[truth].sum() - positive * (positive + 1) / 2) / (positive * negative))


def _spearman(x: Floats, y: Floats) -> float:
    a, b = rankdata(x), rankdata(y)
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])


def _over(truth: NDArray[np.bool_], scores: Floats) -> Callable[[NDArray[np.int64]], float]:
    return lambda rows: auroc(truth[rows], scores[rows])


class Judge:
    """Collects rows: what was scored, by which system, on which measure.

    Parameters
    ----------
    n_resamples : int
    seed : int
    """

    def __init__(self, n_resamples: int, seed: int) -> None:
        self.n_resamples = n_resamples
        self.seed = seed
        self.rows: list[dict[str, Any]] = []

    def add(
        self,
        part: str,
        system: str,
        measure: str,
        statistic: Callable[[NDArray[np.int64]], float],
        clusters: Sequence[str],
        note: str | None = None,
    ) -> float:
        """Compute a statistic with its interval over clusters, keep the row, and give the estimate."""
        found = clustered_interval(statistic, clusters, n_resamples=self.n_resamples, random_state=self.seed)
        self.put(part, system, measure, found.estimate, len(clusters), found.low, found.high, note)
        return float(found.estimate)

    def put(
        self,
        part: str,
        system: str,
        measure: str,
        value: float,
        n: int,
        low: float | None = None,
        high: float | None = None,
        note: str | None = None,
    ) -> None:
        """Keep a row whose value and interval are known."""
        self.rows.append(
            {"part": part, "system": system, "measure": measure, "value": None if value != value else float(value),
             "low": low, "high": high, "n": n, "note": note}
        )  # fmt: skip

    def add_auroc(
        self,
        part: str,
        system: str,
        measure: str,
        truth: NDArray[np.bool_],
        scores: Floats,
        clusters: Sequence[str],
    ) -> None:
        """Judge scores by how well they put true before false."""
        self.add(part, system, measure, _over(truth, scores), clusters)

    def framing(
        self,
        part: str,
        system: str,
        score: Floats,
        truth: Floats,
        clusters: Sequence[str],
        poles: tuple[Floats, Floats] | None = None,
    ) -> None:
        """Judge a framing score by coders' labels, and the poles' own scores where there are any."""
        self.add(part, system, "Spearman", lambda rows: _spearman(score[rows], truth[rows]), clusters)
        positive, negative = poles if poles is not None else (score, -score)
        rest = np.flatnonzero(truth <= 0)
        kept = [clusters[int(row)] for row in rest]
        for name, above, below in (("score", score, -score), ("own pole", positive, negative)):
            if name == "own pole" and poles is None:
                continue
            inside = below[rest]
            self.add(
                part,
                system,
                f"AUROC celebratory against the rest, by the {name}",
                _over(truth > 0, above),
                clusters,
            )
            self.add(
                part,
                system,
                f"AUROC analytical against plain, by the {name}",
                _over(truth[rest] < 0, inside),
                kept,
            )
