"""What labels may add to an axis's own features: the encoder's last layer, and words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from research.embedding._embeddings import Embeddings

__all__ = ["FEATURES", "FEWEST", "choose_words", "feature_block"]

Floats = NDArray[np.float64]

FEATURES = ("axis", "last_layer", "words")
"""In the order in which they join; each comes on top of those before it."""
FEWEST = {"axis": 0, "last_layer": 32, "words": 128}
"""Labels from which a set may join at all: with fewer, cross-validation picks it by luck."""

_WORD = re.compile(r"\w\w+")
_LEAST_TEXTS = 2


def _words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text.lower()))


def choose_words(texts: Sequence[str]) -> tuple[list[str], Floats]:
    """Give the words that stand in two texts at least, and how rare they are, log((1 + n) / (1 + texts with it)) + 1.

    No label is looked at.
    """
    found = Counter(word for text in texts for word in _words(text))
    words = sorted(word for word, n in found.items() if n >= _LEAST_TEXTS)
    rarity = np.log((1 + len(texts)) / (1 + np.array([found[word] for word in words], dtype=np.float64))) + 1
    return words, rarity


def feature_block(name: str, X: Any, own: Floats, words: Sequence[str], rarity: Floats) -> Floats:
    """Give one set's features of each text, rows of about unit length.

    Parameters
    ----------
    name : {"axis", "last_layer", "words"}
    X : Embeddings or array
    own : ndarray of float64
        The axis's features of `X`.
    words, rarity
        As `choose_words` gives them: the features are (1 + log count) times rarity, brought to unit length.
    """
    if name == "axis":
        return own
    assert isinstance(X, Embeddings)
    if name == "last_layer":
        return X.vectors.astype(np.float64)
    place = {word: column for column, word in enumerate(words)}
    block = np.zeros((len(X), len(words)))
    for row, text in enumerate(X.texts):
        for word, n in _words(text).items():
            if word in place:
                block[row, place[word]] = (1 + np.log(n)) * rarity[place[word]]
    # Row by row, so that a text's bits do not depend on its company.
    block /= np.maximum(np.sqrt(np.einsum("nd,nd->n", block, block, optimize=False)), 1e-12)[:, None]
    return block
