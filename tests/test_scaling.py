"""The anchored scale: monotone, clipped, zero at the neutral median, the same whatever the order or the company."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research._folds import group_folds
from research._positions import interval
from research._scaling import AnchoredScale
from research.errors import InputError, ModelError


def anchors(seed: int = 0, n_groups: int = 15, noise: float = 0.3, dimensions: int = 6):
    rng = np.random.default_rng(seed)
    y = np.tile([-1.0, 0.0, 1.0], n_groups)
    X = y[:, None] * np.linspace(1, 0, dimensions) + noise * rng.normal(size=(len(y), dimensions))
    return X, y, np.repeat([f"subject {i}" for i in range(n_groups)], 3)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.floats(0.05, 0.6))
def test_scores_are_monotone_clipped_and_anchored(seed: int, noise: float) -> None:
    X, y, groups = anchors(seed, noise=noise)
    axis = AnchoredScale(n_bootstrap=5).fit(X, y, groups)
    steps = np.linspace(-8, 8, 41)[:, None] * (axis.weights_[0] - axis.weights_[1])
    scores = axis.predict(steps)
    assert (np.diff(scores) >= 0).all()
    assert scores[0] == -1 and scores[-1] == 1
    if not axis.warnings_:
        assert abs(np.median(axis.out_of_fold_[y == 0])) < 1e-12
    assert abs(np.median(axis.out_of_fold_[y == 1]) - 1) < 1e-12
    assert abs(np.median(axis.out_of_fold_[y == -1]) + 1) < 1e-12
    poles = axis.predict_poles(X)
    assert ((poles >= 0) & (poles <= 1)).all()


def test_a_text_that_is_far_from_one_pole_is_not_for_that_at_the_other() -> None:
    rng = np.random.default_rng(0)
    y = np.tile([-1.0, 0.0, 1.0], 30)
    X = np.stack([y == 1, y == -1], axis=1) + 0.1 * rng.normal(size=(90, 2))
    axis = AnchoredScale(n_bootstrap=5).fit(X, y, np.repeat(np.arange(30), 3))
    neither, both = axis.predict([[0.0, -3.0], [1.0, 1.0]])
    assert abs(neither) < 0.35 and abs(both) < 0.35  # their plain difference would put the first at the end
    assert np.allclose(axis.predict_poles([[1.0, 1.0]]), 1, atol=0.15)


def test_the_gradient_is_that_of_the_position() -> None:
    X, y, groups = anchors()
    axis = AnchoredScale(n_bootstrap=5).fit(X, y, groups)
    step = 1e-6 * np.eye(X.shape[1])
    by_hand = (axis.position(X[0] + step) - axis.position(X[0] - step)) / 2e-6
    assert np.allclose(axis.gradient(X[:1])[0], by_hand, rtol=1e-4, atol=1e-6)


@settings(max_examples=10, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_anchors_does_not_matter(random) -> None:
    X, y, groups = anchors()
    order = list(range(len(y)))
    random.shuffle(order)
    one = AnchoredScale(n_bootstrap=5).fit(X, y, groups)
    two = AnchoredScale(n_bootstrap=5).fit(X[order], y[order], groups[order])
    for name, array in one.to_state()[0].items():
        assert np.array_equal(array, two.to_state()[0][name]), name
    assert np.array_equal(one.out_of_fold_[order], two.out_of_fold_)


def test_a_text_has_the_same_bits_alone_and_in_company() -> None:
    X, y, groups = anchors(dimensions=300)
    axis = AnchoredScale(n_bootstrap=30).fit(X, y, groups)
    texts = np.random.default_rng(1).normal(size=(50, 300))
    owner = np.repeat(np.arange(50), 2)
    sentences = np.repeat(texts, 2, axis=0) * 1.1
    for row in (0, 17):
        one = texts[row : row + 1], (sentences[owner == row], np.zeros(2, dtype=int))
        assert np.array_equal(axis.predict(one[0]), axis.predict(texts)[[row]])
        assert np.array_equal(
            axis.predict_interval(one[0], sentences=one[1]),
            axis.predict_interval(texts, sentences=(sentences, owner))[[row]],
        )
        assert np.array_equal(axis.predict_draws(one[0], 40), axis.predict_draws(texts, 40)[:, [row]])


def test_the_state_predicts_the_same_bits(tmp_path) -> None:
    X, y, groups = anchors()
    axis = AnchoredScale(n_bootstrap=10).fit(X, y, groups)
    arrays, meta = axis.to_state()
    np.savez(tmp_path / "axis.npz", **arrays)
    again = AnchoredScale.from_state(dict(np.load(tmp_path / "axis.npz")), json.loads(json.dumps(meta)))
    assert np.array_equal(axis.predict_interval(X), again.predict_interval(X))
    assert np.array_equal(axis.predict_poles(X), again.predict_poles(X))
    assert np.array_equal(axis.predict_draws(X, 25), again.predict_draws(X, 25))
    with pytest.raises(ModelError, match="train it again"):
        AnchoredScale.from_state(arrays, meta | {"version": 0})
    arrays.pop("knots")
    with pytest.raises(ModelError, match="knots"):
        AnchoredScale.from_state(arrays, meta)


def test_what_cannot_make_a_scale_is_refused() -> None:
    X, y, groups = anchors()
    with pytest.raises(InputError, match="negative pole"):
        AnchoredScale().fit(X[y >= 0], y[y >= 0], groups[y >= 0])
    with pytest.raises(InputError, match="one subject"):
        AnchoredScale().fit(X, y, np.zeros(len(y)))
    # Each subject reverses the others: what is learned from them is wrong for it.
    turned = np.tile([[1.0, 0.0], [0.0, 0.0], [-1.0, 0.0]], (2, 1))
    turned[3:] *= -1
    with pytest.raises(InputError, match="cannot be told apart"):
        AnchoredScale().fit(turned, [1, 0, -1, 1, 0, -1], [0, 0, 0, 1, 1, 1])


def test_a_neutral_voice_beyond_a_pole_is_moved_inside_and_said() -> None:
    X, y, groups = anchors(noise=0.1)
    X[y == 0] += 1.5 * np.linspace(1, 0, 6)
    axis = AnchoredScale(n_bootstrap=5).fit(X, y, groups)
    assert any("beyond the positive pole" in warning for warning in axis.warnings_)
    low, middle, high = axis.knots_
    assert low < middle < high


def test_without_neutral_anchors_zero_is_halfway() -> None:
    X, y, groups = anchors()
    taken = y != 0
    axis = AnchoredScale(n_bootstrap=5).fit(X[taken], y[taken], groups[taken])
    assert axis.knots_[1] == pytest.approx((axis.knots_[0] + axis.knots_[2]) / 2)


def test_intervals_hold_their_score_and_narrow_with_sentences_and_anchors() -> None:
    X, y, groups = anchors(noise=0.6)
    axis = AnchoredScale(n_bootstrap=60).fit(X, y, groups)
    scores, ends = axis.predict(X), axis.predict_interval(X)
    assert (ends[:, 0] <= scores).all() and (scores <= ends[:, 1]).all()
    many = axis.sentence_noise(1, (np.repeat(X[1:2], 8, axis=0), np.zeros(8, dtype=int)))
    few = axis.sentence_noise(1, (np.repeat(X[1:2], 2, axis=0), np.zeros(2, dtype=int)))
    assert many[0] < few[0] < axis.sentence_variance_
    more = AnchoredScale(n_bootstrap=60).fit(*anchors(noise=0.6, n_groups=120))
    assert more.anchor_draws(X).std(axis=0).mean() < 0.7 * axis.anchor_draws(X).std(axis=0).mean()
    with pytest.raises(InputError, match="between 0 and 1"):
        interval(scores, scores**2, 95)


def test_intervals_cover_the_scale_of_all_anchors() -> None:
    """Axes from few anchors should mostly cover what very many anchors say of the same text."""
    truth = AnchoredScale(n_bootstrap=0).fit(*anchors(seed=99, n_groups=600, noise=0.5))
    texts = np.linspace(-0.7, 0.7, 9)[:, None] * np.linspace(1, 0, 6)
    inside = []
    for seed in range(20):
        axis = AnchoredScale(n_bootstrap=100).fit(*anchors(seed=seed, n_groups=25, noise=0.5))
        ends = interval(axis.position(texts), axis.anchor_draws(texts).var(axis=0), 0.9)
        inside.append((ends[:, 0] <= truth.predict(texts)) & (truth.predict(texts) <= ends[:, 1]))
    assert 0.8 <= np.mean(inside) <= 0.995


def test_a_row_of_two_groups_is_left_out_with_either() -> None:
    """Mixtures that carry another subject's answer must not leak it into the out-of-fold scores."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(40), 2)
    y = np.tile([-1.0, 1.0], 40)
    X = np.hstack([rng.normal(size=(80, 1)), np.eye(40)[groups] * y[:, None]])  # only its own subject tells
    first, second = np.arange(80), np.roll(np.arange(80), 2)
    try:
        axis = AnchoredScale(n_bootstrap=0).fit(
            np.vstack([X, (X[first] + X[second]) / 2]),
            np.concatenate([y, y]),
            np.concatenate([groups, groups[first]]),
            anchor=np.arange(160) < 80,
            partners=np.concatenate([groups, groups[second]]),
        )
    except InputError:
        return  # refused: nothing leaked
    # The scale is placed by chance only, so the two poles overlap.
    assert np.mean(np.sign(axis.out_of_fold_) == y) < 0.75


def test_folds_keep_groups_whole() -> None:
    groups = [f"g{i % 23}" for i in range(200)]
    folds = group_folds(groups, random_state=3)
    assert all(len({folds[i] for i in range(200) if groups[i] == name}) == 1 for name in set(groups))
    sizes = np.bincount([folds[groups.index(name)] for name in sorted(set(groups))])
    assert sizes.max() - sizes.min() <= 1
