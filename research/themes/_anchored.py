"""Score sentences for the themes of a codebook.

The method was chosen on 503 summaries of bills with 21 expert topics and anchors written for them (one topic each; the
first two columns), and on 400 pairs of bills of two topics joined into one paragraph (the other two columns): accuracy
of the first theme and mean average precision, the strongest sentence speaking for its paragraph, all-MiniLM-L6-v2.
All but the first row are centred.

======================================================  =====  =====  =====  =====
a sentence's score for a theme                            acc    mAP    acc    mAP
======================================================  =====  =====  =====  =====
nearest anchor, nothing centred                          .581   .437
nearest anchor                                           .606   .490   .723   .589
mean of the two nearest anchors                          .640   .528   .752   .637
mean of the three nearest anchors                        .630   .535   .752   .644
log-mean-exp of the anchors, sharpness 5 / 10            .610   .538   .762   .651
mean of all anchors                                      .555   .515   .718   .631
cosine with the mean of the anchors                      .606   .515   .733   .631
the same, five rounds of soft self-training              .588   .500   .718   .616
half nearest anchor, half cosine with the mean           .628   .545   .772   .661
logistic regression, balanced, C = 10                    .652   .562   .767   .680
linear discriminants, shrinkage .8                       .656   .547   .800   .666
ridge regression of theme on anchors, alpha 1            .636   .565   .775   .678
half nearest anchor, half ridge regression               .646   .574   .797   .688
its calibrated log-odds, with the margin (in use)        .652   .587   .803   .704
======================================================  =====  =====  =====  =====

The themes of a paragraph: a theme is there if its strongest sentence or the whole says so, and the primary one is the
one that the whole is most about. Chosen on the bills encoded by this package (sentences pooled in their context), one
topic each, and on 400 pairs joined; accuracy of the first theme, and F1 of the themes at probability .5:

======================================================  =====  =====  =====  =====
a paragraph's score for a theme                           acc     F1    acc     F1
======================================================  =====  =====  =====  =====
strongest sentence                                       .682   .626   .767   .507
whole paragraph                                          .690   .594   .745   .249
mean of the two                                          .692   .613   .748   .375
greater of the two (themes, in use)                      .684   .626   .765   .508
======================================================  =====  =====  =====  =====

Self-training, which helped where a theme was only a name, hurt with definitions and anchors. The vector of the whole
paragraph was better than its sentences where a text has one topic (.688) and worse where it has two (.700 against
.797); news paragraphs have several, so the sentences decide which themes are there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from research.themes._calibration import Calibration
from research.themes._codebook import Codebook
from research.themes._geometry import Floats, centre, exact_mean, on_grid, unit

__all__ = ["NOT_COUNTED", "AnchoredThemes"]

NOT_COUNTED = -30.0  # the log-odds of a theme that an exclusion rules out for a sentence
_PRIOR_SENTENCES = 20  # the anchors' mean counts as this many sentences in the corpus mean: a corpus may have one
# The mean of a few themes is mostly those themes, no middle of the language: centring on it would make two themes
# opposites and everything else a little of one. Codebooks of 2, 3 or 4 topics of the bills gain from the corpus's own
# mean (micro-averaged precision .465 to .527, .575 to .592, .591 to .606).
_FEW = 4
_ALPHA = 1.0
_BLOCK = 8192


@dataclass(frozen=True)
class AnchoredThemes:
    """A codebook's themes as arrays; scoring is a pure function of them and of the sentence.

    For a sentence x, the anchors A_k of theme k and the ridge directions w_k (all centred, unit length):
    s_k = (max over a in A_k of a.x + w_k.x) / 2, and its log-odds come from `Calibration`.

    Attributes
    ----------
    sentence_mean : ndarray, shape (1, n_dimensions)
    anchors, exclusions : ndarray, shape (n_anchors or n_exclusions, n_dimensions)
        Centred on the anchors' mean (the mean over themes of each theme's mean), or, where there are at most four
        themes, on `sentence_mean`.
    anchor_theme, exclusion_theme : ndarray of int64
        Never decreasing.
    directions : ndarray, shape (n_themes, n_dimensions)
        Ridge regression of the themes on the anchors, each theme weighing the same, on the scale of the cosines.
    scale : float
        What the regression's weights were multiplied by to get there.
    calibration : Calibration
    """

    sentence_mean: Floats
    anchors: Floats
    anchor_theme: NDArray[np.int64]
    exclusions: Floats
    exclusion_theme: NDArray[np.int64]
    directions: Floats
    scale: float
    calibration: Calibration

    @classmethod
    def fit(cls, codebook: Codebook, sentences: Floats) -> AnchoredThemes:
        """Learn the means, directions and calibration from an encoded codebook and the corpus's sentences."""
        assert codebook.anchor_vectors is not None and codebook.anchor_theme is not None
        assert codebook.exclusion_vectors is not None and codebook.exclusion_theme is not None
        raw, theme = unit(codebook.anchor_vectors), codebook.anchor_theme
        n_themes = len(codebook.themes)
        mean = _theme_mean(raw, theme)
        sentence_mean = on_grid(
            (exact_mean(sentences) * len(sentences) + mean * _PRIOR_SENTENCES) / (len(sentences) + _PRIOR_SENTENCES)
        )
        few = n_themes <= _FEW
        if few:
            mean = sentence_mean
        anchors = centre(raw, mean)
        directions, scale, scores = _learn(anchors, theme)
        known = np.isfinite(scores[np.arange(len(theme)), theme])  # a theme's only anchor text cannot be left out
        strangers = []
        for k in range(n_themes if n_themes > 1 else 0):
            rest = theme != k
            other = np.where(theme > k, theme - 1, theme)[rest]
            middle = sentence_mean if few else _theme_mean(raw[rest], other)
            others = centre(raw[rest], middle)
            strangers.append(_similarity(centre(raw[~rest], middle), others, other, _learn(others, other)[0])[0])
        return cls(
            sentence_mean=sentence_mean,
            anchors=anchors,
            anchor_theme=theme,
            exclusions=centre(unit(codebook.exclusion_vectors.reshape(-1, raw.shape[1])), mean),
            exclusion_theme=codebook.exclusion_theme,
            directions=directions,
            scale=scale,
            calibration=Calibration.fit(scores[known], theme[known], np.vstack(strangers) if strangers else None),
        )

    @property
    def n_themes(self) -> int:
        """How many themes the codebook has."""
        return len(self.directions)

    def score(self, sentences: Floats, *, exclude: bool = True) -> tuple[Floats, Floats]:
        """Score unit rows on the grid.

        Parameters
        ----------
        sentences : ndarray, shape (n_sentences, n_dimensions)
        exclude : bool
            Whether exclusions count; they speak of sentences, not of whole paragraphs.

        Returns
        -------
        log_odds : ndarray, shape (n_sentences, n_themes)
            `NOT_COUNTED` where an exclusion is nearer than every anchor.
        similarity : ndarray, shape (n_sentences, n_themes)
            The scores s_k behind them.
        """
        log_odds = np.empty((len(sentences), self.n_themes))
        similarity = np.empty_like(log_odds)
        for start in range(0, len(sentences), _BLOCK):  # exact arithmetic: the blocks leave no trace
            block = slice(start, start + _BLOCK)
            rows = centre(sentences[block], self.sentence_mean)
            similarity[block], nearest = _similarity(rows, self.anchors, self.anchor_theme, self.directions)
            log_odds[block] = self.calibration.log_odds(similarity[block])
            for k in np.unique(self.exclusion_theme) if exclude else ():
                excluded = (rows @ self.exclusions[self.exclusion_theme == k].T).max(axis=1)
                log_odds[block][excluded > nearest[:, k], k] = NOT_COUNTED
        return np.maximum(log_odds, NOT_COUNTED), similarity

    def resample(self, rng: np.random.Generator) -> AnchoredThemes:
        """Draw each theme's anchors again with replacement; means and calibration stay."""
        drawn = np.concatenate(
            [
                rng.choice(np.flatnonzero(self.anchor_theme == k), np.sum(self.anchor_theme == k))
                for k in range(self.n_themes)
            ]
        )
        anchors = self.anchors[drawn]
        directions, _ = _ridge(anchors, self.anchor_theme, self.n_themes)
        return replace(self, anchors=anchors, directions=on_grid(self.scale * directions))

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give the whole state as arrays."""
        return {
            "codebook_sentence_mean": self.sentence_mean,
            "codebook_anchors": self.anchors,
            "codebook_anchor_theme": self.anchor_theme,
            "codebook_exclusions": self.exclusions,
            "codebook_exclusion_theme": self.exclusion_theme,
            "codebook_directions": self.directions,
            "codebook_calibration": np.array([*self.calibration.coefficients, self.calibration.cut, self.scale]),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> AnchoredThemes:
        """Take the state up again."""

        def numbers(name: str) -> Floats:
            return np.asarray(arrays[f"codebook_{name}"], dtype=np.float64)

        calibration = numbers("calibration")
        return cls(
            numbers("sentence_mean"),
            numbers("anchors"),
            numbers("anchor_theme").astype(np.int64),
            numbers("exclusions"),
            numbers("exclusion_theme").astype(np.int64),
            numbers("directions"),
            float(calibration[4]),
            Calibration(calibration[:3], float(calibration[3])),
        )


def _starts(theme: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.flatnonzero(np.diff(theme, prepend=-1)).astype(np.int64)


def _theme_mean(vectors: Floats, theme: NDArray[np.int64]) -> Floats:
    """Give the mean over themes of each theme's mean, shape (1, n_dimensions)."""
    return exact_mean(np.vstack([exact_mean(vectors[theme == k]) for k in range(theme.max() + 1)]))[None]


