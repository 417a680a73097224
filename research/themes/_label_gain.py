"""How much labels improve a codebook, on paragraphs that were not learnt from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from research.themes._geometry import Floats
from research.themes._paragraph_odds import best_cut

__all__ = ["Gain", "gains"]

_DRAWS = 1000


class Gain(NamedTuple):
    """One measure without and with labels.

    Attributes
    ----------
    measure : str
    without, with_labels, difference : float
        From 0 to 1; NaN where no labelled paragraph has a theme.
    low, high : float
        95% interval of the difference, by bootstrap of documents; NaN for a single document.
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

    Parameters
    ----------
    before, after : ndarray, shape (n, n_themes)
        `after` is out of fold.
    truth : ndarray of bool, shape (n, n_themes)
    documents : sequence of str, length n

    Examples
    --------
    >>> truth = np.array([[True, False], [False, True]])
    >>> before = np.array([[1.0, 2.0], [1.0, 2.0]])
    >>> first, precision, f1 = gains(before, np.array([[2.0, 1.0], [1.0, 2.0]]), truth, ["a", "b"])
    >>> first.measure, first.without, first.with_labels
    ('first theme', 0.5, 1.0)
    """
    group = np.unique(documents, return_inverse=True)[1]
    members = [np.flatnonzero(group == k) for k in range(group.max() + 1)]
    rng = np.random.default_rng(0)
    draws = [np.concatenate([members[k] for k in rng.integers(len(members), size=len(members))]) for _ in range(_DRAWS)]
    counted = before >= best_cut(before), after >= best_cut(after)
    compared: tuple[tuple[str, Callable[..., float], Floats | NDArray[np.bool_], Floats | NDArray[np.bool_]], ...] = (
        ("first theme", _mean, _hits(before, truth), _hits(after, truth)),
        ("average precision of a paragraph's themes", _mean, _ranking(before, truth), _ranking(after, truth)),
        ("F1", _f1, *counted),
    )
    result = []
    for name, measure, old, new in compared:
        without, with_labels = measure(old, truth), measure(new, truth)
        low = high = float("nan")
        if len(members) > 1:
            moved = np.array([measure(new[rows], truth[rows]) - measure(old[rows], truth[rows]) for rows in draws])
            if np.isfinite(moved).any():
                low, high = map(float, np.nanquantile(moved, (0.025, 0.975)))
        result.append(Gain(name, without, with_labels, with_labels - without, low, high, len(truth), len(members)))
    return tuple(result)


def _hits(log_odds: Floats, truth: NDArray[np.bool_]) -> Floats:
    """Say whether the first theme is there; NaN for a paragraph without any."""
    hit = truth[np.arange(len(truth)), np.argmax(log_odds, axis=1)].astype(np.float64)
    return np.where(truth.any(axis=1), hit, np.nan)


def _mean(values: Floats, truth: NDArray[np.bool_]) -> float:
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


def _ranking(log_odds: Floats, truth: NDArray[np.bool_]) -> Floats:
    """Give each paragraph's average precision of its themes, ranked by log-odds; NaN for a paragraph without any."""
    order = np.argsort(-log_odds, axis=1, kind="stable")
    ranked = np.take_along_axis(truth, order, axis=1)
    at = np.cumsum(ranked, axis=1) / np.arange(1, truth.shape[1] + 1)
    n_themes = ranked.sum(axis=1)
    return np.where(n_themes > 0, np.sum(at * ranked, axis=1) / np.maximum(n_themes, 1), np.nan)


def _f1(counted: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    both = int(counted.sum()) + int(truth.sum())
    return float(2 * np.sum(counted & truth) / both) if both else float("nan")
