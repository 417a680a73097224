"""Let the corpus show how its own paragraphs speak of a codebook's themes.

Accuracy of the first theme / mean average precision without and with, on the bills (503, 21 topics), BBC news (2,225,
5) and 3,000 posts of the newsgroups (20), by the topics' names, by definitions, and by definitions and anchors:

===================  ===========  ===========
codebook                 without         with
===================  ===========  ===========
bills, names         .493 / .454  .519 / .470
bills, definitions   .682 / .658  .682 / .659
bills, anchors, too  .694 / .656  .692 / .657
BBC, names           .808 / .868  .922 / .971
BBC, definitions     .924 / .967  .941 / .981
posts, names         .628 / .639  .681 / .696
posts, definitions   .707 / .721  .712 / .727
===================  ===========  ===========
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from research.themes._geometry import Floats, on_grid, unit

__all__ = ["corpus_centroids"]

# On the bills (24 paragraphs a topic) and BBC news (445), an anchor text that counts as 10 paragraphs gave the most or
# nearly so with names alone, with definitions, and with anchors; 30 was safer and gave half as much on BBC news.
_WORTH = 10.0
_ROUNDS = 5
# Those that have a theme more likely than not. Counting all by their probability gave a little more where the codebook
# covers the corpus (BBC news by names .933 instead of .922) and pulled themes toward what is outside it: with codebooks
# of 5 of the bills' 21 topics, F1 .467 instead of .488.
_LEAST = 0.5
_COARSE = 2.0**10  # weights this coarse keep the sums below exact for half a million paragraphs


def corpus_centroids(
    paragraphs: Floats, scores: Floats, n_texts: Floats, log_odds: Callable[[Floats], Floats]
) -> tuple[Floats, Floats]:
    """Give the centroids of the paragraphs that have each theme, and how much they should count beside the anchors.

    Self-training: each paragraph belongs to theme k by q_k = exp(l_k) / (1 + sum_j exp(l_j)), where l are its
    log-odds, if that is at least .5, so that one on no theme belongs to none; with c_k the centroid, its score becomes
    (1 - m_k) s_k + m_k c_k.x, where m_k = M_k / (M_k + 10 T_k) sets the M_k paragraphs found against the theme's T_k
    texts. Few paragraphs or many anchors leave the scores as they are.

    Parameters
    ----------
    paragraphs : ndarray, shape (n, n_dimensions)
        Centred unit rows.
    scores : ndarray, shape (n, n_themes)
        By the anchors alone.
    n_texts : ndarray, shape (n_themes,)
    log_odds : callable
        Turns scores into log-odds.

    Returns
    -------
    centroids : ndarray, shape (n_themes, n_dimensions)
        On the scale of the scores.
    mix : ndarray, shape (n_themes,)
        m_k, from 0 to below 1.
    """
    n_themes = scores.shape[1]
    centroids, mix = np.zeros((n_themes, paragraphs.shape[1])), np.zeros(n_themes)
    spread = _spread(scores)
    current = scores
    for _ in range(_ROUNDS):
        odds = np.exp(np.minimum(log_odds(current), 30.0))
        member = odds / (1.0 + odds.sum(axis=1, keepdims=True))
        member = np.round(np.where(member >= _LEAST, member, 0.0) * _COARSE) / _COARSE
        found = member.sum(axis=0)
        new = unit(on_grid(member.T @ paragraphs / np.maximum(found, 1.0)[:, None]))
        similar = paragraphs @ new.T
        if spread == 0.0 or _spread(similar) == 0.0:  # nothing varies, so nothing can be learnt
            break
        centroids = on_grid(new * (spread / _spread(similar)))
        mix = on_grid(found / (found + _WORTH * n_texts))
        current = (1.0 - mix) * scores + mix * (paragraphs @ centroids.T)
    return centroids, mix


def _spread(values: Floats) -> float:
    """Give the standard deviation; sorted first, since a sum of doubles depends on the order of its terms."""
    return float(np.sort(values, axis=None).std())
