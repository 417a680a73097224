"""Let labelled texts move an anchored scale: the anchors are the prior, the labels are the evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy

import numpy as np
from numpy.typing import ArrayLike, NDArray

from research._folds import canonical_order
from research._networks import Networks, Training, pole_scores_of, resampled_counts, train, unseen_mean
from research._offset_logistic import OffsetLogistic, choose_penalty, nearest_to_prior
from research._positions import contrast, position_of
from research._ridge import without
from research._scaling import AnchoredScale
from research.errors import InputError

__all__ = ["N_NETWORKS", "LabelShift", "shift_scale"]

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None] | None

# Log-odds of a pole that the way from plain to the pole's median is worth, before any label is seen.
_SLOPE = 1.5
# How many labelled texts the anchors' place of a knot is worth.
_KNOT_PRIOR = 10.0
# Labels from here on are clear cases of their pole; milder ones train, and do not place the ends of the scale.
_CLEAR = 0.75
_FEWEST = 2
# Networks are tried from so many labels on, if so many are plain, so many clear cases of either pole, and there are so
# many groups.
_MANY, _FEWEST_OF_A_KIND = 1000, 30
N_NETWORKS = 32
_TRAINING = Training(rate=1e-3, dropped=0.3)  # docs/framing_axis.md has what other choices give
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
    over the clear cases of the pole (|y| >= .75), and the axis is their contrast (`research._positions.contrast`), with
    knots at its medians over clear negative, plain and clear positive texts. Each median is averaged with the anchors'
    place for it, which counts as ten texts, so a handful of labels cannot tear the scale.

    Draws refit d_k and b_k on resampled groups around the offset of the anchors' own draw, and take the knots from the
    groups that were drawn.

    From a thousand labels on, thirty of them plain and thirty clear cases of either pole, 32 small networks
    (`research._networks`) learn the three classes. Each starts from 1.5 q_k, up to a constant, as the log-odds of
    either pole beside plain, with q_k of another draw of the anchors. They may take the line's place with their
    log-odds z_k of pole k against the rest: where the log loss of both poles, out of bag, is below the line's, out of
    fold, by more than one standard error over groups. Medians of z_k are then the labelled texts' alone. Draws are
    mixes of the networks: they hold what other anchors, other groups and other random starts would have taught. If the
    anchors have fewer than 32 draws, all networks start from the fit, and what other anchors would have taught is not
    in the draws. Labels that come after these move the networks by a line again, and then q_k has the slope that they
    found, in place of 1.5.

    Attributes
    ----------
    scale : AnchoredScale
        Moved.
    out_of_fold : ndarray of float64, shape (n, 3)
        Of the labelled texts, in the order given: position on the axis, and log-odds of the two poles.
    penalties : tuple of float or None
        Chosen for the positive and the negative pole; infinity where labels did not earn a move. None where networks
        are the poles.
    """

    def __init__(self, scale: AnchoredScale, out_of_fold: Floats, penalties: tuple[float, float] | None) -> None:
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
    progress: Progress = None,
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
    progress : callable, optional
        Called with a label, the steps done and all of them, while networks are trained.

    Raises
    ------
    InputError
        If the lengths differ, a label is missing or no number in [-1, 1], there are fewer than two texts, or a nuisance
        is given that is infinite, known of fewer than two texts labelled 0, or the same for all of them.
    """
    from threadpoolctl import threadpool_limits

    X = np.ascontiguousarray(X, dtype=np.float64)
    y = _numbers(y)
    if y.ndim != 1 or len(X) != len(y) or (groups is not None and len(groups) != len(y)):
        raise InputError(
            f"there are {len(X)} texts, {np.size(y)} labels and {'no' if groups is None else len(groups)} "
            "groups; give one label and one group a text"
        )
    if len(y) < _FEWEST:
        raise InputError(f"there are {len(y)} labelled texts; at least {_FEWEST} are needed")
    if np.isnan(y).any():
        row = int(np.isnan(y).argmax())
        raise InputError(f"label {row} (from 0) is missing; leave rows without a label out, of texts and labels")
    if not (np.isfinite(y).all() and (np.abs(y) <= 1).all()):
        raise InputError(f"a label is {y[~(np.abs(y) <= 1)][0]:g}; labels lie between -1 and 1")
    unfollowed = None if nuisance is None else _checked_nuisance(nuisance, y)
    names = [""] * len(y) if groups is None else [str(name) for name in groups]
    order = canonical_order(X, y, names)
    names = [f"{rank:09d}" for rank in range(len(y))] if groups is None else [names[row] for row in order]
    with threadpool_limits(1):
        ordered = X[order]
        unwanted = None if unfollowed is None else _directions(ordered, y[order], unfollowed[order])
        shift = _shift_sorted(prior, ordered, y[order], names, unwanted, progress)
    back = np.empty_like(shift.out_of_fold)
    back[order] = shift.out_of_fold
    shift.out_of_fold, shift.scale.out_of_fold_ = back, back[:, 0]
    if sentences is not None:
        shift.scale.sentence_variance_ = shift.scale._pool_sentences(y, sentences)
    return shift


def _numbers(y: ArrayLike) -> Floats:
    try:
        return np.asarray(y, dtype=np.float64)
    except (TypeError, ValueError):
        given = next((label for label in np.asarray(y, dtype=object).ravel() if isinstance(label, str)), y)
        raise InputError(f"a label is {given!r}; labels are numbers from -1 to 1") from None


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
    for place, column in enumerate(columns.T):
        told = column[(y == 0) & np.isfinite(column)]
        if told.min() == told.max():
            raise InputError(
                f"`nuisance` is {told[0]:g} for all of the texts labelled 0 (column {place}), so that nothing can be "
                "learned from it; leave it out"
            )
    return columns


def _directions(X: Floats, y: Floats, nuisance: Floats) -> Floats:
    """Give a unit direction for each column of the nuisance, told among the plain texts, without those before it."""
    found: list[Floats] = []
    for column in nuisance.T:
        rows = (y == 0) & np.isfinite(column)
        plain, aim = without(np.array(found).reshape(-1, X.shape[1]), X[rows]), column[rows]
        plain = plain - plain.mean(axis=0)
        gram = plain @ plain.T
        gram[np.diag_indices_from(gram)] += _NUISANCE_PENALTY * max(float(np.trace(gram)) / max(len(gram), 1), 1e-12)
        direction = plain.T @ np.linalg.solve(gram, aim - aim.mean())
        found.append(direction / max(float(np.linalg.norm(direction)), 1e-300))
    return np.array(found)


def _shift_sorted(
    prior: AnchoredScale, X: Floats, y: Floats, names: list[str], unwanted: Floats | None, progress: Progress
) -> LabelShift:
    if unwanted is not None:
        X, prior = without(unwanted, X), prior.without(unwanted)
    targets = np.stack([np.minimum(1.0, 2 * np.maximum(0.0, sign * y)) for sign in (1, -1)], axis=1)
    offsets = _slopes(prior, prior.network_weights_) * (prior.pole_scores(X) - 0.5)
    chosen = [choose_penalty(X, targets[:, k], offsets[:, k], names, random_state=prior.random_state) for k in (0, 1)]
    scale = copy(prior)
    scale.warnings_ = list(prior.warnings_)
    z = np.stack([scores for _, scores in chosen], axis=1)
    if _can_teach_networks(prior, y, names):
        # Weights for features too small for half precision to hold them are infinite, and such networks of no use.
        with np.errstate(over="ignore", invalid="ignore"):
            networks, unseen = _train(prior, X, targets, names, unwanted, progress)
        medians = _medians(unseen, y)
        usable = np.isfinite(unseen).all() and (medians[:, 1] > medians[:, 0]).all()
        if usable and nearest_to_prior(np.stack([z, unseen]), targets, names):
            raw = _take_networks(scale, networks, unseen, y, names, medians)
            return LabelShift(scale, np.column_stack([position_of(raw, scale.knots_), unseen]), None)
    penalties = (chosen[0][0], chosen[1][0])
    raw = _take_line(scale, prior, X, y, names, targets, penalties, z)
    return LabelShift(scale, np.column_stack([position_of(raw, scale.knots_), z]), penalties)


def _slopes(prior: AnchoredScale, network_weights: Floats) -> Floats:
    """Give the log-odds that a step of each pole's score is worth: networks have said it, of a line it is assumed."""
    return 1 / network_weights if len(prior.networks_) else np.full(2, _SLOPE)


