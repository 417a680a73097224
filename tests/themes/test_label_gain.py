from __future__ import annotations

import numpy as np
import pytest

from research.themes._label_gain import gains

TRUTH = np.array([[True, False, True], [False, True, False], [True, False, False], [False, False, False]])


def test_measures_are_those_by_hand() -> None:
    before = np.array([[1.0, 2.0, 0.5], [1.0, 2.0, 0.5], [2.0, 1.0, 0.5], [0.0, 0.0, 0.0]])
    after = np.where(TRUTH, 4.0, -4.0)
    first, ranking, f1 = gains(before, after, TRUTH, ["a", "b", "c", "d"])
    assert (first.without, first.with_labels) == (pytest.approx(2 / 3), 1.0)
    assert ranking.without == pytest.approx((((1 / 2) + (2 / 3)) / 2 + 1 + 1) / 3)
    assert f1.with_labels == 1.0 and f1.difference == 1.0 - f1.without
    assert (f1.n_paragraphs, f1.n_documents) == (4, 4)


def test_the_same_scores_gain_nothing() -> None:
    scores = np.random.default_rng(0).normal(size=(4, 3))
    assert all(row.difference == row.low == row.high == 0 for row in gains(scores, scores, TRUTH, list("abcd")))


def test_intervals_are_over_documents() -> None:
    rng = np.random.default_rng(1)
    truth = np.eye(2, dtype=bool)[rng.integers(2, size=200)]
    better = truth[:, :1] | (rng.random((200, 1)) < 0.5)
    before = rng.normal(size=(200, 2))
    after = np.where(better, np.where(truth, 3.0, -3.0), before)
    alone = gains(before, after, truth, [str(k) for k in range(200)])[0]
    pairs = gains(before.repeat(2, 0), after.repeat(2, 0), truth.repeat(2, 0), [str(k // 2) for k in range(400)])[0]
    assert alone.low < alone.difference < alone.high
    assert pairs.high - pairs.low == pytest.approx(alone.high - alone.low, rel=0.15)


def test_one_document_or_no_theme_says_nan() -> None:
    one = gains(np.ones((4, 3)), np.ones((4, 3)), TRUTH, ["a"] * 4)
    assert np.isnan(one[0].low) and np.isnan(one[0].high)
    none = gains(np.ones((4, 3)), np.ones((4, 3)), np.zeros((4, 3), dtype=bool), list("abcd"))
    assert np.isnan(none[0].without) and np.isnan(none[1].difference)
