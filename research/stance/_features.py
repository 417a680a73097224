"""What the scorer reads of a mention: the token states of the mention, its near and its far context, side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from research.embedding._embeddings import Embeddings, Segments
from research.errors import InputError
from research.stance._mentions import Mentions

__all__ = ["mention_features", "rows_of", "spans_of"]

Floats = NDArray[np.float64]


def mention_features(embeddings: Embeddings, mentions: Mentions, rows: NDArray[np.int64] | None = None) -> Floats:
    """Give the features of every scored mention, in the order of `mentions`, shape (n_scored, n_features).

    Parameters
    ----------
    embeddings : Embeddings
        Encoded with ``spans=mentions.spans``.
    mentions : Mentions
    rows : ndarray of int64, optional
        Which mentions, all of them scored ones, where not all are wanted.

    Returns
    -------
    ndarray of float64
        The kept hidden layers of the three spans side by side; their vectors, where no layers were kept.

    Raises
    ------
    InputError
        If the embeddings' spans are not the mentions', or a mention is asked for that is not scored.

    Examples
    --------
    >>> from research import Encoder
    >>> from research.stance import mark_mentions
    >>> mentions = mark_mentions(["They trust India."], [(11, 16)])
    >>> mention_features(Encoder().encode(["They trust India."], spans=mentions.spans), mentions).shape
    (1, 3456)
    """
    span = mentions.span[mentions.scored if rows is None else rows]
    if (span < 0).any():
        raise InputError("`rows` names mentions that are not scored, in somebody else's words; take those of `scored`")
    return rows_of(spans_of(embeddings, mentions), span)


def rows_of(segments: Segments, span: NDArray[np.int64]) -> Floats:
    """Give the features of mentions from the rows of their spans, shape (n, n_spans * width)."""
    states = segments.layers if segments.layers.shape[1] else segments.vectors
    width = int(np.prod(states.shape[1:]))
    return states.reshape(len(states), width)[span].reshape(len(span), span.shape[1] * width).astype(np.float64)


def spans_of(embeddings: Embeddings, mentions: Mentions) -> Segments:
    """Give the spans after making sure that they are the ones the mentions point at."""
    if not isinstance(embeddings, Embeddings):
        raise InputError(
            f"stance is scored on Embeddings, and this is a {type(embeddings).__name__}; encode the texts with "
            "`spans=mentions.spans` and pass what that gives"
        )
    if not isinstance(mentions, Mentions):
        raise InputError(f"the mentions are a {type(mentions).__name__}; give what `find_mentions` gives")
    spans = embeddings.spans
    paragraph = np.repeat(np.arange(len(mentions.spans)), [len(found) for found in mentions.spans])
    bounds = np.array([span for found in mentions.spans for span in found], dtype=np.int64).reshape(-1, 2)
    same = (
        len(embeddings) == len(mentions.spans)
        and len(spans) == len(paragraph)
        and np.array_equal(spans.paragraph, paragraph)
        and np.array_equal(spans.start, bounds[:, 0])
        and np.array_equal(spans.end, bounds[:, 1])
    )
    if not same:
        raise InputError(
            f"the embeddings hold {len(spans)} spans of {len(embeddings)} texts, the mentions {len(paragraph)} of "
            f"{len(mentions.spans)}, or others; encode the same texts with `spans=mentions.spans`"
        )
    return spans
