"""Draws of ridge poles: as wide as other anchors are apart, around the fit, none made up where there are no halves."""

from __future__ import annotations

import numpy as np
import pytest

from research.stance import StanceScorer
from research.stance._lines import _between, lines
from research.stance._poles import Cases, stance_shares

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


def test_a_draw_is_what_two_halves_make_of_the_log_odds() -> None:
    """Of two groups there is one way to halve: a draw is the fit and 1 / sqrt 2 of their difference, or less it."""
    X, y, _ = anchors(0, 20)
    groups = ["a"] * 30 + ["b"] * 30
    cases = Cases(X, y, groups, np.ones(60), np.ones(60))
    table = np.array([[-1.0, 5.0, 0.0], [0.0, 0.0, 0.7], [5.0, -1.0, 0.0]])
    model, halved = lines(cases, 10.0, table, 2.0, 20, 0)
    assert halved
    odds = _between(table, [0, 1, 2])[:, :2]
    moves = (model.draw_weights - model.weights) @ X.T
    found = {tuple(np.round(odds @ move[:, 7], 6)) for move in moves}
    assert len(found) == 2  # either half first
    one, other = (np.array(each) for each in found)
    assert np.allclose(one, -other, atol=1e-5) and np.abs(one).min() > 0


def test_a_stance_of_one_subject_leaves_the_anchors_out_of_the_intervals_and_says_so() -> None:
    X, y, subjects = anchors(0)
    one = (y != 0) | (subjects == 3)
    scorer = StanceScorer(5).fit(X[one], y[one], subjects[one])
    assert any("of one subject" in said for said in scorer.warnings_)
    assert scorer.predict_draws(X).std(axis=0).max() == pytest.approx(0, abs=1e-12)


def test_two_stances_are_enough() -> None:
    X, y, subjects = anchors(0)
    draws = StanceScorer(20).fit(X[y != 0], y[y != 0], subjects[y != 0]).predict_draws(X)
    assert np.isfinite(draws).all() and draws.std(axis=0).min() > 0