def _can_teach_networks(prior: AnchoredScale, y: Floats, names: list[str]) -> bool:
    """Whether labels are many enough, of every kind and group, and the prior is a line that networks can start from."""
    kinds = (y == 0).sum(), (y <= -_CLEAR).sum(), (y >= _CLEAR).sum(), len(set(names))
    return len(y) >= _MANY and min(kinds) >= _FEWEST_OF_A_KIND and not len(prior.networks_)


def _train(
    prior: AnchoredScale, X: Floats, targets: Floats, names: list[str], unwanted: Floats | None, progress: Progress
) -> tuple[Networks, Floats]:
    """Train networks around the prior; give them, and the poles' log-odds by those that did not see a text's group.

    All texts weigh the same, so that the log-odds are those of the labelled texts, as the line's are.
    """
    generator = np.random.default_rng([prior.random_state, 13])
    counts = resampled_counts(names, N_NETWORKS, generator)
    member = np.column_stack([targets[:, 1], 1.0 - targets.sum(axis=1), targets[:, 0]])
    shares = counts / counts.sum(axis=1, keepdims=True)
    # Each network starts from other anchors, so that their spread is the anchors' too. Intercepts are theirs to find.
    starts = prior.draw_weights_[:N_NETWORKS]
    if len(starts) < N_NETWORKS:
        starts = np.repeat(prior.weights_[None], N_NETWORKS, axis=0)
    lines = starts, _SLOPE * np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    networks = train(X, member, shares, _TRAINING, len(X), generator, progress, lines)
    if unwanted is not None:
        networks = networks.without(unwanted)
    return networks, pole_scores_of(unseen_mean(networks.log_odds(X), counts))


