"""The two poles of stance as ridge regressions, and the shares of the three stances that their scores stand for."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from research._folds import group_folds
from research._ridge import ridge
from research.errors import InputError

__all__ = [
    "NEUTRAL_RATE",
    "PENALTIES",
    "Cases",
    "at_rate",
    "balanced",
    "calibrate",
    "checked_labels",
    "class_weights",
    "macro_recall",
    "memberships",
    "ridge_by_fold",
    "ridge_scores_by_fold",
    "solve",
    "stance_shares",
]

Floats = NDArray[np.float64]

# Penalties tried, each as a share of the mean squared length of the centred features, divided by the number of rows.
PENALTIES = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
_N_FOLDS = 5
_NEVER = -1e9  # the log-odds of a stance of which no case was seen
# How often neutral mentions are taken to occur, in relation to either of the others: most mentions in news evaluate
# nothing. docs/stance.md has what other rates give.
NEUTRAL_RATE = 2.0


@dataclass(frozen=True)
class Cases:
    """What poles are learned from: features, stances in [-1, 1], groups that are left out together, and weights.

    `weights` are what each weighs for the poles, `judges` for the penalty and the shares: nothing, if it was made from
    another text.
    """

    X: Floats
    y: Floats
    groups: list[str]
    weights: Floats
    judges: Floats

    def __len__(self) -> int:
        return len(self.y)

    def ordered(self, rows: NDArray[np.int64]) -> Cases:
        """Give the cases in another order."""
        groups = [self.groups[row] for row in rows]
        return Cases(self.X[rows], self.y[rows], groups, self.weights[rows], self.judges[rows])

    def joined(self, other: Cases) -> Cases:
        """Give these cases and then the others."""
        return Cases(
            np.vstack([self.X, other.X]),
            np.concatenate([self.y, other.y]),
            self.groups + other.groups,
            np.concatenate([self.weights, other.weights]),
            np.concatenate([self.judges, other.judges]),
        )


def checked_labels(
    n: int, y: ArrayLike, sample_weight: ArrayLike | None, judge_weight: ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    """Give the labels of n mentions, what each weighs for the poles and what as a judge.

    Raises
    ------
    InputError
        If the lengths differ, a label lies outside [-1, 1], or a weight is below 0 or, for the poles, 0.
    """
    labels = np.asarray(y, dtype=np.float64)
    if labels.ndim != 1 or len(labels) != n:
        raise InputError(f"there are {n} mentions and {np.size(labels)} labels; give one label a mention")
    wrong = ~(np.abs(labels) <= 1)
    if wrong.any():
        raise InputError(f"a label is {labels[wrong][0]:g}; labels lie between -1 and 1")
    weights = np.ones(n) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    judges = np.ones(n) if judge_weight is None else np.asarray(judge_weight, dtype=np.float64)
    for name, given, least in (("sample_weight", weights, "above 0"), ("judge_weight", judges, "0 or more")):
        if given.shape != labels.shape:
            raise InputError(f"there are {n} labels, and `{name}` is {given.shape}; give one for each label")
        wrong = ~(np.isfinite(given) & (given > 0 if least == "above 0" else given >= 0))
        if wrong.any():
            raise InputError(f"`{name}` has {given[wrong][0]:g}; it must be finite and {least}")
    return labels, weights, judges


def memberships(y: Floats) -> Floats:
    """Give how far each case is against, neutral and in favor, shape (n, 3).

    Examples
    --------
    >>> memberships(np.array([-1.0, 0.5])).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]]
    """
    member: Floats = np.stack([np.maximum(-y, 0.0), 1.0 - np.abs(y), np.maximum(y, 0.0)], axis=1)
    return member


def balanced(y: Floats, weights: Floats) -> Floats:
    """Give the cases' weights under which each stance that occurs weighs the same; they sum to 1.

    Examples
    --------
    >>> balanced(np.array([1.0, 0.0, 0.0]), np.ones(3)).tolist()
    [0.5, 0.25, 0.25]
    """
    member = memberships(y)
    total = weights @ member
    each = np.divide(1.0, total, out=np.zeros(3), where=total > 0)
    share: Floats = weights * (member @ each)
    return np.asarray(share / share.sum(), dtype=np.float64)


def solve(X: Floats, targets: Floats, weights: Floats, penalties: Sequence[float]) -> list[tuple[Floats, Floats]]:
    """Solve weighted ridge for each penalty: give the directions, shape (n_targets, n_features), and the intercepts.

    Minimises sum_i w_i |y_i - b - W x_i|^2 + penalty / n * s |W|^2 with weights that sum to 1 and s the weighted mean
    squared length of the centred features: through the rows where these are fewer, else through the features.
    """
    n, width = X.shape
    if n <= width:
        gram = X @ X.T
        found = [ridge(gram, targets, weights, penalty / n) for penalty in penalties]
        return [(rows.T @ X, intercepts) for rows, intercepts in found]
    return _solve_moments(_moments(X, targets, weights), penalties, n)


def _moments(X: Floats, targets: Floats, weights: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    weighted = X * weights[:, None]
    return weighted.T @ X, weights @ X, weighted.T @ targets, weights @ targets, np.array(weights.sum())


def _solve_moments(
    moments: tuple[Floats, Floats, Floats, Floats, Floats], penalties: Sequence[float], n: int
) -> list[tuple[Floats, Floats]]:
    from scipy.linalg import cho_factor, cho_solve

    square, row, cross, target, total = moments
    mean, mean_target = row / total, target / total
    covariance = square / total - np.outer(mean, mean)
    aim = cross / total - np.outer(mean, mean_target)
    length = max(float(np.trace(covariance)), 1e-12)
    found = []
    for penalty in penalties:
        kernel = covariance.copy()
        kernel[np.diag_indices_from(kernel)] += penalty / n * length
        directions: Floats = cho_solve(cho_factor(kernel, lower=True, overwrite_a=True), aim).T
        found.append((directions, mean_target - directions @ mean))
    return found


def class_weights(y: Floats, weights: Floats, neutral_rate: float) -> Floats:
    """Give what each case weighs as against, neutral and favor, shape (n, 3).

    The stances that occur are then as frequent as the base rates say; all together they weigh what they did.

    Examples
    --------
    >>> class_weights(np.array([1.0, 0.0, 0.0]), np.ones(3), 2.0).tolist()
    [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0]]
    """
    member = memberships(y)
    total = weights @ member
    rates = np.where(total > 0, [1.0, neutral_rate, 1.0], 0.0)
    each = np.divide(rates, total * max(float(rates.sum()), 1e-300), out=np.zeros(3), where=total > 0)
    found: Floats = weights[:, None] * member * each * weights.sum()
    return found


def ridge_by_fold(cases: Cases, targets: Floats, weights: Floats, random_state: int) -> tuple[float, Floats]:
    """Choose the penalty with whole groups left out; give it and its scores out of fold, shape (n, n_targets).

    Only cases that judge have a say in the choice; where none does, all have.
    """
    _, scores = ridge_scores_by_fold(cases, targets, weights, random_state)
    judging = balanced(cases.y, cases.judges) if cases.judges.any() else weights
    errors = [float(judging @ ((found - targets) ** 2).sum(axis=1)) for found in scores]
    best = int(np.argmin(errors))
    return PENALTIES[best], scores[best]


def ridge_scores_by_fold(
    cases: Cases, targets: Floats, weights: Floats, random_state: int
) -> tuple[NDArray[np.int64], Floats]:
    """Give the fold of each case, and its scores without its fold by penalty, shape (n_penalties, n, n_targets).

    They are 0 where all cases are of one group.
    """
    X, n = cases.X, len(cases)
    fold = group_folds(cases.groups, random_state, _N_FOLDS)
    scores = np.zeros((len(PENALTIES), *targets.shape))
    if len(set(cases.groups)) < 2:
        return fold, scores
    dual = n <= X.shape[1]
    gram = X @ X.T if dual else None
    # Through the features, what is left of all cases without a fold is a difference of sums.
    parts = {} if dual else {k: _moments(X[fold == k], targets[fold == k], weights[fold == k]) for k in np.unique(fold)}
    whole = [sum(column[1:], column[0]) for column in zip(*parts.values(), strict=True)]
    for number in np.unique(fold):
        held, train = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        if gram is not None:
            inner, across = gram[np.ix_(train, train)], gram[np.ix_(held, train)]
            for place, penalty in enumerate(PENALTIES):
                rows, intercepts = ridge(
                    inner, targets[train], weights[train] / weights[train].sum(), penalty / len(train)
                )
                scores[place, held] = across @ rows + intercepts
            continue
        a, b, c, d, e = (everything - own for everything, own in zip(whole, parts[number], strict=True))
        for place, (directions, intercepts) in enumerate(_solve_moments((a, b, c, d, e), PENALTIES, len(train))):
            scores[place, held] = X[held] @ directions.T + intercepts
    return fold, scores


def calibrate(scores: Floats, y: Floats, weights: Floats, neutral_rate: float = NEUTRAL_RATE) -> Floats:
    """Give the multinomial logistic regression of the stances on the poles' scores, at a base rate of neutral.

    It is fitted with each stance weighing the same; then the log of how often neutral mentions are, in relation to
    either of the others, is added to their intercept (Saerens, Latinne and Decaestecker 2002, eq. 2.4).

    Returns
    -------
    ndarray of float64, shape (3, 3)
        For against, neutral and favor: the weights of the scores for favor and against, and the intercept.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    member = memberships(y)
    seen = np.flatnonzero(weights @ member > 0)
    row, which = np.nonzero(member[:, seen])
    share = weights[row] * member[row, seen[which]]
    share = share / (weights @ member)[seen[which]]
    spread = np.maximum(scores.std(axis=0), 1e-9)
    # Standardised, and weighed as the n cases they are, so that the slight penalty of the regression means the same.
    model = LogisticRegression(C=1.0, max_iter=2000, tol=1e-8)
    with warnings.catch_warnings():
        # So near to the optimum the search can end where rounding hides what is left to gain, which is said as a fault.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(scores[row] / spread, which, share * len(y) / share.sum())
    table = np.zeros((3, 3))
    table[:, 2] = _NEVER
    if len(seen) == 2:
        table[seen, 2] = 0.0
        table[seen[1]] = [*(model.coef_[0] / spread), model.intercept_[0]]
    else:
        table[seen] = np.column_stack([model.coef_ / spread, model.intercept_])
    return at_rate(table, neutral_rate)


