"""The paragraphs that show what a theme is about: typical, and not copies of one another.

How much relevance counts was chosen on articles of the BBC in 30 themes and summaries of bills in 20, by k-means: mean
cosine of the three representatives with each other, mean cosine with the theme's mean, mean cosine of the theme's
paragraphs with their nearest representative, and the share of representatives of the theme's commonest topic.

=========  ====  ====  ====  ====  ====  ====  ====  ====
relevance              BBC                   bills
---------  ----------------------  ----------------------
1.0        .631  .755  .505  .967  .517  .687  .463  .767
0.8        .605  .755  .512  .978  .492  .686  .465  .717
0.6        .572  .751  .517  .978  .447  .680  .471  .717
0.5        .556  .748  .518  .967  .421  .671  .475  .683
0.3        .468  .721  .521  .956  .240  .581  .481  .567
=========  ====  ====  ====  ====  ====  ====  ====  ====
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from research.errors import InputError
from research.themes._geometry import Floats, on_grid

__all__ = ["representatives"]

_COPY = 0.95  # two paragraphs with a cosine above this say the same
_POOL = 50  # the strongest paragraphs, of which the representatives are


def representatives(
    vectors: Floats,
    scores: NDArray[np.floating],
    candidates: NDArray[np.integer] | None = None,
    *,
    n: int = 3,
    documents: Sequence[str] | None = None,
    relevance: float = 0.6,
) -> list[int]:
    """Choose central but diverse paragraphs by maximal marginal relevance.

    The first is the strongest. Each next one has the greatest relevance * r - (1 - relevance) * c, with r its score
    scaled to 0...1 among the 50 strongest and c its greatest cosine with one chosen before. Of a document that has one
    already a paragraph is taken only when no other document is left. A paragraph with a cosine above .95 to one chosen
    is a copy and never taken, so there may be fewer than `n`.

    Parameters
    ----------
    vectors : ndarray of float64, shape (n_paragraphs, n_dimensions)
        Unit length, on the grid, see `research.themes._geometry.unit`.
    scores : ndarray, shape (n_paragraphs,)
        How strongly each paragraph has the theme, on any finite scale.
    candidates : ndarray of int, optional
        Rows to choose from; all by default.
    n : int, default=3
        How many, at least 1.
    documents : sequence of str, length n_paragraphs, optional
        The document of each paragraph.
    relevance : float, default=0.6
        Between 0 (only diverse, after the first) and 1 (only strong).

    Returns
    -------
    list of int
        Row numbers, in the order chosen. Ties are decided by the vectors and documents, not by the order of the rows.

    Raises
    ------
    InputError
        If `n` or `relevance` is out of its range.

    References
    ----------
    Carbonell & Goldstein (1998), The use of MMR, diversity-based reranking for reordering documents and producing
    summaries, SIGIR, p. 335.

    Examples
    --------
    >>> vectors = np.array([[1.0, 0.0], [1.0, 0.0], [0.8, 0.6], [0.0, 1.0]])
    >>> representatives(vectors, np.array([0.9, 0.9, 0.8, 0.1]), n=2)
    [0, 2]
    """
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1:
        raise InputError(f"n is {n!r}; it must be a whole number of at least 1")
    if not 0 <= relevance <= 1:
        raise InputError(f"relevance is {relevance!r}; it must be between 0 and 1")
    rows = np.arange(len(vectors)) if candidates is None else np.asarray(candidates, dtype=np.int64)
    if not len(rows):
        return []
    values = np.asarray(scores, dtype=np.float64)[rows]
    least = np.partition(values, max(len(values) - _POOL, 0))[max(len(values) - _POOL, 0)]
    rows, values = rows[values >= least], values[values >= least]
    owners = np.zeros(len(rows), dtype=np.int64)
    if documents is not None:
        owners = np.unique(np.array([documents[row] for row in rows], dtype=str), return_inverse=True)[1].reshape(-1)
    order = np.lexsort((owners, *vectors[rows].T[::-1], -values))
    rows, values, owners = rows[order], values[order], owners[order]
    span = float(values[0] - values[-1])
    strength = (values - values[-1]) / span if span > 0 else np.ones(len(values))

    chosen: list[int] = []
    nearest = np.full(len(rows), -np.inf)
    free = np.ones(len(rows), dtype=bool)
    used = np.zeros(len(rows), dtype=bool)
    while len(chosen) < n and free.any():
        gain = relevance * strength - (1 - relevance) * nearest if chosen else strength
        open_ = free & ~used if (free & ~used).any() else free
        best = int(np.argmax(np.where(open_, on_grid(gain), -np.inf)))
        chosen.append(int(rows[best]))
        cosine = vectors[rows] @ vectors[rows[best]]
        nearest = np.maximum(nearest, cosine)
        free &= (cosine <= _COPY) & (vectors[rows] != vectors[rows[best]]).any(axis=1)
        free[best] = False
        if documents is not None:
            used |= owners == owners[best]
    return chosen
