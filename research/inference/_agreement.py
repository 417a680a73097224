"""Agreement between coders, and between a method and gold labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from research.errors import InputError
from research.inference._bootstrap import ClusteredInterval, clustered_interval

__all__ = ["krippendorff_alpha", "macro_f1", "spearman_interval"]

Label = TypeVar("Label", bound=Hashable)
LEVELS = ("nominal", "ordinal", "interval", "ratio")


def krippendorff_alpha(
    values: ArrayLike, level: Literal["nominal", "ordinal", "interval", "ratio"] = "nominal"
) -> float:
    """Compute Krippendorff's alpha: 1 - observed disagreement / disagreement expected by chance.

    With the coincidences o_ck = sum over units of (pairs of values c, k in the unit) / (m_u - 1), their margins n_c and
    total n, alpha = 1 - (n - 1) sum o_ck d_ck / sum n_c n_k d_ck. The difference d_ck is 0 or 1 (nominal),
    (n_c / 2 + the margins between + n_k / 2)^2 (ordinal), (c - k)^2 (interval), ((c - k) / (c + k))^2 (ratio).

    Parameters
    ----------
    values : array-like of shape (n_coders, n_units)
        Numbers, NaN where a coder did not judge a unit; texts or None too for the nominal level.
    level : {"nominal", "ordinal", "interval", "ratio"}

    Returns
    -------
    float
        1 for agreement, 0 for chance; NaN where it is not defined, because no unit has two values or all values are the
        same.

    Raises
    ------
    InputError
        If the array is not two-dimensional, the level is unknown or values are not numbers where numbers are needed.

    References
    ----------
    Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability. University of Pennsylvania.
    Hayes, A. F. & Krippendorff, K. (2007). Answering the call for a standard reliability measure for coding data.
    *Communication Methods and Measures* 1(1), 77-89.

    Examples
    --------
    >>> round(krippendorff_alpha([[1, 2, 3, 1], [1, 2, 3, 2]], "nominal"), 3)
    0.667
    """
    if level not in LEVELS:
        raise InputError(f"level is {level!r}; allowed are {', '.join(LEVELS)}")
    given = np.asarray(values, dtype=object)
    if given.ndim != 2:
        raise InputError(f"values has the shape {given.shape}; give (n_coders, n_units)")
    coded, scale = _coded(given, level)
    counts = np.zeros((given.shape[1], len(scale)))
    for row in coded:
        judged = np.flatnonzero(row >= 0)
        counts[judged, row[judged]] += 1
    # A value that stands alone in its unit can be paired with nothing.
    counts = counts[counts.sum(axis=1) > 1]
    pairable = counts / (counts.sum(axis=1, keepdims=True) - 1)
    coincidence = counts.T @ pairable - np.diag(pairable.sum(axis=0))
    margin = coincidence.sum(axis=1)
    difference = _differences(margin, scale, level)
    expected = float(margin @ difference @ margin)
    if expected <= 0:
        return float("nan")
    return 1.0 - float(margin.sum() - 1) * float((coincidence * difference).sum()) / expected


def spearman_interval(
    x: ArrayLike,
    y: ArrayLike,
    clusters: Sequence[str],
    *,
    n_resamples: int = 2000,
    confidence: float = 0.95,
    random_state: int = 0,
) -> ClusteredInterval:
    """Compute Spearman's rank correlation with a bootstrap interval that resamples whole documents.

    Parameters
    ----------
    x, y : array-like of shape (n,)
    clusters : sequence of str, length n
        The document of each pair.
    n_resamples : int
    confidence : float in (0, 1)
    random_state : int

    Returns
    -------
    ClusteredInterval
        estimate, low, high, n_clusters; see `clustered_interval` for when ends are None.

    Raises
    ------
    InputError
        If lengths differ or a value is not finite.

    Examples
    --------
    >>> found = spearman_interval([1, 2, 3, 4], [1, 2, 4, 3], ["a", "a", "b", "b"])
    >>> round(found.estimate, 2), found.n_clusters
    (0.8, 2)
    """
    a, b = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if a.ndim != 1 or a.shape != b.shape or len(a) != len(clusters):
        raise InputError(f"x, y and clusters have {a.shape}, {b.shape} and {len(clusters)} values; give equally many")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise InputError("x and y must be finite; leave out the pairs with a missing value")
    return clustered_interval(
        lambda rows: _spearman(a[rows], b[rows]),
        clusters,
        n_resamples=n_resamples,
        confidence=confidence,
        random_state=random_state,
    )


def macro_f1(gold: Sequence[Label], predicted: Sequence[Label], min_gold: int = 5) -> tuple[float, list[Label]]:
    """Compute the mean F1 over the classes that have enough gold labels.

    Parameters
    ----------
    gold, predicted : sequence of hashable, length n
    min_gold : int
        A class counts where at least so many gold labels have it: an F1 of two labels is noise.

    Returns
    -------
    score : float
        In [0, 1]; NaN where no class has enough.
    classes : list
        The classes that counted, sorted.

    Raises
    ------
    InputError
        If the lengths differ.

    Examples
    --------
    >>> macro_f1(["favor", "favor", "neutral", "neutral"], ["favor", "neutral", "neutral", "neutral"], min_gold=2)[1]
    ['favor', 'neutral']
    """
    if len(gold) != len(predicted):
        raise InputError(f"gold has {len(gold)} labels and predicted {len(predicted)}; give one of each for every row")
    in_gold, in_predicted = Counter(gold), Counter(predicted)
    hits = Counter(label for label, guess in zip(gold, predicted, strict=True) if label == guess)
    classes = sorted((label for label, count in in_gold.items() if count >= min_gold), key=str)
    if not classes:
        return float("nan"), []
    scores = [2 * hits[label] / (in_gold[label] + in_predicted[label]) for label in classes]
    return float(np.mean(scores)), classes


def _coded(given: NDArray[np.object_], level: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Give each value's place on the sorted scale (-1: missing), and the scale."""
    missing = np.array([[value is None or value != value for value in row] for row in given], dtype=bool)
    missing = missing.reshape(given.shape)
    present = [value for value, gone in zip(given.ravel(), missing.ravel(), strict=True) if not gone]
    if level == "nominal":
        names = sorted(set(present), key=lambda value: (str(type(value)), str(value)))
        place = {name: number for number, name in enumerate(names)}
        scale = np.arange(len(names), dtype=np.float64)
        coded = [[-1 if gone else place[v] for v, gone in zip(*pair, strict=True)] for pair in zip(given, missing)]  # noqa: B905
        return np.array(coded, dtype=np.int64).reshape(given.shape), scale
    try:
        numbers = np.where(missing, np.nan, given).astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"the {level} level needs numbers, and values has others ({error})") from error
    scale = np.unique(numbers[~missing])
    if level == "ratio" and len(scale) and scale[0] < 0:
        raise InputError(f"the ratio level needs values of 0 or more, and values has {scale[0]}")
    return np.where(missing, -1, np.searchsorted(scale, numbers)), scale


def _differences(margin: NDArray[np.float64], scale: NDArray[np.float64], level: str) -> NDArray[np.float64]:
    """Give the squared difference of every two values."""
    if level == "nominal":
        return 1.0 - np.eye(len(scale))
    if level == "ordinal":
        # The place of a value is the middle of its run of ranks, so the difference of places is the formula's sum.
        place = np.cumsum(margin) - margin / 2
        return np.asarray(np.subtract.outer(place, place) ** 2)
    difference = np.subtract.outer(scale, scale)
    if level == "ratio":
        total = np.add.outer(scale, scale)
        difference = np.divide(difference, total, out=np.zeros_like(difference), where=total > 0)
    return np.asarray(difference**2)


def _spearman(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    from scipy.stats import rankdata

    ranks = np.stack([rankdata(a), rankdata(b)])
    ranks -= ranks.mean(axis=1, keepdims=True)
    scale = float(np.sqrt((ranks[0] @ ranks[0]) * (ranks[1] @ ranks[1])))
    return float(ranks[0] @ ranks[1]) / scale if scale > 0 else float("nan")