def at_rate(table: Floats, times: float) -> Floats:
    """Give a calibration for neutral mentions that many times as frequent."""
    found = table.copy()
    found[1, 2] += np.log(times)
    return found


def macro_recall(shares: Floats, y: Floats, weights: Floats) -> float:
    """Give the mean over the stances that occur of how much of them has the largest share.

    Examples
    --------
    >>> macro_recall(np.array([[0.1, 0.2, 0.7], [0.6, 0.4, 0.0]]), np.array([1.0, 0.0]), np.ones(2))
    0.5
    """
    label, member = np.argmax(shares, axis=1), memberships(y)
    total = weights @ member
    hits = np.bincount(label, weights=member[np.arange(len(label)), label] * weights, minlength=3)
    return float(np.mean(hits[total > 0] / total[total > 0]))


def stance_shares(scores: Floats, table: Floats) -> Floats:
    """Give the shares of against, neutral and favor that the poles' scores stand for, shape (..., 3)."""
    odds = [scores[..., 0] * row[0] + scores[..., 1] * row[1] + row[2] for row in table]
    top = np.maximum(np.maximum(odds[0], odds[1]), odds[2])
    grown = [np.exp(each - top) for each in odds]
    total = grown[0] + grown[1] + grown[2]
    return np.stack([each / total for each in grown], axis=-1)
