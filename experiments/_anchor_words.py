"""Do words alone tell the poles of anchors apart, on subjects that were left out; and does the axis."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from research import Encoder
from research._folds import canonical_order, group_folds
from research.framing import Anchors, FramingAxis
from research.framing._features import embedding_blocks

__all__ = ["poled", "score_by_axis", "score_by_words", "words_left_out"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_N_FOLDS = 10


def poled(anchors: Anchors) -> tuple[NDArray[np.object_], Integers, list[str]]:
    """Give the texts, poles (-1 or +1) and subjects of the anchors that are no plain reports."""
    rows = np.flatnonzero(anchors.poles)
    texts = np.array([anchors.texts[row] for row in rows], dtype=object)
    return texts, anchors.poles[rows], [anchors.subjects[row] for row in rows]


def score_by_words(train: NDArray[np.object_], poles: Integers, texts: NDArray[np.object_]) -> Floats:
    """Score texts by a logistic regression on the words and pairs of words of others, in log-odds."""
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    model = LogisticRegression(C=10.0, max_iter=1000).fit(vectorizer.fit_transform(train), poles)
    scores: Floats = model.decision_function(vectorizer.transform(texts))
    return scores


def words_left_out(anchors: Anchors, seed: int = 0) -> Floats:
    """Score each pole's anchors by the words of the other subjects' anchors, in the order of `poled`."""
    texts, poles, subjects = poled(anchors)
    fold = group_folds(subjects, seed, _N_FOLDS)
    scores = np.zeros(len(poles))
    for number in np.unique(fold):
        train, test = fold != number, fold == number
        scores[test] = score_by_words(texts[train], poles[train], texts[test])
    return scores


def score_by_axis(anchors: Anchors, encoder: Encoder) -> Floats:
    """Score each pole's anchors by an axis of the other subjects' anchors, in the order of `poled`."""
    vectors = encoder.encode(anchors.texts)
    axis = FramingAxis(n_bootstrap=1).fit(vectors, anchors.poles, anchors.subjects)
    # The axis scores its anchors in an order of their own.
    y = anchors.poles.astype(np.float64)
    blocks = embedding_blocks(vectors.vectors, vectors.layers)
    order = canonical_order(blocks.reshape(len(y), -1), y, list(anchors.subjects))
    own = np.empty(len(y))
    own[order] = axis.scale_.out_of_fold_
    return own[np.flatnonzero(anchors.poles)]
