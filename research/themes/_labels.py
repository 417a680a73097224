"""Let hand labels on some paragraphs improve a codebook: themes it missed are added, wrong ones taken away."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from research._folds import group_folds
from research.errors import InputError
from research.themes._geometry import Floats, sort_rows
from research.themes._input import Paragraphs
from research.themes._label_gain import Gain, gains

__all__ = ["Correction", "Labels", "read_labels"]

_WIDTH = 0.3
_PENALTIES = (0.3, 1.0, 3.0, 10.0)
_STEPS = (1.0, 2.0, 4.0, 8.0, 16.0)
_PRIOR = 4.0  # how firmly intercept 0 and slope 1 are held, in units of a paragraph's information
_CLIP = 12.0
_COARSE = 2.0**20  # products of two such numbers add up exactly to 2**13
_BLOCK = 4096


@dataclass(frozen=True)
class Labels:
    """Paragraphs that were coded by hand, completely: a theme that is not marked is not there.

    Attributes
    ----------
    paragraphs : Paragraphs
        The labelled ones alone.
    themes : ndarray of bool, shape (n, n_themes)
        In the order of the codebook.
    documents : tuple of str, or None
        Which document each is from; paragraphs of one document never check each other. None: each is one of its own.

    Raises
    ------
    InputError
        If there is no paragraph, or the shapes do not fit.

    Examples
    --------
    >>> vectors = np.eye(2)
    >>> labels = Labels(Paragraphs(vectors, vectors, np.arange(2), None, None), np.eye(2, dtype=bool))
    >>> len(labels)
    2
    """

    paragraphs: Paragraphs
    themes: NDArray[np.bool_]
    documents: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        n = len(self.paragraphs)
        if not n:
            raise InputError("no paragraph is labelled; give at least one, or no labels at all")
        if self.themes.ndim != 2 or len(self.themes) != n or self.themes.dtype != np.bool_:
            raise InputError(
                f"the labels have the shape {self.themes.shape} and the type {self.themes.dtype}; they must be true or "
                f"false, one row for each of the {n} labelled paragraphs and one column a theme"
            )
        if self.documents is not None and len(self.documents) != n:
            raise InputError(
                f"there are {len(self.documents)} documents for {n} labelled paragraphs; give one for each"
            )

    def __len__(self) -> int:
        return len(self.paragraphs)

    @classmethod
    def of(
        cls,
        paragraphs: Paragraphs,
        rows: NDArray[np.int64],
        themes: NDArray[np.bool_],
        documents: tuple[str, ...] | None = None,
    ) -> Labels:
        """Label some rows of a corpus; `themes` and `documents` are of those rows."""
        ends = np.append(paragraphs.starts[1:], len(paragraphs.sentences))
        sentences = [np.arange(paragraphs.starts[row], ends[row]) for row in rows]
        starts = np.cumsum([0, *(len(each) for each in sentences)])[:-1].astype(np.int64)
        taken = paragraphs.sentences[np.concatenate(sentences)] if sentences else paragraphs.sentences[:0]
        return cls(Paragraphs(paragraphs.vectors[rows], taken, starts, None, None), themes, documents)


def read_labels(
    labels: Any, paragraphs: Paragraphs, names: Sequence[str] | None, documents: Sequence[str] | None
) -> Labels | None:
    """Read what a person found in each paragraph; None where there is nothing.

    Parameters
    ----------
    labels : sequence of (collection of str or None), or None
    paragraphs : Paragraphs
    names : sequence of str, or None
        The codebook's themes.
    documents : sequence of str, optional

    Raises
    ------
    InputError
        If there is no codebook, the lengths differ, or a label is no theme of the codebook.
    """
    if labels is None:
        return None
    if names is None:
        raise InputError("labels were given without a codebook; give the codebook whose themes they name")
    if isinstance(labels, str) or not hasattr(labels, "__len__"):
        raise InputError(f"labels is {labels!r}; give a list with the themes of each paragraph, None for one not coded")
    given = list(labels)
    if len(given) != len(paragraphs):
        raise InputError(
            f"there are {len(given)} labels for {len(paragraphs)} paragraphs; give one for each, None for one not coded"
        )
    rows = [row for row, found in enumerate(given) if found is not None]
    themes = np.zeros((len(rows), len(names)), dtype=bool)
    for place, row in enumerate(rows):
        found = given[row]
        if isinstance(found, str) or not isinstance(found, Collection):
            raise InputError(
                f"the label of paragraph {row} is {found!r}; give a list of theme names, empty for none, or None"
            )
        for name in found:
            if name not in names:
                raise InputError(
                    f"the label of paragraph {row} names the theme {name!r}; the codebook has {', '.join(names)}"
                )
            themes[place, list(names).index(name)] = True
    if not rows:
        return None
    taken = None if documents is None else tuple(str(documents[row]) for row in rows)
    return Labels.of(paragraphs, np.array(rows, dtype=np.int64), themes, taken)


@dataclass(frozen=True)
class Correction:
    """What labelled paragraphs change: l' = intercept + slope l + sum_i k(x, x_i) d_i.

    The codebook's log-odds l are the prior. First intercept and slope are fitted to the labels (maximum a posteriori,
    held to 0 and 1; judged by ten folds of documents); then one step of boosting adds kernel ridge regression of the
    errors y - p on the paragraphs, with k(x, z) = exp((x.z - 1) / .3), so that a paragraph like one where a theme was
    missed gains it, and one like one where it was wrongly given loses it. Penalty and length of the step are chosen by
    the log-loss with each document left out, and each part is taken only if it improves the loss by more than one
    standard error over documents: where labels are too few to help, the codebook alone stays. What all of it gains is
    judged on documents left out of all of it, by measures that need not follow the loss. A labelled paragraph's own
    probability is in sample.

    Attributes
    ----------
    intercept, slope : float
    rows : ndarray, shape (n_labelled, n_dimensions)
        Centred unit rows; none if no step was taken.
    dual : ndarray, shape (n_labelled, n_themes)
    gain : tuple of Gain
        What the labels improve, out of fold.

    Notes
    -----
    On the bills, all others judged, means of twenty draws: what labels add to accuracy of the first theme / mean
    average precision / F1 at `best_cut` (in brackets twice the first one's standard error over draws), and Brier
    scores:

    ==========  =============================  ===========  =============================  ===========
    labelled    definitions                    Brier        and anchors                    Brier
    ==========  =============================  ===========  =============================  ===========
    none        .683 / .661 / .671             .0225        .693 / .659 / .672             .0254
    10          +.002 (.003) / .000 / -.001    .0225        +.001 (.002) / .000 / +.003    .0238
    30          +.004 (.003) / +.002 / +.004   .0223        +.000 (.002) / +.001 / +.007   .0227
    100         +.018 (.004) / +.006 / +.016   .0214        +.010 (.004) / +.003 / +.018   .0215
    300         +.028 (.007) / +.017 / +.024   .0205        +.020 (.005) / +.013 / +.030   .0207
    ==========  =============================  ===========  =============================  ===========

    The same step with plain cosines as the kernel, or wider ones, or without the standard-error rule, lost up to .01
    of accuracy with 10 labels; logistic regression of its own for each theme, with the codebook's log-odds as its
    offset, gained as much with 100 and 300 labels and lost .006 with 10 (six draws).

    Intercept and slope judged on the labels that they were fitted to are taken more often (with 4 and 8 labels in 14
    and 12 of 20 draws, by folds in 10 and 7) and save somewhat more of the loss (.12 and .24 of 2.38, by folds .08 and
    .16), but are no gain that documents left out bore out (503 bills, their first sixty words).
    """

    intercept: float
    slope: float
    rows: Floats
    dual: Floats
    gain: tuple[Gain, ...] = ()

    @classmethod
    def fit(cls, vectors: Floats, log_odds: Floats, labels: Labels) -> Correction:
        """Fit on labelled paragraphs.

        Parameters
        ----------
        vectors : ndarray, shape (n, n_dimensions)
            Centred unit rows on the grid.
        log_odds : ndarray, shape (n, n_themes)
            By the codebook alone.
        labels : Labels

        Raises
        ------
        InputError
            If the labels have another number of themes than the codebook.
        """
        if labels.themes.shape[1] != log_odds.shape[1]:
            raise InputError(
                f"the labels have {labels.themes.shape[1]} columns and the codebook has {log_odds.shape[1]} themes; "
                "give one column for each theme, in the codebook's order"
            )
        names = labels.documents or tuple(f"{place:09d}" for place in sort_rows(vectors)[1])
        order = np.lexsort((*labels.themes.T, np.array(names), *vectors.T[::-1]))
        x, y = vectors[order], labels.themes[order].astype(np.float64)
        prior = np.clip(log_odds[order], -_CLIP, _CLIP)
        documents = [names[row] for row in order]
        fitted = cls._learn(x, prior, y, documents)
        fold = group_folds(documents)
        after = prior.copy()
        for k in np.unique(fold) if len(set(documents)) > 1 else ():
            held, rest = fold == k, fold != k
            inner = cls._learn(x[rest], prior[rest], y[rest], [documents[row] for row in np.flatnonzero(rest)])
            after[held] = inner.apply(x[held], prior[held])
        return cls(fitted.intercept, fitted.slope, fitted.rows, fitted.dual, gains(prior, after, y > 0, documents))

    @classmethod
    def _learn(cls, x: Floats, prior: Floats, y: Floats, documents: list[str]) -> Correction:
        from threadpoolctl import threadpool_limits

        group = np.unique(documents, return_inverse=True)[1]
        before = _loss(prior, y)
        slope, intercept = _recalibrate(prior, y)
        if not _helps(before - _loss(_recalibrated_out_of_fold(prior, y, documents), y), group):
            slope, intercept = 1.0, 0.0
        z = intercept + slope * prior
        before, best, dual = _loss(z, y), 0.0, None
        errors: Floats = y - _probability(z)
        with threadpool_limits(1):  # the bits of a BLAS product depend on how many threads there are
            kernel = _kernel(x, x)
            for penalty in _PENALTIES:
                inverse = np.asarray(np.linalg.inv(kernel + penalty * np.eye(len(x))), dtype=np.float64)
                solved: Floats = inverse @ errors
                left_out = errors - _own_errors(inverse, solved, group)
                for step in _STEPS:
                    saved = before - _loss(z + step * left_out, y)
                    if saved.mean() > best and _helps(saved, group):
                        best, dual = float(saved.mean()), step * solved
        if dual is None:
            return cls(intercept, slope, x[:0], np.zeros((0, y.shape[1])))
        return cls(intercept, slope, x, _coarse(dual))

    def apply(self, vectors: Floats, log_odds: Floats) -> Floats:
        """Give the log-odds that the labels make of those of the codebook, shape (n, n_themes)."""
        result: Floats = self.intercept + self.slope * log_odds
        if len(self.rows):
            for start in range(0, len(vectors), _BLOCK):
                block = slice(start, start + _BLOCK)
                result[block] += _kernel(vectors[block], self.rows) @ self.dual
        return result

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give the state as arrays."""
        return {
            "codebook_label_recalibration": np.array([self.intercept, self.slope]),
            "codebook_label_rows": self.rows,
            "codebook_label_dual": self.dual,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Correction | None:
        """Take the state up again, without the gain; None if there is none."""
        if "codebook_label_rows" not in arrays:
            return None
        intercept, slope = map(float, np.asarray(arrays["codebook_label_recalibration"], dtype=np.float64))
        rows, dual = (np.asarray(arrays[f"codebook_label_{name}"], dtype=np.float64) for name in ("rows", "dual"))
        return cls(intercept, slope, rows, dual)


def _kernel(a: Floats, b: Floats) -> Floats:
    return _coarse(np.exp((a @ b.T - 1.0) / _WIDTH))


def _coarse(values: Floats) -> Floats:
    result: Floats = np.round(values * _COARSE) / _COARSE
    return result


def _probability(log_odds: Floats) -> Floats:
    result: Floats = 1.0 / (1.0 + np.exp(-np.clip(log_odds, -40.0, 40.0)))
    return result


def _loss(log_odds: Floats, y: Floats) -> Floats:
    """Give each paragraph's log-loss, summed over themes."""
    result: Floats = np.sum(np.logaddexp(0.0, log_odds) - y * log_odds, axis=1)
    return result


def _helps(saved: Floats, group: NDArray[np.int64]) -> bool:
    """Say whether the mean is above its standard error over documents."""
    sums, sizes = np.bincount(group, weights=saved), np.bincount(group)
    if len(sums) < 2:
        return False
    spread = np.sum((sums - saved.mean() * sizes) ** 2) * len(sums) / (len(sums) - 1)
    return bool(saved.mean() > np.sqrt(spread) / len(saved))


def _recalibrate(prior: Floats, y: Floats) -> tuple[float, float]:
    """Fit slope and intercept by Newton's method, with normal priors around 1 (ten times as firm) and 0."""
    slope, intercept = 1.0, 0.0
    for _ in range(25):
        p = _probability(slope * prior + intercept)
        weight = p * (1 - p)
        gradient = np.array([np.sum((y - p) * prior) - 10 * _PRIOR * (slope - 1), np.sum(y - p) - _PRIOR * intercept])
        cross = float(np.sum(weight * prior))
        hessian = np.array([[np.sum(weight * prior * prior) + 10 * _PRIOR, cross], [cross, np.sum(weight) + _PRIOR]])
        change = np.linalg.solve(hessian, gradient)
        slope, intercept = slope + float(change[0]), intercept + float(change[1])
        if np.abs(change).max() < 1e-10:
            break
    return max(slope, 0.0), intercept


def _recalibrated_out_of_fold(prior: Floats, y: Floats, documents: Sequence[str]) -> Floats:
    """Give log-odds by the slope and the intercept of the other folds' documents."""
    fold, found = group_folds(documents), prior.copy()
    for k in np.unique(fold) if len(set(documents)) > 1 else ():
        slope, intercept = _recalibrate(prior[fold != k], y[fold != k])
        found[fold == k] = intercept + slope * prior[fold == k]
    return found


def _own_errors(inverse: Floats, solved: Floats, group: NDArray[np.int64]) -> Floats:
    """Give the regression's errors on each document without it: (inverse_BB)^-1 solved_B."""
    result = solved / np.diag(inverse)[:, None]
    for k in np.flatnonzero(np.bincount(group) > 1):
        rows = np.flatnonzero(group == k)
        result[rows] = np.linalg.solve(inverse[np.ix_(rows, rows)], solved[rows])
    return result
