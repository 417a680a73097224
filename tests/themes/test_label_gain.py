from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

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
    scores, truth = np.random.default_rng(0).normal(size=(8, 3)), np.tile(TRUTH, (2, 1))
    assert all(row.difference == row.low == row.high == 0 for row in gains(scores, scores, truth, list("abcdefgh")))


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


def helped(seed: int, n_documents: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str]]:
    """Ten paragraphs a document; labels help in some documents and harm in others."""
    rng = np.random.default_rng(seed)
    document = np.repeat(np.arange(n_documents), 10)
    truth = np.eye(4, dtype=bool)[rng.integers(0, 4, len(document))]
    before, after = rng.normal(size=(2, len(document), 4)) + truth
    return before, after + rng.normal(size=n_documents)[document, None] * truth, truth, [str(k) for k in document]


def test_few_documents_have_wide_intervals_or_none() -> None:
    assert all(np.isnan(row.low) and np.isnan(row.high) for row in gains(*helped(0, 4)))
    # What is true of the first theme, by large samples, is about -.014.
    found = [gains(*helped(seed, 5))[0] for seed in range(150)]
    held = np.mean([row.low <= -0.014 <= row.high for row in found])
    assert held >= 0.9, "percentiles of a bootstrap hold it .8 of the time"
    assert all(-1 <= row.low <= row.difference <= row.high <= 1 for row in found)


def test_the_interval_is_the_jackknifes() -> None:
    before, after, truth, documents = helped(1, 6)
    names = np.array(documents)
    for number in (0, 1):
        row = gains(before, after, truth, documents)[number]
        left = [names != name for name in sorted(set(documents))]
        without = [gains(before[k], after[k], truth[k], names[k].tolist())[number].difference for k in left]
        half = stats.t.ppf(0.975, 5) * np.sqrt(5 / 6 * np.sum((np.array(without) - np.mean(without)) ** 2))
        assert (row.low, row.high) == pytest.approx((row.difference - half, row.difference + half))


def test_documents_without_a_theme_are_not_counted() -> None:
    before, after, truth, documents = helped(2, 6)
    truth[20:] = False
    first, _, f1 = gains(before, after, truth, documents)
    assert np.isnan(first.low) and not np.isnan(f1.low) and first.n_documents == 6


def test_one_document_or_no_theme_says_nan() -> None:
    one = gains(np.ones((4, 3)), np.ones((4, 3)), TRUTH, ["a"] * 4)
    assert np.isnan(one[0].low) and np.isnan(one[0].high)
    none = gains(np.ones((4, 3)), np.ones((4, 3)), np.zeros((4, 3), dtype=bool), list("abcd"))
    assert np.isnan(none[0].without) and np.isnan(none[1].difference)
