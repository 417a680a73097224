"""How much of a score's variance lies between themes, told apart from what the documents put there.

A document has few themes, and its texts are alike for other reasons too. Permuting themes over all texts undoes both,
so that a difference between documents passes for one between themes. So themes are permuted within documents. With
eta squared e, its mean c over such permutations, and the same mean v for a score that is made of themes alone, the
share of the variance between themes is put at

    (e - c) / (1 - v).

1 - v is how much of an effect of themes shows within documents: nearly 1 where every document has all themes, 0 where
each has one. Of a single document this is epsilon squared, 1 - (1 - e) (n - 1) / (n - number of themes). e - c alone,
or (e - c) / (1 - c), would miss real effects where documents keep to one theme: of a true share of .50, with nine
tenths of a document on its main theme, they left .15 to .16 and .25 to .32, and .03 to .15 and .50 to .67 of such
samples failed the gate of .25.

Documents of 12 texts and 6 themes (8 of 20 documents) without an effect of themes, intraclass correlation of documents
.3 / .5 (300 samples each, 99 permutations): how often p <= .05 was found and the gate failed, as it was with themes
permuted over all texts, and as it is.

=============  =========  =========  =========  =========  =========
on main theme  documents  p          p          gate       gate
..             ..         as it was  as it is   as it was  as it is
=============  =========  =========  =========  =========  =========
.5             6          .35 / .50  .04 / .03  .02 / .07  .00 / .00
..             10         .27 / .49  .07 / .03  .00 / .00  .00 / .00
..             20         .39 / .55  .03 / .04  .00 / .00  .00 / .00
.7             6          .57 / .79  .05 / .04  .10 / .33  .01 / .00
..             10         .52 / .75  .06 / .06  .02 / .08  .00 / .00
..             20         .64 / .78  .05 / .06  .00 / .00  .00 / .00
.9             6          .83 / .94  .06 / .06  .34 / .72  .06 / .05
..             10         .71 / .94  .05 / .06  .08 / .26  .00 / .02
..             20         .84 / .95  .05 / .05  .00 / .06  .00 / .00
=============  =========  =========  =========  =========  =========

A true share of .30 was put at .29 to .33 on average, one of .50 at .49 to .54. With .5 or .7 on the main theme,
p <= .05 was found in .86 or more of samples with a share of .30, and in .98 or more with .50; with .9, of 6, 10 and 20
documents, in .57, .77 and .96, and in .85, .96 and 1.00. For a share of .50 the gate failed in .95 or more with .5 or
.7, and in .84, .89 and .97 with .9.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEAST_VISIBLE", "ThemeVariance"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LEAST_VISIBLE = 0.1
"""Where less of an effect of themes shows within documents, theme and document are not told apart."""


class ThemeVariance:
    """Eta squared of scores between themes, and what permuting themes within documents makes of it.

    Parameters
    ----------
    values : ndarray of float64, shape (n_texts,)
    theme, document : ndarray of int64, shape (n_texts,)
        Numbers from 0 on, none left out.
    """

    def __init__(self, values: Floats, theme: Integers, document: Integers) -> None:
        self._values, self._theme, self._document = values - values.mean(), theme, document
        from scipy.sparse import csr_array

        # A document has few of many themes.
        shape, place = (int(document.max()) + 1, int(theme.max()) + 1), (document, theme)
        self._count = csr_array((np.ones(len(theme)), place), shape=shape)
        self._sum = csr_array((self._values, place), shape=shape)
        self._size = np.bincount(document).astype(np.float64)
        self._mean = np.bincount(document, weights=self._values) / self._size
        # Variance in each document, of the scores and of a score that has one independent value a theme.
        self._spread = np.bincount(document, weights=(self._values - self._mean[document]) ** 2) / self._size
        self._mixture = 1 - (self._count**2).sum(axis=1) / self._size**2
        # Of a sum of n draws without replacement from N the variance is n (N - n) / (N - 1) times theirs.
        owner = np.repeat(np.arange(shape[0]), np.diff(self._count.indptr))
        drawn = self._count.data * (self._size[owner] - self._count.data) / np.maximum(self._size[owner] - 1, 1)
        self._draws = csr_array((drawn, self._count.indices, self._count.indptr), shape=shape)

    @property
    def n_documents(self) -> int:
        """Documents."""
        return len(self._size)

    @property
    def n_mixed(self) -> int:
        """Documents with more than one theme."""
        return int(np.count_nonzero(np.diff(self._count.indptr) > 1))

    def parts(self, weights: Floats) -> tuple[float, float, float]:
        """Give eta squared, its mean over permutations, and how much of an effect of themes shows; NaN if undefined.

        The texts of a document have one weight. A document that weighs two is permuted as one, not as two that differ:
        so the mean is that of the resample at hand.
        """
        w = np.zeros(self.n_documents)
        w[self._document] = weights
        size = self._count.T @ w
        n, per_text = float(size.sum()), np.divide(1, size, out=np.zeros(len(size)), where=size > 0)
        centre = float(w @ (self._size * self._mean)) / n
        apart = self._mean - centre
        total = float((w * self._size) @ (self._spread + apart**2))
        between = float((self._sum.T @ w - size * centre) ** 2 @ per_text)
        drawn = self._draws.T @ np.stack([w**2 * self._spread, w**2 * self._mixture], axis=1)
        expected = float((self._count.T @ (w * apart)) ** 2 @ per_text + drawn[:, 0] @ per_text)
        shares = self._count.multiply((w / self._size)[:, None]).tocsr()
        together = shares.T @ self._count
        constant = float(np.sum(size**2)) / n
        kept = float((together**2).sum(axis=1) @ per_text + drawn[:, 1] @ per_text) - constant
        visible = 1 - kept / (n - constant) if n - constant > 1e-9 else float("nan")
        if total <= 1e-12:
            return float("nan"), float("nan"), visible
        return between / total, expected / total, visible

    def beyond_chance(self, weights: Floats) -> float:
        """Give the share of the variance between themes; NaN where too little of an effect of themes shows."""
        found, chance, visible = self.parts(weights)
        return (found - chance) / visible if visible >= LEAST_VISIBLE else float("nan")

    def p_value(self, n_permutations: int, generator: np.random.Generator) -> float:
        """Give the share of permutations whose eta squared is as large, with the observed one among them."""
        order = np.argsort(self._document, kind="stable")
        values, theme, document = self._values[order], self._theme[order], self._document[order]
        size = np.bincount(theme)

        def between(scores: Floats) -> float:
            return float(np.sum(np.bincount(theme, weights=scores) ** 2 / size))

        least, larger = between(values) * (1 - 1e-12), 0
        for _ in range(n_permutations):
            larger += between(values[np.argsort(document + generator.random(len(document)))]) >= least
        return (1 + larger) / (1 + n_permutations)
