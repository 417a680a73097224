"""Score sentences and paragraphs for the themes of a codebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from research._shapes import check_shapes
from research.themes._anchor_regression import PHRASE, codebook_texts, leave_out, nearest, ridge
from research.themes._calibration import Calibration
from research.themes._codebook import Codebook
from research.themes._corpus_centroids import corpus_centroids
from research.themes._geometry import Floats, centre, exact_mean, on_grid, unit
from research.themes._input import Paragraphs
from research.themes._labels import Correction, Labels
from research.themes._paragraph_odds import NOT_COUNTED, ParagraphOdds, best_cut, pool

__all__ = ["NOT_COUNTED", "AnchoredThemes", "Assessed"]

_PRIOR_SENTENCES = 20  # the anchors' mean counts as this many sentences in the corpus mean: a corpus may have one
# The mean of a few themes is mostly those themes, no middle of the language: centring on it would make two themes
# opposites and everything else a little of one. Codebooks of 2, 3 or 4 topics of the bills gain from the corpus's own
# mean (micro-averaged precision .465 to .527, .575 to .592, .591 to .606).
_FEW = 4
_BLOCK = 8192
_SHAPES: dict[str, tuple[int | str, ...]] = {
    "codebook_sentence_mean": (1, "dimensions"),
    "codebook_anchors": ("anchors", "dimensions"),
    "codebook_anchor_theme": ("anchors",),
    "codebook_anchor_kind": ("anchors",),
    "codebook_exclusions": ("exclusions", "dimensions"),
    "codebook_exclusion_theme": ("exclusions",),
    "codebook_directions": ("themes", "dimensions"),
    "codebook_centroids": ("themes", "dimensions"),
    "codebook_mix": ("themes",),
    "codebook_calibration": (5,),
    "codebook_paragraphs": (4,),
}


class Assessed(NamedTuple):
    """What a codebook makes of paragraphs.

    Attributes
    ----------
    log_odds : ndarray, shape (n, n_themes)
        `NOT_COUNTED` where exclusions rule a theme out for every sentence. The highest is the paragraph's first theme.
    sentences : ndarray, shape (n_sentences, n_themes)
        The log-odds of its sentences: the evidence.
    near : ndarray of bool, shape (n,)
        Whether a sentence is as near to a theme as 95% of the theme's own texts are.
    """

    log_odds: Floats
    sentences: Floats
    near: NDArray[np.bool_]


@dataclass(frozen=True)
class AnchoredThemes:
    """A codebook's themes as arrays; scoring is a pure function of them and of the paragraph.

    For a sentence x, the texts A_k of theme k, the ridge directions w_k and the corpus's centroids c_k (all centred,
    unit length), with m_k of `corpus_centroids`:
    s_k = (1 - m_k) (max over a in A_k of a.x + w_k.x) / 2 + m_k c_k.x. A sentence's log-odds come from `Calibration`, a
    paragraph's from `ParagraphOdds`, and from `Correction` where some paragraphs are labelled.

    Attributes
    ----------
    sentence_mean : ndarray, shape (1, n_dimensions)
    anchors, exclusions : ndarray, shape (n_texts or n_exclusions, n_dimensions)
        Centred on the texts' mean (the mean over themes of each theme's mean), or, where there are at most four
        themes, on `sentence_mean`.
    anchor_theme, exclusion_theme : ndarray of int64
        Never decreasing.
    anchor_kind : ndarray of int64, shape (n_texts,)
        Label, definition, phrase, titled phrase or anchor. Phrases without their title teach the regression alone.
    directions, centroids : ndarray, shape (n_themes, n_dimensions)
        On the scale of the cosines.
    mix : ndarray, shape (n_themes,)
        m_k.
    scale : float
        What the regression's weights were multiplied by to get there.
    calibration : Calibration
    paragraph_odds : ParagraphOdds
    cut : float
        The log-odds from which on to count a theme, of the highest expected F1 on the corpus.
    correction : Correction or None
        What labelled paragraphs taught, and how much they helped.
    """

    sentence_mean: Floats
    anchors: Floats
    anchor_theme: NDArray[np.int64]
    anchor_kind: NDArray[np.int64]
    exclusions: Floats
    exclusion_theme: NDArray[np.int64]
    directions: Floats
    centroids: Floats
    mix: Floats
    scale: float
    calibration: Calibration
    paragraph_odds: ParagraphOdds
    cut: float
    correction: Correction | None = None

    @classmethod
    def fit(cls, codebook: Codebook, corpus: Paragraphs | Floats, labels: Labels | None = None) -> AnchoredThemes:
        """Learn from an encoded codebook, the corpus's paragraphs and, if there are any, hand labels.

        Parameters
        ----------
        codebook : Codebook
            With vectors.
        corpus : Paragraphs or ndarray
            A plain array of unit rows on the grid is one of paragraphs of one sentence each.
        labels : Labels, optional
        """
        paragraphs = _paragraphs(corpus)
        raw, theme, kind = codebook_texts(codebook)
        n_themes, sentences = len(codebook.themes), paragraphs.sentences
        mean = exact_mean(np.vstack([exact_mean(raw[theme == k]) for k in range(n_themes)]))[None]
        sentence_mean = on_grid(
            (exact_mean(sentences) * len(sentences) + mean * _PRIOR_SENTENCES) / (len(sentences) + _PRIOR_SENTENCES)
        )
        if n_themes <= _FEW:
            mean = sentence_mean
        assert codebook.exclusion_vectors is not None and codebook.exclusion_theme is not None
        anchors = centre(raw, mean)
        left = leave_out(anchors, theme, kind, n_themes)
        known = np.isfinite(left.own).all(axis=1)  # a theme's only text cannot be left out
        own_theme = theme[left.rows]
        fitted = cls(
            sentence_mean=sentence_mean,
            anchors=anchors,
            anchor_theme=theme,
            anchor_kind=kind,
            exclusions=centre(unit(codebook.exclusion_vectors.reshape(-1, raw.shape[1])), mean),
            exclusion_theme=codebook.exclusion_theme,
            directions=on_grid(left.scale * ridge(anchors, theme, n_themes)[0]),
            centroids=np.zeros((n_themes, raw.shape[1])),
            mix=np.zeros(n_themes),
            scale=left.scale,
            calibration=Calibration.fit(
                left.own[known], own_theme[known], _without_own(left.stranger, own_theme) if n_themes > 1 else None
            ),
            paragraph_odds=ParagraphOdds(),
            cut=0.0,
        )
        centred = centre(paragraphs.vectors, sentence_mean)
        centroids, mix = corpus_centroids(
            centred,
            fitted._similarity(centred)[0],
            np.bincount(theme, minlength=n_themes).astype(np.float64),
            fitted.calibration.log_odds,
        )
        by_corpus = anchors[left.rows] @ centroids.T
        own, stranger = ((1 - mix) * scores + mix * by_corpus for scores in (left.own, left.stranger))
        outside = _without_own(stranger, own_theme)
        calibration = Calibration.fit(own[known], own_theme[known], outside if n_themes > 1 else None)
        fitted = replace(fitted, centroids=centroids, mix=mix, calibration=calibration)
        pooled = pool(fitted.score(sentences)[0], paragraphs.starts)
        odds = ParagraphOdds.fit(
            calibration.log_odds(own[known]), own_theme[known], calibration.log_odds(outside[known]), pooled
        )
        fitted = replace(fitted, paragraph_odds=odds)
        if labels is not None:
            labelled = centre(labels.paragraphs.vectors, sentence_mean)
            correction = Correction.fit(labelled, fitted.assess(labels.paragraphs).log_odds, labels)
            fitted = replace(fitted, correction=correction)
        return replace(fitted, cut=best_cut(fitted._log_odds(pooled, paragraphs.vectors)))

    @property
    def n_themes(self) -> int:
        """How many themes the codebook has."""
        return len(self.directions)

    def assess(self, corpus: Paragraphs | Floats) -> Assessed:
        """Score paragraphs."""
        paragraphs = _paragraphs(corpus)
        by_sentence, similarity = self.score(paragraphs.sentences)
        log_odds = self._log_odds(pool(by_sentence, paragraphs.starts), paragraphs.vectors)
        near = np.maximum.reduceat(similarity.max(axis=1), paragraphs.starts) >= self.calibration.cut
        return Assessed(log_odds, by_sentence, near)

    def score(self, sentences: Floats) -> tuple[Floats, Floats]:
        """Score unit rows on the grid.

        Parameters
        ----------
        sentences : ndarray, shape (n_sentences, n_dimensions)
            Of sentences, since exclusions speak of these and not of whole paragraphs.

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
            similarity[block], near = self._similarity(rows)
            log_odds[block] = self.calibration.log_odds(similarity[block])
            for k in np.unique(self.exclusion_theme):
                excluded = (rows @ self.exclusions[self.exclusion_theme == k].T).max(axis=1)
                log_odds[block][excluded > near[:, k], k] = NOT_COUNTED
        return np.maximum(log_odds, NOT_COUNTED), similarity

    def resample(self, rng: np.random.Generator) -> AnchoredThemes:
        """Draw each theme's texts again with replacement, those with and without title apart; the rest stays."""
        drawn = []
        for k in range(self.n_themes):
            for untitled in (False, True):
                rows = np.flatnonzero((self.anchor_theme == k) & ((self.anchor_kind == PHRASE) == untitled))
                drawn.append(rng.choice(rows, len(rows)) if len(rows) else rows)
        order = np.concatenate(drawn)
        anchors, theme = self.anchors[order], self.anchor_theme[order]
        directions = ridge(anchors, theme, self.n_themes)[0]
        return replace(
            self,
            anchors=anchors,
            anchor_theme=theme,
            anchor_kind=self.anchor_kind[order],
            directions=on_grid(self.scale * directions),
        )

    def _log_odds(self, pooled: Floats, vectors: Floats) -> Floats:
        """Give paragraphs' log-odds from those of their sentences."""
        log_odds = self.paragraph_odds.log_odds(pooled)
        if self.correction is None:
            return log_odds
        corrected = self.correction.apply(centre(vectors, self.sentence_mean), log_odds)
        return np.where(pooled <= NOT_COUNTED, NOT_COUNTED, np.maximum(corrected, NOT_COUNTED))

    def _similarity(self, rows: Floats) -> tuple[Floats, Floats]:
        """Give the scores s_k of centred rows, and their cosines with each theme's nearest text."""
        titled = self.anchor_kind != PHRASE
        near = nearest(rows, self.anchors[titled], self.anchor_theme[titled], self.n_themes)
        by_anchors = (near + rows @ self.directions.T) / 2
        return (1 - self.mix) * by_anchors + self.mix * (rows @ self.centroids.T), near

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give the whole state as arrays."""
        odds = self.paragraph_odds
        arrays: dict[str, NDArray[np.generic]] = {
            "codebook_sentence_mean": self.sentence_mean,
            "codebook_anchors": self.anchors,
            "codebook_anchor_theme": self.anchor_theme,
            "codebook_anchor_kind": self.anchor_kind,
            "codebook_exclusions": self.exclusions,
            "codebook_exclusion_theme": self.exclusion_theme,
            "codebook_directions": self.directions,
            "codebook_centroids": self.centroids,
            "codebook_mix": self.mix,
            "codebook_calibration": np.array([*self.calibration.coefficients, self.calibration.cut, self.scale]),
            "codebook_paragraphs": np.array([odds.intercept, odds.slope, odds.outside, self.cut]),
        }
        return arrays if self.correction is None else arrays | self.correction.to_arrays()

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> AnchoredThemes:
        """Take the state up again; without the table of what the labels gained."""

        def numbers(name: str) -> Floats:
            return np.asarray(arrays[f"codebook_{name}"], dtype=np.float64)

        def integers(name: str) -> NDArray[np.int64]:
            return numbers(name).astype(np.int64)

        check_shapes("codebook themes", arrays, _SHAPES)
        calibration, odds = numbers("calibration"), numbers("paragraphs")
        return cls(
            sentence_mean=numbers("sentence_mean"),
            anchors=numbers("anchors"),
            anchor_theme=integers("anchor_theme"),
            anchor_kind=integers("anchor_kind"),
            exclusions=numbers("exclusions"),
            exclusion_theme=integers("exclusion_theme"),
            directions=numbers("directions"),
            centroids=numbers("centroids"),
            mix=numbers("mix"),
            scale=float(calibration[4]),
            calibration=Calibration(calibration[:3], float(calibration[3])),
            paragraph_odds=ParagraphOdds(*map(float, odds[:3])),
            cut=float(odds[3]),
            correction=Correction.from_arrays(arrays),
        )


def _paragraphs(corpus: Paragraphs | Floats) -> Paragraphs:
    if isinstance(corpus, np.ndarray):
        return Paragraphs(corpus, corpus, np.arange(len(corpus), dtype=np.int64), None, None)
    return corpus


def _without_own(scores: Floats, theme: NDArray[np.int64]) -> Floats:
    """Drop each row's own theme, shape (n, n_themes - 1)."""
    kept = np.arange(scores.shape[1]) != theme[:, None]
    others: Floats = scores[kept].reshape(len(scores), scores.shape[1] - 1)
    return others
