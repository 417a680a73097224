"""A framing axis: from anchor texts to a score on a scale of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

import numpy as np
from annotated_types import Ge
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from research._folds import canonical_order, read_names
from research._label_shift import shift_scale
from research._language import language_code
from research._positions import interval
from research._scaling import AnchoredScale
from research._shapes import check_version, plain, reading_state
from research._taught import read_taught
from research._validate import check_parameters, validated
from research.embedding._embeddings import Embeddings
from research.errors import InputError
from research.framing._anchors import Anchors
from research.framing._features import STYLE_WEIGHT, Mixtures, Reads, embedding_blocks, join_blocks, mix, sentence_texts
from research.framing._style import style_features

if TYPE_CHECKING:
    import polars as pl

__all__ = ["FramingAxis"]

Floats = NDArray[np.float64]

_STATE_VERSION = 1


class FramingAxis(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """How a text frames its subject, between two poles that anchor texts define.

    An `AnchoredScale` (its docstring has the formulas of direction, scale and interval) on the hidden states of the
    encoder's chosen layers, side by side, and, for English, on rates of style devices (`style_features`).
    It is trained on the anchors and on diluted units made from them, since real paragraphs are milder than written
    anchors: two anchors of one pole joined keep the label, one joined with a plain report gets .6 of it. The scale
    itself is placed by the anchors alone. `docs/framing_axis.md` has the table of what was tried.

    Parameters
    ----------
    style : bool
        Whether to add style rates. They need English texts: with another language, or where `fit` gets an array
        instead of `Embeddings`, they are left out.
    dilute : bool
        Whether to train on diluted units as well.
    language : str
        ISO 639-1 code of the texts' language.
    n_bootstrap : int
        Draws of the axis behind intervals and draws of scores.
    random_state : int
        The draws of the anchors and labels of an axis that labels taught ship with it, and follow the seed that they
        were made with.
    shipped_labels : bool
        Whether `from_anchors` takes what labels of real paragraphs taught a shipped axis, where that fits the encoder
        and the other parameters; `warnings_` says where it does not.
    reads : {"voice", "content"}
        Whether the axis is about how a text tells or about what it tells. For the voice the last of the layers is left
        out, since it knows the topic best and the voice least. `from_anchors` takes what the axis's file says.

    Attributes
    ----------
    scale_ : AnchoredScale
    facts_ : dict
        Of a shipped axis that labels taught: how many labels of what, their agreement, and how well texts left out
        were scored; empty otherwise.
    out_of_fold_ : ndarray of float64, shape (n_labelled,)
        After `learn`, each labelled text's position as scored without its document, unclipped. Not saved.
    pole_log_odds_ : ndarray of float64, shape (n_labelled, 2)
        After `learn`, of the positive and the negative pole, scored so. Not saved.
    penalties_ : tuple of float or None
        After `learn`, of the two poles; None where networks are the poles. Not saved.
    uses_embeddings_ : bool
        Whether it was fitted on `Embeddings` (and then reads only those), with their layers and sentences.
    uses_style_ : bool
    warnings_ : list of str
        What is odd about the anchors, in sentences.

    References
    ----------
    An, Kwak & Ahn (2018), SemAxis, ACL; Kwak et al. (2021), FrameAxis, PeerJ CS 7:e644; Watanabe (2021), Latent
    semantic scaling, Communication Methods and Measures 15(2).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y = np.tile([-1, 0, 1], 20)
    >>> X = y[:, None] * [1.0, 0.5] + 0.1 * rng.normal(size=(60, 2))
    >>> axis = FramingAxis(n_bootstrap=10).fit(X, y, np.repeat(np.arange(20), 3))
    >>> axis.predict([[2.0, 1.0], [-2.0, -1.0]]).tolist()
    [1.0, -1.0]
    """

    scale_: AnchoredScale

    def __init__(
        self,
        style: bool = True,
        dilute: bool = True,
        language: str = "en",
        n_bootstrap: Annotated[int, Ge(1)] = 200,
        random_state: Annotated[int, Ge(0)] = 0,
        shipped_labels: bool = True,
        reads: Reads = "voice",
    ) -> None:
        self.style = style
        self.dilute = dilute
        self.language = language
        self.n_bootstrap = n_bootstrap
        self.random_state = random_state
        self.shipped_labels = shipped_labels
        self.reads = reads

    @classmethod
    def from_anchors(cls, anchors: Anchors | str | Path, encoder: Any, **parameters: Any) -> Self:
        """Make an axis from anchor texts.

        Parameters
        ----------
        anchors : Anchors, or the name of a shipped axis, or the path of a YAML file
        encoder : Encoder
            Embeds the anchors; embed the texts with the same one.
        **parameters
            Those of the constructor; `reads` is the anchors' own if it is not given.

        Returns
        -------
        FramingAxis
            Fitted.

        Raises
        ------
        ConfigError
            If the axis is missing or wrong.
        InputError
            If a parameter is out of its range.
        ModelError
            If the files that ship with the axis are damaged.
        """
        given = anchors if isinstance(anchors, Anchors) else Anchors.load(anchors)
        axis = cls(**({"reads": given.reads} | parameters))
        check_parameters(axis)
        language_code(axis.language)
        taught = axis._taught(given, encoder)
        if isinstance(taught, cls):
            return taught
        axis.fit(encoder.encode(given.texts), given.poles, groups=given.subjects)
        if taught:
            axis.warnings_.append(taught)
        return axis

    def _taught(self, anchors: Anchors, encoder: Any) -> Self | str | None:
        """Give the axis as labels left it, or why that does not fit."""
        if not self.shipped_labels or anchors.path is None or not hasattr(encoder, "load"):
            return None
        encoder.load()
        found, reason = read_taught(anchors.path, encoder.model_hash_, encoder.layers_)
        if found is None:
            return reason
        made = {"reads": "voice"} | found.state["parameters"]  # older states do not say
        for name in ("style", "dilute", "language", "reads"):
            given = language_code(self.language) if name == "language" else getattr(self, name)
            if given != made[name]:
                return (
                    f"the labels that ship with the axis {anchors.name} were learned with {name}={made[name]!r}, so "
                    "its anchors alone define it"
                )
        axis = type(self).from_state(found.arrays, found.state)
        axis.scale_.limit_draws(self.n_bootstrap)
        axis.set_params(n_bootstrap=axis.scale_.n_bootstrap, random_state=self.random_state, shipped_labels=True)
        axis.facts_ = dict(found.facts)
        return axis

    def learn(
        self,
        X: Any,
        y: ArrayLike,
        documents: ArrayLike | None = None,
        nuisance: ArrayLike | None = None,
        progress: Callable[[str, int, int], None] | None = None,
    ) -> Self:
        """Let labelled texts move the axis; from a few labels on, and no farther than they bear out.

        The axis so far is the prior (`LabelShift` has the formulas): an axis that labels taught can learn from more.
        From a thousand labels on small networks may take the place of its poles, which takes some seconds a thousand.

        Parameters
        ----------
        X : Embeddings or array of shape (n_texts, n_features)
            As in `fit`.
        y : array, shape (n_texts,)
            In [-1, 1]: the poles at the ends, 0 a plain report.
        documents : array, shape (n_texts,), optional
            Which document each is from; texts of one document never check each other.
        nuisance : array, shape (n_texts,) or (n_texts, n_columns), optional
            What the score must not follow, for example +1 good and -1 bad news; NaN where it is not known. Each column
            takes one direction out.
        progress : callable, optional
            Called with a label, the steps done and all of them, while networks are trained on a thousand labels or
            more.

        Returns
        -------
        FramingAxis
            Itself.

        Raises
        ------
        InputError
            If the lengths differ, a label is missing or no number in [-1, 1], or `nuisance` is infinite or cannot be
            learned.
        """
        features = self._features(X)
        groups = None if documents is None else read_names(documents, "document")
        sentences = self._sentences(X) if self.uses_embeddings_ else None
        shift = shift_scale(self.scale_, features, y, groups, sentences, nuisance, progress)
        self.scale_, self.out_of_fold_ = shift.scale, shift.out_of_fold[:, 0]
        self.pole_log_odds_, self.penalties_ = shift.out_of_fold[:, 1:], shift.penalties
        return self

    def fit(self, X: Any, y: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Learn the axis from anchors.

        Parameters
        ----------
        X : Embeddings or array of shape (n_anchors, n_features)
            Of the anchor texts.
        y : array, shape (n_anchors,)
            +1 and -1 for the poles, 0 for plain reports; numbers between for milder anchors.
        groups : array, shape (n_anchors,) or None
            The anchors' subjects; anchors of one subject are held out together. None makes each its own.

        Raises
        ------
        InputError
            If a parameter is out of its range, a pole has no anchors, or the poles cannot be told apart out of fold.
        """
        check_parameters(self)
        english = language_code(self.language) == "en"
        self.uses_embeddings_ = isinstance(X, Embeddings)
        self.uses_style_ = self.uses_embeddings_ and self.style and english
        if isinstance(X, Embeddings):
            vectors, y = validated(self, X.vectors, y, y_numeric=True, dtype=np.float32)
            blocks = embedding_blocks(vectors, X.layers, self.reads)
            texts: list[str] | None = list(X.texts)
        else:
            array, y = validated(self, X, y, y_numeric=True, dtype=np.float64, ensure_min_samples=2)
            blocks, texts = array[:, None, :], None
        y = np.asarray(y, dtype=np.float64)
        if groups is not None and np.size(groups) != len(y):
            raise InputError(f"there are {np.size(groups)} groups and {len(y)} labels; give one group an anchor")
        # In an order of their own, so that which anchors are joined does not depend on how they were listed.
        names = [""] * len(y) if groups is None else read_names(groups, "group")
        order = canonical_order(blocks.reshape(len(blocks), blocks.shape[1] * blocks.shape[2]), y, names)
        blocks, y = blocks[order], y[order]
        groups_ = [f"{place:09d}" if groups is None else names[row] for place, row in enumerate(order)]
        ordered_texts = [texts[row] for row in order] if texts is not None and self.uses_style_ else None
        style = None if ordered_texts is None else style_features(ordered_texts)
        features = join_blocks(blocks, style, STYLE_WEIGHT)
        partners, anchor, labels, first = groups_, np.ones(len(y), dtype=bool), y, groups_
        if self.dilute:
            mixtures = Mixtures(y, groups_, self.random_state)
            joined, joined_style = mix(blocks, ordered_texts, mixtures, unit=self.uses_embeddings_)
            features = np.vstack([features, join_blocks(joined, joined_style, STYLE_WEIGHT)])
            labels = np.concatenate([y, mixtures.y])
            first = groups_ + [groups_[row] for row in mixtures.first]
            partners = groups_ + [groups_[row] for row in mixtures.second]
            anchor = np.arange(len(labels)) < len(y)
        sentences = None
        if isinstance(X, Embeddings):
            place = np.empty(len(order), dtype=np.int64)
            place[order] = np.arange(len(order))
            inner, owner = self._sentences(X)
            by_anchor = np.argsort(place[owner], kind="stable")
            sentences = (inner[by_anchor], place[owner][by_anchor])
        self.scale_ = AnchoredScale(self.n_bootstrap, self.random_state).fit(
            features, labels, first, anchor=anchor, partners=partners, sentences=sentences
        )
        self.warnings_ = list(self.scale_.warnings_)
        self.facts_: dict[str, Any] = {}
        return self

    def _features(self, X: Any) -> Floats:
        check_is_fitted(self)
        if not self.uses_embeddings_:
            checked: Floats = validated(self, X, reset=False, dtype=np.float64)
            return join_blocks(checked[:, None, :], None, STYLE_WEIGHT)
        if not isinstance(X, Embeddings):
            raise InputError(
                f"this axis was fitted on Embeddings and cannot score a {type(X).__name__}: "
                "encode the texts and pass the Embeddings"
            )
        style = style_features(X.texts) if self.uses_style_ else None
        return join_blocks(embedding_blocks(X.vectors, X.layers, self.reads), style, STYLE_WEIGHT)

    def _sentences(self, X: Any) -> tuple[Floats, NDArray[np.int64]]:
        style = style_features(sentence_texts(X)) if self.uses_style_ else None
        blocks = embedding_blocks(X.sentences.vectors, X.sentences.layers, self.reads)
        return join_blocks(blocks, style, STYLE_WEIGHT), X.sentences.paragraph

    def predict(self, X: Any) -> Floats:
        """Give the score of each text in [-1, 1]: +1 the positive pole, 0 plain report, shape (n_texts,)."""
        features = self._features(X)
        return self.scale_.predict(features)

    def assess(self, X: Any, confidence: float = 0.95) -> pl.DataFrame:
        """Give each text's framing: the score, its interval, and the two poles apart.

        Parameters
        ----------
        X : Embeddings or array of shape (n_texts, n_features)
        confidence : float
            Of the interval, between 0 and 1.

        Returns
        -------
        polars.DataFrame
            One row a text: framing, framing_low, framing_high in [-1, 1]; framing_positive_pole,
            framing_negative_pole in [0, 1].
        """
        import polars as pl

        features = self._features(X)
        poles = self.scale_.pole_scores(features)  # once for all columns, since it takes most of the time
        position = self.scale_.position_at(poles)
        variance = self.scale_.variance(features, self._sentences(X) if self.uses_embeddings_ else None)
        ends = interval(position, variance, confidence)
        return pl.DataFrame(
            {
                "framing": np.clip(position, -1.0, 1.0),
                "framing_low": ends[:, 0],
                "framing_high": ends[:, 1],
                "framing_positive_pole": np.clip(poles[:, 0], 0.0, 1.0),
                "framing_negative_pole": np.clip(poles[:, 1], 0.0, 1.0),
            }
        )

    def predict_sentences(self, X: Embeddings) -> Floats:
        """Give the score of each sentence of `X.sentences` in [-1, 1], shape (n_sentences,)."""
        self._features(X.take([]))  # refuses what this axis cannot read
        return self.scale_.predict(self._sentences(X)[0])

    def predict_poles(self, X: Any) -> Floats:
        """Give how far each text goes toward the positive and the negative pole, in [0, 1], shape (n_texts, 2)."""
        features = self._features(X)
        return self.scale_.predict_poles(features)

    def predict_interval(self, X: Any, confidence: float = 0.95) -> Floats:
        """Give the interval of each score, shape (n_texts, 2).

        It covers the anchors (what halves of their subjects make of the axis) and, of an axis that labels taught, the
        labels (refits on resampled documents, or what each network learned from other anchors and documents); and the
        text's sentences (their spread in this text, shrunk to the spread between the sentences of an anchor or labelled
        text); formula in `AnchoredScale`.

        Raises
        ------
        InputError
            If `confidence` is not between 0 and 1.
        """
        features = self._features(X)
        return self.scale_.predict_interval(features, confidence, self._sentences(X) if self.uses_embeddings_ else None)

    def predict_draws(self, X: Any, n_draws: int | None = None) -> Floats:
        """Give draws of each score from the same uncertainty, for group estimates, shape (n_draws, n_texts).

        Draw b of all texts comes from one draw of the axis, so the error of anchors and labels is shared between texts.
        None gives 2,000 draws, down to `n_bootstrap` where there are more than 10,000 texts: from 100 draws the ends of
        a 95% interval are off by 6% of its width (standard error), from 2,000 by 1.5%.
        """
        features = self._features(X)
        if not self.uses_embeddings_:
            return self.scale_.predict_draws(features, n_draws)
        return self.scale_.predict_draws(features, n_draws, self._sentences(X), X.texts)

    def to_state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Give everything that prediction needs as arrays and a JSON-able dict."""
        check_is_fitted(self)
        arrays, scale = self.scale_.to_state()
        return arrays, {
            "version": _STATE_VERSION,
            "parameters": {name: plain(value) for name, value in self.get_params().items()},
            "uses_embeddings": self.uses_embeddings_,
            "uses_style": self.uses_style_,
            "n_features_in": self.n_features_in_,
            "scale": scale,
            "facts": dict(self.facts_),
        }

    @classmethod
    def from_state(cls, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> Self:
        """Make the axis again; it predicts the same bits.

        Raises
        ------
        ModelError
            If the state is of another version or incomplete.
        """
        check_version("framing axis", meta, _STATE_VERSION)
        with reading_state("framing axis"):
            axis = cls(**meta["parameters"])
            axis.uses_embeddings_, axis.uses_style_ = bool(meta["uses_embeddings"]), bool(meta["uses_style"])
            axis.n_features_in_ = int(meta["n_features_in"])
            axis.scale_ = AnchoredScale.from_state(arrays, meta["scale"])
            axis.warnings_ = list(axis.scale_.warnings_)
            axis.facts_ = dict(meta.get("facts", {}))
        return axis
