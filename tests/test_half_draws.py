"""Draws of a scale from halves of its anchors: around the fit, as wide as other anchors are apart, never made up."""

from __future__ import annotations

import numpy as np
import pytest

from research._folds import group_halves
from research._half_draws import Placed, _held, half_draws
from research._positions import contrast
from research._ridge import ridge
from research._scaling import AnchoredScale

N_FEATURES = 300
VOICES = np.random.default_rng(0).normal(size=(2, N_FEATURES)) / np.sqrt(N_FEATURES)


def anchors(seed: int, n_subjects: int = 20) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give fewer anchors than features, with subjects that have directions of their own."""
    rng = np.random.default_rng([seed, 1])
    y, subjects = np.tile([-1.0, 0.0, 1.0], n_subjects), np.repeat(np.arange(n_subjects), 3)
    topics = rng.normal(size=(n_subjects, N_FEATURES))[subjects]
    noise = rng.normal(size=(len(y), N_FEATURES))
    X = np.outer(y > 0, VOICES[0]) + np.outer(y < 0, VOICES[1]) + (topics + noise) / np.sqrt(N_FEATURES)
    return X, y, subjects


def test_other_anchors_move_scores_no_farther_than_the_draws_say() -> None:
    rng = np.random.default_rng(1)
    elsewhere = rng.normal(size=N_FEATURES) / np.sqrt(N_FEATURES)  # news is not written like anchors are
    texts = elsewhere + rng.normal(size=(100, N_FEATURES)) / np.sqrt(N_FEATURES)
    within, shared = [], []
    for seed in range(0, 24, 2):
        teams = [AnchoredScale(60).fit(*anchors(seed + team)) for team in (0, 1)]
        one, other = (axis.position(texts) for axis in teams)
        draws = [axis.anchor_draws(texts) for axis in teams]
        within.append(np.abs(one - other) <= 1.96 * np.sqrt(sum(each.var(axis=0) for each in draws)))
        held = [np.clip(each, -1, 1).mean(axis=-1) for each in (one, other, *draws)]
        shared.append((held[0] - held[1]) / np.sqrt(held[2].var() + held[3].var()))
    assert 0.95 <= np.mean(within) < 0.999
    assert 0.4 < np.sqrt(np.mean(np.square(shared))) < 1.1  # of the mean of all texts, which the anchors move together


def test_draws_lie_around_the_fit() -> None:
    axis = AnchoredScale(400).fit(*anchors(0))
    spread = axis.draw_weights_.std(axis=0)
    assert (spread > 0).all()
    assert np.abs(axis.draw_weights_.mean(axis=0) - axis.weights_).max() < 5 * spread.max() / 20
    assert np.abs(axis.draw_intercepts_.mean(axis=0) - axis.intercepts_).max() < 0.1
    assert (np.diff(axis.draw_knots_, axis=1) > 0).all()


def test_a_draw_is_the_fit_moved_by_two_halves_that_place_each_other() -> None:
    """Of two groups there is one way to halve, with either half first."""
    X, y, _ = anchors(0)
    targets, places = np.stack([np.maximum(y, 0), np.maximum(-y, 0)], axis=1), np.ones(60, dtype=bool)
    groups = ["a"] * 30 + ["b"] * 30
    fit = Placed(np.zeros((2, N_FEATURES)), np.zeros(2), np.array([-1.0, 0.0, 1.0]))
    drawn = half_draws(fit, X, X @ X.T, targets, y, groups, groups, places, 1.0, 12, 0)
    assert drawn is not None
    made = []
    for rows, others in ((slice(30), slice(30, 60)), (slice(30, 60), slice(30))):
        coefficients, constants = ridge(X[rows] @ X[rows].T, targets[rows], np.ones(30), 1.0)
        weights = coefficients.T @ X[rows]
        raw, side = X[others] @ weights.T + constants, y[others]
        zero = np.median(raw[side == 0], axis=0)
        one = np.array([np.median(raw[side == 1, 0]), np.median(raw[side == -1, 1])])
        gap = np.maximum(one - zero, 0.5)
        values = contrast((raw - zero) / gap)
        knots = np.array([np.median(values[side == each]) for each in (-1, 0, 1)])
        made.append(Placed(weights / gap[:, None], (constants - zero) / gap, knots))
    for found, middle, a, b in zip(drawn, fit, *made, strict=True):
        moves, wanted = found - middle, (a - b) / np.sqrt(2)
        assert np.abs(wanted).max() > 0
        assert all(np.allclose(move, wanted) or np.allclose(move, -wanted) for move in moves)
        assert any(np.allclose(move, wanted) for move in moves) and any(np.allclose(move, -wanted) for move in moves)


def test_halves_share_no_group_and_have_both_poles() -> None:
    y = np.array([1.0, -1.0, 1.0, -1.0, 0.0, 0.0, 1.0])
    owners = np.array([[0, 0, 1, 2, 3, 3, 0], [0, 0, 1, 2, 3, 3, 1]])  # the last row is of two groups
    places = np.array([True] * 6 + [False])
    for seed in range(20):
        found = group_halves(owners, [places & (y > 0), places & (y < 0)], np.random.default_rng(seed))
        assert found is not None
        for rows in found:
            assert {-1.0, 1.0} <= set(y[rows[places[rows]]])
        one, other = (set(owners[:, rows].ravel()) for rows in found)
        assert not one & other and one | other == {0, 1, 2, 3}
        together = {0, 1} <= one or {0, 1} <= other
        assert together == (6 in [*found[0], *found[1]])
    assert group_halves(owners, [y == 0], np.random.default_rng(0)) is None  # all of one group


def test_a_pole_of_one_subject_leaves_the_anchors_out_of_the_intervals_and_says_so() -> None:
    X, y, subjects = anchors(0)
    one = (y <= 0) | (subjects == 3)
    with pytest.MonkeyPatch.context() as patch:
        # Such a pole cannot be told apart out of fold here; the draws are what is tested.
        patch.setattr(AnchoredScale, "_refuse_one_pole", staticmethod(lambda raw, y: None))
        axis = AnchoredScale(5).fit(X[one], y[one], subjects[one])
    assert any("of one subject" in said for said in axis.warnings_)
    assert axis.anchor_draws(X).std(axis=0).max() == pytest.approx(0, abs=1e-12)


def test_without_neutral_anchors_in_a_half_the_fit_says_where_zero_is() -> None:
    X, y, subjects = anchors(0)
    few = (y != 0) | (subjects == 0)
    axis = AnchoredScale(100).fit(X[few], y[few], subjects[few])
    assert np.isfinite(axis.draw_knots_).all() and (np.diff(axis.draw_knots_, axis=1) > 0).all()
    assert axis.draw_weights_.std(axis=0).min() > 0


@pytest.mark.parametrize("knots", [[0.4, 0.1, 0.5], [2.0, 0.0, -2.0], [-1.0, 5.0, 1.0], [-1.0, -1.0, 1.0]])
def test_knots_keep_their_order(knots: list[float]) -> None:
    fit = np.array([-1.0, 0.2, 1.0])
    low, middle, high = _held(np.array(knots), fit)
    assert high - low >= 0.5 * (fit[2] - fit[0]) - 1e-12
    assert (middle - low) / (high - low) >= 0.3 - 1e-12 and (high - middle) / (high - low) >= 0.2 - 1e-12
    assert np.array_equal(_held(fit, fit), fit)