def _similarity(rows: Floats, anchors: Floats, theme: NDArray[np.int64], directions: Floats) -> tuple[Floats, Floats]:
    """Give the scores s_k of centred rows, and their cosines with each theme's nearest anchor."""
    nearest: Floats = np.maximum.reduceat(rows @ anchors.T, _starts(theme), axis=1)
    return (nearest + rows @ directions.T) / 2, nearest


def _learn(anchors: Floats, theme: NDArray[np.int64]) -> tuple[Floats, float, Floats]:
    """Give the directions on the scale of the cosines, that scale, and the anchors' own scores, each left out."""
    directions, left_out = _ridge(anchors, theme, int(theme.max()) + 1)
    nearest = anchors @ anchors.T
    np.fill_diagonal(nearest, -np.inf)
    nearest = np.maximum.reduceat(nearest, _starts(theme), axis=1)
    known = np.isfinite(nearest).all(axis=1)
    spread = float(left_out[known].std()) if known.any() else 0.0
    scale = float(nearest[known].std()) / spread if spread > 1e-9 else 0.0
    return on_grid(scale * directions), scale, (nearest + scale * left_out) / 2


@threadpool_limits.wrap(limits=1)  # type: ignore[untyped-decorator]  # the bits of a BLAS product depend on how many threads there are
def _ridge(anchors: Floats, theme: NDArray[np.int64], n_themes: int) -> tuple[Floats, Floats]:
    """Regress theme membership on the anchors, each theme weighing the same, in the dual.

    Returns
    -------
    directions : ndarray, shape (n_themes, n_dimensions)
    left_out : ndarray, shape (n_anchors, n_themes)
        What each anchor gets from the regression without it, by the identity e_i = c_i / (K + alpha I)^-1_ii.
    """
    weight = 1.0 / np.bincount(theme, minlength=n_themes)[theme]
    weight = np.sqrt(weight / weight.mean())[:, None]
    target = weight * (np.eye(n_themes)[theme] - 1.0 / n_themes)
    rows = weight * anchors
    inverse = np.linalg.inv(rows @ rows.T + _ALPHA * np.eye(len(rows)))
    dual = inverse @ target
    left_out: Floats = (target - dual / np.diag(inverse)[:, None]) / weight
    return rows.T.dot(dual).T, left_out
