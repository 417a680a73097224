"""How far words alone tell the poles of anchors apart: what an axis must know better than."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from research._folds import group_folds

__all__ = ["out_of_fold_words", "score_by_words"]

Floats = NDArray[np.float64]
Unit = Literal["word", "char_wb"]

_N_FOLDS = 10
# Words and pairs of words; runs of two to four letters within words.
_LENGTHS: dict[Unit, tuple[int, int]] = {"word": (1, 2), "char_wb": (2, 4)}


def score_by_words(train: Sequence[str], poles: NDArray[np.int64], texts: Sequence[str], unit: Unit = "word") -> Floats:
    """Score texts, in log-odds, by a logistic regression on the words (or runs of letters) of others.

    Parameters
    ----------
    train : sequence of str
    poles : ndarray of int64, shape (n_train,)
        -1 or +1.
    texts : sequence of str
    unit : {"word", "char_wb"}

    Returns
    -------
    ndarray of float64, shape (n_texts,)
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    vectorizer = TfidfVectorizer(analyzer=unit, ngram_range=_LENGTHS[unit], sublinear_tf=True)
    model = LogisticRegression(C=10.0, max_iter=1000).fit(vectorizer.fit_transform(train), poles)
    scores: Floats = model.decision_function(vectorizer.transform(texts))
    return scores


def out_of_fold_words(
    texts: Sequence[str], poles: NDArray[np.int64], subjects: Sequence[str], seed: int = 0, unit: Unit = "word"
) -> Floats:
    """Score the anchors of the poles by the words of the other subjects' anchors, in ten folds of whole subjects.

    Parameters
    ----------
    texts : sequence of str
    poles : ndarray of int64, shape (n_texts,)
        -1 or +1.
    subjects : sequence of str, length n_texts
    seed : int
        Of the folds.
    unit : {"word", "char_wb"}

    Returns
    -------
    ndarray of float64, shape (n_texts,)
        In log-odds; NaN where the other folds have one pole, or no words.
    """
    fold, told = group_folds(list(subjects), seed, _N_FOLDS), np.array(texts, dtype=object)
    scores = np.full(len(poles), np.nan)
    for number in np.unique(fold):
        train, test = fold != number, fold == number
        if len(set(poles[train].tolist())) < 2:
            continue
        try:
            scores[test] = score_by_words(told[train].tolist(), poles[train], told[test].tolist(), unit)
        except ValueError:  # no word in any text
            continue
    return scores
