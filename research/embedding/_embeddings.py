"""What the encoder gives: one vector a paragraph, a sentence and a span, from the same pass over the tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from research.errors import InputError

__all__ = ["Embeddings", "Segments", "TokenStates"]


def _check_numbers(array: Any, name: str, n_axes: int) -> None:
    if not isinstance(array, np.ndarray):
        raise InputError(f"`{name}` is a {type(array).__name__}; give a NumPy array of float32")
    if not np.issubdtype(array.dtype, np.floating):
        raise InputError(f"`{name}` holds {array.dtype}; give floating-point numbers (float32)")
    if array.ndim != n_axes:
        raise InputError(f"`{name}` has {array.ndim} axes; it must have {n_axes}, the first of them the texts")
    # Summed first: that finds what is not finite without a second array of the size of the first.
    with np.errstate(all="ignore"):
        total = array.sum(dtype=np.float64)
    if not np.isfinite(total) and not np.isfinite(array).all():
        row = int(np.flatnonzero(~np.isfinite(array).reshape(len(array), -1).all(axis=1))[0])
        raise InputError(f"`{name}` is NaN or infinite in row {row} (from 0); compute that text's vector again")


def _check_lengths(what: str, **of: Any) -> None:
    (first, expected), *others = [(name, len(value)) for name, value in of.items()]
    for name, length in others:
        if length != expected:
            raise InputError(
                f"{what}: `{first}` has {expected} entries and `{name}` {length}; give each one entry a text or segment"
            )


@dataclass(frozen=True)
class Segments:
    """Vectors of stretches of the paragraphs: their sentences, or spans such as a target's mention in its context.

    Attributes
    ----------
    vectors : ndarray of float32, shape (n_segments, n_dimensions)
        Unit length.
    paragraph : ndarray of int64, shape (n_segments,)
        The row of the paragraph that the segment is of; never decreasing.
    start, end : ndarray of int64, shape (n_segments,)
        Characters of the paragraph's text, `end` excluded.
    layers : ndarray of float32, shape (n_segments, n_layers, n_dimensions)
        Mean-pooled hidden states of the chosen layers, unit length; `n_layers` is 0 where none was asked for. A model
        that projects its vectors to another width keeps its own in the last axis.
    """

    vectors: NDArray[np.float32]
    paragraph: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    layers: NDArray[np.float32]

    def __post_init__(self) -> None:
        _check_numbers(self.vectors, "vectors", 2)
        _check_numbers(self.layers, "layers", 3)
        _check_lengths(
            "segments",
            vectors=self.vectors,
            paragraph=self.paragraph,
            start=self.start,
            end=self.end,
            layers=self.layers,
        )

    def __len__(self) -> int:
        return len(self.vectors)

    def take(self, paragraphs: NDArray[np.int64]) -> Segments:
        """Give the segments of the named paragraphs, renumbered to their places in `paragraphs`."""
        starts = np.searchsorted(self.paragraph, paragraphs, side="left")
        ends = np.searchsorted(self.paragraph, paragraphs, side="right")
        counts = ends - starts
        rows = np.concatenate([np.arange(a, b) for a, b in zip(starts, ends, strict=True)] or [np.arange(0)])
        rows = rows.astype(np.int64)
        return Segments(
            vectors=self.vectors[rows],
            paragraph=np.repeat(np.arange(len(paragraphs), dtype=np.int64), counts),
            start=self.start[rows],
            end=self.end[rows],
            layers=self.layers[rows],
        )


@dataclass(frozen=True)
class Embeddings:
    """The vectors of a list of paragraphs.

    An `Embeddings` is an array to NumPy and scikit-learn: its paragraph vectors. The estimators of this package look
    for the sentences, spans and layers as well, and do with the plain vectors where they get only an array.

    Attributes
    ----------
    texts : tuple of str, length n_paragraphs
    vectors : ndarray of float32, shape (n_paragraphs, n_dimensions)
        Unit length.
    layers : ndarray of float32, shape (n_paragraphs, n_layers, n_dimensions)
        Mean-pooled hidden states of the chosen layers, unit length.
    sentences, spans : Segments
    n_tokens : ndarray of int64, shape (n_paragraphs,)
        Tokens of the whole paragraph, special ones not counted.
    n_pieces : ndarray of int64, shape (n_paragraphs,)
        Pieces it was split into because the model reads no more at once; 1 where it was not split.

    Raises
    ------
    InputError
        If vectors or layers are no finite floating-point numbers of that shape, or lengths and widths do not agree.
    """

    texts: tuple[str, ...]
    vectors: NDArray[np.float32]
    layers: NDArray[np.float32]
    sentences: Segments
    spans: Segments
    n_tokens: NDArray[np.int64] = field(repr=False)
    n_pieces: NDArray[np.int64] = field(repr=False)

    def __post_init__(self) -> None:
        _check_numbers(self.vectors, "vectors", 2)
        _check_numbers(self.layers, "layers", 3)
        _check_lengths(
            "embeddings",
            texts=self.texts,
            vectors=self.vectors,
            layers=self.layers,
            n_tokens=self.n_tokens,
            n_pieces=self.n_pieces,
        )
        for name, of in (("sentences", self.sentences), ("spans", self.spans)):
            if len(of) and of.vectors.shape[1] != self.vectors.shape[1]:
                raise InputError(
                    f"embeddings: `vectors` has {self.vectors.shape[1]} columns and `{name}` {of.vectors.shape[1]}; "
                    "give vectors of one model"
                )
            if len(of) and not 0 <= of.paragraph.min() <= of.paragraph.max() < len(self.vectors):
                raise InputError(
                    f"embeddings: `{name}` are of paragraphs {of.paragraph.min()} to {of.paragraph.max()}, and there "
                    f"are {len(self.vectors)} (from 0); give the vectors of the same texts"
                )

    def __len__(self) -> int:
        return len(self.vectors)

    @property
    def shape(self) -> tuple[int, int]:
        """Paragraphs and dimensions, as of an array."""
        return self.vectors.shape[0], self.vectors.shape[1]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.vectors, dtype=dtype, copy=copy)

    def take(self, rows: Sequence[int] | NDArray[np.int64]) -> Embeddings:
        """Give the embeddings of the named rows, in their order; a row may come twice."""
        rows = np.asarray(rows, dtype=np.int64)
        return Embeddings(
            texts=tuple(self.texts[row] for row in rows),
            vectors=self.vectors[rows],
            layers=self.layers[rows],
            sentences=self.sentences.take(rows),
            spans=self.spans.take(rows),
            n_tokens=self.n_tokens[rows],
            n_pieces=self.n_pieces[rows],
        )


@dataclass(frozen=True)
class TokenStates:
    """The hidden states of a text's tokens, whose means over all tokens are the directions of its `Embeddings.layers`.

    Attributes
    ----------
    text : str
    start, end : ndarray of int64, shape (n_tokens,)
        Characters of the text, `end` excluded; -1 for special tokens.
    special : ndarray of bool, shape (n_tokens,)
        Tokens that the model adds (such as [CLS]), once a piece of a long text. They count in the means.
    states : ndarray of float32, shape (n_tokens, n_layers, n_dimensions)
        Not normalised.
    """

    text: str
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    special: NDArray[np.bool_]
    states: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.start)
