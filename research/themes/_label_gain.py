"""How much labels improve a codebook, on paragraphs that were not learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from research.themes._geometry import Floats
from research.themes._paragraph_odds import best_cut

__all__ = ["Gain", "gains"]

# A measure is the ratio of two sums over paragraphs: what each adds above and below.
_Parts = tuple[Floats, Floats]

_FEWEST_DOCUMENTS = 5


class Gain(NamedTuple):
    """One measure without and with labels.

    Attributes
    ----------
    measure : str
    without, with_labels, difference : float
        From 0 to 1; NaN where no labelled paragraph has a theme.
    low, high : float
        95% interval of the difference over documents (`gains` says how); NaN below five documents.
    n_paragraphs, n_documents : int
    """

    measure: str
    without: float
    with_labels: float
    difference: float
    low: float
    high: float
    n_paragraphs: int
    n_documents: int


def gains(before: Floats, after: Floats, truth: NDArray[np.bool_], documents: Sequence[str]) -> tuple[Gain, ...]:
    """Compare the log-odds of the same paragraphs, by first theme, average precision and F1.

    Average precision ranks the themes of a paragraph, not the paragraphs of a theme: a fold's log-odds are low for the
    themes that it holds, since its own paragraphs were not learnt from, and ranking paragraphs across folds would say
    that labels do harm (-.02 on the bills, where fresh ones show +.006). F1 is over all paragraphs and themes, each
    side at its own `best_cut`.

    With g the difference from all D documents and g_k that without document k, the interval is

        g plus or minus t s,   s^2 = (D - 1) / D * sum over k of (g_k - mean of the g_k)^2,

    the jackknife (Tukey, 1958), t with D - 1 degrees of freedom, held within [-1, 1]. It counts the documents that the
    measure sees: of the first two, those with a theme. Below five there is none. Share of nominal 95% intervals that
    held the true gain of the first theme where labels help in some documents and harm in others (400 samples each; 10
    paragraphs a document / 3, 5 or 20):

    =========  =========  ====================  ===================
    documents  jackknife  percentile bootstrap  expanded percentile
    =========  =========  ====================  ===================
    2          .90 / .89  .47 / .45             .47 / .45
    3          .96 / .92  .73 / .72             .74 / .74
    4          .95 / .90  .78 / .78             .86 / .82
    5          .96 / .90  .83 / .83             .91 / .90
    8          .95 / .92  .90 / .87             .94 / .94
    10         .94 / .92  .88 / .88             .94 / .93
    20         .97 / .92  .92 / .90             .96 / .93
    =========  =========  ====================  ===================

    Of the other two measures it held .90 to .96. Whether labels change the themes is not decided here but by the
    standard error of what they save in log-loss (`research.themes._labels`).

    Parameters
    ----------
    before, after : ndarray, shape (n, n_themes)
        `after` is out of fold.
    truth : ndarray of bool, shape (n, n_themes)
    documents : sequence of str, length n

    References
    ----------
    Tukey, J. W. (1958). Bias and confidence in not quite large samples (abstract). Annals of Mathematical Statistics
    29(2), 614.

    Examples
    --------
    >>> truth = np.array([[True, False], [False, True]])
    >>> before = np.array([[1.0, 2.0], [1.0, 2.0]])
    >>> first, precision, f1 = gains(before, np.array([[2.0, 1.0], [1.0, 2.0]]), truth, ["a", "b"])
    >>> first.measure, first.without, first.with_labels
    ('first theme', 0.5, 1.0)
    """
    group = np.unique(documents, return_inverse=True)[1]
    n_documents = int(group.max()) + 1
    compared = (
        ("first theme", _of_paragraphs(_hits(before, truth)), _of_paragraphs(_hits(after, truth))),
        (
            "average precision of a paragraph's themes",
            _of_paragraphs(_ranking(before, truth)),
            _of_paragraphs(_ranking(after, truth)),
        ),
        ("F1", _f1(before >= best_cut(before), truth), _f1(after >= best_cut(after), truth)),
    )
    result = []
    for name, old, new in compared:
        without, with_labels = _ratio(*(part.sum() for part in old)), _ratio(*(part.sum() for part in new))
        low, high = _interval(old, new, group)
        result.append(Gain(name, without, with_labels, with_labels - without, low, high, len(truth), n_documents))
    return tuple(result)


def _interval(old: _Parts, new: _Parts, group: NDArray[np.int64]) -> tuple[float, float]:
    """Give the jackknife's t interval of the difference of two ratios over documents."""
    from scipy.special import stdtrit

    sums = np.array([np.bincount(group, weights=part) for part in (*old, *new)])
    sums = sums[:, (sums[1] > 0) | (sums[3] > 0)]
    n = sums.shape[1]
    if n < _FEWEST_DOCUMENTS:
        return float("nan"), float("nan")
    total, without_one = sums.sum(axis=1), sums.sum(axis=1)[:, None] - sums
    if not (without_one[[1, 3]] > 0).all():
        return float("nan"), float("nan")
    difference = total[2] / total[3] - total[0] / total[1]
    moved = without_one[2] / without_one[3] - without_one[0] / without_one[1]
    half = stdtrit(n - 1, 0.975) * np.sqrt((n - 1) / n * np.sum((moved - moved.mean()) ** 2))
    return float(max(difference - half, -1.0)), float(min(difference + half, 1.0))


def _ratio(top: float, bottom: float) -> float:
    return float(top / bottom) if bottom else float("nan")


def _of_paragraphs(values: Floats) -> _Parts:
    """Give the parts of the mean over the paragraphs that have a value."""
    return np.nan_to_num(values), np.isfinite(values).astype(np.float64)


def _hits(log_odds: Floats, truth: NDArray[np.bool_]) -> Floats:
    """Say whether the first theme is there; NaN for a paragraph without any."""
    hit = truth[np.arange(len(truth)), np.argmax(log_odds, axis=1)].astype(np.float64)
    return np.where(truth.any(axis=1), hit, np.nan)


def _ranking(log_odds: Floats, truth: NDArray[np.bool_]) -> Floats:
    """Give each paragraph's average precision of its themes, ranked by log-odds; NaN for a paragraph without any."""
    order = np.argsort(-log_odds, axis=1, kind="stable")
    ranked = np.take_along_axis(truth, order, axis=1)
    at = np.cumsum(ranked, axis=1) / np.arange(1, truth.shape[1] + 1)
    n_themes = ranked.sum(axis=1)
    return np.where(n_themes > 0, np.sum(at * ranked, axis=1) / np.maximum(n_themes, 1), np.nan)


def _f1(counted: NDArray[np.bool_], truth: NDArray[np.bool_]) -> _Parts:
    """Give each paragraph's part in F1 over all of them: twice the themes in both, and the themes in either side."""
    return 2.0 * np.sum(counted & truth, axis=1), np.sum(counted, axis=1) + np.sum(truth, axis=1, dtype=np.float64)
