"""What the theme model reads of its input: paragraphs, their sentences and their texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from research.themes._geometry import Floats, unit

__all__ = ["Paragraphs", "read_input"]


@dataclass(frozen=True)
class Paragraphs:
    """Unit vectors on the grid, and where each sentence is from.

    Attributes
    ----------
    vectors : ndarray, shape (n, n_dimensions)
    sentences : ndarray, shape (n_sentences, n_dimensions)
    starts : ndarray of int64, shape (n,)
        Each paragraph's first sentence; every paragraph has at least one.
    texts : tuple of str, or None
    spans : list of (start, end), or None
        Each sentence's characters in its paragraph.
    """

    vectors: Floats
    sentences: Floats
    starts: NDArray[np.int64]
    texts: tuple[str, ...] | None
    spans: list[tuple[int, int]] | None

    def __len__(self) -> int:
        return len(self.vectors)

    def text_of(self, paragraph: int, sentence: int) -> str | None:
        """Give a sentence's text, stripped."""
        if self.texts is None or self.spans is None:
            return None
        start, end = self.spans[sentence]
        return self.texts[paragraph][start:end].strip()


def read_input(X: Any, values: NDArray[np.floating]) -> Paragraphs:
    """Read an `Embeddings`, or a plain array whose rows are their own only sentences.

    Parameters
    ----------
    X : Embeddings or array-like
    values : ndarray, shape (n, n_dimensions)
        The checked paragraph vectors of it.
    """
    vectors = unit(values)
    sentences = getattr(X, "sentences", None)
    if sentences is None or not hasattr(X, "texts"):
        return Paragraphs(vectors, vectors, np.arange(len(vectors), dtype=np.int64), None, None)
    texts = tuple(X.texts)
    found = np.asarray(sentences.vectors, dtype=np.float64)
    owner = np.asarray(sentences.paragraph, dtype=np.int64)
    spans = list(zip(map(int, sentences.start), map(int, sentences.end), strict=True))
    bare = np.setdiff1d(np.arange(len(vectors)), owner)  # no sentence found: the paragraph is its own
    if len(bare):
        found = np.vstack([found.reshape(-1, vectors.shape[1]), vectors[bare]])
        spans += [(0, len(texts[row])) for row in bare]
        owner = np.concatenate([owner, bare])
        order = np.argsort(owner, kind="stable")
        found, owner, spans = found[order], owner[order], [spans[k] for k in order]
    starts = np.searchsorted(owner, np.arange(len(vectors))).astype(np.int64)
    return Paragraphs(vectors, unit(found), starts, texts, spans)
