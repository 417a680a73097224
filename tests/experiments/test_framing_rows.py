"""How far chance alone moves the order of a few documents."""

from __future__ import annotations

import numpy as np
import pytest

from experiments._framing_rows import order_by_mean, order_chances

DOCUMENTS = ["a", "a", "b", "b", "c", "c"]


def test_documents_stand_from_the_highest_mean_to_the_lowest() -> None:
    assert order_by_mean(np.array([0.0, 0.2, 2.0, 0.0, -1.0, -1.0]), DOCUMENTS) == ["b", "a", "c"]


def test_without_spread_and_without_error_the_order_is_certain() -> None:
    truth = np.array([1.0, 1.0, 0.0, 0.0, -1.0, -1.0])
    assert order_chances(truth, DOCUMENTS, 1.0, 50, 0) == (1.0, 1.0)


def test_two_documents_with_the_same_paragraphs_are_in_either_order() -> None:
    truth = np.tile([1.0, -1.0, 0.5, -0.4], 2)
    resampled, erring = order_chances(truth, ["a"] * 4 + ["b"] * 4, 0.5, 4000, 0)
    assert erring == pytest.approx(0.5, abs=0.03)
    assert 0.4 < resampled < 0.65  # ties go to the first name


def test_a_score_that_agrees_less_keeps_the_order_more_seldom() -> None:
    truth = np.random.default_rng(0).normal(size=60) + np.repeat([0.6, 0.3, 0.0], 20)
    documents = list(np.repeat(["a", "b", "c"], 20))
    chances = [order_chances(truth, documents, r, 500, 0)[1] for r in (0.3, 0.6, 0.9)]
    assert chances[0] < chances[1] < chances[2]
