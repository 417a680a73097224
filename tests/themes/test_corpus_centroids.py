from __future__ import annotations

import numpy as np

from research.themes._corpus_centroids import corpus_centroids
from research.themes._geometry import unit

AXES = np.eye(6)


def made(n: int, noise: float = 0.3, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Paragraphs about two directions; the codebook's texts see a slanted part of each."""
    rng = np.random.default_rng(seed)
    theme = np.arange(n) % 2
    rows = unit(AXES[theme] + noise * rng.normal(size=(n, 6)))
    slanted = unit(np.array([AXES[0] + AXES[2], AXES[1] + AXES[3]]))
    return rows, rows @ slanted.T, theme


def steep(scores: np.ndarray) -> np.ndarray:
    return 12 * (scores - 0.4)


def test_the_corpus_turns_the_directions_toward_itself() -> None:
    rows, scores, _ = made(400)
    centroids, mix = corpus_centroids(rows, scores, np.array([2, 2]), steep)
    found = centroids / np.linalg.norm(centroids, axis=1, keepdims=True)
    assert found[0] @ AXES[0] > 0.95 and found[1] @ AXES[1] > 0.95
    assert np.all(mix > 0.8) and np.all(mix < 1)


def test_few_paragraphs_or_many_texts_leave_the_scores_alone() -> None:
    rows, scores, _ = made(400)
    assert np.all(corpus_centroids(rows[:4], scores[:4], np.array([24, 24]), steep)[1] < 0.02)
    assert np.all(corpus_centroids(rows, scores, np.array([10_000, 10_000]), steep)[1] < 0.01)


def test_paragraphs_on_no_theme_count_for_none() -> None:
    rows, scores, _ = made(400)
    nothing = np.zeros_like(scores) + np.random.default_rng(1).normal(0, 0.05, scores.shape)
    assert np.all(corpus_centroids(rows, nothing, np.array([2, 2]), steep)[1] < 0.3)


def test_order_leaves_no_trace() -> None:
    rows, scores, _ = made(300)
    order = np.random.default_rng(2).permutation(300)
    for one, other in zip(
        corpus_centroids(rows, scores, np.array([2, 2]), steep),
        corpus_centroids(rows[order], scores[order], np.array([2, 2]), steep),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


def test_identical_paragraphs_teach_nothing() -> None:
    rows = np.repeat(unit(AXES[:1]), 5, axis=0)
    centroids, mix = corpus_centroids(rows, np.full((5, 2), 0.5), np.array([2, 2]), steep)
    assert not centroids.any() and not mix.any()
