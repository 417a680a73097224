"""An axis through anchor texts that carries its own scale, so that a score never depends on the rest of a corpus.

Used by `research.framing` and `research.stance`. See `AnchoredScale` for the formulas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from research._folds import canonical_order, group_folds
from research._half_draws import Placed, half_draws
from research._networks import NETWORK_SHAPES, Networks
from research._positions import contrast, contrast_slopes, interval, noise_by_content, position_of
from research._ridge import project, ridge, without
from research._shapes import check_shapes, check_version, plain, reading_state
from research.errors import InputError

__all__ = ["AnchoredScale"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Ridge penalties tried, as multiples of the mean squared length of the centred features.
_PENALTIES = (0.3, 1.0, 3.0, 10.0)
# The weight of the anchors' spread between sentences, counted in sentences of the text itself.
_PRIOR_SENTENCES = 5.0
_STATE_VERSION = 4
_BLOCK = 4096
_DRAWS, _MOST_DRAWN = 2000, 20_000_000
_ARRAYS: dict[str, tuple[int | str, ...]] = {
    "weights": (2, "features"),
    "intercepts": (2,),
    "knots": (3,),
    "draw_weights": ("draws", 2, "features"),
    "draw_intercepts": ("draws", 2),
    "draw_knots": ("draws", 3),
    "network_weights": (2,),
    "draw_network_weights": ("draws", 2),
}


class AnchoredScale:
    r"""Two ridge directions through anchors, one a pole, and a monotone scale fixed by the same anchors out of fold.

    1. **Poles.** Ridge regressions of max(y, 0) and of max(-y, 0) on the features (Hoerl & Kennard 1970), solved in the
       dual. The penalty is the one of a short list with which their difference has the least squared error of `y` when
       whole groups (the anchors' subjects) are left out. Each anchor gets raw scores from the fit without its group; a
       pole's score q_k is 0 at the median of the neutral anchors and 1 at that of the pole's. A text can lean to both.
    2. **Contrast.** The two are set against each other where they are above the plain report,

           c(x) = h(q_+(x)) - h(q_-(x)),    h(q) = log(1 + exp(8 q)) / 8.

       A plain difference of the two would give a text that is far from one pole to the other: outrage is not
       analytical, and would count as celebratory.
    3. **Scale.** With m(.) the medians of c, out of fold, over the negative, neutral and positive anchors, a text's
       position is

           u(x) = (c(x) - m(0)) / (m(+) - m(0))   above m(0),    (c(x) - m(0)) / (m(0) - m(-))   below it,

       and its score is u clipped to [-1, 1]. Without neutral anchors m(0) is halfway between the poles' medians.
    4. **Uncertainty.** In each of `n_bootstrap` draws the groups are halved at random. Either half makes the poles and
       the other places them, as in 1 to 3, with the fit's penalty; with A and B what the two halves make of a weight,
       an intercept or a knot and F what the fit makes of it, the draw has F + (A - B) / sqrt(2), and gives positions
       u_b(x). What a half cannot place is the fit's, and poles of a half never come nearer than half of the fit's way.
       So draws spread as widely as axes of half of the anchors do. All anchors should spread less; but half of that
       variance, which is theirs if an axis is like a mean of its anchors, was measured to be too little
       (docs/framing_axis.md). Sentences add sampling noise: with u_ij the position (held within [-2, 2]) of sentence j
       of text i, which has m_i sentences, s0^2 the pooled variance between the sentences of one *anchor* (never of the
       corpus) and k = 5,

           v_i = (k s0^2 + sum_j (u_ij - mean_j u_ij)^2) / (k + m_i - 1),
           se_i^2 = Var_b u_b(x_i) + v_i / m_i,
           interval = [clip(u_i - z se_i), clip(u_i + z se_i)].

       Where no anchor has two sentences, s0^2 is the variance of the anchors' out-of-fold positions within a voice.

    Where a thousand labels or more taught networks (`research._label_shift`), a pole reads

        q_k(x) = w_k . x + b_k + v_k g_k(x),

    with g_k the log-odds of the pole's class, of the networks' mean log-odds of three classes. Draw b then has its own
    w, b, v and g: of the networks, normal draws with the covariance that they have among themselves.

    Medians that come in the wrong order are handled by what they mean. If the positive anchors do not score above the
    negative ones out of fold there is no axis and `fit` raises `InputError`. If only the neutral median lies outside
    the poles' (or a hair inside), zero would stand at or beyond a pole: it is moved to the nearest place a tenth of the
    poles' distance inside, and `warnings_` says so, because the order of the texts is still what the anchors taught.

    Parameters
    ----------
    n_bootstrap : int
    random_state : int

    Attributes
    ----------
    weights_ : ndarray of float64, shape (2, n_features)
        Of the positive and the negative pole, 0 at plain reports and 1 at the pole; `intercepts_` alike.
    knots_ : ndarray of float64, shape (3,)
        Contrasts at -1, 0 and +1.
    draw_weights_ : ndarray of float64, shape (n_bootstrap, 2, n_features)
    draw_intercepts_ : ndarray of float64, shape (n_bootstrap, 2)
    draw_knots_ : ndarray of float64, shape (n_bootstrap, 3)
    networks_ : Networks
        None but where labels taught some; `network_weights_`, shape (2,), are their v_k, and `draw_network_weights_`,
        shape (n_bootstrap, 2), those of the draws.
    sentence_variance_ : float
        s0^2, in squared units of the scale.
    penalty_ : float
    out_of_fold_ : ndarray of float64, shape (n_anchors,)
        Positions of the scale's anchors out of fold, in the order given to `fit`, or of the labelled texts that moved
        it; not part of the saved state.
    warnings_ : list of str

    References
    ----------
    Hoerl & Kennard (1970), Technometrics 12(1). McCarthy (1969), Review of the International Statistical Institute
    37(3), on variance from half samples.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y = np.tile([-1.0, 0.0, 1.0], 20)
    >>> X = y[:, None] * [1.0, 0.5] + 0.1 * rng.normal(size=(60, 2))
    >>> axis = AnchoredScale(n_bootstrap=20).fit(X, y, np.repeat(np.arange(20), 3))
    >>> axis.predict(np.array([[2.0, 1.0], [0.0, 0.0], [-2.0, -1.0]])).round().astype(int).tolist()
    [1, 0, -1]
    """

    def __init__(self, n_bootstrap: int = 200, random_state: int = 0) -> None:
        self.n_bootstrap = n_bootstrap
        self.random_state = random_state

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        groups: ArrayLike | None = None,
        *,
        anchor: NDArray[np.bool_] | None = None,
        partners: ArrayLike | None = None,
        sentences: tuple[ArrayLike, ArrayLike] | None = None,
    ) -> Self:
        """Learn the axis and its scale.

        Parameters
        ----------
        X : array, shape (n_rows, n_features)
        y : array, shape (n_rows,)
            Any finite numbers; the sign says the pole, 0 is neutral.
        groups : array, shape (n_rows,) or None
            The subject a row belongs to; None makes each row its own.
        anchor : ndarray of bool, shape (n_rows,) or None
            Rows that place the scale; the others (mixtures of anchors) only train. None: all.
        partners : array, shape (n_rows,) or None
            The second group of a row made of two anchors. Such a row is left out with either.
        sentences : (array of shape (n_sentences, n_features), array of shape (n_sentences,)) or None
            The anchors' sentences and the row of `X` each is of.

        Raises
        ------
        InputError
            If a pole has no anchors, there are fewer than two groups, or the poles cannot be told apart out of fold.
        """
        from threadpoolctl import threadpool_limits

        X = np.ascontiguousarray(X, dtype=np.float64)
        y = np.asarray(y, dtype=np.float64)
        names = [str(name) for name in (np.arange(len(y)) if groups is None else np.asarray(groups))]
        others = names if partners is None else [str(name) for name in np.asarray(partners)]
        places = np.ones(len(y), dtype=bool) if anchor is None else np.asarray(anchor, dtype=bool)
        for sign, pole in ((1, "positive"), (-1, "negative")):
            if not ((np.sign(y) == sign) & places).any():
                raise InputError(f"no anchor belongs to the {pole} pole; a scale needs anchors of both poles")
        if len(set(names)) < 2:
            raise InputError("all anchors belong to one subject; at least two are needed to score anchors out of fold")
        order = np.arange(len(y))
        if groups is not None or partners is not None:
            order = canonical_order(X, y, [f"{a}\n{b}" for a, b in zip(names, others, strict=True)])
        else:  # rows without a group are named by their content, or their folds would follow the order of the rows
            order = canonical_order(X, y, [""] * len(y))
            names = others = [f"{rank:09d}" for rank in np.argsort(order)]
        self.n_features_in_ = X.shape[1]
        # One thread, since the bits of a BLAS product depend on how many there are.
        with threadpool_limits(1):
            sorted_names, sorted_others = [names[row] for row in order], [others[row] for row in order]
            out_of_fold = self._fit_sorted(X[order], y[order], sorted_names, sorted_others, places[order])
        self.out_of_fold_ = np.full(len(y), np.nan)
        self.out_of_fold_[order] = position_of(out_of_fold, self.knots_)
        self.out_of_fold_ = self.out_of_fold_[places]
        self.sentence_variance_ = self._pool_sentences(y[places], sentences)
        return self

    def _fit_sorted(
        self, X: Floats, y: Floats, names: list[str], others: list[str], places: NDArray[np.bool_]
    ) -> Floats:
        targets = np.stack([np.maximum(y, 0), np.maximum(-y, 0)], axis=1)
        gram = X @ X.T
        fold_of = dict(zip(names, group_folds(names, self.random_state), strict=True))
        fold = np.array([fold_of[name] for name in names])
        # A partner may be a group of no anchor of its own only if the caller made it up; it then shares the row's fold.
        other_fold = np.array([fold_of.get(name, own) for name, own in zip(others, fold, strict=True)])
        scores = {penalty: np.full(targets.shape, np.nan) for penalty in _PENALTIES}
        for number in np.unique(fold):
            held = (fold == number) & (other_fold == number)
            train = np.flatnonzero((fold != number) & (other_fold != number))
            if len(train) < 2:
                continue
            for penalty, column in scores.items():
                rows, intercept = ridge(gram[np.ix_(train, train)], targets[train], np.ones(len(train)), penalty)
                column[held] = gram[np.ix_(held.nonzero()[0], train)] @ rows + intercept
        errors = [np.nanmean((column[:, 0] - column[:, 1] - y) ** 2) for column in scores.values()]
        self.penalty_ = _PENALTIES[int(np.argmin(errors))]
        raw = scores[self.penalty_]
        known = places & np.isfinite(raw[:, 0])
        self.warnings_: list[str] = []
        self._refuse_one_pole(raw[known, 0] - raw[known, 1], y[known])
        zero, one = np.stack(
            [
                self._place_pole(raw[known, 0], np.sign(y[known]), "positive"),
                self._place_pole(raw[known, 1], -np.sign(y[known]), "negative"),
            ],
            axis=1,
        )
        out_of_fold = np.full(len(y), np.nan)
        finite = np.isfinite(raw[:, 0])
        out_of_fold[finite] = contrast((raw[finite] - zero) / (one - zero))
        self.knots_ = self._place(out_of_fold[known], y[known], "axis")
        rows, intercepts = ridge(gram, targets, np.ones(len(y)), self.penalty_)
        self.weights_ = (rows.T @ X) / (one - zero)[:, None]
        self.intercepts_ = (intercepts - zero) / (one - zero)
        self.networks_, self.network_weights_ = Networks.none(X.shape[1]), np.zeros(2)
        self.draw_network_weights_ = np.zeros((self.n_bootstrap, 2))
        fit = Placed(self.weights_, self.intercepts_, self.knots_)
        units, n = (targets - zero) / (one - zero), self.n_bootstrap
        drawn = half_draws(fit, X, gram, units, y, names, others, places, self.penalty_, n, self.random_state)
        if drawn is None:
            self.warnings_.append(
                "a pole's anchors are all of one subject, so intervals say nothing of what other anchors would teach"
            )
            drawn = Placed(*(np.repeat(each[None], n, axis=0) for each in fit))
        self.draw_weights_, self.draw_intercepts_, self.draw_knots_ = drawn
        return out_of_fold

    @staticmethod
    def _refuse_one_pole(raw: Floats, y: Floats) -> None:
        """Refuse anchors that do not tell the poles apart when left out."""
        low, high = float(np.median(raw[y < 0])), float(np.median(raw[y > 0]))
        if not high > low:
            raise InputError(
                f"the poles cannot be told apart: left out by subject, the positive anchors' median is {high:.3g} and "
                f"the negative anchors' {low:.3g}; write more anchors, or more unlike ones, for the two poles"
            )

    def _place(self, raw: Floats, y: Floats, what: str) -> Floats:
        """Give the raw scores at -1, 0 and +1, and note where zero had to be moved."""
        self._refuse_one_pole(raw, y)
        low, high = float(np.median(raw[y < 0])), float(np.median(raw[y > 0]))
        middle = float(np.median(raw[y == 0])) if (y == 0).any() else (low + high) / 2
        inside = min(max(middle, low + 0.1 * (high - low)), high - 0.1 * (high - low))
        if inside != middle:
            side = "positive" if middle > inside else "negative"
            self.warnings_.append(
                f"the {what}'s neutral anchors score like or beyond the {side} pole (median {middle:.3g} between "
                f"{low:.3g} and {high:.3g}), so zero stands a tenth of the scale inside that pole"
            )
        return np.array([low, inside, high])

    def _place_pole(self, raw: Floats, side: Floats, what: str) -> Floats:
        """Give the raw scores at 0 and 1 of one pole against the rest."""
        zero = float(np.median(raw[side == 0] if (side == 0).any() else raw[side < 0]))
        one = float(np.median(raw[side > 0]))
        if not one > zero:
            self.warnings_.append(
                f"the {what} pole's anchors do not score above the neutral ones, so that pole's own score runs from "
                "the other pole to it"
            )
            zero = float(np.median(raw[side < 0]))
            one = max(one, zero + max(1e-9, float(np.ptp(raw)) * 0.1))
        return np.array([zero, one])

    def _pool_sentences(self, y: Floats, sentences: tuple[ArrayLike, ArrayLike] | None) -> float:
        if sentences is not None:
            position, owner = np.clip(self.position(sentences[0]), -2.0, 2.0), np.asarray(sentences[1], dtype=np.int64)
            _, row, size = np.unique(owner, return_inverse=True, return_counts=True)
            freedom = float((size - 1).sum())
            if freedom > 0:
                centred = position - (np.bincount(row, weights=position) / size)[row]
                return float(np.square(centred).sum()) / freedom  # a BLAS product's bits would depend on the threads
        known = np.isfinite(self.out_of_fold_)
        side = np.sign(y)
        spread = [np.var(self.out_of_fold_[known & (side == sign)]) for sign in np.unique(side[known])]
        return float(np.mean(spread))

    def limit_draws(self, n: int) -> None:
        """Keep the first n draws where there are more."""
        self.n_bootstrap = min(n, self.n_bootstrap)
        for name in ("draw_weights_", "draw_intercepts_", "draw_knots_", "draw_network_weights_"):
            setattr(self, name, getattr(self, name)[: self.n_bootstrap])

    def without(self, directions: Floats) -> Self:
        """Give a scale that does not see orthonormal directions, shape (n_directions, n_features)."""
        scale = copy(self)
        for name in ("weights_", "draw_weights_"):
            setattr(scale, name, without(directions, getattr(self, name)))
        scale.networks_ = self.networks_.without(directions)
        return scale

    def pole_scores(self, X: ArrayLike) -> Floats:
        """Give q of the positive and the negative pole, 0 at plain reports and 1 at the pole, shape (n_texts, 2)."""
        X = self._check(X)
        found: Floats = project(X, self.weights_) + self.intercepts_
        found += self.network_weights_ * self.networks_.pole_scores(X)
        return found

    def pole_draws(self, X: ArrayLike) -> Floats:
        """Give the pole scores under the draws, shape (n_texts, n_bootstrap, 2)."""
        X = self._check(X)
        found: Floats = np.repeat(self.draw_intercepts_[None], len(X), axis=0)
        if self.draw_weights_.any():  # nothing where networks say it all
            for pole in (0, 1):
                found[:, :, pole] += project(X, self.draw_weights_[:, pole])
        found += self.draw_network_weights_ * self.networks_.pole_draws(X, len(self.draw_knots_), self.random_state)
        return found

    def position(self, X: ArrayLike) -> Floats:
        """Give the unclipped scores u, shape (n_texts,)."""
        return self.position_at(self.pole_scores(X))

    def position_at(self, poles: Floats) -> Floats:
        """Give the unclipped scores of pole scores, shape (n_texts,)."""
        return position_of(contrast(poles), self.knots_)

    def gradient(self, X: ArrayLike) -> Floats:
        """Give how the position of each text changes with its features, shape (n_texts, n_features)."""
        poles = self.pole_scores(X)
        low, middle, high = self.knots_
        # The same rule as the scale's: each side of its middle has a unit of its own.
        unit = np.where(contrast(poles) < middle, 1 / (middle - low), 1 / (high - middle))
        slopes = unit[:, None] * contrast_slopes(poles)
        found: Floats = slopes @ self.weights_
        found += np.einsum("np,npd->nd", slopes * self.network_weights_, self.networks_.pole_slopes(self._check(X)))
        return found

    def predict(self, X: ArrayLike) -> Floats:
        """Give the scores in [-1, 1], shape (n_texts,)."""
        return np.clip(self.position(X), -1.0, 1.0)

    def predict_poles(self, X: ArrayLike) -> Floats:
        """Give how far each text goes toward the positive and the negative pole, in [0, 1], shape (n_texts, 2)."""
        return np.clip(self.pole_scores(X), 0.0, 1.0)

    def anchor_draws(self, X: ArrayLike) -> Floats:
        """Give the unclipped positions under the draws, centred on the fit's, shape (n_bootstrap, n_texts).

        Centred, because a position is no straight line in what is drawn, and the mean of draws would be off.
        """
        draws = self._drawn_positions(X)
        centred: Floats = (draws - draws.mean(axis=1, keepdims=True) + self.position(X)[:, None]).T
        return centred

    def _drawn_positions(self, X: ArrayLike) -> Floats:
        raw = contrast(self.pole_draws(X))
        draws = np.stack([position_of(raw[:, b], knots) for b, knots in enumerate(self.draw_knots_)], axis=1)
        # Each text's draws lie in one contiguous row: their mean then has the same bits whatever the number of texts.
        return np.ascontiguousarray(draws)

    def sentence_noise(self, n_texts: int, sentences: tuple[ArrayLike, ArrayLike] | None = None) -> Floats:
        """Give v_i / m_i, the variance that a text's sentences leave in its score, shape (n_texts,).

        Parameters
        ----------
        n_texts : int
        sentences : (array of shape (n_sentences, n_features), array of shape (n_sentences,)) or None
            Features and the text each is of; None takes each text as one sentence.
        """
        if sentences is None:
            return np.full(n_texts, self.sentence_variance_)
        return self.noise_of(self.position(sentences[0]), np.asarray(sentences[1], dtype=np.int64), n_texts)

    def noise_of(self, position: Floats, owner: Integers, n_texts: int) -> Floats:
        """Give v_i / m_i from the positions of the sentences, shape (n_texts,)."""
        size = np.bincount(owner, minlength=n_texts)
        # Clipped far out: one sentence far beyond a pole says no more about the spread than one at it.
        position = np.clip(position, -2.0, 2.0)
        mean = np.bincount(owner, weights=position, minlength=n_texts) / np.maximum(size, 1)
        squares = np.bincount(owner, weights=(position - mean[owner]) ** 2, minlength=n_texts)
        size = np.maximum(size, 1)
        return (_PRIOR_SENTENCES * self.sentence_variance_ + squares) / (_PRIOR_SENTENCES + size - 1) / size

    def predict_interval(
        self, X: ArrayLike, confidence: float = 0.95, sentences: tuple[ArrayLike, ArrayLike] | None = None
    ) -> Floats:
        """Give the interval of each score, anchors and sentences both (formula in the class), shape (n_texts, 2)."""
        return interval(self.position(X), self.variance(X, sentences), confidence)

    def variance(self, X: ArrayLike, sentences: tuple[ArrayLike, ArrayLike] | None = None) -> Floats:
        """Give se_i^2 of each unclipped score, shape (n_texts,)."""
        X = self._check(X)
        anchors = np.empty(len(X))
        for first in range(0, len(X), _BLOCK):  # draws of a million texts at once would fill the memory
            block = slice(first, first + _BLOCK)
            anchors[block] = self._drawn_positions(X[block]).var(axis=1)
        return anchors + self.sentence_noise(len(X), sentences)

    def predict_draws(
        self,
        X: ArrayLike,
        n_draws: int | None = None,
        sentences: tuple[ArrayLike, ArrayLike] | None = None,
        texts: Sequence[str] | None = None,
    ) -> Floats:
        """Give draws of the scores in [-1, 1], shape (n_draws, n_texts).

        Draw b of every text comes from the same draw of the axis, so the anchors' error is shared between texts, as it
        is in truth; the sentences' noise is each text's own. It is seeded by the text, so a text has the same draws in
        any corpus and on any machine.

        Parameters
        ----------
        X : array, shape (n_texts, n_features)
        n_draws : int or None
            More than there are of the axis go round these again with fresh sentence noise. None goes round until there
            are 2,000 draws; less often where that would be more than 20 million numbers.
        sentences : as in `sentence_noise`
        texts : sequence of str or None, length n_texts
            None seeds by the features. Their last bits differ between processors, and then all draws do.
        """
        X = self._check(X)
        content = [row.tobytes() for row in X] if texts is None else [text.encode() for text in texts]
        draws = self.anchor_draws(X)
        if n_draws is None:
            rounds = min(-(-_DRAWS // len(draws)), _MOST_DRAWN // max(1, draws.size))
            n_draws = len(draws) * max(1, rounds)
        noise = np.sqrt(self.sentence_noise(len(X), sentences))
        return np.clip(
            draws[np.arange(n_draws) % len(draws)] + noise * noise_by_content(content, n_draws, self.random_state),
            -1.0,
            1.0,
        )

    def _check(self, X: ArrayLike) -> Floats:
        X = np.ascontiguousarray(X, dtype=np.float64)
        if X.ndim != 2 or X.shape[1] != self.n_features_in_:
            raise InputError(f"the features have shape {X.shape}; this axis reads (n, {self.n_features_in_})")
        return X

    def to_state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Give everything that prediction needs as arrays and a JSON-able dict."""
        arrays = {name: getattr(self, f"{name}_") for name in _ARRAYS} | self.networks_.to_arrays()
        meta = {
            "version": _STATE_VERSION,
            "n_bootstrap": plain(self.n_bootstrap),
            "random_state": plain(self.random_state),
            "sentence_variance": self.sentence_variance_,
            "penalty": self.penalty_,
            "warnings": list(self.warnings_),
        }
        return arrays, meta

    @classmethod
    def from_state(cls, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> Self:
        """Make the axis again; it predicts the same bits.

        Raises
        ------
        ModelError
            If the state is of another version or incomplete.
        """
        check_version("axis", meta, _STATE_VERSION)
        check_shapes("axis", arrays, {**_ARRAYS, **NETWORK_SHAPES})
        with reading_state("axis"):
            axis = cls(n_bootstrap=meta["n_bootstrap"], random_state=meta["random_state"])
            for name in _ARRAYS:
                setattr(axis, f"{name}_", np.ascontiguousarray(arrays[name], dtype=np.float64))
            axis.networks_ = Networks.from_arrays(arrays)
            axis.sentence_variance_ = float(meta["sentence_variance"])
            axis.penalty_ = float(meta["penalty"])
            axis.warnings_ = list(meta["warnings"])
        axis.n_features_in_ = axis.weights_.shape[1]
        return axis
