"""Do words alone tell the poles of anchors apart, on subjects that were left out; and does the axis."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from experiments._framing_rows import auroc
from research import Encoder
from research._folds import canonical_order
from research.framing import Anchors, FramingAxis
from research.framing._anchor_words import out_of_fold_words
from research.framing._features import embedding_blocks

__all__ = ["auroc_over_splits", "out_of_fold_axis", "pole_texts"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
_N_SPLITS = 5


def pole_texts(anchors: Anchors) -> tuple[list[str], Integers, list[str]]:
    """Give the texts, poles (-1 or +1) and subjects of the anchors that are no plain reports."""
    rows = np.flatnonzero(anchors.poles)
    return [anchors.texts[row] for row in rows], anchors.poles[rows], [anchors.subjects[row] for row in rows]


def auroc_over_splits(anchors: Anchors, n_splits: int = _N_SPLITS) -> tuple[float, Floats]:
    """Give the AUROC of the bag of words between the poles, mean over splits, and each anchor's mean score."""
    texts, poles, subjects = pole_texts(anchors)
    scores = [out_of_fold_words(texts, poles, subjects, seed) for seed in range(n_splits)]
    return float(np.mean([auroc(poles > 0, score) for score in scores])), np.mean(scores, axis=0)


def out_of_fold_axis(anchors: Anchors, encoder: Encoder) -> Floats:
    """Score each pole's anchors by an axis of the other subjects' anchors, in the order of `pole_texts`."""
    vectors = encoder.encode(anchors.texts)
    axis = FramingAxis(n_bootstrap=1, reads=anchors.reads).fit(vectors, anchors.poles, anchors.subjects)
    # The axis scores its anchors in an order of their own.
    y = anchors.poles.astype(np.float64)
    blocks = embedding_blocks(vectors.vectors, vectors.layers, anchors.reads)
    order = canonical_order(blocks.reshape(len(y), -1), y, list(anchors.subjects))
    own = np.empty(len(y))
    own[order] = axis.scale_.out_of_fold_
    return own[np.flatnonzero(anchors.poles)]
