"""The bootstrap of whole documents, for statistics that have no formula."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from research._resampling import expanded_tail
from research.errors import InputError

__all__ = ["ClusteredInterval", "clustered_interval"]


class ClusteredInterval(NamedTuple):
    """A statistic with its interval over documents.

    Attributes
    ----------
    estimate : float
    low, high : float or None
        None where no interval is possible.
    n_clusters : int
        Documents resampled.
    """

    estimate: float
    low: float | None
    high: float | None
    n_clusters: int


def clustered_interval(
    statistic: Callable[[NDArray[np.int64]], float],
    clusters: Sequence[str],
    *,
    n_resamples: int = 2000,
    confidence: float = 0.95,
    random_state: int = 0,
) -> ClusteredInterval:
    """Compute a statistic with an interval over resampled documents.

    Paragraphs of a document are alike, so resampling paragraphs would promise too much. Plain percentiles would, too,
    where documents are few, so the ends are quantiles farther out (`research._resampling.expanded_tail` has how far,
    and what they hold). With two or three documents the interval is still too narrow: say so beside it.

    Parameters
    ----------
    statistic : callable
        Takes row numbers, repeated where a document was drawn twice, and gives a number; NaN where it is not defined.
    clusters : sequence of str
        The document of each row.
    n_resamples : int
    confidence : float in (0, 1)
    random_state : int

    Returns
    -------
    ClusteredInterval
        The ends are None with one document, or where more than a tenth of the resamples leave the statistic undefined.

    Raises
    ------
    InputError
        If there are no rows, or the confidence or the number of resamples is impossible.

    Examples
    --------
    >>> values = np.array([0.0, 1.0, 1.0, 0.0])
    >>> clustered_interval(lambda rows: float(values[rows].mean()), ["a", "a", "b", "b"])
    ClusteredInterval(estimate=0.5, low=0.5, high=0.5, n_clusters=2)
    """
    if not len(clusters):
        raise InputError("there are no rows to compute a statistic from")
    if not 0 < confidence < 1:
        raise InputError(f"confidence is {confidence}; give a number between 0 and 1")
    if n_resamples < 1:
        raise InputError(f"n_resamples is {n_resamples}; give 1 or more")
    names, label = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    rows = [np.flatnonzero(label == number) for number in range(len(names))]
    estimate = float(statistic(np.arange(len(label))))
    if len(names) < 2:
        return ClusteredInterval(estimate, None, None, 1)
    rng = np.random.default_rng(random_state)
    drawn = np.array(
        [
            statistic(np.concatenate([rows[number] for number in rng.integers(0, len(names), len(names))]))
            for _ in range(n_resamples)
        ]
    )
    drawn = drawn[np.isfinite(drawn)]
    if len(drawn) < 0.9 * n_resamples:
        return ClusteredInterval(estimate, None, None, len(names))
    tail = expanded_tail(len(names), confidence)
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return ClusteredInterval(estimate, float(low), float(high), len(names))
