from __future__ import annotations

import numpy as np

from research.themes._calibration import Calibration, margins


def test_margin_is_against_the_best_other_or_nothing() -> None:
    np.testing.assert_allclose(margins(np.array([[0.5, 0.3, 0.1], [0.2, 0.2, 0.0]])), [[0.2, -0.2, -0.4], [0, 0, -0.2]])
    np.testing.assert_allclose(margins(np.array([[0.1, -0.3], [-0.2, -0.3]])), [[0.1, -0.4], [-0.2, -0.3]])


def test_probabilities_match_frequencies() -> None:
    rng = np.random.default_rng(0)
    own = rng.integers(4, size=4000)
    scores = rng.normal(0, 0.1, size=(4000, 4))
    scores[np.arange(4000), own] += 0.15
    fitted = Calibration.fit(scores[:2000], own[:2000])
    p = 1 / (1 + np.exp(-fitted.log_odds(scores[2000:])))
    right = np.eye(4)[own[2000:]]
    for low in (0.1, 0.3, 0.5, 0.7):
        chosen = (p >= low) & (p < low + 0.2)
        assert abs(p[chosen].mean() - right[chosen].mean()) < 0.06
    assert abs(np.mean(scores[np.arange(4000), own] < fitted.cut) - 0.05) < 0.02


def test_strangers_keep_texts_outside_the_codebook_out() -> None:
    rng = np.random.default_rng(2)
    own = rng.integers(2, size=200)
    scores = np.where(np.eye(2)[own] > 0, 0.3, -0.3) + rng.normal(0, 0.1, size=(200, 2))
    outside = rng.normal(0, 0.1, size=(200, 2))
    blind = Calibration.fit(scores, own).log_odds(outside).max(axis=1)
    taught = Calibration.fit(scores, own, strangers=rng.normal(0, 0.1, size=(200, 1))).log_odds(outside).max(axis=1)
    assert np.mean(blind > 0) > 0.5 > 0.3 > np.mean(taught > 0)


def test_more_similar_never_means_less_probable() -> None:
    rng = np.random.default_rng(1)
    own = rng.integers(3, size=60)
    scores = rng.normal(size=(60, 3))
    scores[np.arange(60), own] -= 1  # a codebook at odds with itself
    fitted = Calibration.fit(scores, own)
    assert np.all(fitted.coefficients[1:] >= 0)
