"""Let labelled texts move an anchored scale: the anchors are the prior, the labels are the evidence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from research._folds import canonical_order
from research._offset_logistic import OffsetLogistic, choose_penalty
from research._scaling import AnchoredScale, contrast, position_of
from research.errors import InputError

__all__ = ["LabelShift", "shift_scale"]

Floats = NDArray[np.float64]

# Log-odds of a pole that the way from plain to the pole's median is worth, before any label is seen.
_SLOPE = 1.5
# How many labelled texts the anchors' place of a knot is worth.
_KNOT_PRIOR = 10.0
# Labels from here on are clear cases of their pole; milder ones train, and do not place the ends of the scale.
_CLEAR = 0.75
_FEWEST = 2
# Ridge penalty of the nuisance's direction, as a multiple of the features' mean squared length.
_NUISANCE_PENALTY = 10.0


class LabelShift:
    r"""An anchored scale that labelled texts have moved, and how its scores did on texts left out.

    Labels y in [-1, 1] give each pole k (sign s_k) a soft target t_ik = min(1, 2 max(0, s_k y_i)). The anchors' score
    q_k of a text, 0 at the plain anchors and 1 at the pole's, is the offset of a ridge logistic regression
    (`research._offset_logistic`):

        z_k(x) = 1.5 (q_k(x) - 1/2) + x . d_k + b_k,

    whose penalty on d_k, infinity included, is chosen with whole groups left out. In units of its own labels a pole
    then reads q'_k = (z_k - m_k0) / (m_k1 - m_k0), with the medians of z_k out of fold over the texts labelled 0 and
    over the clear cases of the pole (|y| >= .75), and the axis is their contrast (`research._scaling.contrast`), with
    knots at its medians over clear negative, plain and clear positive texts. Each median is averaged with the anchors'
    place for it, which counts as ten texts, so a handful of labels cannot tear the scale.

    Draws refit d_k and b_k on resampled groups around the offset of the anchors' own draw, and take the knots from the
    groups that were drawn.

    Attributes
    ----------
    scale : AnchoredScale
        Moved.
    out_of_fold : ndarray of float64, shape (n, 3)
        Of the labelled texts, in the order given: position on the axis, and log-odds of the two poles.
    penalties : tuple of float
        Chosen for the positive and the negative pole; infinity where labels did not earn a move.
    """

    def __init__(self, scale: AnchoredScale, out_of_fold: Floats, penalties: tuple[float, float]) -> None:
        self.scale = scale
        self.out_of_fold = out_of_fold
        self.penalties = penalties


def shift_scale(
    prior: AnchoredScale,
    X: ArrayLike,
    y: ArrayLike,
    groups: Sequence[str] | None = None,
    sentences: tuple[Floats, NDArray[np.int64]] | None = None,
    nuisance: ArrayLike | None = None,
) -> LabelShift:
    """Move a scale by labelled texts; see `LabelShift`.

    Parameters
    ----------
    prior : AnchoredScale
        Fitted on anchors.
    X : array, shape (n, n_features)
    y : array, shape (n,)
        In [-1, 1].
    groups : sequence of str, optional
        The document of each text; texts of one document are left out together.
    sentences : (array of shape (n_sentences, n_features), array of shape (n_sentences,)), optional
        The texts' sentences and the row each is of: their spread becomes the scale's.
    nuisance : array, shape (n,) or (n, n_columns), optional
        What the scale must not follow, such as whether the news is good or bad; NaN where that is not known. The
        direction that tells it among the texts labelled 0 (ridge) is taken out of every direction of the scale, the
        anchors' included. Of several columns each tells it among its own texts, and in what those before it left
        (Ravfogel et al. 2020, iterative nullspace projection).

    Raises
    ------
    InputError
        If the lengths differ, a label lies outside [-1, 1], there are fewer than two texts, or a nuisance is given that
        is infinite or known of fewer than two texts labelled 0.
    """
    from threadpoolctl import threadpool_limits

    X = np.ascontiguousarray(X, dtype=np.float64)
    y = np.asarray(y, dtype=np.float64)
    if y.ndim != 1 or len(X) != len(y) or (groups is not None and len(groups) != len(y)):
        raise InputError(
            f"there are {len(X)} texts, {np.size(y)} labels and {'no' if groups is None else len(groups)} "
            "groups; give one label and one group a text"
        )
    if len(y) < _FEWEST:
        raise InputError(f"there are {len(y)} labelled texts; at least {_FEWEST} are needed")
    if not (np.isfinite(y).all() and (np.abs(y) <= 1).all()):
        raise InputError(f"a label is {y[~(np.abs(y) <= 1)][0]:g}; labels lie between -1 and 1")
    unfollowed = None if nuisance is None else _checked_nuisance(nuisance, y)
    names = [""] * len(y) if groups is None else [str(name) for name in groups]
    order = canonical_order(X, y, names)
    names = [f"{rank:09d}" for rank in range(len(y))] if groups is None else [names[row] for row in order]
    with threadpool_limits(1):
        ordered = X[order]
        unwanted = None if unfollowed is None else _directions(ordered, y[order], unfollowed[order])
        shift = _shift_sorted(prior, ordered, y[order], names, unwanted)
    back = np.empty_like(shift.out_of_fold)
    back[order] = shift.out_of_fold
    shift.out_of_fold = back
    if sentences is not None:
        shift.scale.sentence_variance_ = shift.scale._pool_sentences(y, sentences)
    return shift


def _checked_nuisance(nuisance: ArrayLike, y: Floats) -> Floats:
    values = np.asarray(nuisance, dtype=np.float64)
    if values.ndim not in (1, 2) or len(values) != len(y) or np.isinf(values).any():
        raise InputError(
            f"`nuisance` has the shape {values.shape} for {len(y)} texts, or an infinite value; give each text a "
            "number, or NaN where it is not known"
        )
    columns = values.reshape(len(y), -1)
    fewest = int((np.isfinite(columns) & (y == 0)[:, None]).sum(axis=0).min(initial=len(y)))
    if fewest < _FEWEST:
        raise InputError(f"`nuisance` is learned from texts labelled 0, and it is known of {fewest}; leave it out")
    return columns


def _directions(X: Floats, y: Floats, nuisance: Floats) -> Floats:
    """Give a unit direction for each column of the nuisance, told among the plain texts, without those before it."""
    found: list[Floats] = []
    for column in nuisance.T:
        rows = (y == 0) & np.isfinite(column)
        plain, aim = _without(np.array(found) if found else None, X[rows]), column[rows]
        plain = plain - plain.mean(axis=0)
        gram = plain @ plain.T
        gram[np.diag_indices_from(gram)] += _NUISANCE_PENALTY * max(float(np.trace(gram)) / max(len(gram), 1), 1e-12)
        direction = plain.T @ np.linalg.solve(gram, aim - aim.mean())
        found.append(direction / max(float(np.linalg.norm(direction)), 1e-300))
    return np.array(found)


def _without(directions: Floats | None, w: Floats) -> Floats:
    """Take orthonormal directions out of one vector, or out of each row."""
    return w if directions is None else w - (w @ directions.T) @ directions


def _shift_sorted(prior: AnchoredScale, X: Floats, y: Floats, names: list[str], unwanted: Floats | None) -> LabelShift:
    X = _without(unwanted, X)
    base = [(_without(unwanted, w), float(b)) for w, b in zip(prior.weights_, prior.intercepts_, strict=True)]
    targets = [np.minimum(1.0, 2 * np.maximum(0.0, sign * y)) for sign in (1, -1)]
    offsets = [_SLOPE * (X @ w + b - 0.5) for w, b in base]
    chosen = [
        choose_penalty(X, t, o, names, random_state=prior.random_state) for t, o in zip(targets, offsets, strict=True)
    ]
    penalties = (chosen[0][0], chosen[1][0])
    z = np.stack([scores for _, scores in chosen], axis=1)
    model = OffsetLogistic(X)
    fits = [model.fit(targets[pole], offsets[pole], penalties[pole]) for pole in (0, 1)]
    zero, one, knots, raw = _place(z, y, [b for _, b in fits])
    scale = AnchoredScale(prior.n_bootstrap, prior.random_state)
    scale.n_features_in_ = prior.n_features_in_
    scale.penalty_ = prior.penalty_
    scale.sentence_variance_ = prior.sentence_variance_
    scale.warnings_ = list(prior.warnings_)
    gap = one - zero
    scale.weights_ = np.stack([(_SLOPE * base[k][0] + fits[k][0]) / gap[k] for k in (0, 1)])
    scale.intercepts_ = np.array([(_SLOPE * (base[k][1] - 0.5) + fits[k][1] - zero[k]) / gap[k] for k in (0, 1)])
    scale.knots_ = knots
    _draw(scale, prior, model, X, y, names, targets, fits, penalties, z, unwanted)
    out = np.column_stack([position_of(raw, knots), z])
    return LabelShift(scale, out, penalties)


def _blend(values: Floats, prior: float) -> float:
    """Average a median with the anchors' place for it."""
    if not len(values):
        return prior
    return float((len(values) * np.median(values) + _KNOT_PRIOR * prior) / (len(values) + _KNOT_PRIOR))


