"""From the log-odds of sentences to those of their paragraphs, and from which log-odds on a paragraph has a theme.

Chosen on the bills of `research.themes._anchor_regression`, one topic each, and on 400 pairs of them joined into one
paragraph of two topics: accuracy of the first theme, mean average precision over themes, and F1 at the best threshold.

==========================================  =====  =====  =====  =====  =====  =====
a paragraph's score for a theme               acc    mAP     F1    acc    mAP     F1
==========================================  =====  =====  =====  =====  =====  =====
strongest sentence                           .688   .630   .658   .750   .619   .648
whole paragraph                              .688   .683   .696   .705   .551   .565
mean of the two                              .688   .671   .685   .733   .609   .633
one minus the product of 1 - p               .684   .621   .656   .760   .611   .644
sum of the sentences' p                      .688   .598   .656   .735   .598   .644
mean of the sentences' odds (in use)         .688   .657   .675   .738   .635   .653
mean of the square roots of the odds         .684   .667   .685   .760   .638   .659
logistic regression on the labels            .692   .667   .681   .740   .645   .661
==========================================  =====  =====  =====  =====  =====  =====

With the square roots, as with fourth ones, a paragraph of two topics came out too improbable for both (recall .45
instead of .48 at .5, definitions alone, after the same calibration).
The share of the corpus outside the codebook, found and true, with codebooks of some of the 21 topics drawn at
random (anchors and definitions, all 503 bills; twelve draws, six for 10 topics), and what it does to F1 and to the
expected calibration error; before: the strongest sentence or the whole at .5, strangers a third:

======  ===========  ==========  ===========  ==========  ==========
topics  found        true        F1           before      error (before)
======  ===========  ==========  ===========  ==========  ==========
2       .81          .90         .526         .485        .062 (.121)
3       .88          .87         .611         .593        .025 (.053)
5       .70          .76         .604         .572        .025 (.047)
10      .49          .50         .651         .638        .018 (.022)
======  ===========  ==========  ===========  ==========  ==========

With definitions alone the share is less well found (.87, .93, .52, .50) and F1 is .551, .454, .486, .633 (before: .502,
.595, .527, .618): a codebook of few themes wants anchors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from research.themes._geometry import Floats

__all__ = ["NOT_COUNTED", "ParagraphOdds", "best_cut", "pool"]

NOT_COUNTED = -30.0  # the log-odds of a theme that an exclusion rules out for a sentence
_SIZES = (1, 2, 3)
_DRAWS = 2
_ROUNDS = 10
_START = 1 / 3
_SHARES = (0.02, 0.98)
_CUTS = (0.25, 0.5)


def pool(log_odds: Floats, starts: NDArray[np.int64]) -> Floats:
    """Average the odds of each paragraph's sentences: log(mean_s exp(l_s)).

    One sentence among n that speaks for a theme beyond doubt costs it log(n): the paragraph is on it in part.

    Parameters
    ----------
    log_odds : ndarray, shape (n_sentences, n_themes)
    starts : ndarray of int64, shape (n,)
        Each paragraph's first sentence.

    Returns
    -------
    ndarray, shape (n, n_themes)
        `NOT_COUNTED` where no sentence counts for the theme.

    Examples
    --------
    >>> pool(np.array([[2.0], [-30.0], [1.0]]), np.array([0, 2])).round(2).ravel().tolist()
    [1.31, 1.0]
    """
    size = np.diff(np.append(starts, len(log_odds)))
    highest = np.maximum.reduceat(log_odds, starts, axis=0)
    odds = np.add.reduceat(np.exp(log_odds - np.repeat(highest, size, axis=0)), starts, axis=0)
    result: Floats = highest + np.log(odds / size[:, None])
    return np.where(highest <= NOT_COUNTED, NOT_COUNTED, np.maximum(result, NOT_COUNTED))


@dataclass(frozen=True)
class ParagraphOdds:
    """Log-odds of a paragraph given the pooled log-odds p of its sentences: intercept + slope p.

    Fitted by logistic regression on paragraphs put together from one, two and three of the codebook's texts, each
    scored as if it were not in the codebook: each has the themes of its texts, so this teaches what a paragraph on
    several themes scores. Strangers, put together from texts scored without their own theme, teach what a paragraph on
    none scores. How many such there are, the corpus says: the share outside the codebook is 1 - mean_i max_k p_ik under
    the fit, and fit and share are found in turn (Saerens et al. 2002, "Adjusting the outputs of a classifier to new a
    priori probabilities", uses the same rounds for the classes' shares).

    Attributes
    ----------
    intercept, slope : float
    outside : float
        The share of the corpus found to be outside the codebook, from .02 to .98.
    """

    intercept: float = 0.0
    slope: float = 1.0
    outside: float = _START

    @classmethod
    def fit(
        cls, own: Floats, theme: NDArray[np.int64], strangers: Floats, corpus: Floats, random_state: int = 0
    ) -> ParagraphOdds:
        """Fit on texts whose theme is known.

        Parameters
        ----------
        own : ndarray, shape (n_texts, n_themes)
            The log-odds of each text left out.
        theme : ndarray of int64, shape (n_texts,)
        strangers : ndarray, shape (n_strangers, n_themes - 1)
            The log-odds of each text by the other themes alone, grouped by `theme`.
        corpus : ndarray, shape (n, n_themes)
            The pooled log-odds of the corpus's paragraphs.
        random_state : int
        """
        if own.shape[1] < 2 or not len(own) or not len(strangers):
            return cls()
        from sklearn.linear_model import LogisticRegression
        from threadpoolctl import threadpool_limits

        rng = np.random.default_rng(random_state)
        inside, truth = _joined(own, np.eye(own.shape[1], dtype=bool)[theme], rng)
        nothing = np.zeros(strangers.shape, dtype=bool)
        outside = np.vstack([_joined(strangers[theme == k], nothing[theme == k], rng)[0] for k in np.unique(theme)])
        features = np.concatenate([inside.ravel(), outside.ravel()])[:, None]
        target = np.concatenate([truth.ravel(), np.zeros(outside.size, dtype=bool)])
        share = _START
        slope, intercept = 1.0, 0.0
        with threadpool_limits(1):  # the bits of a BLAS product depend on how many threads there are
            for _ in range(_ROUNDS):
                weight = np.concatenate(
                    [np.full(inside.size, 1 - share), np.full(outside.size, share * len(inside) / len(outside))]
                )
                model = LogisticRegression(C=100.0, max_iter=1000).fit(features, target, sample_weight=weight)
                slope, intercept = max(float(model.coef_[0, 0]), 0.0), float(model.intercept_[0])
                covered = 1 / (1 + np.exp(-np.clip(intercept + slope * corpus.max(axis=1), -40, 40)))
                share = float(np.clip(1.0 - np.sort(covered).mean(), *_SHARES))
        return cls(intercept, slope, share)

    def log_odds(self, pooled: Floats) -> Floats:
        """Give the log-odds of paragraphs, shape (n, n_themes)."""
        result: Floats = np.maximum(self.intercept + self.slope * pooled, NOT_COUNTED)
        return np.where(pooled <= NOT_COUNTED, NOT_COUNTED, result)


def best_cut(log_odds: Floats) -> float:
    """Give the log-odds from which on to count a theme so that the expected F1 is highest.

    With calibrated probabilities p, counting those of at least t gives an expected F1 of about
    2 sum_{p >= t} p / (#{p >= t} + sum p) over all paragraphs and themes, and the best t is half the best F1 (Lipton,
    Elkan & Narayanaswamy 2014, "Optimal thresholding of classifiers to maximize F1 measure"). It is kept from
    .25 to .5: a corpus without the themes must not get them.

    Parameters
    ----------
    log_odds : ndarray, shape (n, n_themes)

    Returns
    -------
    float

    Examples
    --------
    >>> round(best_cut(np.array([[3.0, -3.0], [2.5, -0.4], [-0.4, -4.0]])), 2)
    -0.4
    """
    probability = np.sort(1 / (1 + np.exp(-np.clip(log_odds.ravel(), -40, 40))))[::-1]
    hits = np.cumsum(probability)
    expected = 2 * hits / (np.arange(1, len(probability) + 1) + hits[-1])
    cut = float(np.clip(probability[int(np.argmax(expected))], *_CUTS))
    return float(np.log(cut / (1 - cut)))


def _joined(log_odds: Floats, truth: NDArray[np.bool_], rng: np.random.Generator) -> tuple[Floats, NDArray[np.bool_]]:
    """Give the pooled log-odds of paragraphs of one, two and three of the rows, and the themes they have."""
    n, scores, themes = len(log_odds), [], []
    for size in _SIZES:
        for _ in range(_DRAWS if size > 1 else 1):
            rows = np.column_stack([np.arange(n), *(rng.permutation(n) for _ in range(size - 1))])
            scores.append(pool(log_odds[rows.ravel()], np.arange(n) * size))
            themes.append(truth[rows].any(axis=1))
    return np.vstack(scores), np.vstack(themes)
