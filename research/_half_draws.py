"""What other anchors might have taught an anchored scale, from how far two halves of its own lie apart.

Used by `research._scaling`, whose `AnchoredScale` has the formulas.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from research._folds import group_halves
from research._positions import contrast
from research._ridge import ridge

__all__ = ["Placed", "half_draws"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

# The least distance of two medians that is believed, as a share of the fit's.
_NEAREST = 0.5


class Placed(NamedTuple):
    """Poles and the knots of their contrast: of a scale, or of its draws.

    Attributes
    ----------
    weights : ndarray of float64, shape (..., 2, n_features)
        0 at plain reports and 1 at the pole; `intercepts`, shape (..., 2), alike.
    knots : ndarray of float64, shape (..., 3)
    """

    weights: Floats
    intercepts: Floats
    knots: Floats


def half_draws(
    fit: Placed,
    X: Floats,
    gram: Floats,
    targets: Floats,
    y: Floats,
    first: list[str],
    second: list[str],
    places: Booleans,
    penalty: float,
    n_draws: int,
    random_state: int,
) -> Placed | None:
    """Draw scales around a fit, each moved by the difference of two halves of the groups.

    Parameters
    ----------
    fit : Placed
    X : ndarray of float64, shape (n_rows, n_features)
    gram : ndarray of float64, shape (n_rows, n_rows)
        ``X @ X.T``
    targets : ndarray of float64, shape (n_rows, 2)
        Of the poles, in units of the fit.
    y : ndarray of float64, shape (n_rows,)
    first, second : list of str, length n_rows
        The groups of each row; a row of two groups trains where both are.
    places : ndarray of bool, shape (n_rows,)
        Rows that place a scale; each is of one group.
    penalty : float
        Of the ridge.
    n_draws : int
    random_state : int

    Returns
    -------
    Placed or None
        None if a pole's rows are all of one group, so that no two halves have both poles.
    """
    owners = np.unique([*first, *second], return_inverse=True)[1].reshape(2, len(first))
    generator = np.random.default_rng([random_state, 1])
    both_poles = [places & (y < 0), places & (y > 0)]
    drawn: list[Placed] = []
    for _ in range(n_draws):
        sides = group_halves(owners, both_poles, generator)
        if sides is None:
            return None
        one, other = (_half(fit, X, gram, targets, y, *rows, places, penalty) for rows in (sides, sides[::-1]))
        weights, intercepts, knots = (
            middle + (a - b) / np.sqrt(2) for middle, a, b in zip(fit, one, other, strict=True)
        )
        drawn.append(Placed(weights, intercepts, _held(knots, fit.knots)))
    return Placed(
        np.array([each.weights for each in drawn]).reshape(-1, 2, X.shape[1]),
        np.array([each.intercepts for each in drawn]).reshape(-1, 2),
        np.array([each.knots for each in drawn]).reshape(-1, 3),
    )


def _half(
    fit: Placed,
    X: Floats,
    gram: Floats,
    targets: Floats,
    y: Floats,
    rows: Integers,
    others: Integers,
    places: Booleans,
    penalty: float,
) -> Placed:
    """Fit the poles to one half and place them by the other, in units of the fit."""
    coefficients, intercepts = ridge(gram[np.ix_(rows, rows)], targets[rows], np.ones(len(rows)), penalty)
    judges = others[places[others]]
    raw = gram[np.ix_(judges, rows)] @ coefficients + intercepts
    side = np.sign(y[judges])
    plain = bool((y[places] == 0).any())
    zero, one = np.zeros(2), np.empty(2)
    for pole, sign in enumerate((1, -1)):
        at_zero = side == 0 if plain else side == -sign
        # Where the fit had to take the other pole for its zero, halves do not: draws are then wide, as they should be.
        if at_zero.any():  # else the fit's own, which is 0
            zero[pole] = np.median(raw[at_zero, pole])
        one[pole] = np.median(raw[side == sign, pole])
    gap = np.maximum(one - zero, _NEAREST)  # they may fall together by chance, which would blow the half up
    values = contrast((raw - zero) / gap)
    low, high = np.median(values[side < 0]), np.median(values[side > 0])
    middle = np.median(values[side == 0]) if (side == 0).any() else low + _share(fit.knots) * (high - low)
    return Placed((coefficients.T @ X[rows]) / gap[:, None], (intercepts - zero) / gap, np.array([low, middle, high]))


def _share(knots: Floats) -> float:
    """Give where zero stands on the way from pole to pole; halfway where the fit had no neutral anchors."""
    low, middle, high = knots
    return float((middle - low) / (high - low))


def _held(knots: Floats, fit: Floats) -> Floats:
    """Keep a draw's knots in their order.

    The ends come no nearer than half of the fit's distance, the upper one giving way, and the middle no nearer to
    either than half of its share of the way in the fit.
    """
    low, middle, high = knots
    high = max(high, low + _NEAREST * (fit[2] - fit[0]))
    share = _share(fit)
    nearest, farthest = _NEAREST * share, 1 - _NEAREST * (1 - share)
    middle = min(max(middle, low + nearest * (high - low)), low + farthest * (high - low))
    return np.array([low, middle, high])
