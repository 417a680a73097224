"""Draws of ridge poles: as wide as other anchors are apart, around the fit, none made up where there are no halves."""

from __future__ import annotations

import numpy as np
import pytest

from research.stance import StanceScorer
from research.stance._lines import lines
from research.stance._poles import Cases, calibrate, memberships, solve, stance_shares

N_FEATURES = 200
SIDES = np.random.default_rng(0).normal(size=(2, N_FEATURES)) / np.sqrt(N_FEATURES)


def anchors(seed: int, n_subjects: int = 15) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give fewer anchors than features, with subjects that have directions of their own."""
    rng = np.random.default_rng([seed, 2])
    y, subjects = np.tile([-1.0, 0.0, 1.0], n_subjects), np.repeat(np.arange(n_subjects), 3)
    topics = rng.normal(size=(n_subjects, N_FEATURES))[subjects]
    X = np.outer(y > 0, SIDES[0]) + np.outer(y < 0, SIDES[1])
    return X + (0.7 * topics + 0.7 * rng.normal(size=X.shape)) / np.sqrt(N_FEATURES), y, subjects


def test_other_anchors_move_scores_no_farther_than_the_draws_say() -> None:
    rng = np.random.default_rng(1)
    elsewhere = rng.normal(size=N_FEATURES) / np.sqrt(N_FEATURES)
    mentions = elsewhere + rng.normal(size=(100, N_FEATURES)) / np.sqrt(N_FEATURES)
    within, narrow, shared = [], [], []
    for seed in range(0, 24, 2):
        teams = [StanceScorer(60).fit(*anchors(seed + team)) for team in (0, 1)]
        difference = teams[0].predict(mentions) - teams[1].predict(mentions)
        draws = [scorer.predict_draws(mentions) for scorer in teams]
        error = np.sqrt(sum(each.var(axis=0) for each in draws))
        within.append(np.abs(difference) <= 1.96 * error)
        narrow.append(np.abs(difference) <= 1.96 * error / 2)
        shared.append(difference.mean() / np.sqrt(sum(each.mean(axis=1).var() for each in draws)))
    assert 0.88 <= np.mean(within) < 0.999
    assert np.mean(narrow) < 0.8  # half of the width would not do
    assert 0.4 < np.sqrt(np.mean(np.square(shared))) < 1.3  # of the mean, which the anchors move together


def test_draws_lie_around_the_fit_in_log_odds_of_the_stances() -> None:
    X, y, subjects = anchors(0)
    scorer = StanceScorer(300).fit(X, y, subjects)
    model = scorer.poles_
    assert np.abs(model.draw_weights.mean(axis=0) - model.weights).max() < 5 * model.draw_weights.std(axis=0).max() / 17
    drawn = np.einsum("bpd,nd->bnp", model.draw_weights, X[:5]) + model.draw_intercepts[:, None]
    shares = stance_shares(drawn, scorer.calibration_)
    assert shares.std(axis=0).min() > 0  # of all three stances


def test_a_draw_is_the_fit_moved_by_what_two_halves_make_of_the_log_odds() -> None:
    """Of two groups there is one way to halve, with either half first."""
    X, y, _ = anchors(0, 20)
    groups, weights = ["a"] * 30 + ["b"] * 30, np.ones(60)
    table = np.array([[-1.0, 5.0, 0.0], [0.0, 0.0, 0.7], [5.0, -1.0, 0.0]])
    model, halved = lines(Cases(X, y, groups, weights, weights), 10.0, table, 2.0, 20, 0)
    assert halved
    odds = []
    for rows, others in ((slice(30), slice(30, 60)), (slice(30, 60), slice(30))):
        [(directions, constants)] = solve(X[rows], memberships(y[rows])[:, [2, 0]], np.full(30, 1 / 30), [10.0])
        own = calibrate(X[others] @ directions.T + constants, y[others], weights[others], 2.0)
        scores = X @ directions.T + constants
        odds.append([scores @ (own[k, :2] - own[1, :2]) + own[k, 2] - own[1, 2] for k in (0, 2)])
    wanted = (np.array(odds[0]) - np.array(odds[1])) / np.sqrt(2)
    steps = table[[0, 2], :2] - table[1, :2]
    drawn = model.draw_weights @ X.T + model.draw_intercepts[:, :, None]
    fitted = model.weights @ X.T + model.intercepts[:, None]
    moves = [steps @ (each - fitted) for each in drawn]
    signs = [1 if np.allclose(move, wanted, atol=1e-6) else -1 for move in moves]
    assert all(np.allclose(move, sign * wanted, atol=1e-6) for move, sign in zip(moves, signs, strict=True))
    assert set(signs) == {1, -1} and np.abs(wanted).max() > 0.1


def test_a_stance_of_one_subject_leaves_the_anchors_out_of_the_intervals_and_says_so() -> None:
    X, y, subjects = anchors(0)
    one = (y != 0) | (subjects == 3)
    scorer = StanceScorer(5).fit(X[one], y[one], subjects[one])
    assert any("cannot be halved" in said for said in scorer.warnings_)
    assert scorer.predict_draws(X).std(axis=0).max() == pytest.approx(0, abs=1e-12)
    scorer.learn(X, y, [f"document {name}" for name in subjects])  # now there are halves, and the warning goes
    assert not any("cannot be halved" in said for said in scorer.warnings_)
    assert scorer.predict_draws(X).std(axis=0).min() > 0


def test_two_stances_are_enough() -> None:
    X, y, subjects = anchors(0)
    draws = StanceScorer(20).fit(X[y != 0], y[y != 0], subjects[y != 0]).predict_draws(X)
    assert np.isfinite(draws).all() and draws.std(axis=0).min() > 0
