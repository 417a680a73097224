"""Score the stance that a text's own voice takes toward a target, from the tokens around its mentions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

import numpy as np
from annotated_types import Ge
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from research._scaling import AnchoredScale
from research.embedding._embeddings import Embeddings, Segments
from research.errors import InputError, ModelError
from research.stance._anchors import StanceAnchors
from research.stance._mentions import Mentions

if TYPE_CHECKING:
    import polars as pl

__all__ = ["StanceScorer"]

Floats = NDArray[np.float64]

_STATE_VERSION = 1
_BLOCK = 4096
_BANDS = np.linspace(0.02, 0.9, 45)


def _features(X: Any) -> Any:
    """Give the array of a set of spans: their layers side by side, or their vectors where no layers were kept."""
    segments = X.spans if isinstance(X, Embeddings) else X
    if not isinstance(segments, Segments):
        return X
    layers = segments.layers
    return layers.reshape(len(layers), layers.shape[1] * layers.shape[2]) if layers.shape[1] else segments.vectors


class StanceScorer(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Stance toward targets, learned from anchors that mark one.

    A mention is read as its context's token states (`context_span`; layers side by side), and scored in two steps,
    each an `AnchoredScale`:

        direction d(x) in [-1, 1], favor against against, from the anchors that take a side; 0 halfway,
        evaluation e(x) in [0, 1], whether a side is taken at all, from all anchors; 0 at the neutral ones' median,
        score(x) = d(x) e(x).

    One line through the three stances cannot do this: neutral mentions differ from both others in the same way, not by
    half of what separates those. Left out by subject, three-class macro-F1 on the anchors that ship was .44 from one
    line and .65 from the two steps.

    A text's score for a target is the mean over its mentions. Its label is favor or against where the score is farther
    from 0 than `band_`, which is chosen on the out-of-fold anchors by macro-F1; neutral in between. The interval covers
    the anchors (refits on resampled subjects), not the method's own error: agreement with coders tells that.

    Parameters
    ----------
    n_bootstrap : int
        Refits behind intervals and draws.
    random_state : int

    Attributes
    ----------
    direction_, evaluation_ : AnchoredScale
        `evaluation_` is None where no anchor is neutral, or where the neutral ones cannot be told from the others (then
        `warnings_` says so); every mention then counts as taking a side.
    band_ : float
        Half the width of the neutral band.
    macro_f1_ : float
        Of the three labels on the out-of-fold anchors, at `band_`.
    warnings_ : list of str

    References
    ----------
    Hamborg & Donnay (2021), NewsMTSC, EACL: stance toward targets in news depends on the target's own context.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y = np.tile([-1, 0, 1], 20)
    >>> X = np.stack([y, y**2], axis=1) + 0.1 * rng.normal(size=(60, 2))
    >>> scorer = StanceScorer(n_bootstrap=10).fit(X, y, np.repeat(np.arange(20), 3))
    >>> scorer.predict([[1, 1], [0, 0], [-1, 1]]).round().astype(int).tolist()
    [1, 0, -1]
    """

    def __init__(self, n_bootstrap: Annotated[int, Ge(1)] = 200, random_state: int = 0) -> None:
        self.n_bootstrap = n_bootstrap
        self.random_state = random_state

    @classmethod
    def from_anchors(cls, anchors: StanceAnchors | str | Path, encoder: Any, **parameters: Any) -> Self:
        """Make a scorer from anchor texts with marked targets.

        Parameters
        ----------
        anchors : StanceAnchors, or the name of a shipped file, or the path of a YAML file
        encoder : Encoder
            Embeds the targets' contexts; embed the texts with the same one.
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
        embeddings = encoder.encode(given.texts, spans=given.spans)
        return cls(**parameters).fit(embeddings, given.poles, groups=given.subjects)

    def fit(self, X: Any, y: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Learn from anchors.

        Parameters
        ----------
        X : Embeddings, Segments or array of shape (n_anchors, n_features)
            One span an anchor, the target's context.
        y : array, shape (n_anchors,)
            Favor above 0, neutral 0, against below 0.
        groups : array, shape (n_anchors,) or None
            The anchors' subjects.

        Raises
        ------
        InputError
            If a stance has no anchors, spans and labels do not match, or favor and against cannot be told apart.
        """
        features = _features(X)
        if features is not X and len(features) != np.size(y):
            raise InputError(
                f"there are {len(features)} spans and {np.size(y)} labels; encode the anchors with one span each"
            )
        features, y = validate_data(self, features, y, y_numeric=True, dtype=np.float64, ensure_min_samples=2)
        sides = np.sign(y)
        names = None if groups is None else np.array([str(name) for name in np.asarray(groups)])
        if names is not None and len(names) != len(sides):
            raise InputError(f"there are {len(names)} groups and {len(sides)} labels; give one group an anchor")

        def scale(rows: NDArray[np.bool_], labels: Floats) -> AnchoredScale:
            chosen = None if names is None else names[rows]
            return AnchoredScale(self.n_bootstrap, self.random_state).fit(features[rows], labels[rows], chosen)

        taken = sides != 0
        self.warnings_ = []
        self.direction_ = scale(taken, sides)
        self.evaluation_: AnchoredScale | None = None
        if not taken.all():
            try:
                self.evaluation_ = scale(np.ones(len(sides), dtype=bool), np.where(taken, 1.0, -1.0))
            except InputError:
                self.warnings_.append(
                    "left out by subject, the neutral anchors cannot be told from those that take a side, so every "
                    "mention counts as taking one and only the neutral band is left"
                )
        direction = self.direction_.position(features)  # neutral anchors did not teach the direction
        direction[taken] = self.direction_.out_of_fold_
        scores = self._combine(direction, None if self.evaluation_ is None else self.evaluation_.out_of_fold_)
        self.band_, self.macro_f1_ = self._choose_band(np.nan_to_num(scores), sides)
        return self

    @staticmethod
    def _combine(direction: Floats, evaluation: Floats | None) -> Floats:
        score: Floats = np.clip(direction, -1.0, 1.0)
        return score if evaluation is None else score * (np.clip(evaluation, -1.0, 1.0) + 1) / 2

    @staticmethod
    def _choose_band(scores: Floats, sides: Floats) -> tuple[float, float]:
        from sklearn.metrics import f1_score

        classes = np.unique(sides)
        found = [
            float(
                f1_score(
                    sides, np.sign(scores) * (np.abs(scores) > band), labels=classes, average="macro", zero_division=0.0
                )
            )
            for band in _BANDS
        ]
        # The middle of the bands that do as well as the best, give or take a hundredth: the very best is chance.
        good = np.flatnonzero(np.array(found) >= max(found) - 0.01)
        middle = int(good[len(good) // 2])
        return float(_BANDS[middle]), found[middle]

    def _check(self, X: Any) -> Floats:
        check_is_fitted(self)
        checked: Floats = validate_data(self, _features(X), reset=False, dtype=np.float64)
        return checked

    def predict(self, X: Any) -> Floats:
        """Give the score of each span in [-1, 1], +1 favor, shape (n_spans,)."""
        features = self._check(X)
        evaluation = None if self.evaluation_ is None else self.evaluation_.position(features)
        return self._combine(self.direction_.position(features), evaluation)

    def predict_draws(self, X: Any) -> Floats:
        """Give the score of each span under each refit, shape (n_bootstrap, n_spans)."""
        features = self._check(X)
        evaluation = None if self.evaluation_ is None else self.evaluation_.anchor_draws(features)
        return self._combine(self.direction_.anchor_draws(features), evaluation)

    def _spans_of(self, embeddings: Embeddings, mentions: Mentions) -> Segments:
        """Give the spans after making sure that they are the ones the mentions point at."""
        spans = embeddings.spans
        paragraph = np.repeat(np.arange(len(mentions.spans)), [len(found) for found in mentions.spans])
        bounds = np.array([span for found in mentions.spans for span in found], dtype=np.int64).reshape(-1, 2)
        same = (
            len(embeddings) == len(mentions.spans)
            and len(spans) == len(paragraph)
            and np.array_equal(spans.paragraph, paragraph)
            and np.array_equal(spans.start, bounds[:, 0])
            and np.array_equal(spans.end, bounds[:, 1])
        )
        if not same:
            raise InputError(
                f"the embeddings hold {len(spans)} spans of {len(embeddings)} texts, the mentions {len(paragraph)} of "
                f"{len(mentions.spans)}, or others; encode the same texts with `spans=mentions.spans`"
            )
        return spans

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
        self._spans_of(embeddings, mentions)
        tail = (1 - confidence) / 2
        present = mentions.present
        columns: dict[str, Any] = {}
        for number, target in enumerate(mentions.targets):
            score = np.where(present[:, number], 0.0, np.nan)
            low, high = score.copy(), score.copy()
            for rows, values, draws in self._blocks(embeddings, mentions, number):
                score[rows] = values
                # The score itself may fall beside draws that all end at a pole; an interval holds its score.
                low[rows] = np.minimum(np.quantile(draws, tail, axis=0), values)
                high[rows] = np.maximum(np.quantile(draws, 1 - tail, axis=0), values)
            label = np.where(score > self.band_, "favor", np.where(score < -self.band_, "against", "neutral"))
            columns[f"stance_{target.name}"] = np.where(present[:, number], label, "absent").tolist()
            for suffix, column in (("score", score), ("low", low), ("high", high)):
                columns[f"stance_{target.name}_{suffix}"] = pl.Series(column, dtype=pl.Float64).fill_nan(None)
        return pl.DataFrame(columns)

    def draws(self, embeddings: Embeddings, mentions: Mentions) -> dict[str, Floats]:
        """Give, for each target's name, scores under each refit, shape (n_bootstrap, n_texts), NaN where absent.

        Refit b is the same for all texts, so the anchors' error is shared between them.
        """
        check_is_fitted(self)
        self._spans_of(embeddings, mentions)
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
        """Yield (texts, their scores, their draws) for the texts that mention one target in a voice that counts."""
        features = _features(embeddings.spans)
        chosen = np.flatnonzero((mentions.target == number) & (mentions.span >= 0))
        texts, owner = np.unique(mentions.text[chosen], return_inverse=True)
        bounds = np.searchsorted(owner, np.arange(0, len(texts) + _BLOCK, _BLOCK))
        for block, (first, last) in enumerate(pairwise(bounds)):
            if first == last:
                continue
            inside = features[mentions.span[chosen[first:last]]]
            place = owner[first:last] - block * _BLOCK
            size = np.bincount(place)
            values = np.bincount(place, weights=self.predict(inside)) / size
            draws = np.stack([np.bincount(place, weights=draw) / size for draw in self.predict_draws(inside)])
            yield texts[block * _BLOCK : block * _BLOCK + len(size)], values, draws

    def to_state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Give everything that prediction needs as arrays and a JSON-able dict."""
        check_is_fitted(self)
        arrays: dict[str, NDArray[Any]] = {}
        meta: dict[str, Any] = {
            "version": _STATE_VERSION,
            "band": self.band_,
            "macro_f1": self.macro_f1_,
            "n_bootstrap": self.n_bootstrap,
            "random_state": self.random_state,
            "evaluation": None,
            "warnings": list(self.warnings_),
        }
        for name, scale in (("direction", self.direction_), ("evaluation", self.evaluation_)):
            if scale is not None:
                own, meta[name] = scale.to_state()
                arrays |= {f"{name}_{key}": value for key, value in own.items()}
        return arrays, meta

    @classmethod
    def from_state(cls, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> Self:
        """Make the scorer again; it predicts the same bits.

        Raises
        ------
        ModelError
            If the state is of another version or incomplete.
        """
        if meta.get("version") != _STATE_VERSION:
            raise ModelError(
                f"the saved stance scorer has version {meta.get('version')}; this release reads "
                f"{_STATE_VERSION}: train it again"
            )

        def scale(name: str) -> AnchoredScale:
            own = {key.removeprefix(f"{name}_"): value for key, value in arrays.items() if key.startswith(f"{name}_")}
            return AnchoredScale.from_state(own, meta[name])

        scorer = cls(n_bootstrap=meta["n_bootstrap"], random_state=meta["random_state"])
        scorer.direction_ = scale("direction")
        scorer.evaluation_ = None if meta["evaluation"] is None else scale("evaluation")
        scorer.band_, scorer.macro_f1_ = float(meta["band"]), float(meta["macro_f1"])
        scorer.n_features_in_ = scorer.direction_.n_features_in_
        scorer.warnings_ = list(meta["warnings"])
        return scorer
