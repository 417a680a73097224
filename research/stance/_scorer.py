"""Score the stance that a text's own voice takes toward a target, from the tokens of its mentions and around them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

import numpy as np
from annotated_types import Ge
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from research._folds import canonical_order, group_names
from research._ridge import project, ridge
from research._shapes import check_shapes, check_version, reading_state
from research._taught import read_taught
from research._validate import validated
from research.embedding._embeddings import Embeddings, Segments
from research.errors import InputError
from research.stance._anchors import StanceAnchors
from research.stance._features import mention_features, rows_of, spans_of
from research.stance._mentions import Mentions
from research.stance._poles import (
    Cases,
    balanced,
    calibrate,
    checked_labels,
    memberships,
    ridge_by_fold,
    solve,
    stance_shares,
)

if TYPE_CHECKING:
    import polars as pl

__all__ = ["StanceScorer"]

Floats = NDArray[np.float64]

_STATE_VERSION = 2
_BLOCK = 2048
# What an anchor weighs beside a labelled mention. Written sentences are clearer than real ones, and fewer.
_ANCHOR_WEIGHT = 0.3
_LABELS = ("against", "neutral", "favor")
_ORDER = [1, 0, 2]
_ARRAYS: dict[str, tuple[int | str, ...]] = {
    "weights": (2, "features"),
    "intercepts": (2,),
    "draw_weights": ("draws", 2, "features"),
    "draw_intercepts": ("draws", 2),
    "calibration": (3, 3),
    "known": ("mentions", 4),
}


class StanceScorer(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    r"""Stance toward targets: anchors that mark one are the prior, labelled mentions move it.

    A mention is read as the token states of three stretches side by side, all from one pass of the encoder: the
    mention itself, 30 and 120 characters on each side of it within its sentence (`mention_features`).

    1. **Poles.** Two ridge regressions, ``r_+`` of favor against the rest and ``r_-`` of against against the rest
       (Hoerl & Kennard 1970), over anchors, which weigh .3, and labelled mentions, which weigh 1, the three stances
       balanced. The penalty is the one of a short list with the least squared error when whole groups (the anchors'
       subjects, the labels' documents) are left out. Without labels the anchors stand alone; a scorer that was loaded
       without its cases learns the difference to what it has, W = W_0 + D, with the penalty on D.
    2. **Shares.** A multinomial logistic regression of the stances on ``(r_+, r_-)`` out of fold, each stance weighing
       the same, turns the poles into shares p of against, neutral and favor: the probabilities where neutral mentions
       are one and a half times as frequent as either of the others (Saerens, Latinne & Decaestecker 2002, eq. 2.4), in
       any corpus, so that a text has the same shares in each.
    3. **Score and label.** For a text, p is the mean over its mentions of the target,

           score = p_favor - p_against in [-1, 1],    label = the stance with the largest share.

       A target that no alias mentions is absent; one that only quotations mention is neutral under the own voice.

    Draws are refits on resampled groups, centred on the fit; an interval is their percentiles, and covers what anchors
    and labels leave open, not the method's own error: agreement with coders tells that (docs/stance.md).

    One line through the three stances cannot do this: neutral mentions differ from both others in the same way, not by
    half of what separates those. `docs/stance.md` has the table of what was tried.

    Parameters
    ----------
    n_bootstrap : int
        Refits behind intervals and draws.
    random_state : int
    shipped_labels : bool
        Whether `from_anchors` takes what labels taught the shipped scorer, where that fits the encoder; `warnings_`
        says where it does not.

    Attributes
    ----------
    weights_ : ndarray of float64, shape (2, n_features)
        Of ``r_+`` and ``r_-``; `intercepts_` alike.
    calibration_ : ndarray of float64, shape (3, 3)
        For against, neutral and favor: weights of ``r_+`` and ``r_-``, and intercept, of the log-odds.
    penalty_ : float
    macro_recall_ : float
        Mean over the stances of the share of cases as written that are labelled right, out of fold.
    out_of_fold_ : ndarray of float64, shape (n_cases, 3)
        Shares of the cases given last, scored without their groups, in their order; not saved.
    facts_ : dict
        Of a shipped scorer: how many labels taught it, their agreement, how well texts left out were scored.
    warnings_ : list of str

    References
    ----------
    Hamborg & Donnay (2021), NewsMTSC, EACL: stance toward targets in news depends on the target's own context. Platt
    (1999), Probabilistic outputs for support vector machines.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y = np.tile([-1, 0, 1], 20)
    >>> X = np.stack([y, y**2], axis=1) + 0.1 * rng.normal(size=(60, 2))
    >>> scorer = StanceScorer(n_bootstrap=10).fit(X, y, np.repeat(np.arange(20), 3))
    >>> scorer.predict([[1, 1], [0, 0], [-1, 1]]).round().astype(int).tolist()
    [1, 0, -1]
    """

    weights_: Floats
    intercepts_: Floats
    draw_weights_: Floats
    draw_intercepts_: Floats
    calibration_: Floats
    known_: Floats

    def __init__(
        self, n_bootstrap: Annotated[int, Ge(1)] = 200, random_state: int = 0, shipped_labels: bool = True
    ) -> None:
        self.n_bootstrap = n_bootstrap
        self.random_state = random_state
        self.shipped_labels = shipped_labels

    @classmethod
    def from_anchors(cls, anchors: StanceAnchors | str | Path, encoder: Any, **parameters: Any) -> Self:
        """Make a scorer from anchor texts with marked targets, and from what labels taught those that ship.

        Parameters
        ----------
        anchors : StanceAnchors, or the name of a shipped file, or the path of a YAML file
        encoder : Encoder
            Embeds the mentions; embed the texts with the same one.
        **parameters
            Those of the constructor.

        Returns
        -------
        StanceScorer
            Fitted.

        Raises
        ------
        ConfigError
            If the file is missing or wrong.
        """
        given = anchors if isinstance(anchors, StanceAnchors) else StanceAnchors.load(anchors)
        scorer = cls(**parameters)
        reason = None
        if scorer.shipped_labels and given.path is not None and hasattr(encoder, "load"):
            encoder.load()
            taught, reason = read_taught(given.path, encoder.model_hash_, encoder.layers_)
            if taught is not None:
                return scorer._take(cls.from_state(taught.arrays, taught.state), taught.facts)
        embeddings = encoder.encode(given.texts, spans=given.mentions.spans)
        scorer.fit(mention_features(embeddings, given.mentions), given.poles, groups=given.subjects)
        if reason:
            scorer.warnings_.append(reason)
        return scorer

    def _take(self, taught: Self, facts: Mapping[str, Any]) -> Self:
        """Take over what labels taught, with no more refits than were asked for."""
        taught.n_bootstrap = min(self.n_bootstrap, taught.n_bootstrap)
        taught.draw_weights_ = taught.draw_weights_[: taught.n_bootstrap]
        taught.draw_intercepts_ = taught.draw_intercepts_[: taught.n_bootstrap]
        taught.random_state, taught.facts_ = self.random_state, dict(facts)
        return taught

    def fit(self, X: Any, y: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Learn from anchors alone.

        Parameters
        ----------
        X : array of shape (n_anchors, n_features)
            Of the anchors' marked mentions, from `mention_features`.
        y : array, shape (n_anchors,)
            Favor above 0, neutral 0, against below 0.
        groups : array, shape (n_anchors,) or None
            The anchors' subjects.

        Raises
        ------
        InputError
            If favor or against has no anchors, features and labels do not match, or the two cannot be told apart.
        """
        features, y = validated(
            self, self._read(X), y, y_numeric=True, dtype=np.float64, ensure_min_samples=2, multi_output=False
        )
        sides = np.sign(np.asarray(y, dtype=np.float64))
        for sign, pole in ((1, "favor"), (-1, "against")):
            if not (sides == sign).any():
                raise InputError(f"no anchor is labelled {pole}; a scorer needs anchors for and against")
        names = group_names(features, sides, groups, "anchor")
        if len(set(names)) < 2:
            raise InputError("all anchors belong to one subject; at least two are needed to score anchors out of fold")
        self.facts_: dict[str, Any] = {}
        self.warnings_: list[str] = []
        if (sides != 0).all():
            self.warnings_.append("no anchor is neutral, so every mention counts as taking a side")
        groups = [f"anchors {name}" for name in names]
        weights = np.full(len(sides), _ANCHOR_WEIGHT)
        self._learn(Cases(features, sides, groups, weights, weights), None, np.arange(len(sides)))
        return self

    def learn(
        self,
        X: Any,
        y: ArrayLike,
        documents: ArrayLike | None = None,
        *,
        sample_weight: ArrayLike | None = None,
        as_written: ArrayLike | None = None,
    ) -> Self:
        """Let labelled mentions move the scorer, from a single one on.

        What it knows so far is the prior: its anchors and earlier labels where it still holds them, else its weights.

        Parameters
        ----------
        X : array of shape (n_mentions, n_features)
            From `mention_features`.
        y : array, shape (n_mentions,)
            In [-1, 1]: favor 1, neutral 0, against -1; the mean of several coders may lie between.
        documents : array, shape (n_mentions,), optional
            Which document each is from; mentions of one document never check each other.
        sample_weight : array, shape (n_mentions,), optional
            What each weighs for the poles, above 0; 1 where it is not given. An anchor weighs .3, and the three stances
            are balanced after.
        as_written : array of bool, shape (n_mentions,), optional
            False for mentions in texts that were made from others, such as a labelled sentence under another name:
            they teach the poles, and have no say in the penalty and the shares, where each of the others weighs 1. All
            are as written where it is not given.

        Returns
        -------
        StanceScorer
            Itself.

        Raises
        ------
        InputError
            If the lengths differ, a label lies outside [-1, 1], or a weight is not above 0.
        """
        features = self._check(X)
        labels, weights, judges = checked_labels(len(features), y, sample_weight, as_written)
        names = [f"labels {name}" for name in group_names(features, labels, documents, "label")]
        new = Cases(features, labels, names, weights, judges)
        held: Cases | None = getattr(self, "_cases", None)
        if held is None:
            self._learn(new, (self.weights_, self.intercepts_), np.arange(len(new)))
        else:
            self._learn(held.joined(new), None, len(held) + np.arange(len(new)))
        return self

    def _learn(self, cases: Cases, prior: tuple[Floats, Floats] | None, given: NDArray[np.int64]) -> None:
        """Learn poles, shares and draws from cases, in an order of their own."""
        from threadpoolctl import threadpool_limits

        order = canonical_order(cases.X, cases.y, cases.groups)
        ordered = cases.ordered(order)
        # One thread, since the bits of a BLAS product depend on how many there are.
        with threadpool_limits(1):
            scores = self._learn_sorted(ordered, prior)
        self._cases = None if prior is not None else ordered
        found = np.empty((len(cases), 3))
        found[order] = stance_shares(scores, self.calibration_)
        self.out_of_fold_ = found[given]

    def _learn_sorted(self, cases: Cases, prior: tuple[Floats, Floats] | None) -> Floats:
        X, member = cases.X, memberships(cases.y)
        weights = balanced(cases.y, cases.weights)
        before = np.zeros((len(cases), 2))
        if prior is not None:
            before = project(X, prior[0]) + prior[1]
        targets = member[:, [2, 0]] - before
        self.penalty_, out = ridge_by_fold(cases, targets, weights, self.random_state)
        scores = before + out
        written = cases.judges > 0
        rows = np.column_stack([scores, cases.y, cases.judges])[written]
        if prior is not None:  # the cases that are no longer held still say what a score stands for
            rows = np.vstack([self.known_, rows])
        far = scores[:, 0] - scores[:, 1]
        if prior is None and not np.median(far[cases.y > 0]) > np.median(far[cases.y < 0]):
            raise InputError(
                "favor and against cannot be told apart: left out by subject, the anchors in favor do not score above "
                "those against; write more anchors, or more unlike ones"
            )
        self.known_ = rows
        self.calibration_ = calibrate(rows[:, :2], rows[:, 2], rows[:, 3])
        if written.any():
            label = np.argmax(stance_shares(scores[written], self.calibration_), axis=1)
            member, known = member[written], cases.judges[written]
            right = member[np.arange(len(label)), label] * known
            total = known @ member
            hits = np.bincount(label, weights=right, minlength=3)
            self.macro_recall_ = float(np.mean(hits[total > 0] / total[total > 0]))
        [(directions, self.intercepts_)] = solve(X, targets, weights, [self.penalty_])
        self._draw(cases, targets, weights, prior)
        self.weights_ = directions
        if prior is not None:
            self.weights_, self.intercepts_ = prior[0] + directions, prior[1] + self.intercepts_
        return scores

    def _draw(self, cases: Cases, targets: Floats, weights: Floats, prior: tuple[Floats, Floats] | None) -> None:
        """Refit on resampled groups; around the prior's own draws where a prior's cases are not held."""
        X = cases.X
        names, number = np.unique(np.array(cases.groups), return_inverse=True)
        generator = np.random.default_rng([self.random_state, 7])
        gram = X @ X.T if len(X) <= X.shape[1] else None
        before = (self.draw_weights_, self.draw_intercepts_) if prior is not None else (np.zeros(0), np.zeros(0))
        found, constants = [], []
        for b in range(self.n_bootstrap):
            times = np.bincount(generator.integers(len(names), size=len(names)), minlength=len(names))
            counts = times[number].astype(np.float64)
            drawn = np.flatnonzero(counts)
            if prior is None and len(set(np.sign(cases.y[drawn])) - {0.0}) < 2:
                drawn, counts = np.arange(len(X)), np.ones(len(X))
            share = weights[drawn] * counts[drawn]
            share = share / share.sum()
            aim = targets[drawn]
            start = prior
            if prior is not None and b < len(before[0]):
                start = before[0][b], before[1][b]
                aim = aim + project(X[drawn], prior[0] - start[0]) + prior[1] - start[1]
            if gram is None:
                [(directions, intercepts)] = solve(X[drawn], aim, share, [self.penalty_])
            else:
                rows, intercepts = ridge(gram[np.ix_(drawn, drawn)], aim, share, self.penalty_ / len(drawn))
                directions = rows.T @ X[drawn]
            found.append(directions if start is None else start[0] + directions)
            constants.append(intercepts if start is None else start[1] + intercepts)
        self.draw_weights_ = np.array(found).reshape(-1, 2, X.shape[1])
        self.draw_intercepts_ = np.array(constants).reshape(-1, 2)

    @staticmethod
    def _read(X: Any) -> Any:
        if isinstance(X, Embeddings | Segments):
            raise InputError(
                f"a {type(X).__name__} does not say which span belongs to which mention; give "
                "`mention_features(embeddings, mentions)`"
            )
        return X

    def _check(self, X: Any) -> Floats:
        check_is_fitted(self)
        checked: Floats = validated(self, self._read(X), reset=False, dtype=np.float64)
        return checked

    def predict(self, X: Any) -> Floats:
        """Give the score of each mention in [-1, 1], +1 favor, shape (n_mentions,)."""
        shares = self.predict_shares(X)
        return shares[:, 2] - shares[:, 0]

    def predict_shares(self, X: Any) -> Floats:
        """Give the shares of against, neutral and favor of each mention, shape (n_mentions, 3)."""
        return self._shares(self._check(X))

    def _shares(self, features: Floats) -> Floats:
        return stance_shares(project(features, self.weights_) + self.intercepts_, self.calibration_)

    def predict_draws(self, X: Any) -> Floats:
        """Give the score of each mention under each refit, shape (n_bootstrap, n_mentions)."""
        return self._draws(self._check(X))

    def _draws(self, features: Floats) -> Floats:
        n, b = len(features), len(self.draw_weights_)
        scores = project(features, self.weights_) + self.intercepts_
        flat = project(features, self.draw_weights_.reshape(2 * b, -1)) + self.draw_intercepts_.ravel()
        # Centred on the fit, since refits on two thirds of the groups are weaker. Each mention's draws lie in one
        # contiguous row: their mean then has the same bits whatever the number of mentions.
        drawn = np.ascontiguousarray(flat.reshape(n, b, 2).transpose(0, 2, 1))
        drawn = drawn - drawn.mean(axis=2, keepdims=True) + scores[:, :, None]
        shares = stance_shares(drawn.transpose(0, 2, 1), self.calibration_)
        return (shares[..., 2] - shares[..., 0]).T

    def assess(self, embeddings: Embeddings, mentions: Mentions, confidence: float = 0.95) -> pl.DataFrame:
        """Give each text's stance toward each target.

        Parameters
        ----------
        embeddings : Embeddings
            Encoded with ``spans=mentions.spans``.
        mentions : Mentions
        confidence : float

        Returns
        -------
        polars.DataFrame
            One row a text; for each target, in order, ``stance_<t>`` (favor, against, neutral, absent) and
            ``stance_<t>_score``, ``_low``, ``_high`` in [-1, 1], missing where absent. A target that only quotations
            mention is neutral by definition, at 0 with an interval of no width.

        Raises
        ------
        InputError
            If the embeddings' spans are not the mentions'.
        """
        import polars as pl

        if not 0 < confidence < 1:
            raise InputError(f"`confidence` is {confidence}; it must lie between 0 and 1, such as 0.95")
        check_is_fitted(self)
        spans_of(embeddings, mentions)
        tail = (1 - confidence) / 2
        present = mentions.present
        columns: dict[str, Any] = {}
        for number, target in enumerate(mentions.targets):
            score = np.where(present[:, number], 0.0, np.nan)
            low, high = score.copy(), score.copy()
            label = np.where(present[:, number], "neutral", "absent").astype(object)
            for rows, shares, draws in self._blocks(embeddings, mentions, number):
                score[rows] = values = shares[:, 2] - shares[:, 0]
                # Of equal shares neutral is the first.
                label[rows] = np.array(_LABELS, dtype=object)[_ORDER][np.argmax(shares[:, _ORDER], axis=1)]
                # The score itself may fall beside draws that all end at a pole; an interval holds its score.
                low[rows] = np.minimum(np.quantile(draws, tail, axis=0), values)
                high[rows] = np.maximum(np.quantile(draws, 1 - tail, axis=0), values)
            columns[f"stance_{target.name}"] = label.tolist()
            for suffix, column in (("score", score), ("low", low), ("high", high)):
                columns[f"stance_{target.name}_{suffix}"] = pl.Series(column, dtype=pl.Float64).fill_nan(None)
        return pl.DataFrame(columns)

    def draws(self, embeddings: Embeddings, mentions: Mentions) -> dict[str, Floats]:
        """Give, for each target's name, scores under each refit, shape (n_bootstrap, n_texts), NaN where absent.

        Refit b is the same for all texts, so the anchors' error is shared between them.
        """
        check_is_fitted(self)
        spans_of(embeddings, mentions)
        present = mentions.present
        found = {}
        for number, target in enumerate(mentions.targets):
            table = np.repeat(np.where(present[:, number], 0.0, np.nan)[None, :], self.n_bootstrap, axis=0)
            for rows, _, draws in self._blocks(embeddings, mentions, number):
                table[:, rows] = draws
            found[target.name] = table
        return found

    def _blocks(
        self, embeddings: Embeddings, mentions: Mentions, number: int
    ) -> Iterator[tuple[NDArray[np.int64], Floats, Floats]]:
        """Yield (texts, shares, scores' draws) for the texts that mention a target in a voice that counts."""
        chosen = np.flatnonzero((mentions.target == number) & mentions.scored)
        texts, owner = np.unique(mentions.text[chosen], return_inverse=True)
        bounds = np.searchsorted(owner, np.arange(0, len(texts) + _BLOCK, _BLOCK))
        for block, (first, last) in enumerate(pairwise(bounds)):
            if first == last:
                continue
            inside = self._check(rows_of(embeddings.spans, mentions.span[chosen[first:last]]))
            place = owner[first:last] - block * _BLOCK
            size = np.bincount(place)
            shares = np.stack([np.bincount(place, weights=each) / size for each in self._shares(inside).T], axis=1)
            draws = np.stack([np.bincount(place, weights=draw) / size for draw in self._draws(inside)])
            yield texts[block * _BLOCK : block * _BLOCK + len(size)], shares, draws

    def to_state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Give everything that prediction needs as arrays and a JSON-able dict."""
        check_is_fitted(self)
        return {name: getattr(self, f"{name}_") for name in _ARRAYS}, {
            "version": _STATE_VERSION,
            "parameters": self.get_params(),
            "n_features_in": self.n_features_in_,
            "penalty": self.penalty_,
            "macro_recall": self.macro_recall_,
            "warnings": list(self.warnings_),
            "facts": dict(self.facts_),
        }

    @classmethod
    def from_state(cls, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> Self:
        """Make the scorer again; it predicts the same bits.

        Raises
        ------
        ModelError
            If the state is of another version or incomplete.
        """
        check_version("stance scorer", meta, _STATE_VERSION)
        check_shapes("stance scorer", arrays, _ARRAYS)
        with reading_state("stance scorer"):
            scorer = cls(**meta["parameters"])
            for name in _ARRAYS:
                setattr(scorer, f"{name}_", np.ascontiguousarray(arrays[name], dtype=np.float64))
            scorer.n_features_in_ = int(meta["n_features_in"])
            scorer.penalty_, scorer.macro_recall_ = float(meta["penalty"]), float(meta["macro_recall"])
            scorer.warnings_, scorer.facts_ = list(meta["warnings"]), dict(meta["facts"])
        return scorer
