"""Do words alone tell the poles of anchors apart, on subjects that were left out; and does the axis."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from experiments._framing_rows import auroc
from research import Encoder
from research._folds import canonical_order, group_folds
from research.framing import Anchors, FramingAxis
from research.framing._features import embedding_blocks

__all__ = ["auroc_over_splits", "out_of_fold_axis", "out_of_fold_words", "pole_texts", "score_by_words"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Texts = NDArray[np.object_]
Unit = Literal["word", "char_wb"]

_N_FOLDS, _N_SPLITS = 10, 5
# Words and pairs of words; letters in runs of two to four within words.
_LENGTHS: dict[Unit, tuple[int, int]] = {"word": (1, 2), "char_wb": (2, 4)}


def pole_texts(anchors: Anchors) -> tuple[Texts, Integers, list[str]]:
    """Give the texts, poles (-1 or +1) and subjects of the anchors that are no plain reports."""
    rows = np.flatnonzero(anchors.poles)
    texts = np.array([anchors.texts[row] for row in rows], dtype=object)
    return texts, anchors.poles[rows], [anchors.subjects[row] for row in rows]


def score_by_words(train: Texts, poles: Integers, texts: Texts, unit: Unit = "word") -> Floats:
    """Score texts, in log-odds, by a logistic regression on the words (or runs of letters) of others."""
    vectorizer = TfidfVectorizer(analyzer=unit, ngram_range=_LENGTHS[unit], sublinear_tf=True)
    model = LogisticRegression(C=10.0, max_iter=1000).fit(vectorizer.fit_transform(train), poles)
    scores: Floats = model.decision_function(vectorizer.transform(texts))
    return scores


def out_of_fold_words(anchors: Anchors, seed: int = 0, unit: Unit = "word") -> Floats:
    """Score each pole's anchors by the words of the other subjects' anchors, in the order of `pole_texts`."""
    texts, poles, subjects = pole_texts(anchors)
    fold = group_folds(subjects, seed, _N_FOLDS)
    scores = np.zeros(len(poles))
    for number in np.unique(fold):
        train, test = fold != number, fold == number
        scores[test] = score_by_words(texts[train], poles[train], texts[test], unit)
    return scores


def auroc_over_splits(anchors: Anchors, n_splits: int = _N_SPLITS) -> tuple[float, Floats]:
    """Give the AUROC of the bag of words between the poles, mean over splits, and each anchor's mean score."""
    _, poles, _ = pole_texts(anchors)
    scores = [out_of_fold_words(anchors, seed) for seed in range(n_splits)]
    return float(np.mean([auroc(poles > 0, score) for score in scores])), np.mean(scores, axis=0)


def out_of_fold_axis(anchors: Anchors, encoder: Encoder) -> Floats:
    """Score each pole's anchors by an axis of the other subjects' anchors, in the order of `pole_texts`."""
    vectors = encoder.encode(anchors.texts)
    axis = FramingAxis(n_bootstrap=1).fit(vectors, anchors.poles, anchors.subjects)
    # The axis scores its anchors in an order of their own.
    y = anchors.poles.astype(np.float64)
    blocks = embedding_blocks(vectors.vectors, vectors.layers)
    order = canonical_order(blocks.reshape(len(y), -1), y, list(anchors.subjects))
    own = np.empty(len(y))
    own[order] = axis.scale_.out_of_fold_
    return own[np.flatnonzero(anchors.poles)]
