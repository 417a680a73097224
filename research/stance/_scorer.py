"""Score the stance that a text's own voice takes toward a target, from the tokens of its mentions and around them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from research._folds import canonical_order, group_names
from research._shapes import check_shapes, check_version, plain, reading_state
from research._taught import read_taught
from research._validate import check_parameters, validated
from research.embedding._embeddings import Embeddings, Segments
from research.errors import InputError
from research.stance._anchors import StanceAnchors
from research.stance._features import mention_features, rows_of, spans_of
from research.stance._lines import left_over, lines
from research.stance._mentions import Mentions
from research.stance._networks import train_networks
from research.stance._pole_model import ARRAYS, PoleModel
from research.stance._poles import (
    NEUTRAL_RATE,
    Cases,
    at_rate,
    balanced,
    calibrate,
    checked_labels,
    macro_recall,
    memberships,
    ridge_by_fold,
    stance_shares,
)
from research.stance._shift import shift_by_labels

if TYPE_CHECKING:
    import polars as pl

__all__ = ["StanceScorer"]

Floats = NDArray[np.float64]

_STATE_VERSION = 4
_BLOCK = 2048
# What an anchor weighs beside a labelled mention. Written sentences are clearer than real ones, and fewer.
_ANCHOR_WEIGHT = 0.3
# From how many labelled mentions, and documents of them, on networks are trained; with fewer they do worse than ridge.
_MANY, _MANY_DOCUMENTS = 1000, 30
_HIGHEST_RATE = 1000.0
_NO_HALVES = (
    "the subjects and documents cannot be halved so that either half has every stance, so intervals say nothing of "
    "what others would teach"
)
_LABELS = ("against", "neutral", "favor")
_ORDER = [1, 0, 2]
_ARRAYS: dict[str, tuple[int | str, ...]] = {**ARRAYS, "calibration": (3, 3)}


class StanceScorer(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    r"""Stance toward targets: anchors that mark one are the prior, labelled mentions move it.

    A mention is read as the token states of three stretches side by side, all from one pass of the encoder: the
    mention itself, 30 and 120 characters on each side of it within its sentence (`mention_features`).

    1. **Poles.** Two ridge regressions, ``r_+`` of favor against the rest and ``r_-`` of against against the rest
       (Hoerl & Kennard 1970), over anchors, which weigh .3, and labelled mentions, which weigh 1, the three stances
       balanced. The penalty is the one of a short list with the least squared error when whole groups (the anchors'
       subjects, the labels' documents) are left out. Without labels the anchors stand alone. With `n_networks`, a
       thousand labels and thirty documents, the poles are the mean of small neural networks instead, each taught by
       resampled groups (`train_networks`).
    2. **Shares.** A multinomial logistic regression of the stances on ``(r_+, r_-)`` of cases left out, each stance
       weighing the same, turns the poles into shares p of against, neutral and favor: the probabilities where neutral
       mentions are `neutral_rate` times as frequent as either of the others (Saerens, Latinne & Decaestecker 2002, eq.
       2.4), in any corpus, so that a text has the same shares in each.
    3. **Score and label.** For a text, p is the mean over its mentions of the target,

           score = p_favor - p_against in [-1, 1],    label = the stance with the largest share.

       A target that no alias mentions is absent; one that only the words of others mention is neutral under the own
       voice.
    4. **More labels.** A scorer that holds its cases learns anew from all of them. One that was loaded, such as what
       ships, is moved by the labels only as far as they bear out when documents are left out: not at all, its shares by
       two intercepts, or its poles by ridge regressions of what they leave over as well (`shift_by_labels`).

    A draw is the fit moved by the difference of two halves of the groups (`lines`); where labels move a loaded scorer's
    poles, a refit on resampled groups; of networks, normal with the covariance that these have among themselves. All
    are centred on the fit. An interval is their percentiles, and covers what anchors and labels leave open, not the
    method's own error: agreement with coders tells that (docs/stance.md).

    One line through the three stances cannot do this: neutral mentions differ from both others in the same way, not by
    half of what separates those. `docs/stance.md` has the table of what was tried.

    Parameters
    ----------
    n_bootstrap : int
        Draws of the scorer behind intervals.
    random_state : int
    shipped_labels : bool
        Whether `from_anchors` takes what labels taught the shipped scorer, where that fits the encoder; `warnings_`
        says where it does not.
    n_networks : int
        Networks in place of the ridge regressions, two or more, once a thousand labels of thirty documents are held; 0
        for none.
    neutral_rate : float
        How frequent neutral mentions are, in relation to either of the others, where shares are probabilities; 1 suits
        a corpus of opinions, 3 and more one of plain reports.

    Attributes
    ----------
    poles_ : PoleModel
        What gives ``r_+`` and ``r_-``: `weights` and `intercepts` of a linear part, networks, and their draws.
    calibration_ : ndarray of float64, shape (3, 3)
        For against, neutral and favor: weights of ``r_+`` and ``r_-``, and intercept, of the log-odds.
    penalty_ : float or None
        Of the ridge regressions; None where networks are the poles, or labels left the poles of a loaded scorer.
    moved_ : bool
        Whether the labels given last moved the scorer; not saved.
    macro_recall_ : float
        Mean over the stances of the share of cases that are labelled right when they are left out, anchors among them
        where they are held, each weighing what it does as a judge.
    out_of_fold_ : ndarray of float64, shape (n_cases, 3)
        Shares of the cases given last, scored without their groups, in their order; not saved.
    facts_ : dict
        Of a shipped scorer: how many labels taught it, their agreement, how well texts left out were scored.
    warnings_ : list of str

    References
    ----------
    Hamborg & Donnay (2021), NewsMTSC, EACL: stance toward targets in news depends on the target's own context. Platt
    (1999), Probabilistic outputs for support vector machines. McCarthy (1969), Review of the International Statistical
    Institute 37(3), on variance from half samples.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y = np.tile([-1, 0, 1], 20)
    >>> X = np.stack([y, y**2], axis=1) + 0.1 * rng.normal(size=(60, 2))
    >>> scorer = StanceScorer(n_bootstrap=10).fit(X, y, np.repeat(np.arange(20), 3))
    >>> scorer.predict([[1, 1], [0, 0], [-1, 1]]).round().astype(int).tolist()
    [1, 0, -1]
    """

    poles_: PoleModel
    calibration_: Floats

    def __init__(
        self,
        n_bootstrap: Annotated[int, Ge(1)] = 200,
        random_state: Annotated[int, Ge(0)] = 0,
        shipped_labels: bool = True,
        n_networks: Annotated[int, Ge(0)] = 0,
        neutral_rate: Annotated[float, Gt(0), Le(_HIGHEST_RATE)] = NEUTRAL_RATE,
    ) -> None:
        self.n_bootstrap = n_bootstrap
        self.random_state = random_state
        self.shipped_labels = shipped_labels
        self.n_networks = n_networks
        self.neutral_rate = neutral_rate

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
        scorer._check_parameters()
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
        """Take over what labels taught, with no more draws than were asked for, at the rate that was asked for."""
        linear = len(taught.poles_.draw_weights)
        taught.n_bootstrap = min(self.n_bootstrap, linear) if linear else self.n_bootstrap
        taught.poles_ = taught.poles_.first_draws(taught.n_bootstrap)
        taught.calibration_ = at_rate(taught.calibration_, self.neutral_rate / taught.neutral_rate_)
        taught.neutral_rate = taught.neutral_rate_ = self.neutral_rate
        if not linear:  # saved draws belong to the networks' draws of their own seed
            taught.random_state = self.random_state
        taught.facts_ = dict(facts)
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
            If favor or against has no anchors, features and labels do not match, the two cannot be told apart, or
            `neutral_rate` is not above 0.
        """
        self._check_parameters()
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
        judge_weight: ArrayLike | None = None,
        progress: Callable[[str, int, int], None] | None = None,
    ) -> Self:
        """Let labelled mentions move the scorer.

        What it knows so far is the prior: its anchors and earlier labels where it still holds them, else its weights,
        which give way only where labels of documents left out say so (`moved_`).

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
        judge_weight : array, shape (n_mentions,), optional
            What each weighs for the penalty and the shares, 1 where it is not given; 0 for mentions in texts that were
            made from others, such as a labelled sentence under another name, which teach the poles alone.
        progress : callable, optional
            Called with a label, the steps done and all of them, while networks are trained.

        Returns
        -------
        StanceScorer
            Itself.

        Raises
        ------
        InputError
            If the lengths differ, a label lies outside [-1, 1], or a weight is below 0 or, for the poles, 0.
        """
        self._check_parameters()
        features = self._check(X)
        labels, weights, judges = checked_labels(len(features), y, sample_weight, judge_weight)
        held: Cases | None = getattr(self, "_cases", None)
        # Without documents each label is one of its own, unlike any of an earlier call.
        before = f"{len(held)} " if held is not None and documents is None else ""
        names = [f"labels {before}{name}" for name in group_names(features, labels, documents, "label")]
        new = Cases(features, labels, names, weights, judges)
        if held is None:
            self._learn(new, self.poles_, np.arange(len(new)))
        else:
            self._learn(held.joined(new), None, len(held) + np.arange(len(new)), progress)
        return self

    def _learn(
        self,
        cases: Cases,
        prior: PoleModel | None,
        given: NDArray[np.int64],
        progress: Callable[[str, int, int], None] | None = None,
    ) -> None:
        """Learn poles, shares and draws from cases, in an order of their own."""
        from threadpoolctl import threadpool_limits

        order = canonical_order(cases.X, cases.y, cases.groups)
        ordered = cases.ordered(order)
        # One thread, since the bits of a BLAS product depend on how many there are.
        with threadpool_limits(1):
            shares = self._fit(ordered, progress) if prior is None else self._move(ordered, prior)
        self._cases = ordered if prior is None else None
        found = np.empty((len(cases), 3))
        found[order] = shares
        self.out_of_fold_ = found[given]
        if (ordered.judges > 0).any():
            self.macro_recall_ = macro_recall(shares, ordered.y, ordered.judges)

    def _fit(self, cases: Cases, progress: Callable[[str, int, int], None] | None) -> Floats:
        """Learn poles and calibration from all cases; give the shares of each, left out."""
        labels = np.char.startswith(np.array(cases.groups), "labels ") & (cases.judges > 0)
        networks = None
        self.warnings_ = [said for said in self.warnings_ if said != _NO_HALVES]
        documents = {name for name, is_label in zip(cases.groups, labels, strict=True) if is_label}
        if self.n_networks and labels.sum() >= _MANY and len(documents) >= _MANY_DOCUMENTS:
            networks, scores = train_networks(cases, self.n_networks, self.random_state, progress)
        else:
            weights = balanced(cases.y, cases.weights)
            penalty, scores = ridge_by_fold(cases, memberships(cases.y)[:, [2, 0]], weights, self.random_state)
        far = scores[:, 0] - scores[:, 1]
        if not np.median(far[cases.y > 0]) > np.median(far[cases.y < 0]):
            raise InputError(
                "favor and against cannot be told apart: left out by subject, the anchors in favor do not score "
                "above those against; write more anchors, or more unlike ones"
            )
        judging = cases.judges > 0
        table = calibrate(scores[judging], cases.y[judging], cases.judges[judging], self.neutral_rate)
        if networks is not None:
            self.poles_, self.penalty_ = networks, None
        else:
            found = lines(cases, penalty, table, self.neutral_rate, self.n_bootstrap, self.random_state)
            (self.poles_, halved), self.penalty_ = found, penalty
            if not halved:
                self.warnings_.append(_NO_HALVES)
        self.calibration_, self.moved_, self.neutral_rate_ = table, True, self.neutral_rate
        return stance_shares(scores, table)

    def _move(self, cases: Cases, prior: PoleModel) -> Floats:
        """Let cases move poles and calibration as far as they bear out; give the shares of each, left out."""
        table = at_rate(self.calibration_, self.neutral_rate / self.neutral_rate_)
        shift = shift_by_labels(cases, prior.scores(cases.X), table, self.neutral_rate, self.random_state)
        self.penalty_, self.moved_, self.calibration_ = shift.penalty, shift.moved, shift.table
        self.neutral_rate_ = self.neutral_rate
        if shift.penalty is not None:
            self.poles_ = left_over(cases, prior, shift.penalty, self.n_bootstrap, self.random_state)
        return shift.out_of_fold

    def _check_parameters(self) -> None:
        check_parameters(self)
        if self.n_networks == 1:
            raise InputError("`n_networks` is 1; give 0, or 2 and more, since networks score one another's cases")

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
        return stance_shares(self.poles_.scores(features), self.calibration_)

    def predict_draws(self, X: Any) -> Floats:
        """Give the score of each mention under each draw, shape (n_bootstrap, n_mentions)."""
        return self._draws(self._check(X))[1]

    def _draws(self, features: Floats) -> tuple[Floats, Floats]:
        """Give the shares of each mention, shape (n, 3), and its score under each draw, shape (n_bootstrap, n)."""
        scores, drawn = self.poles_.scores_and_draws(features, self.n_bootstrap, self.random_state)
        # Centred on the fit: a mean of so many draws is off by chance, and refits on resampled groups are weaker.
        drawn = drawn - drawn.mean(axis=2, keepdims=True) + scores[:, :, None]
        shares = stance_shares(drawn.transpose(0, 2, 1), self.calibration_)
        return stance_shares(scores, self.calibration_), (shares[..., 2] - shares[..., 0]).T

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
            ``stance_<t>_score``, ``_low``, ``_high`` in [-1, 1], missing where absent. A target that only the
            words of others mention is neutral by definition, at 0 with an interval of no width.

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
        """Give, for each target's name, scores under each draw, shape (n_bootstrap, n_texts), NaN where absent.

        Draw b is the same for all texts, so the anchors' error is shared between them.
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
            of_mentions, drawn = self._draws(inside)
            shares = np.stack([np.bincount(place, weights=each) / size for each in of_mentions.T], axis=1)
            draws = np.stack([np.bincount(place, weights=draw) / size for draw in drawn])
            yield texts[block * _BLOCK : block * _BLOCK + len(size)], shares, draws

    def to_state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Give everything that prediction needs as arrays and a JSON-able dict."""
        check_is_fitted(self)
        return {**self.poles_.to_arrays(), "calibration": self.calibration_}, {
            "version": _STATE_VERSION,
            "parameters": {name: plain(value) for name, value in self.get_params().items()}
            | {"neutral_rate": plain(self.neutral_rate_)},
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
            scorer.poles_ = PoleModel.from_arrays(arrays)
            scorer.calibration_ = np.ascontiguousarray(arrays["calibration"], dtype=np.float64)
            scorer.moved_ = False
            scorer.neutral_rate_ = scorer.neutral_rate
            scorer.n_features_in_ = int(meta["n_features_in"])
            scorer.penalty_ = None if meta["penalty"] is None else float(meta["penalty"])
            scorer.macro_recall_ = float(meta["macro_recall"])
            scorer.warnings_, scorer.facts_ = list(meta["warnings"]), dict(meta["facts"])
        return scorer
