"""A validity card: what there is to say for and against an axis on a corpus, check by check, each with its gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from annotated_types import Ge, Gt, Lt
from numpy.typing import ArrayLike, NDArray

from research._folds import canonical_order
from research._resampling import expanded_tail
from research._validate import check_values
from research.embedding._embeddings import Embeddings
from research.errors import InputError
from research.framing import _gates as gates
from research.framing._anchor_ridge import LeftOutRidge, least_agreement
from research.framing._anchor_words import out_of_fold_words
from research.framing._anchors import Anchors
from research.framing._axis import FramingAxis
from research.framing._cross_encoder import CrossEncoderAxis
from research.framing._rank_statistics import (
    Statistic,
    auroc,
    auroc_within,
    spearman,
    spearman_within,
)
from research.framing._theme_variance import LEAST_VISIBLE, ThemeVariance

if TYPE_CHECKING:
    import polars as pl

__all__ = ["CodedTexts", "validity_card"]

Floats = NDArray[np.float64]

# Two arrangements of s subjects in 2^s (all poles swapped, or none) look like the observed one: with fewer than six
# the p-value cannot fall below .05.
# Words alone that come this near to the axis do as well.
_NO_BETTER = 0.05
_FEWEST_SUBJECTS = 6
# Below the first the bootstrap of documents is too narrow, below the second it may be (`_Card.interval` has how much).
_FEWEST_DOCUMENTS = 5
_FEW_DOCUMENTS = 20
_DIGITS = 6


@dataclass(frozen=True)
class CodedTexts:
    """What people said of some of the texts that an axis scores.

    Attributes
    ----------
    rows : ndarray of int64, shape (n_coded,)
        Which of the texts.
    y : ndarray of float64, shape (n_coded,)
        In [-1, 1]; the coders' median.
    alpha : float or None
        Krippendorff's alpha between the coders; None with one coder, or where it is not defined.
    n_coders : int
    out_of_fold : ndarray of float64, shape (n_coded,), or None
        The axis's scores without each text's document, where the labels taught it too (`FramingAxis.learn`).
    """

    rows: NDArray[np.int64]
    y: NDArray[np.float64]
    alpha: float | None
    n_coders: int
    out_of_fold: NDArray[np.float64] | None = None


def validity_card(
    axis: FramingAxis | CrossEncoderAxis,
    embeddings: Any,
    documents: Sequence[str],
    *,
    anchors: Anchors | None = None,
    anchor_embeddings: Any = None,
    themes: Sequence[str | None] | None = None,
    lengths: ArrayLike | None = None,
    others: Mapping[str, ArrayLike | None] | None = None,
    labels: CodedTexts | None = None,
    n_resamples: Annotated[int, Ge(1)] = 500,
    n_shuffles: Annotated[int, Ge(1)] = 200,
    confidence: Annotated[float, Gt(0), Lt(1)] = 0.95,
    random_state: int = 0,
) -> pl.DataFrame:
    """Check an axis: by its anchors, by what its scores go with in a corpus, and by labels.

    A check fails where its value misses its gate; intervals are shown and do not decide. The gates are conventions,
    chosen before any corpus was looked at:

    - **anchors**, by a plain ridge on them alone (no diluted units, no labels) with whole subjects left out: AUROC of
      the poles and share of subjects whose positive texts score above their negative ones, both >= .70; beside it, for
      comparison and without a gate, that AUROC of a logistic regression on words and pairs of words; p <= .05 of
      that AUROC among `n_shuffles` of anchors whose poles are swapped subject by subject at random; and the least
      Spearman correlation of the texts' scores with those from anchors without one subject >= .90;
    - **texts**: Spearman's correlation with each of `others` and with length within -.50 and .50, which is a quarter of
      the rank variance; and no more than .25 of the variance between themes, beyond what chance and the documents put
      there (`research.framing._theme_variance`: eta squared less its mean over permutations of themes within documents,
      divided by how much of an effect of themes shows within them), which is not judged where documents have hardly
      more than one theme each; and no more than .25 of the texts at an end of the scale;
    - **labels**: alpha >= .67 (Krippendorff's limit for tentative conclusions; below .40 no label should come this
      far), Spearman >= .40, AUROC of the positive pole against the rest >= .70, and no more than .10 of it lost where
      only texts of one theme are compared;
    - **shipped labels**: the figures that came with the axis (`FramingAxis.facts_`), by the same gates.

    Parameters
    ----------
    axis : FramingAxis or CrossEncoderAxis
        Fitted. A cross-encoder has no anchors, so it is checked by its texts' scores and by labels alone.
    embeddings : Embeddings or array of shape (n_texts, n_features)
        Of the corpus, each text once; for a cross-encoder the texts themselves will do.
    documents : sequence of str, length n_texts
        The document of each; intervals resample whole documents.
    anchors : Anchors, optional
        Those of the axis.
    anchor_embeddings : Embeddings or array of shape (n_anchors, n_features), optional
        Of the anchors' texts, by the same encoder.
    themes : sequence of str or None, length n_texts, optional
        Each text's primary theme.
    lengths : array of shape (n_texts,), optional
        In words; counted if not given and the texts are known.
    others : mapping of str to array of shape (n_texts,), optional
        Scores of other axes by name; None where such an axis could not be had, which the card then says.
    labels : CodedTexts, optional
    n_resamples : int
        Of documents, for intervals; and of themes within documents, for the p of the variance between themes.
    n_shuffles : int
        Of the anchors' poles.
    confidence : float
    random_state : int

    Returns
    -------
    polars.DataFrame
        One row a check: check, value, low, high, n, gate (text), passed (null where there is no gate or no value),
        note. Always in the same order.

    Raises
    ------
    InputError
        If lengths differ, or a number of draws or the confidence is out of its range.

    References
    ----------
    Hesterberg, T. (2015). What teachers should know about the bootstrap. The American Statistician 69(4), section 3
    (why percentile intervals are too narrow; the expanded percentile interval, which the card shows).
    """
    import polars as pl
    from threadpoolctl import threadpool_limits

    check_values(validity_card, {"n_resamples": n_resamples, "n_shuffles": n_shuffles, "confidence": confidence})
    if isinstance(axis, FramingAxis):
        features = axis._features(embeddings)
        # Before they are held within [-1, 1]: many texts at one end would hide what their order goes with.
        texts = axis.scale_.position(features)
    else:
        texts = axis.predict(embeddings)
    for name, given in (("documents", documents), ("themes", themes), ("lengths", lengths), *(others or {}).items()):
        if given is not None and np.size(np.asarray(given, dtype=object)) != len(texts):
            raise InputError(f"there are {len(texts)} texts and {np.size(np.asarray(given, dtype=object))} of `{name}`")
    if lengths is None and isinstance(embeddings, Embeddings):
        lengths = np.array([len(text.split()) for text in embeddings.texts], dtype=np.float64)
    card = _Card(list(map(str, documents)), n_resamples, n_shuffles, confidence, random_state)
    # One thread, since the bits of a BLAS product depend on how many there are.
    with threadpool_limits(1):
        if isinstance(axis, FramingAxis) and anchors is not None and anchor_embeddings is not None:
            _check_anchors(card, axis, anchors, axis._features(anchor_embeddings), features)
        _check_texts(card, texts, others or {}, lengths, themes)
        if labels is not None:
            _check_labels(card, texts, labels, themes)
        if isinstance(axis, FramingAxis):
            _check_shipped(card, axis.facts_, labels is not None)
        elif labels is None:
            card.add(
                "labels: none", None, 0, notes=["no labels were given: how a model reads these texts is not known"]
            )
    schema = {
        "check": pl.String,
        "value": pl.Float64,
        "low": pl.Float64,
        "high": pl.Float64,
        "n": pl.Int64,
        "gate": pl.String,
        "passed": pl.Boolean,
        "note": pl.String,
    }
    return pl.DataFrame(card.rows, schema=schema, orient="row")


class _Card:
    """Rows of a card, and the resampling of documents that their intervals share."""

    def __init__(
        self, documents: list[str], n_resamples: int, n_shuffles: int, confidence: float, random_state: int
    ) -> None:
        self.documents = documents
        self.n_resamples = n_resamples
        self.n_shuffles = n_shuffles
        self.confidence = confidence
        self.random_state = random_state
        self.rows: list[tuple[Any, ...]] = []

    def add(
        self,
        check: str,
        value: float | None,
        n: int,
        gate: gates.Gate | None = None,
        ends: tuple[float | None, float | None] = (None, None),
        notes: Sequence[str] = (),
    ) -> None:
        """Add a check; what is not finite is missing, and a failure says what it means."""
        value, low, high = (_number(each) for each in (value, *ends))
        passed = None if gate is None or value is None else gate.holds(value)
        said = [gate.failure] if gate is not None and passed is False else []
        note = "; ".join([*said, *notes]) or None
        self.rows.append((check, value, low, high, n, gate.text if gate else None, passed, note))

    def resampled(
        self,
        check: str,
        statistic: Statistic,
        groups: Sequence[str],
        gate: gates.Gate | None,
        notes: Sequence[str] = (),
    ) -> None:
        """Add a check of some texts with its interval over their documents."""
        value, low, high, n_documents = self.interval(statistic, groups)
        sure = "is" if n_documents < _FEWEST_DOCUMENTS else "may be"
        few = [f"{n_documents} document{'s' * (n_documents != 1)}, so the interval {sure} too narrow"]
        self.add(
            check,
            value,
            len(groups),
            gate,
            (low, high),
            [*notes, *(few if low is not None and n_documents < _FEW_DOCUMENTS else [])],
        )

    def interval(self, statistic: Statistic, groups: Sequence[str]) -> tuple[float, float | None, float | None, int]:
        """Give a statistic of weighted rows with its expanded percentile interval over resampled groups.

        Its ends are the quantiles at `expanded_tail`, whose docstring shows what they hold.
        """
        if not len(groups):
            return float("nan"), None, None, 0
        names, place = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
        value = statistic(np.ones(len(groups)))
        if len(names) < 2 or not np.isfinite(value):
            return value, None, None, len(names)
        generator = np.random.default_rng([self.random_state, 6])
        draws = generator.integers(0, len(names), (self.n_resamples, len(names)))
        drawn = np.array(
            [statistic(np.bincount(draw, minlength=len(names))[place].astype(np.float64)) for draw in draws]
        )
        drawn = drawn[np.isfinite(drawn)]
        if len(drawn) < 0.9 * self.n_resamples:
            return value, None, None, len(names)
        tail = expanded_tail(len(names), self.confidence)
        low, high = np.quantile(drawn, [tail, 1 - tail])
        return value, float(low), float(high), len(names)


def _number(value: float | None) -> float | None:
    """Round, so that the last bits of a sum decide nothing, and turn what is not finite into nothing."""
    return None if value is None or not np.isfinite(value) else round(float(value), _DIGITS)


def _check_anchors(card: _Card, axis: FramingAxis, anchors: Anchors, X: Floats, texts: Floats) -> None:
    poles, subjects = np.asarray(anchors.poles, dtype=np.float64), [str(name) for name in anchors.subjects]
    if len(X) != len(poles):
        raise InputError(f"there are {len(poles)} anchors and {len(X)} embeddings of them; embed the anchors' texts")
    order = canonical_order(X, poles, subjects)
    X, poles, subjects = X[order], poles[order], [subjects[row] for row in order]
    names, subject = np.unique(np.array(subjects), return_inverse=True)
    left_out = LeftOutRidge(X, subject, len(names))
    scores, penalty = left_out.scores(poles[:, None])
    is_pole = poles != 0
    taught = ["of the anchors alone, without the labels that taught the axis"] * _learned(axis)
    card_of = [subjects[row] for row in np.flatnonzero(is_pole)]
    pole_scores, positive = scores[is_pole, 0], poles[is_pole] > 0
    value, low, high, _ = card.interval(auroc(pole_scores, positive), card_of)
    card.add("anchors: AUROC of the poles, subjects left out", value, len(card_of), gates.POLES, (low, high), taught)
    told = [anchors.texts[row] for row in order[is_pole]]
    by_axis = value
    by_words = out_of_fold_words(told, positive * 2 - 1, card_of, card.random_state)
    value, low, high, _ = card.interval(auroc(by_words, positive), card_of)
    as_good = np.isfinite(value) and np.isfinite(by_axis) and value > by_axis - _NO_BETTER
    card.add(
        "anchors: that AUROC by a bag of words",
        value,
        len(card_of),
        None,
        (low, high),
        ["logistic regression on words and pairs of words: what an axis must know better than; .5 is chance"]
        + ["words alone do as well here, so these anchors may teach words and no voice"] * bool(as_good),
    )

    matched = [
        number for number in range(len(names)) if {1.0, -1.0} <= set(poles[subject == number].tolist())
    ]  # a subject in one voice compares nothing
    right = np.array(
        [
            scores[(subject == number) & (poles > 0), 0].mean() > scores[(subject == number) & (poles < 0), 0].mean()
            for number in matched
        ],
        dtype=np.float64,
    )
    value, low, high, _ = card.interval(lambda w: float(w @ right / w.sum()), [str(number) for number in matched])
    card.add("anchors: matched sets told apart", value, len(matched), gates.SETS, (low, high), taught)

    generator = np.random.default_rng([card.random_state, 7])
    signs = generator.choice(np.array([-1.0, 1.0]), size=(card.n_shuffles, len(names)))
    swapped = poles[:, None] * signs[:, subject].T
    null, _ = left_out.scores(swapped)
    found = auroc(pole_scores, positive)(np.ones(len(pole_scores)))
    ones = np.ones(len(pole_scores))
    chance = np.array([auroc(null[is_pole, draw], swapped[is_pole, draw] > 0)(ones) for draw in range(card.n_shuffles)])
    p = (1 + np.sum(chance >= found - 1e-12)) / (1 + card.n_shuffles)
    enough = len(names) >= _FEWEST_SUBJECTS
    card.add(
        "anchors: p of that AUROC with poles swapped at random",
        p if enough else None,
        card.n_shuffles,
        gates.NULL,
        notes=[f"swapped, the AUROC is {np.mean(chance):.2f} on average"]
        if enough
        else [f"{len(names)} subjects are too few to tell from chance"],
    )

    least, whose = least_agreement(X, poles, subject, names, penalty, texts)
    card.add(
        "anchors: least agreement of the scores without one subject",
        least,
        len(names),
        gates.SINGLE,
        notes=[*([f"without {whose}"] if whose else []), *taught],
    )


def _learned(axis: FramingAxis) -> bool:
    """Say whether labels moved the axis: those of its user, or those that it came with."""
    return hasattr(axis, "out_of_fold_") or bool(axis.facts_)


def _check_texts(
    card: _Card,
    scores: Floats,
    others: Mapping[str, ArrayLike | None],
    lengths: ArrayLike | None,
    themes: Sequence[str | None] | None,
) -> None:
    for name, other in others.items():
        gate = gates.Gate(gates.OTHER.text, gates.OTHER.holds, gates.OTHER.failure.format(name=name))
        check = f"texts: correlation with {name}"
        if other is None:
            card.add(check, None, len(scores), gate, notes=[f"no axis of {name} serves this language and encoder"])
        else:
            card.resampled(check, spearman(scores, np.asarray(other, dtype=np.float64)), card.documents, gate)
    if lengths is not None:
        gate = gates.Gate(gates.OTHER.text, gates.OTHER.holds, gates.OTHER.failure.format(name="length"))
        statistic = spearman(scores, np.asarray(lengths, dtype=np.float64))
        card.resampled("texts: correlation with length in words", statistic, card.documents, gate)
    if themes is not None:
        _check_themes(card, scores, themes)
    beyond = np.abs(scores) >= 1
    card.resampled(
        "texts: share at an end of the scale", lambda w: float(w @ beyond / w.sum()), card.documents, gates.ENDS
    )


def _check_themes(card: _Card, scores: Floats, themes: Sequence[str | None]) -> None:
    check = "texts: variance between themes, beyond chance"
    rows = np.array([row for row, theme in enumerate(themes) if theme is not None], dtype=np.int64)
    names, theme = np.unique(np.array([str(themes[row]) for row in rows]), return_inverse=True)
    if len(names) < 2 or len(rows) <= len(names):
        n_themes = f"{len(names)} theme{'s' * (len(names) != 1)}"
        card.add(check, None, len(rows), gates.THEMES, notes=[f"{n_themes} in {len(rows)} texts: nothing to compare"])
        return
    documents = [card.documents[row] for row in rows]
    variance = ThemeVariance(scores[rows], theme, np.unique(documents, return_inverse=True)[1])
    found, chance, visible = variance.parts(np.ones(len(rows)))
    mixed = f"{variance.n_mixed} of {variance.n_documents} documents have more than one theme"
    shows = f"{max(visible, 0):.0%} of an effect of themes shows within documents"
    if visible < LEAST_VISIBLE:
        card.add(
            check, None, len(rows), gates.THEMES, notes=[f"theme and document cannot be told apart: {mixed}, {shows}"]
        )
        return
    p = variance.p_value(card.n_resamples, np.random.default_rng([card.random_state, 8]))
    card.resampled(
        check,
        variance.beyond_chance,
        documents,
        gates.THEMES,
        [f"eta squared {found:.2f}, by chance {chance:.2f} (themes permuted within documents, p {p:.3f}), {shows}"],
    )


def _check_labels(card: _Card, texts: Floats, labels: CodedTexts, themes: Sequence[str | None] | None) -> None:
    rows, y = np.asarray(labels.rows, dtype=np.int64), np.asarray(labels.y, dtype=np.float64)
    coders = f"{labels.n_coders} coder{'s' * (labels.n_coders != 1)}"
    unknown = f"{coders}: how far another would agree is not known"
    card.add(
        "labels: agreement of the coders (alpha)",
        labels.alpha,
        len(rows),
        gates.ALPHA,
        notes=[coders if labels.alpha is not None else unknown],
    )
    documents = [card.documents[row] for row in rows]
    scores, notes = texts[rows], []
    if labels.out_of_fold is not None:
        scores = np.asarray(labels.out_of_fold, dtype=np.float64)
        notes = ["scored without the text's document"]
        if len(set(documents)) < 2:
            scores, notes = np.full(len(rows), np.nan), ["one document: no text can be scored without it"]
    positive, names = y > 0, None
    if themes is not None:
        names = np.array(["" if themes[row] is None else str(themes[row]) for row in rows])
    card.resampled("labels: Spearman", spearman(scores, y), documents, gates.SPEARMAN, notes)
    if names is not None:
        card.resampled("labels: Spearman within themes", spearman_within(scores, y, names), documents, None, notes)
    pooled = auroc(scores, positive)
    card.resampled("labels: AUROC of the positive pole against the rest", pooled, documents, gates.AUROC, notes)
    if names is not None:
        within = auroc_within(scores, positive, names)
        card.resampled("labels: that AUROC within themes", within, documents, None, notes)
        card.resampled("labels: AUROC lost within themes", lambda w: pooled(w) - within(w), documents, gates.GAP, notes)


def _check_shipped(card: _Card, facts: Mapping[str, Any], own: bool) -> None:
    """Add what came with the axis: how the coders of its labels agreed, and how texts left out were scored."""
    if not facts:
        if not own:
            card.add("labels: none", None, 0, notes=["no labels were given or ship: the axis is what its anchors say"])
        return
    n = int(facts.get("n_texts", 0))
    coders = [str(facts["coders"])] if facts.get("coders") else []
    if facts.get("alpha") is not None:
        card.add("shipped labels: agreement of the coders (alpha)", float(facts["alpha"]), n, gates.ALPHA, notes=coders)
    judged = int(facts.get("n_judged", n))
    notes = [
        "of the texts that taught it, each scored without its document",
        *["before the labels of this study"] * own,
    ]
    for measure, value in sorted(facts.get("out_of_fold", {}).items()):
        gate = gates.SPEARMAN if measure == "Spearman" else gates.AUROC if measure.startswith("AUROC") else None
        card.add(f"shipped labels: {measure}", float(value), judged, gate, notes=notes)
