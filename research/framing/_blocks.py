"""What labels may add to an axis's own features: numbers of the user's, the encoder's last layer, and words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from research.embedding._embeddings import Embeddings
from research.errors import InputError

__all__ = ["FEATURES", "FEWEST", "Further", "choose_words", "feature_block", "read_extra", "scale_of"]

Floats = NDArray[np.float64]

FEATURES = ("axis", "extra", "last_layer", "words")
"""In the order in which they join; each comes on top of those before it."""
FEWEST = {"axis": 0, "extra": 16, "last_layer": 32, "words": 128}
"""Labels from which a set may join at all: with fewer, cross-validation picks it by luck."""

_WORD = re.compile(r"\w\w+")
_LEAST_TEXTS = 2


@dataclass(frozen=True)
class Further:
    """What there is of some texts besides the axis's features.

    Attributes
    ----------
    embeddings : Embeddings or None
    extra : ndarray of float64, shape (n_texts, n_extra), or None
        Numbers of the user's.
    """

    embeddings: Embeddings | None = None
    extra: Floats | None = None

    def has(self, name: str) -> bool:
        """Whether a set of features can be made of it."""
        return name == "axis" or (self.extra if name == "extra" else self.embeddings) is not None

    def take(self, rows: NDArray[np.int64]) -> Self:
        """Give that of some texts; of none, nothing."""
        if not len(rows):
            return type(self)()
        embeddings = None if self.embeddings is None else self.embeddings.take(rows)
        return type(self)(embeddings, None if self.extra is None else self.extra[rows])


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


def read_extra(extra: ArrayLike, n_texts: int, n_extra: int | None = None) -> Floats:
    """Give extra numbers as a table, one row a text.

    Raises
    ------
    InputError
        If they are no finite numbers, or not as many as there must be.
    """
    try:
        numbers = np.asarray(extra, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("`extra` holds something that is no number; give numbers, one row a text") from None
    numbers = numbers[:, None] if numbers.ndim == 1 else numbers
    if numbers.ndim != 2 or len(numbers) != n_texts or numbers.shape[1] != (n_extra or max(numbers.shape[1], 1)):
        wanted = f"({n_texts}, {n_extra})" if n_extra else f"({n_texts},) or ({n_texts}, n_extra)"
        raise InputError(f"`extra` has the shape {numbers.shape}; for {n_texts} texts it must have {wanted}")
    if not np.isfinite(numbers).all():
        row = int(np.flatnonzero(~np.isfinite(numbers).all(axis=1))[0])
        raise InputError(f"`extra` is not finite in row {row}; leave that text out or give it a number")
    return numbers


def scale_of(numbers: Floats | None) -> Floats:
    """Give mean and standard deviation of each extra number, 1 where it is the same for all, shape (2, n_extra)."""
    if numbers is None:
        return np.zeros((2, 0))
    varies = np.ptp(numbers, axis=0) > 0  # the mean of equal numbers is off by a last bit
    return np.stack([np.where(varies, numbers.mean(axis=0), numbers[0]), np.where(varies, numbers.std(axis=0), 1.0)])


def feature_block(
    name: str, own: Floats, further: Further, words: Sequence[str], rarity: Floats, extra_scale: Floats
) -> Floats:
    """Give one set's features of each text.

    Parameters
    ----------
    name : {"axis", "extra", "last_layer", "words"}
    own : ndarray of float64
        The axis's features of the texts.
    further : Further
    words, rarity
        As `choose_words` gives them: the features are (1 + log count) times rarity, brought to unit length.
    extra_scale : ndarray of float64, shape (2, n_extra)
        As `scale_of` gives it.
    """
    if name == "axis":
        return own
    if name == "extra":
        assert further.extra is not None
        standardised: Floats = (further.extra - extra_scale[0]) / extra_scale[1]
        return standardised
    assert further.embeddings is not None
    if name == "last_layer":
        return further.embeddings.vectors.astype(np.float64)
    place = {word: column for column, word in enumerate(words)}
    block = np.zeros((len(own), len(words)))
    for row, text in enumerate(further.embeddings.texts):
        for word, n in _words(text).items():
            if word in place:
                block[row, place[word]] = (1 + np.log(n)) * rarity[place[word]]
    # Row by row, so that a text's bits do not depend on its company.
    block /= np.maximum(np.sqrt(np.einsum("nd,nd->n", block, block, optimize=False)), 1e-12)[:, None]
    return block
