"""Let labels of a corpus move a scorer that other texts taught, and no farther than those labels bear out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from research.stance._poles import (
    PENALTIES,
    Cases,
    balanced,
    class_weights,
    memberships,
    ridge_scores_by_fold,
    stance_shares,
)

__all__ = ["Shift", "shift_by_labels", "shifted"]

Floats = NDArray[np.float64]

# Ridge penalty of what labels add to the intercepts of favor and of against, in labels (docs/stance.md).
_SHIFT_PENALTY = 32.0
# Two stances at least must have so many labels, and there must be so many groups, before the poles themselves may move.
_FEWEST_LABELS = 5
_FEWEST_GROUPS = 5


@dataclass(frozen=True)
class Shift:
    """What labels do to a scorer.

    Attributes
    ----------
    penalty : float or None
        Of the ridge regressions that are added to the poles; None where the poles stay.
    table : ndarray of float64, shape (3, 3)
        The calibration, moved or as it was.
    out_of_fold : ndarray of float64, shape (n_cases, 3)
        Shares of the cases, each scored without its group.
    moved : bool
    """

    penalty: float | None
    table: Floats
    out_of_fold: Floats
    moved: bool


def shift_by_labels(cases: Cases, before: Floats, table: Floats, neutral_rate: float, random_state: int) -> Shift:
    r"""Choose what labels move, with whole groups left out.

    Three answers are tried, by the log-loss of cases left out, each stance weighing what the base rates say:

    1. nothing moves;
    2. the shares: two intercepts are added to the log-odds of favor and of against (`shifted`), as where the corpus, or
       who coded it, calls more or fewer mentions a stance;
    3. the poles too: ridge regressions of what the poles leave over, for each penalty of a list.

    The shares move if that is better. The poles move if two stances have five labels each, there are five groups, and
    it is better by more than one standard error over groups (Breiman et al. 1984): of the penalties within one, the
    largest is taken. A label counts as much as its case weighs as a judge.

    Parameters
    ----------
    cases : Cases
    before : ndarray of float64, shape (n_cases, 2)
        What the poles say of the cases.
    table : ndarray of float64, shape (3, 3)
    neutral_rate : float
    random_state : int
    """
    member = memberships(cases.y)
    aims = member[:, [2, 0]] - before
    fold, left = ridge_scores_by_fold(cases, aims, balanced(cases.y, cases.weights), random_state)
    weights = class_weights(cases.y, cases.judges, neutral_rate)
    _, group = np.unique(np.array(cases.groups), return_inverse=True)

    def loss(shares: Floats) -> Floats:
        found = np.bincount(group, weights=-(weights * np.log(np.maximum(shares, 1e-12))).sum(axis=1))
        return np.asarray(found, dtype=np.float64)

    def left_out(scores: Floats) -> Floats:
        shares = np.empty((len(scores), 3))
        for number in np.unique(fold):
            held, train = fold == number, fold != number
            others = shifted(table, scores[train], cases.y[train], cases.judges[train], neutral_rate)
            shares[held] = stance_shares(scores[held], others)
        return shares

    unmoved = stance_shares(before, table)
    tried: list[tuple[float | None, Floats, Floats]] = [(None, before, left_out(before))]
    moved = bool(loss(tried[0][2]).sum() < loss(unmoved).sum())
    if not moved:
        tried = [(None, before, unmoved)]
    if len(set(cases.groups)) >= _FEWEST_GROUPS and np.sum(cases.judges @ member >= _FEWEST_LABELS) >= 2:
        for penalty, more in sorted(zip(PENALTIES, left, strict=True), key=lambda each: -each[0]):
            tried.append((penalty, before + more, left_out(before + more)))
    losses = np.stack([loss(shares) for _, _, shares in tried])
    difference = losses - losses[np.argmin(losses.sum(axis=1))]
    n_groups = losses.shape[1]
    error = difference.std(axis=1, ddof=1) * np.sqrt(n_groups) if n_groups > 1 else np.zeros(len(losses))
    chosen, scores, shares = tried[int(np.flatnonzero(difference.sum(axis=1) <= error)[0])]
    moved = moved or chosen is not None
    found = shifted(table, scores, cases.y, cases.judges, neutral_rate) if moved else table
    return Shift(chosen, found, shares, moved)


def shifted(table: Floats, scores: Floats, y: Floats, judges: Floats, neutral_rate: float) -> Floats:
    r"""Give a calibration whose intercepts of favor and of against labels have moved.

    Minimises over two numbers d, of favor and of against,

        - sum_i w_i log p_i(d) + 32 / 2 |d|^2

    with the weights w under which the stances that occur are as frequent as the base rates say. Labels of one stance
    say nothing about how often the others are, and move nothing.

    Examples
    --------
    >>> table = np.array([[-4.0, 4.0, 0.0], [0.0, 0.0, 0.0], [4.0, -4.0, 0.0]])
    >>> scores = np.array([[0.6, 0.1], [0.7, 0.1], [0.9, 0.1]])
    >>> one = shifted(table, np.repeat(scores, 40, axis=0), np.repeat([0.0, 0.0, 1.0], 40), np.ones(120), 2.0)
    >>> bool(one[2, 2] < -1), shifted(table, scores, np.zeros(3), np.ones(3), 2.0)[2, 2].item()
    (True, 0.0)
    """
    from scipy.optimize import minimize

    weights = class_weights(y, judges, neutral_rate)
    if np.count_nonzero(weights.sum(axis=0)) < 2:
        return table

    def moved(by: Floats) -> Floats:
        found = table.copy()
        found[[0, 2], 2] += by
        return found

    def loss(by: Floats) -> tuple[float, Floats]:
        shares = stance_shares(scores, moved(by))
        value = -(weights * np.log(np.maximum(shares, 1e-300))).sum() + _SHIFT_PENALTY / 2 * by @ by
        gradient = (shares * weights.sum(axis=1, keepdims=True) - weights).sum(axis=0)[[0, 2]] + _SHIFT_PENALTY * by
        return float(value), gradient

    return moved(minimize(loss, np.zeros(2), jac=True, method="L-BFGS-B", options={"gtol": 1e-8}).x)
