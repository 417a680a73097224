"""What others do to put texts on an axis without labels, as far as it can be said in a few lines.

Each takes the anchors and the texts and gives a score a text, positive toward the celebratory (or subjective) pole.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from experiments._anchor_words import pole_texts
from research import Embeddings, Encoder
from research.framing import Anchors
from research.framing._anchor_words import score_by_words

__all__ = ["bag_of_words", "difference_of_means", "frame_axis", "latent_semantic_scaling", "zero_shot"]

Floats = NDArray[np.float64]


def difference_of_means(anchors: Embeddings, poles: NDArray[np.int64], texts: Embeddings) -> Floats:
    """Score by the difference of the poles' mean vectors.

    SemAxis with k = 0 (An et al. 2018) and bipolar contextualised construct representations (Atari et al.) rank alike.
    """
    direction = anchors.vectors[poles > 0].mean(axis=0) - anchors.vectors[poles < 0].mean(axis=0)
    scores: Floats = texts.vectors.astype(np.float64) @ direction
    return scores


def zero_shot(encoder: Encoder, descriptions: tuple[str, str], texts: Embeddings) -> Floats:
    """Score by the cosine with a sentence that describes each pole, negative pole first."""
    low, high = encoder.encode(list(descriptions)).vectors
    scores: Floats = texts.vectors.astype(np.float64) @ (high - low)
    return scores


def frame_axis(encoder: Encoder, pairs: Sequence[tuple[str, str]], texts: Sequence[str]) -> Floats:
    """Score by the mean cosine of a text's words with an axis between antonyms (Kwak et al. 2021, bias).

    Word vectors are the encoder's, each word encoded alone: there are no static vectors in this project.
    """
    vectorizer = TfidfVectorizer(use_idf=False, norm=None, stop_words="english", min_df=5, token_pattern=r"[a-z]{3,}")
    counts = vectorizer.fit_transform(texts)
    words = encoder.encode(list(vectorizer.get_feature_names_out())).vectors.astype(np.float64)
    low, high = (encoder.encode([pair[side] for pair in pairs]).vectors for side in (0, 1))
    axis = (high - low).mean(axis=0)
    cosine = words @ (axis / np.linalg.norm(axis))
    total = np.asarray(counts.sum(axis=1)).ravel()
    scores: Floats = np.asarray(counts @ cosine).ravel() / np.maximum(total, 1)
    return scores


def latent_semantic_scaling(pairs: Sequence[tuple[str, str]], texts: Sequence[str], n_factors: int = 100) -> Floats:
    """Score by the seed words' similarity in a truncated decomposition of the corpus (Watanabe 2021)."""
    from sklearn.decomposition import TruncatedSVD

    vectorizer = TfidfVectorizer(stop_words="english", min_df=2, token_pattern=r"[a-z]{3,}")
    matrix = vectorizer.fit_transform(texts)
    names = {name: column for column, name in enumerate(vectorizer.get_feature_names_out())}
    n_factors = min(n_factors, matrix.shape[1] - 1)
    words = TruncatedSVD(n_factors, random_state=0).fit(matrix).components_.T
    words = words / np.maximum(np.linalg.norm(words, axis=1, keepdims=True), 1e-12)
    polarity = np.zeros(len(words))
    for side, sign in ((0, -1.0), (1, 1.0)):
        seeds = [names[pair[side]] for pair in pairs if pair[side] in names]
        for seed in seeds:
            polarity += sign / len(seeds) * (words @ words[seed])
    counts = matrix.copy()
    counts.data[:] = 1.0
    total = np.asarray(counts.sum(axis=1)).ravel()
    scores: Floats = np.asarray(counts @ polarity).ravel() / np.maximum(total, 1)
    return scores


def bag_of_words(anchors: Anchors, texts: Sequence[str]) -> Floats:
    """Score by a logistic regression on the words of the anchors' poles."""
    train, poles, _ = pole_texts(anchors)
    return score_by_words(train, poles, texts)
