"""What a framing axis sees of a text: hidden states of several layers, and rates of style devices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from research._folds import group_folds
from research.embedding._embeddings import Embeddings
from research.framing._style import style_features

__all__ = ["STYLE_WEIGHT", "Mixtures", "Reads", "embedding_blocks", "join_blocks", "mix", "sentence_texts"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

Reads = Literal["voice", "content"]
"""What an axis is about: how a text tells, or what it tells."""

# How much a style rate weighs against an embedding of length 1; chosen left out by subject (docs/framing_axis.md).
STYLE_WEIGHT = 0.3


def embedding_blocks(vectors: NDArray[np.float32], layers: NDArray[np.float32], reads: Reads = "voice") -> Floats:
    """Give the kept layers, for the voice without the last, as float64, shape (n, n_layers, n_dimensions).

    The last layer knows the topic best and the voice least: it makes an axis of voice worse and one of content better
    (docs/framing_axis.md). Where the encoder kept only one layer, that one is used, and the vectors where it kept none.
    """
    if layers.shape[1] == 0:
        return vectors[:, None, :].astype(np.float64)
    n_layers = layers.shape[1] if reads == "content" else max(1, layers.shape[1] - 1)
    return layers[:, :n_layers].astype(np.float64)


def sentence_texts(embeddings: Embeddings) -> list[str]:
    """Give the text of each sentence."""
    segments = embeddings.sentences
    return [
        embeddings.texts[row][start:end]
        for row, start, end in zip(segments.paragraph, segments.start, segments.end, strict=True)
    ]


def join_blocks(blocks: Floats, style: Floats | None, style_weight: float) -> Floats:
    """Lay the layers and the style rates side by side, each layer weighing 1 / sqrt(n_layers)."""
    flat = blocks.reshape(len(blocks), blocks.shape[1] * blocks.shape[2]) / np.sqrt(blocks.shape[1])
    return flat if style is None else np.hstack([flat, style * style_weight])


class Mixtures:
    """Which anchors are joined into diluted units, and what the unit's label is.

    Two texts of one pole keep the pole's label, a pole's text with a plain one gets .6 of it, two plain ones stay 0.
    Partners are of another subject in the same fold, so that whatever is held out is held out whole.

    Attributes
    ----------
    first, second : ndarray of int64, shape (n_mixtures,)
        Rows of the anchors.
    y : ndarray of float64, shape (n_mixtures,)
    """

    def __init__(self, y: Floats, groups: Sequence[str], random_state: int) -> None:
        fold = group_folds(groups, random_state)
        generator = np.random.default_rng([random_state, 2])
        names = np.array(groups)
        side = np.sign(y)
        first, second = [], []
        for row in range(len(y)):
            # A pole's text meets one of its own pole and one plain text; a plain text meets a plain one.
            for wanted in (side[row], 0.0)[: 2 if side[row] else 1]:
                partners = np.flatnonzero((fold == fold[row]) & (side == wanted) & (names != names[row]))
                if len(partners):
                    first.append(row)
                    second.append(int(generator.choice(partners)))
        self.first = np.array(first, dtype=np.int64)
        self.second = np.array(second, dtype=np.int64)
        plain = (side[self.first] != 0) & (side[self.second] == 0)
        self.y = np.where(plain, 0.6 * y[self.first], (y[self.first] + y[self.second]) / 2)


def mix(blocks: Floats, texts: Sequence[str] | None, mixtures: Mixtures, unit: bool) -> tuple[Floats, Floats | None]:
    """Give the blocks and the style rates of the joined texts.

    The joined text's hidden states are close to the mean of its parts'; with `unit` they are brought back to unit
    length, as the encoder's are.
    """
    joined = (blocks[mixtures.first] + blocks[mixtures.second]) / 2
    if unit:
        joined /= np.maximum(np.linalg.norm(joined, axis=-1, keepdims=True), 1e-12)
    if texts is None:
        return joined, None
    pairs = zip(mixtures.first, mixtures.second, strict=True)
    return joined, style_features([f"{texts[a]} {texts[b]}" for a, b in pairs])