def _take_line(
    scale: AnchoredScale,
    prior: AnchoredScale,
    X: Floats,
    y: Floats,
    names: list[str],
    targets: Floats,
    penalties: tuple[float, float],
    z: Floats,
) -> Floats:
    """Move the poles of a scale by a line, in units of its labels; give the labelled texts' contrasts.

    Draws are refits on resampled groups, each around the prior's draw of the same number.
    """
    model, slopes = OffsetLogistic(X), _slopes(prior, prior.network_weights_)
    offsets = slopes * (prior.pole_scores(X) - 0.5)
    fits = [model.fit(targets[:, k], offsets[:, k], penalties[k]) for k in (0, 1)]
    fitted = np.array([constant for _, constant in fits])
    starts = np.stack([fitted - slopes / 2, fitted + slopes / 2], axis=1)
    zero, one, scale.knots_, raw = _place(z, y, starts)
    gap = one - zero
    scale.weights_ = (slopes[:, None] * prior.weights_ + np.stack([w for w, _ in fits])) / gap[:, None]
    scale.intercepts_ = (slopes * (prior.intercepts_ - 0.5) + fitted - zero) / gap
    scale.network_weights_ = slopes * prior.network_weights_ / gap
    weights, constants, shares, knots = [], [], [], []
    poles = prior.pole_draws(X)
    for b, count in enumerate(_resampled(names, prior)):
        drawn, counts = np.flatnonzero(count), count.astype(float)
        slopes = _slopes(prior, prior.draw_network_weights_[b])
        offsets = slopes * (poles[:, b] - 0.5)
        moved = [
            # Without a pole's labels nothing bounds its intercept: the fit's stands.
            fits[k]
            if np.ptp(targets[drawn, k]) == 0
            else model.fit(targets[:, k], offsets[:, k], penalties[k], counts, drawn, fits[k])
            for k in (0, 1)
        ]
        rows = np.repeat(np.arange(len(y)), count)
        zero, one, knot, _ = _place(z[rows], y[rows], starts)
        gap = one - zero
        weights.append((slopes[:, None] * prior.draw_weights_[b] + np.stack([w for w, _ in moved])) / gap[:, None])
        constants.append((slopes * (prior.draw_intercepts_[b] - 0.5) + [c for _, c in moved] - zero) / gap)
        shares.append(slopes * prior.draw_network_weights_[b] / gap)
        knots.append(knot)
    scale.draw_weights_ = np.array(weights).reshape(-1, 2, X.shape[1])
    scale.draw_intercepts_ = np.array(constants, dtype=np.float64).reshape(-1, 2)
    scale.draw_network_weights_ = np.array(shares).reshape(-1, 2)
    scale.draw_knots_ = np.array(knots).reshape(-1, 3)
    return raw


