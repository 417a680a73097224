"""What the theme model makes of paragraphs, as a pure function of its two parts, and how far that comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from research.themes._anchored import NOT_COUNTED, AnchoredThemes
from research.themes._discovery import DiscoveredThemes
from research.themes._geometry import Floats
from research.themes._input import Paragraphs

__all__ = ["Scores", "anchor_recovery", "memberships", "score_paragraphs"]

_LARGEST_RECOVERY = 5_000


class Scores(NamedTuple):
    """What the model makes of paragraphs.

    Attributes
    ----------
    log_odds : ndarray, shape (n, n_themes)
    strongest : ndarray of int64, shape (n, n_themes)
        The sentence that speaks most for each theme.
    primary : ndarray of int64, shape (n,)
        -1 for none.
    covered : ndarray of bool, shape (n,)
        Whether a theme of the codebook reaches the threshold.
    outlier : ndarray of bool, shape (n,)
        Whether no theme is near.
    """

    log_odds: Floats
    strongest: NDArray[np.int64]
    primary: NDArray[np.int64]
    covered: NDArray[np.bool_]
    outlier: NDArray[np.bool_]


def score_paragraphs(
    paragraphs: Paragraphs, anchored: AnchoredThemes | None, discovered: DiscoveredThemes | None, least: float
) -> Scores:
    """Score paragraphs for the codebook's themes and for discovered ones.

    Parameters
    ----------
    paragraphs : Paragraphs
    anchored : AnchoredThemes, optional
    discovered : DiscoveredThemes, optional
    least : float
        The log-odds from which a paragraph has a theme of the codebook.
    """
    n, n_codebook = len(paragraphs), 0 if anchored is None else anchored.n_themes
    log_odds, strongest = [np.zeros((n, 0))], [np.zeros((n, 0), dtype=np.int64)]
    outlier = np.ones(n, dtype=bool)
    primary = np.full(n, -1, dtype=np.int64)
    covered = np.zeros(n, dtype=bool)
    if anchored is not None:
        assessed = anchored.assess(paragraphs)
        best = np.maximum.reduceat(assessed.sentences, paragraphs.starts, axis=0)
        log_odds.append(assessed.log_odds)
        strongest.append(_first_maxima(assessed.sentences, best, paragraphs.starts))
        covered = np.any(assessed.log_odds >= least, axis=1)
        outlier &= ~assessed.near & ~covered
        eligible = (covered | assessed.near)[:, None] & (assessed.log_odds > NOT_COUNTED)
        primary = np.where(eligible.any(axis=1), np.argmax(np.where(eligible, assessed.log_odds, -np.inf), axis=1), -1)
    if discovered is not None:
        odds = discovered.score(paragraphs.vectors)
        log_odds.append(odds)
        outlier &= discovered.outliers(paragraphs.vectors)
        alone = paragraphs.sentences is paragraphs.vectors
        by_sentence = odds if alone else discovered.score(paragraphs.sentences)
        best = np.maximum.reduceat(by_sentence, paragraphs.starts, axis=0)
        strongest.append(_first_maxima(by_sentence, best, paragraphs.starts))
        primary = np.where(covered, primary, n_codebook + discovered.assign(paragraphs.vectors))
    return Scores(np.hstack(log_odds), np.hstack(strongest), primary.astype(np.int64), covered, outlier)


def memberships(scores: Scores, n_codebook: int, least: float, least_discovered: float) -> NDArray[np.bool_]:
    """Say which paragraphs have which themes, as `assign` does."""
    members: NDArray[np.bool_] = scores.log_odds >= least
    members[:, n_codebook:] = scores.log_odds[:, n_codebook:] >= least_discovered
    from_codebook = scores.primary < n_codebook
    members[:, :n_codebook] &= from_codebook[:, None]
    members[:, n_codebook:] &= ~from_codebook[:, None]
    rows = np.flatnonzero(scores.primary >= 0)
    members[rows, scores.primary[rows]] = True
    return members


def anchor_recovery(
    anchored: AnchoredThemes | None,
    paragraphs: Paragraphs,
    least: float,
    *,
    n_resamples: int,
    random_state: int,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[float | None]:
    """Redraw each codebook theme's anchors, and see how much of its paragraphs come back (mean Jaccard)."""
    if anchored is None:
        return []
    n_themes = anchored.n_themes
    if not n_resamples:
        return [None] * n_themes
    rng = np.random.default_rng(random_state)
    kept = np.arange(len(paragraphs))
    if len(kept) > _LARGEST_RECOVERY:  # by content, so that the order of the rows does not matter
        kept = np.lexsort(paragraphs.vectors.T)
        kept = kept[np.sort(rng.choice(len(kept), _LARGEST_RECOVERY, replace=False))]
    ends = np.append(paragraphs.starts[1:], len(paragraphs.sentences))
    sentences = np.concatenate([np.arange(paragraphs.starts[row], ends[row]) for row in kept])
    starts = np.concatenate([[0], np.cumsum((ends - paragraphs.starts)[kept])[:-1]])
    rows, wholes = paragraphs.sentences[sentences], paragraphs.vectors[kept]

    sample = Paragraphs(wholes, rows, starts, None, None)

    def themes_by(themes: AnchoredThemes) -> NDArray[np.bool_]:
        return np.asarray(themes.assess(sample).log_odds >= least, dtype=bool)

    before = themes_by(anchored)
    overlaps = []
    for resample in range(n_resamples):
        after = themes_by(anchored.resample(rng))
        union = np.sum(before | after, axis=0)
        overlaps.append(np.where(union > 0, np.sum(before & after, axis=0) / np.maximum(union, 1), np.nan))
        if progress is not None:
            progress("codebook themes again", resample + 1, n_resamples)
    values = np.array(overlaps)
    return [float(np.nanmean(values[:, k])) if before[:, k].any() else None for k in range(n_themes)]


def _first_maxima(values: Floats, best: Floats, starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the row of each group's first maximum, by column."""
    group = np.searchsorted(starts, np.arange(len(values)), side="right") - 1
    rows = np.where(values == best[group], np.arange(len(values))[:, None], len(values))
    return np.minimum.reduceat(rows, starts, axis=0).astype(np.int64)
