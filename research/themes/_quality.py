"""How well themes agree with labels that people gave, and with themes found again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from research.errors import InputError

__all__ = [
    "cluster_recovery",
    "clustering_agreement",
    "first_theme_accuracy",
    "mean_average_precision",
    "number_themes",
]


def clustering_agreement(labels: Sequence[Any], gold: Sequence[Any], only_assigned: bool = False) -> dict[str, float]:
    """Compare one theme a paragraph with one label a paragraph, or with another clustering.

    With n(t, g) paragraphs of theme t and label g, n in all, a dot for a sum, and C(n) = n (n - 1) / 2 pairs:

    - `ami` = (MI - E[MI]) / (mean(H(themes), H(labels)) - E[MI]), MI the mutual information, E over random clusterings
      of the same sizes: at most 1, chance 0. Vinh, Epps & Bailey (2010), JMLR 11, AMI_sum.
    - `ari` = (S - E[S]) / ((A + B) / 2 - E[S]), S = sum of C(n(t, g)), A = sum of C(n(t, .)), B = sum of C(n(., g)),
      E[S] = A B / C(n): at most 1, chance 0. Hubert & Arabie (1985), Journal of Classification 2.
    - `fmi` = S / sqrt(A B), the geometric mean of the precision and recall of pairs: 0 to 1. It is not adjusted for
      chance: one single theme scores sqrt(B / C(n)). Fowlkes & Mallows (1983), JASA 78. 0 where no two paragraphs
      share both.
    - `purity` = sum over themes of max over labels of n(t, g), / n: 1 when each theme has one label, so many small
      themes raise it. `inverse_purity` swaps the two: many small themes lower it. Both above 0 and at most 1. Zhao &
      Karypis (2001), Criterion functions for document clustering; Amigó et al. (2009), Information Retrieval 12.
    - `coverage`: the share of all n paragraphs that has a theme, 0 to 1.

    Parameters
    ----------
    labels : sequence, length n
        Themes; -1, None and NaN stand for none. Paragraphs without a theme count as one group of their own: nothing is
        left out of the comparison.
    gold : sequence, length n
        Labels, or the themes of another clustering; those without are one group of their own as well.
    only_assigned : bool
        Compare only the paragraphs that have a theme, the way clusterings with outliers are often reported. It flatters
        whoever leaves out more; report `coverage` beside it.

    Returns
    -------
    dict of str to float
        `ami`, `ari`, `fmi`, `purity`, `inverse_purity` and `coverage`; the same whatever the order of the paragraphs.

    Raises
    ------
    InputError
        If the lengths differ or there is nothing to compare.

    Examples
    --------
    >>> clustering_agreement([0, 0, 1, 1], ["a", "a", "b", "b"])["ami"]
    1.0
    >>> found = clustering_agreement([0, 0, -1, -1], ["a", "a", "a", "b"])
    >>> round(found["fmi"], 3), found["purity"], found["coverage"]
    (0.408, 0.75, 0.5)
    >>> clustering_agreement([0, 0, -1, -1], ["a", "a", "a", "b"], only_assigned=True)["ari"]
    1.0
    """
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score, fowlkes_mallows_score
    from sklearn.metrics.cluster import contingency_matrix

    _check_lengths(len(labels), len(gold))
    found, truth = number_themes(labels)[1], number_themes(gold)[1]
    assigned = found >= 0
    if only_assigned:
        if not assigned.any():
            raise InputError("no paragraph has a theme, so there is nothing to compare; set only_assigned=False")
        found, truth = found[assigned], truth[assigned]
    table = contingency_matrix(truth, found, sparse=True)
    return {
        "ami": float(adjusted_mutual_info_score(truth, found)),
        "ari": float(adjusted_rand_score(truth, found)),
        "fmi": float(fowlkes_mallows_score(truth, found)),
        "purity": float(table.max(axis=0).sum() / table.sum()),
        "inverse_purity": float(table.max(axis=1).sum() / table.sum()),
        "coverage": float(np.mean(assigned)),
    }


def cluster_recovery(labels: Sequence[Any], again: Sequence[Any]) -> dict[Any, float]:
    """Give, for each theme, how much of it comes back in another clustering of the same paragraphs.

    recovery(A) = max over the themes B of `again` of ``|A and B| / |A or B|``, the Jaccard overlap with the theme most
    like it. Averaged over resamples it is Hennig's stability of a cluster; his package fpc calls .75 and more stable,
    .6 to .75 a pattern whose members are in doubt, and less not to be trusted. Compare only paragraphs that are in both
    samples. A theme of a few paragraphs is easily lost; one of nearly all is always recovered.

    Parameters
    ----------
    labels : sequence, length n
        Themes; -1, None and NaN stand for none, and none is no theme that could come back.
    again : sequence, length n
        Themes of the same paragraphs, found again.

    Returns
    -------
    dict of theme to float
        In [0, 1], for each theme of `labels`, in ascending order (numbers before text).

    Raises
    ------
    InputError
        If the lengths differ or there are no paragraphs.

    References
    ----------
    Hennig (2007), Cluster-wise assessment of cluster stability, Computational Statistics & Data Analysis 52.

    Examples
    --------
    >>> cluster_recovery([0, 0, 0, 1, 1], ["x", "x", "y", "y", None])
    {0: 0.6666666666666666, 1: 0.3333333333333333}
    """
    if len(labels) != len(again) or not len(labels):
        raise InputError(
            f"there are {len(labels)} themes and {len(again)} found again; both must be one a paragraph, at least 1"
        )
    themes, a = number_themes(labels)
    others, b = number_themes(again)
    # The last row and column gather those without a theme.
    cells = (a % (len(themes) + 1)) * (len(others) + 1) + b % (len(others) + 1)
    found, counts = np.unique(cells, return_counts=True)
    row, column = np.divmod(found, len(others) + 1)
    in_a = np.bincount(row, weights=counts, minlength=len(themes) + 1)
    in_b = np.bincount(column, weights=counts, minlength=len(others) + 1)
    overlap = np.where(column < len(others), counts / (in_a[row] + in_b[column] - counts), 0.0)
    best = np.zeros(len(themes) + 1)
    np.maximum.at(best, row, overlap)
    return dict(zip(themes, best[: len(themes)].tolist(), strict=True))


def number_themes(labels: Sequence[Any]) -> tuple[list[Any], NDArray[np.int64]]:
    """Give themes numbers from 0 in ascending order (numbers before text), whatever the order of the paragraphs.

    Returns
    -------
    themes : list
    numbers : ndarray of int64, shape (n,)
        -1 for a paragraph without a theme (-1, None or NaN).
    """
    values = [label.item() if isinstance(label, np.generic) else label for label in labels]
    named = {value for value in values if not (value is None or value == -1 or value != value)}
    themes = sorted(named, key=lambda value: (0, value, "") if isinstance(value, (int, float)) else (1, 0, str(value)))
    number = {theme: k for k, theme in enumerate(themes)}
    return themes, np.array([number.get(value, -1) for value in values], dtype=np.int64)


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