def _medians(z: Floats, y: Floats) -> Floats:
    """Give each pole's median over plain texts and over its clear cases, shape (2, 2)."""
    return np.array([[np.median(z[y == 0, k]), np.median(z[sign * y >= _CLEAR, k])] for k, sign in ((0, 1), (1, -1))])


def _take_networks(
    scale: AnchoredScale, networks: Networks, z: Floats, y: Floats, names: list[str], starts: Floats
) -> Floats:
    """Let networks be the poles of a scale, in units of its labels; give the labelled texts' contrasts.

    Draws mix the networks and place the scale anew on resampled groups; a median that a draw lacks is the fit's.
    """
    zero, one, scale.knots_, raw = _place(z, y, starts)
    scale.networks_, scale.network_weights_, scale.intercepts_ = networks, 1 / (one - zero), -zero / (one - zero)
    scale.weights_ = np.zeros_like(scale.weights_)
    scale.draw_weights_ = np.zeros_like(scale.draw_weights_)
    intercepts, weights, knots = [], [], []
    for count in _resampled(names, scale):
        rows = np.repeat(np.arange(len(y)), count)
        zero, one, knot, _ = _place(z[rows], y[rows], starts)
        intercepts.append(-zero / (one - zero))
        weights.append(1 / (one - zero))
        knots.append(knot)
    scale.draw_intercepts_ = np.array(intercepts).reshape(-1, 2)
    scale.draw_network_weights_ = np.array(weights).reshape(-1, 2)
    scale.draw_knots_ = np.array(knots).reshape(-1, 3)
    return raw


def _resampled(names: list[str], scale: AnchoredScale) -> Iterator[NDArray[np.int64]]:
    """Give how often each text is drawn when whole groups are, for each of the scale's draws."""
    groups, number = np.unique(np.array(names), return_inverse=True)
    generator = np.random.default_rng([scale.random_state, 5])
    for _ in range(scale.n_bootstrap):
        yield np.bincount(generator.integers(len(groups), size=len(groups)), minlength=len(groups))[number]


def _blend(values: Floats, prior: float) -> float:
    """Average a median with the anchors' place for it."""
    if not len(values):
        return prior
    return float((len(values) * np.median(values) + _KNOT_PRIOR * prior) / (len(values) + _KNOT_PRIOR))


def _place(z: Floats, y: Floats, starts: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Give the poles' zeros and ones, the axis's knots, and the axis's raw scores.

    `starts`, shape (2, 2), has what stands for ten texts at each pole's zero and one; the two never come nearer to each
    other than to a quarter of that.
    """
    zero, one = np.empty(2), np.empty(2)
    for pole, sign in enumerate((1, -1)):
        zero[pole] = _blend(z[y == 0, pole], starts[pole, 0])
        nearest = zero[pole] + (starts[pole, 1] - starts[pole, 0]) / 4
        one[pole] = max(_blend(z[sign * y >= _CLEAR, pole], starts[pole, 1]), nearest)
    raw = contrast((z - zero) / (one - zero))
    low, middle, high = _blend(raw[y <= -_CLEAR], -1.0), _blend(raw[y == 0], 0.0), _blend(raw[y >= _CLEAR], 1.0)
    high = max(high, low + 0.5)
    middle = min(max(middle, low + 0.1 * (high - low)), high - 0.1 * (high - low))
    return zero, one, np.array([low, middle, high]), raw
