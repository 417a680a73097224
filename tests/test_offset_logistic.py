"""The offset logistic regression: its optimum, its limits, and that labels must earn a move."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from research._offset_logistic import PENALTIES, OffsetLogistic, choose_penalty


def _data(n: int, d: int, seed: int = 0, signal: float = 2.0):
    generator = np.random.default_rng(seed)
    X = generator.normal(size=(n, d)) / np.sqrt(d)
    truth = np.zeros(d)
    truth[0] = signal * np.sqrt(d)
    target = (generator.random(n) < expit(X @ truth)).astype(float)
    return X, target


@pytest.mark.parametrize("shape", [(40, 6), (20, 60)])
def test_the_gradient_vanishes_at_the_optimum(shape: tuple[int, int]) -> None:
    X, target = _data(*shape)
    generator = np.random.default_rng(1)
    offset, weights, penalty = generator.normal(size=len(X)), generator.random(len(X)) + 0.5, 0.7
    w, b = OffsetLogistic(X).fit(target, offset, penalty, weights)
    residual = weights * (expit(offset + X @ w + b) - target)
    assert np.abs(X.T @ residual + penalty * w).max() < 1e-3
    assert abs(residual.sum()) < 1e-3


def test_it_agrees_with_scikit_learn_where_there_is_no_offset() -> None:
    from sklearn.linear_model import LogisticRegression

    X, target = _data(60, 5)
    w, b = OffsetLogistic(X).fit(target, np.zeros(60), 0.5)
    other = LogisticRegression(C=2.0, tol=1e-10, max_iter=10_000).fit(X, target)
    assert np.allclose(w, other.coef_[0], atol=1e-3) and abs(b - other.intercept_[0]) < 1e-3


def test_an_infinite_penalty_keeps_the_offset_and_fits_the_base_rate() -> None:
    X, target = _data(50, 4)
    offset = np.linspace(-1, 1, 50)
    w, b = OffsetLogistic(X).fit(target, offset, np.inf)
    assert not w.any()
    assert abs(expit(offset + b).mean() - target.mean()) < 1e-4


def test_one_kind_of_label_gives_finite_numbers() -> None:
    X, _ = _data(8, 4)
    w, b = OffsetLogistic(X).fit(np.ones(8), np.zeros(8), 1.0)
    assert np.isfinite(w).all() and np.isfinite(b)


def test_noise_keeps_the_prior_and_a_signal_moves_it() -> None:
    X, target = _data(300, 8, signal=3.0)
    groups = [str(row) for row in range(300)]
    moved, scores = choose_penalty(X, target, np.zeros(300), groups)
    assert np.isfinite(moved)
    noise = np.random.default_rng(3).integers(0, 2, 300).astype(float)
    kept, _ = choose_penalty(X, noise, np.zeros(300), groups)
    assert kept == PENALTIES[0]
    # Scores are out of fold: they predict, but not better than the truth could.
    assert 0.6 < np.mean((scores > 0) == (target > 0)) < 0.99
