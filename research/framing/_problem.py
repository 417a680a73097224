"""Questions of two answers put to labelled texts: axis as prior, features that labels add, calibration, classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from research._offset_logistic import OffsetLogistic, choose_candidate
from research.errors import InputError

__all__ = [
    "Answer",
    "Rule",
    "auroc",
    "best_threshold",
    "class_places",
    "class_probabilities",
    "find_classes",
    "learn",
    "sigmoid",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Rule = Literal["axis alone", "labels alone", "axis and labels"]

_PENALTIES = (10.0, 3.0, 1.0, 0.3)
# A penalty times the number of labels is at least this. Cross-validation over 8 texts picks any penalty by luck, and
# where the axis is all there is to know, one of .3 then cost .026 AUROC on average; held so, 8 to 128 labels cost .003
# at most.
_FLOOR = 48.0
# How firmly calibration holds intercept 0 and slope 1, in units of a text's information (as in themes' labels).
_PRIOR = 4.0
_PRIOR_SLOPE = 40.0
_LEAST_SLOPE = 0.05
# How many labelled texts the threshold .5 is worth.
_THRESHOLD_PRIOR = 10.0


@dataclass(frozen=True)
class Answer:
    """What labels made of one question.

    Log-odds are slope (trust offset + x . weights + intercept) + shift.

    Attributes
    ----------
    chosen_set : int
        Which feature set; 0 with an infinite penalty means none.
    penalty : float
    weights : ndarray of float64
        Of the chosen set's features.
    intercept, slope, shift : float
    trust : float
        What the offset is worth, 1 as it was given.
    log_odds : ndarray of float64, shape (n_rows,)
        Of the rows learned from, each scored without its fold, calibrated.
    """

    chosen_set: int
    penalty: float
    weights: Floats
    intercept: float
    slope: float
    shift: float
    trust: float
    log_odds: Floats

    def of(self, offset: Floats, features: Floats) -> Floats:
        """Give the calibrated log-odds of texts from their offsets and the chosen set's features."""
        inner: Floats = self.trust * offset + features @ self.weights + self.intercept
        return self.slope * inner + self.shift


def learn(
    sets: Sequence[tuple[Floats, OffsetLogistic]],
    target: Floats,
    offset: Floats,
    groups: Sequence[str],
    rows: Integers,
    rule: Rule,
    random_state: int,
) -> Answer:
    """Learn from some rows; see `LabelledAxis` for the formulas."""
    if not len(rows):
        return Answer(0, np.inf, np.zeros(0), 0.0, 1.0, 0.0, 1.0, np.zeros(0))
    penalties: tuple[float, ...]
    trust, base = 1.0, 0.0
    if rule == "labels alone":
        # Without a prior there is nothing to be held to, so the least loss decides.
        offset, penalties, n_errors = np.zeros_like(offset), _PENALTIES, 0.0
    else:
        able = [penalty for penalty in _PENALTIES if rule != "axis alone" and penalty * len(rows) >= _FLOOR]
        penalties, n_errors = (np.inf, *able), 1.0
        # First what the axis is worth: real texts may lie far beyond the poles, and features should add to it, not
        # take back what it says too loudly.
        trust, base = _calibrate(offset[rows], target[rows])
        offset = trust * offset + base
    chosen, penalty, scores = choose_candidate(sets, target, offset, groups, rows, penalties, n_errors, random_state)
    if np.ptp(target[rows]) == 0:  # labels of one kind have no finite intercept
        width = sets[0][0].shape[1]
        return Answer(0, np.inf, np.zeros(width), base, 1.0, 0.0, trust, scores)
    weights, intercept = sets[chosen][1].fit(target, offset, penalty, rows=rows)
    slope, shift = _calibrate(scores, target[rows])
    return Answer(chosen, penalty, weights, intercept + base, slope, shift, trust, slope * scores + shift)


def sigmoid(log_odds: Floats) -> Floats:
    """Give probabilities."""
    from scipy.special import expit

    result: Floats = expit(log_odds)
    return result


