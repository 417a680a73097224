"""Poles of stance as ridge regressions, with draws of what other anchors and labels might have taught."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from research._folds import group_halves
from research._ridge import ridge
from research.stance._pole_model import PoleModel
from research.stance._poles import Cases, balanced, calibrate, memberships, solve

__all__ = ["left_over", "lines"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def lines(
    cases: Cases, penalty: float, table: Floats, neutral_rate: float, n: int, random_state: int
) -> tuple[PoleModel, bool]:
    r"""Fit ridge regressions, and draw others by how far apart two halves of the groups put the stances' log-odds.

    Either half makes the poles, and the other the calibration on their scores. With z_A(x) and z_B(x) the log-odds of
    the stances that the halves give, both lines in the features, a draw moves the fit's by (z_A - z_B) / sqrt(2): as
    widely as scorers of half of the cases spread (docs/stance.md has how often such intervals hold what other anchors
    teach). The penalty is the fit's. Since the scorer's calibration stays the fit's as well, moves are of the poles
    that give these log-odds under it.

    Parameters
    ----------
    cases : Cases
    penalty : float
    table : ndarray of float64, shape (3, 3)
        The fit's calibration.
    neutral_rate : float
    n : int
        Draws.
    random_state : int

    Returns
    -------
    model : PoleModel
    halved : bool
        Whether there are two halves with all stances; if not, all draws are the fit.
    """
    member = memberships(cases.y)
    [(directions, constants)] = solve(cases.X, member[:, [2, 0]], balanced(cases.y, cases.weights), [penalty])
    judging = (member > 0) & (cases.judges > 0)[:, None]
    seen = np.flatnonzero(judging.any(axis=0)).tolist()
    needed = [judging[:, stance] for stance in seen]
    owners = np.unique(np.array(cases.groups), return_inverse=True)[1][None]
    generator = np.random.default_rng([random_state, 7])
    gram, back = _gram(cases.X), np.linalg.pinv(_between(table, seen)[:, :2])
    weights, intercepts = np.repeat(directions[None], n, axis=0), np.repeat(constants[None], n, axis=0)
    for b in range(n):
        halves = group_halves(owners, needed, generator)
        if halves is None:
            return PoleModel.linear(directions, constants, weights, intercepts), False
        one, other = (_half(cases, gram, penalty, neutral_rate, seen, *rows) for rows in (halves, halves[::-1]))
        weights[b] += back @ (one[0] - other[0]) / np.sqrt(2)
        intercepts[b] += back @ (one[1] - other[1]) / np.sqrt(2)
    return PoleModel.linear(directions, constants, weights, intercepts), True


def _half(
    cases: Cases, gram: Floats | None, penalty: float, neutral_rate: float, seen: list[int], rows: Integers,
    others: Integers,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Fit the poles to one half and calibrate them on the other; give the log-odds as weights and intercepts."""
    share = balanced(cases.y[rows], cases.weights[rows])
    directions, intercepts = _solved(cases.X, gram, rows, memberships(cases.y[rows])[:, [2, 0]], share, penalty)
    judges = others[cases.judges[others] > 0]
    scores = cases.X[judges] @ directions.T + intercepts
    odds = _between(calibrate(scores, cases.y[judges], cases.judges[judges], neutral_rate), seen)
    return odds[:, :2] @ directions, odds[:, :2] @ intercepts + odds[:, 2]


def _gram(X: Floats) -> Floats | None:
    """Give the products of the rows where these are no more than the features, to be made once for all fits."""
    return X @ X.T if len(X) <= X.shape[1] else None


def _solved(
    X: Floats, gram: Floats | None, rows: Integers, aims: Floats, share: Floats, penalty: float
) -> tuple[Floats, Floats]:
    """Solve ridge for some of the rows; give directions and intercepts."""
    if gram is None:
        return solve(X[rows], aims, share, [penalty])[0]
    coefficients, intercepts = ridge(gram[np.ix_(rows, rows)], aims, share, penalty / len(rows))
    return coefficients.T @ X[rows], intercepts


def _between(table: Floats, seen: list[int]) -> Floats:
    """Give the log-odds of the stances that occur against the first of them, shape (n_seen - 1, 3)."""
    odds: Floats = table[seen[1:]] - table[seen[0]]
    return odds


def left_over(cases: Cases, prior: PoleModel, penalty: float, n: int, random_state: int) -> PoleModel:
    """Add ridge regressions of what a prior leaves over; its draws get refits on resampled groups."""
    aims, weights = memberships(cases.y)[:, [2, 0]], balanced(cases.y, cases.weights)
    before, drawn = prior.scores_and_draws(cases.X, n, random_state)
    [(directions, constants)] = solve(cases.X, aims - before, weights, [penalty])
    return prior.plus(
        PoleModel.linear(directions, constants, *_refits(cases, aims, weights, penalty, random_state, drawn))
    )


def _refits(
    cases: Cases, aims: Floats, weights: Floats, penalty: float, random_state: int, before: Floats
) -> tuple[Floats, Floats]:
    """Refit ridge on resampled groups, to what each of a prior's draws leaves over.

    Parameters
    ----------
    before : ndarray of float64, shape (n_cases, n_aims, n)
        The prior's draws of the cases.

    Returns
    -------
    directions : ndarray of float64, shape (n, n_aims, n_features)
    intercepts : ndarray of float64, shape (n, n_aims)
    """
    X, n = cases.X, before.shape[2]
    names, number = np.unique(np.array(cases.groups), return_inverse=True)
    generator = np.random.default_rng([random_state, 7])
    gram = _gram(X)
    found, constants = [], []
    for b in range(n):
        times = np.bincount(generator.integers(len(names), size=len(names)), minlength=len(names))
        counts = times[number].astype(np.float64)
        drawn = np.flatnonzero(counts)
        share = weights[drawn] * counts[drawn]
        share = share / share.sum()
        directions, intercepts = _solved(X, gram, drawn, aims[drawn] - before[drawn, :, b], share, penalty)
        found.append(directions)
        constants.append(intercepts)
    return np.array(found).reshape(-1, aims.shape[1], X.shape[1]), np.array(constants).reshape(-1, aims.shape[1])
