"""Rows of the framing benchmark: agreement measures with bootstrap intervals over documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from research.inference import clustered_interval

__all__ = ["Judge", "auroc", "order_by_mean", "order_chances"]

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


def order_by_mean(values: Floats, documents: Sequence[str]) -> list[str]:
    """Give the documents from the highest mean of their paragraphs to the lowest; of equal ones, by name."""
    names, number = np.unique(np.array(documents), return_inverse=True)
    means = np.bincount(number, weights=values) / np.bincount(number)
    return [str(names[place]) for place in np.argsort(-means, kind="stable")]


def order_chances(
    truth: Floats, documents: Sequence[str], correlation: float, n_draws: int, seed: int
) -> tuple[float, float]:
    """Give how often chance leaves the order of documents by their mean as it is.

    Parameters
    ----------
    truth : ndarray of float64, shape (n_paragraphs,)
    documents : sequence of str, length n_paragraphs
    correlation : float
        Above 0 and at most 1.
    n_draws, seed : int

    Returns
    -------
    resampled : float
        Share of the draws in which as many paragraphs of each document, drawn with return, have the same order.
    erring : float
        The same for every paragraph's truth plus normal noise of its own, as much as takes the correlation with the
        truth down to `correlation`: a score without any bias that agrees no better than that.
    """
    generator = np.random.default_rng([seed, 3])
    wanted = order_by_mean(truth, documents)
    names = np.array(documents)
    inside = [np.flatnonzero(names == name) for name in sorted(set(documents))]
    noise = truth.std() * np.sqrt(1 / correlation**2 - 1)
    resampled = erring = 0
    for _ in range(n_draws):
        rows = np.concatenate([generator.choice(some, len(some)) for some in inside])
        resampled += order_by_mean(truth[rows], list(names[rows])) == wanted
        erring += order_by_mean(truth + noise * generator.standard_normal(len(truth)), documents) == wanted
    return resampled / n_draws, erring / n_draws


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