def _calibrate(scores: Floats, target: Floats) -> tuple[float, float]:
    """Fit slope and intercept by Newton's method, with normal priors around 1 and 0."""
    slope, shift = 1.0, 0.0
    for _ in range(50):
        p = sigmoid(slope * scores + shift)
        weight = p * (1 - p)
        gradient = np.array([(target - p) @ scores - _PRIOR_SLOPE * (slope - 1), (target - p).sum() - _PRIOR * shift])
        cross = float(weight @ scores)
        hessian = np.array([[weight @ scores**2 + _PRIOR_SLOPE, cross], [cross, weight.sum() + _PRIOR]])
        change = np.linalg.solve(hessian, gradient)
        # Scores far out have no curvature, and a full step would overshoot.
        change /= max(1.0, float(np.abs(change).max()))
        slope, shift = slope + float(change[0]), shift + float(change[1])
        if np.abs(change).max() < 1e-10:
            break
    # The order of the texts is what labels and axis agreed on; calibration may flatten it and must not turn it round.
    return max(slope, _LEAST_SLOPE), shift


def best_threshold(log_odds: Floats, target: Floats) -> float:
    """Give the log-odds above which a text is called positive: best macro-F1, held to 0 by ten texts."""
    if not len(target) or np.ptp(target) == 0:
        return 0.0
    order = np.argsort(log_odds, kind="stable")
    values, hits = log_odds[order], np.cumsum(target[order])
    n, total = len(target), float(target.sum())
    below = np.arange(1, n)
    true_positive = total - hits[:-1]
    positive = n - below
    true_negative = below - hits[:-1]
    score = true_positive / (positive + total) + true_negative / (below + n - total)
    cuts = (values[1:] + values[:-1]) / 2
    real = values[1:] > values[:-1]
    if not real.any():
        return 0.0
    cuts, score = cuts[real], score[real]
    best = np.flatnonzero(score >= score.max() - 1e-12)
    cut = float(cuts[best[np.argmin(np.abs(cuts[best]))]])
    return cut * n / (n + _THRESHOLD_PRIOR)


def auroc(truth: NDArray[np.bool_], score: Floats) -> float:
    """Give the probability that a positive text scores above a negative one, ties counting half; NaN without pairs."""
    from scipy.stats import rankdata

    positive = int(truth.sum())
    negative = len(truth) - positive
    if not positive or not negative:
        return float("nan")
    return float((rankdata(score)[truth].sum() - positive * (positive + 1) / 2) / (positive * negative))


def find_classes(labels: NDArray[Any], classes: Sequence[Any] | None, ordinal: bool) -> NDArray[Any]:
    """Give the classes in their order: those that occur, or those that are named.

    Raises
    ------
    InputError
        If there are none, a label is not among those named, or ordinal ones are no numbers.
    """
    found = np.unique(labels)
    if classes is not None:
        every = np.unique(np.asarray(list(classes)))
        missing = [label for label in found.tolist() if label not in every.tolist()]
        if missing and len(labels):
            raise InputError(f"the label {missing[0]!r} is not among `classes`, {every.tolist()}")
        found = every
    if not len(found):
        raise InputError("there are no labels; name the classes by `classes` to let the axis alone answer")
    if ordinal and not np.issubdtype(found.dtype, np.number):
        raise InputError(f"the label {found[0]!r} is no number; ordinal labels are numbers in their order")
    return found


def class_probabilities(log_odds: Floats, n_classes: int, one_against_rest: bool) -> Floats:
    """Give the probability of each class from the answers to the questions, shape (n_texts, n_classes)."""
    p = sigmoid(log_odds)
    if n_classes == 1:
        return np.ones((len(p), 1))
    if one_against_rest:
        share: Floats = p / np.maximum(p.sum(axis=1, keepdims=True), 1e-300)
        return share
    above = -np.sort(-p, axis=1)
    edge = np.ones((len(p), 1))
    share = -np.diff(np.hstack([edge, above, 0 * edge]), axis=1)
    return share


def class_places(log_odds: Floats, n_classes: int, one_against_rest: bool, cut: float) -> Integers:
    """Give the place of the predicted class; `cut` is in log-odds, and 0 unless there are two classes."""
    if n_classes == 1:
        return np.zeros(len(log_odds), np.int64)
    if one_against_rest:
        return np.asarray(log_odds.argmax(axis=1), dtype=np.int64)
    # Sorted or not, as many cumulative probabilities are above a half.
    return np.asarray((log_odds > cut).sum(axis=1), dtype=np.int64)
