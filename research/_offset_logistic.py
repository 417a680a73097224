"""Logistic regression that starts from a score known beforehand and moves away from it only as far as labels ask.

Used wherever labels join anchors: the anchors' score is the offset, so that with no evidence nothing changes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from research._folds import group_folds

__all__ = ["OffsetLogistic", "PENALTIES", "choose_candidate", "choose_penalty", "nearest_to_prior"]

Floats = NDArray[np.float64]

# From "keep the prior" down; the penalty is in units of labels for features of length 1.
PENALTIES = (np.inf, 10.0, 3.0, 1.0, 0.3, 0.1)
_N_FOLDS = 5


class OffsetLogistic:
    r"""Ridge logistic regression with an offset, for soft targets.

    Minimises over w and b

        sum_i c_i [log(1 + exp(e_i)) - t_i e_i] + penalty / 2 |w|^2,    e_i = o_i + x_i . w + b,

    with targets t in [0, 1], offsets o and case weights c. An infinite penalty leaves the offset alone and fits b.
    The features are turned into their singular basis once, so that many fits on the same rows are cheap.

    Parameters
    ----------
    X : ndarray of float64, shape (n, n_features)

    References
    ----------
    McCullagh & Nelder (1989), Generalized Linear Models, on offsets; le Cessie & van Houwelingen (1992), Ridge
    estimators in logistic regression, Applied Statistics 41(1).

    Examples
    --------
    >>> X = np.array([[1.0], [1.0], [-1.0], [-1.0]])
    >>> model = OffsetLogistic(X)
    >>> weights, intercept = model.fit(np.array([1.0, 1.0, 0.0, 0.0]), np.zeros(4), 1.0)
    >>> bool(weights[0] > 0), abs(round(intercept, 6))
    (True, 0.0)
    """

    def __init__(self, X: Floats) -> None:
        # Through the Gram matrix: there are fewer labels than features, or few features.
        if X.shape[0] <= X.shape[1]:
            values, left = np.linalg.eigh(X @ X.T)
            keep = values > 1e-10 * max(float(values[-1]), 1e-300)
            scale = np.sqrt(values[keep])
            self._basis = X.T @ (left[:, keep] / scale)
            self._rows = left[:, keep] * scale
        else:
            values, right = np.linalg.eigh(X.T @ X)
            keep = values > 1e-10 * max(float(values[-1]), 1e-300)
            self._basis = right[:, keep]
            self._rows = X @ self._basis

    def fit(
        self,
        target: Floats,
        offset: Floats,
        penalty: float,
        weights: Floats | None = None,
        rows: NDArray[np.int64] | None = None,
        start: tuple[Floats, float] | None = None,
    ) -> tuple[Floats, float]:
        """Fit on some rows and give (w, b).

        Parameters
        ----------
        target, offset : ndarray of float64, shape (n,)
        penalty : float
        weights : ndarray of float64, shape (n,), optional
        rows : ndarray of int64, optional
            All if not given.
        start : (w, b), optional
            Where the search begins.
        """
        from scipy.optimize import minimize
        from scipy.special import expit

        rows = np.arange(len(target)) if rows is None else rows
        share = np.ones(len(rows)) if weights is None else weights[rows]
        features, aim, base = self._rows[rows], target[rows], offset[rows]
        if not np.isfinite(penalty):
            features = features[:, :0]

        def loss(parameters: Floats) -> tuple[float, Floats]:
            inner, intercept = parameters[:-1], parameters[-1]
            eta = base + features @ inner + intercept
            value = share @ (np.logaddexp(0.0, eta) - aim * eta)
            residual = share * (expit(eta) - aim)
            gradient = np.append(features.T @ residual, residual.sum())
            if len(inner):
                value += penalty / 2 * inner @ inner
                gradient[:-1] += penalty * inner
            return float(value), gradient

        first = np.zeros(features.shape[1] + 1)
        if start is not None and features.shape[1]:
            first[:-1], first[-1] = self._basis.T @ start[0], start[1]
        else:
            # Half a case of each kind keeps the intercept finite where all labels are one.
            rate = (share @ aim + 0.5) / (share.sum() + 1.0)
            first[-1] = np.log(rate / (1 - rate)) - share @ base / share.sum()
        found = minimize(loss, first, jac=True, method="L-BFGS-B", options={"maxiter": 500, "gtol": 1e-5})
        inner = found.x[:-1] if features.shape[1] else np.zeros(self._basis.shape[1])
        return self._basis @ inner, float(found.x[-1])


def choose_penalty(
    X: Floats,
    target: Floats,
    offset: Floats,
    groups: Sequence[str],
    random_state: int = 0,
) -> tuple[float, Floats]:
    """Choose a penalty with whole groups left out, and give the scores of the chosen one out of fold.

    The largest penalty (the one nearest to the prior) whose log loss is within one standard error, over groups, of the
    least (Breiman et al. 1984): labels must earn the right to move the prior. Where a fold leaves nothing, or targets
    of one kind, nothing can be judged and an intercept runs away: the prior is kept, and only its intercept fitted.

    Returns
    -------
    penalty : float
    out_of_fold : ndarray of float64, shape (n,)
        Log-odds.
    """
    fold = group_folds(groups, random_state, _N_FOLDS)
    if any(fold.min() == fold.max() or np.ptp(target[fold != number]) == 0 for number in np.unique(fold)):
        return np.inf, offset + OffsetLogistic(X).fit(target, offset, np.inf)[1]
    scores = np.zeros((len(PENALTIES), len(target)))
    for number in np.unique(fold):
        train, test = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        model = OffsetLogistic(X[train])
        for place, penalty in enumerate(PENALTIES):
            w, b = model.fit(target[train], offset[train], penalty)
            scores[place, test] = offset[test] + X[test] @ w + b
    chosen = nearest_to_prior(scores, target, groups)
    return float(PENALTIES[chosen]), scores[chosen]


def nearest_to_prior(scores: Floats, target: Floats, groups: Sequence[str], n_errors: float = 1.0) -> int:
    """Give the first candidate whose log loss is within some standard errors, over groups, of the least.

    Parameters
    ----------
    scores : ndarray of float64, shape (n_candidates, n) or (n_candidates, n, n_targets)
        Log-odds; the losses of several targets are added up.
    target : ndarray of float64, shape (n,) or (n, n_targets)
    groups : sequence of str, length n
    n_errors : float
    """
    losses = np.logaddexp(0.0, scores) - target * scores
    if losses.ndim > 2:
        losses = losses.sum(axis=2)
    _, group = np.unique(np.asarray(groups), return_inverse=True)
    summed = np.stack([np.bincount(group, weights=row) for row in losses])
    best = int(np.argmin(summed.sum(axis=1)))
    # The standard error of the difference from the best, since the same groups judge all candidates.
    difference = summed - summed[best]
    error = difference.std(axis=1) * np.sqrt(difference.shape[1])
    return int(np.flatnonzero(difference.sum(axis=1) <= n_errors * error)[0])


def choose_candidate(
    sets: Sequence[tuple[Floats, OffsetLogistic]],
    target: Floats,
    offset: Floats,
    groups: Sequence[str],
    rows: NDArray[np.int64],
    penalties: Sequence[float] = PENALTIES,
    n_errors: float = 1.0,
    random_state: int = 0,
) -> tuple[int, float, Floats]:
    """Choose a feature set and a penalty, on some rows alone, with whole groups left out.

    Of the candidates in the order of `sets`, and of `penalties` within each, the first whose log loss is within
    `n_errors` standard errors, over groups, of the least. A fold that leaves labels of one kind only cannot place an
    intercept: there every candidate gives the offset.

    Parameters
    ----------
    sets : sequence of (features of all rows, `OffsetLogistic` of them)
    target, offset : ndarray of float64, shape (n,)
    groups : sequence of str, length n
    rows : ndarray of int64
        That may be looked at.
    penalties : sequence of float
        From the nearest to the prior on; an infinite one is tried once, since it uses no features.
    n_errors : float
        0 takes the least.
    random_state : int

    Returns
    -------
    chosen_set : int
    penalty : float
    out_of_fold : ndarray of float64, shape (len(rows),)
        Log-odds.
    """
    names = [groups[row] for row in rows]
    fold = group_folds(names, random_state, _N_FOLDS)
    candidates = [(s, p) for s in range(len(sets)) for p in penalties if s == 0 or np.isfinite(p)]
    scores = np.tile(offset[rows], (len(candidates), 1))
    for number in np.unique(fold):
        train, test = rows[fold != number], rows[fold == number]
        if not len(train) or np.ptp(target[train]) == 0:
            continue
        start: tuple[Floats, float] | None = None
        for place, (which, penalty) in enumerate(candidates):
            X, model = sets[which]
            if place and candidates[place - 1][0] != which:
                start = None
            w, b = model.fit(target, offset, penalty, rows=train, start=start)
            start = (w, b)
            scores[place, fold == number] += X[test] @ w + b
    chosen = nearest_to_prior(scores, target[rows], names, n_errors)
    return (*candidates[chosen], scores[chosen])
