"""How well themes agree with labels that people gave."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from research.errors import InputError

__all__ = ["clustering_agreement", "first_theme_accuracy", "mean_average_precision"]


def clustering_agreement(labels: Sequence[Any], gold: Sequence[Any]) -> dict[str, float]:
    """Compare one theme a paragraph with one label a paragraph.

    Parameters
    ----------
    labels : sequence, length n
        Themes; -1 and None stand for none. Paragraphs without a theme count as one group of their own: nothing is
        left out of the comparison.
    gold : sequence, length n

    Returns
    -------
    dict of str to float
        `ami` and `ari` (at most 1, chance 0), `purity` and `coverage` (the share that has a theme), both in [0, 1].

    Raises
    ------
    InputError
        If the lengths differ or there is nothing to compare.

    References
    ----------
    Vinh, Epps & Bailey (2010), adjusted mutual information; Hubert & Arabie (1985), adjusted Rand index.

    Examples
    --------
    >>> clustering_agreement([0, 0, 1, 1], ["a", "a", "b", "b"])["ami"]
    1.0
    """
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score
    from sklearn.metrics.cluster import contingency_matrix

    _check_lengths(len(labels), len(gold))
    found = np.array(["" if label is None or label == -1 else str(label) for label in labels])
    truth = np.array([str(label) for label in gold])
    table = contingency_matrix(truth, found)
    return {
        "ami": float(adjusted_mutual_info_score(truth, found)),
        "ari": float(adjusted_rand_score(truth, found)),
        "purity": float(table.max(axis=0).sum() / table.sum()),
        "coverage": float(np.mean(found != "")),
    }


def first_theme_accuracy(scores: NDArray[np.floating], gold: Sequence[Collection[str]], names: Sequence[str]) -> float:
    """Give the share of paragraphs whose highest theme is among their gold themes.

    Parameters
    ----------
    scores : ndarray, shape (n, n_themes)
        Any scale; equal scores go to the earlier theme.
    gold : sequence of collection of str, length n
        The themes of each paragraph; paragraphs without any are passed over.
    names : sequence of str, length n_themes

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    InputError
        If the lengths differ, or no paragraph has a gold theme.

    Examples
    --------
    >>> first_theme_accuracy(np.array([[2.0, 1.0], [2.0, 1.0]]), [{"a"}, {"b"}], ["a", "b"])
    0.5
    """
    scores = _check_scores(scores, gold, names)
    right = [names[int(np.argmax(row))] in themes for row, themes in zip(scores, gold, strict=True) if themes]
    if not right:
        raise InputError("no paragraph has a gold theme, so there is nothing to be accurate about")
    return float(np.mean(right))


def mean_average_precision(
    scores: NDArray[np.floating], gold: Sequence[Collection[str]], names: Sequence[str]
) -> float:
    """Average, over the themes that occur in the gold labels, the average precision of ranking by that theme's score.

    Parameters
    ----------
    scores : ndarray, shape (n, n_themes)
    gold : sequence of collection of str, length n
    names : sequence of str, length n_themes

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    InputError
        If the lengths differ, or no named theme occurs in the gold labels.

    Examples
    --------
    >>> mean_average_precision(np.array([[2.0, 1.0], [1.0, 2.0]]), [{"a"}, {"b"}], ["a", "b"])
    1.0
    """
    from sklearn.metrics import average_precision_score

    scores = _check_scores(scores, gold, names)
    has = np.array([[name in themes for name in names] for themes in gold])
    occurring = np.flatnonzero(has.any(axis=0))
    if not len(occurring):
        raise InputError(f"none of the themes {', '.join(names)} occurs in the gold labels; check the names")
    return float(np.mean([average_precision_score(has[:, k], scores[:, k]) for k in occurring]))


def _check_lengths(n: int, n_gold: int) -> None:
    if n != n_gold or not n:
        raise InputError(f"there are {n} paragraphs and {n_gold} gold labels; both must be the same number, at least 1")


def _check_scores(
    scores: NDArray[np.floating], gold: Sequence[Collection[str]], names: Sequence[str]
) -> NDArray[np.float64]:
    values = np.asarray(scores, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] != len(names):
        raise InputError(f"scores have the shape {values.shape}; give a column for each of {len(names)} themes")
    _check_lengths(len(values), len(gold))
    return values