def _place(z: Floats, y: Floats, intercepts: Sequence[float]) -> tuple[Floats, Floats, Floats, Floats]:
    """Give the poles' zeros and ones, the axis's knots, and the axis's raw scores."""
    zero, one = np.empty(2), np.empty(2)
    for pole, sign in enumerate((1, -1)):
        zero[pole] = _blend(z[y == 0, pole], intercepts[pole] - _SLOPE / 2)
        one[pole] = max(_blend(z[sign * y >= _CLEAR, pole], intercepts[pole] + _SLOPE / 2), zero[pole] + _SLOPE / 4)
    raw = contrast((z - zero) / (one - zero))
    low, middle, high = _blend(raw[y <= -_CLEAR], -1.0), _blend(raw[y == 0], 0.0), _blend(raw[y >= _CLEAR], 1.0)
    high = max(high, low + 0.5)
    middle = min(max(middle, low + 0.1 * (high - low)), high - 0.1 * (high - low))
    return zero, one, np.array([low, middle, high]), raw


def _draw(
    scale: AnchoredScale,
    prior: AnchoredScale,
    model: OffsetLogistic,
    X: Floats,
    y: Floats,
    names: list[str],
    targets: list[Floats],
    fits: list[tuple[Floats, float]],
    penalties: tuple[float, float],
    z: Floats,
    unwanted: Floats | None,
) -> None:
    groups, number = np.unique(np.array(names), return_inverse=True)
    generator = np.random.default_rng([prior.random_state, 5])
    weights, constants, knots = [], [], []
    for b in range(prior.n_bootstrap):
        counts = np.bincount(generator.integers(len(groups), size=len(groups)), minlength=len(groups)).astype(float)
        count = counts[number]
        drawn = np.flatnonzero(count)
        own = _SLOPE * _without(unwanted, prior.draw_weights_[b]), _SLOPE * (prior.draw_intercepts_[b] - 0.5)
        moved = [model.fit(targets[k], X @ own[0][k] + own[1][k], penalties[k], count, drawn, fits[k]) for k in (0, 1)]
        rows = np.repeat(np.arange(len(y)), count.astype(int))
        zero, one, knot, _ = _place(z[rows], y[rows], [c for _, c in fits])
        gap = one - zero
        weights.append([(own[0][k] + moved[k][0]) / gap[k] for k in (0, 1)])
        constants.append([(own[1][k] + moved[k][1] - zero[k]) / gap[k] for k in (0, 1)])
        knots.append(knot)
    scale.draw_weights_ = np.array(weights).reshape(-1, 2, X.shape[1])
    scale.draw_intercepts_ = np.array(constants, dtype=np.float64).reshape(-1, 2)
    scale.draw_knots_ = np.array(knots).reshape(-1, 3)
