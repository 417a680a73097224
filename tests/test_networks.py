"""Networks of three outcomes: the same bits in any company, slopes of their own, and blind to what is taken out."""

from __future__ import annotations

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from research._networks import Networks, Training, resampled_counts, train, unseen_mean

WIDTH = 12


def some(n_networks: int = 3, n_hidden: int = 5, seed: int = 0) -> Networks:
    generator = np.random.default_rng(seed)
    shapes = (n_networks, n_hidden, WIDTH), (n_networks, n_hidden), (n_networks, 3, n_hidden), (n_networks, 3)
    inner, *others = (generator.normal(size=shape) for shape in shapes)
    return Networks(inner.astype(np.float16).astype(np.float64), *others)


def texts(n: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, WIDTH))


def test_a_row_has_the_same_bits_alone_and_among_others_and_with_any_threads() -> None:
    networks, X = some(), texts(200)
    together = networks.log_odds(X)
    assert np.array_equal(together[:, 5:6], networks.log_odds(X[5:6]))
    assert np.array_equal(together[:, 60:140], networks.log_odds(X[60:140]))
    with threadpool_limits(2):
        assert np.array_equal(together, networks.log_odds(X))


def test_log_odds_are_those_of_one_layer_of_rectified_units() -> None:
    networks, X = some(), texts(70)
    for k, found in enumerate(networks.log_odds(X)):
        hidden = np.maximum(X @ networks.inner[k].T + networks.inner_intercepts[k], 0)
        assert np.allclose(found, hidden @ networks.outer[k].T + networks.outer_intercepts[k], atol=1e-4)


def test_slopes_are_those_of_the_pole_scores() -> None:
    networks, X = some(), texts(3)
    slopes = networks.pole_slopes(X)
    assert slopes.shape == (3, 2, WIDTH)
    step = 1e-3
    for row in range(3):
        moved = [networks.pole_scores(X[row] + sign * step * np.eye(WIDTH)) for sign in (1, -1)]
        assert np.allclose((moved[0] - moved[1]) / (2 * step), slopes[row].T, atol=0.02)


def test_draws_vary_as_the_networks_do_and_the_first_stay_the_first() -> None:
    networks, X = some(8), texts(40)
    draws = networks.pole_draws(X, 3000, 0)
    assert draws.shape == (40, 3000, 2)
    assert np.array_equal(draws[:, :5], networks.pole_draws(X, 5, 0))
    each = np.stack([Networks(*(a[k : k + 1] for a in vars(networks).values())).pole_scores(X) for k in range(8)])
    assert np.corrcoef(draws.std(axis=1).ravel(), each.std(axis=0).ravel())[0, 1] > 0.9


def test_no_networks_add_nothing() -> None:
    none, X = Networks.none(WIDTH), texts(4)
    assert len(none) == 0 and not none.pole_scores(X).any() and none.pole_slopes(X).shape == (4, 2, WIDTH)
    assert none.pole_draws(X, 7, 0).shape == (4, 7, 2)
    kept = Networks.from_arrays(none.to_arrays())
    assert len(kept) == 0 and kept.inner.shape[2] == WIDTH


def test_a_direction_that_is_taken_out_is_not_seen() -> None:
    direction = np.eye(WIDTH)[:1]
    blind, X = some().without(direction), texts(30)
    assert np.array_equal(blind.log_odds(X), blind.log_odds(X + 5 * direction))
    assert not np.allclose(some().log_odds(X), some().log_odds(X + 5 * direction), atol=0.1)


def test_what_is_saved_is_what_scores() -> None:
    networks, X = some(), texts(30)
    arrays = networks.to_arrays()
    assert arrays["inner"].dtype == np.float16
    assert np.array_equal(Networks.from_arrays(arrays).log_odds(X), networks.log_odds(X))


def test_no_network_is_left_without_a_group() -> None:
    for seed in range(300):
        for n_groups in (2, 3, 4):
            groups = [str(row % n_groups) for row in range(12)]
            counts = resampled_counts(groups, 2, np.random.default_rng(seed))
            assert counts.any(axis=1).all()
    counts = resampled_counts([str(row % 30) for row in range(60)], 2, np.random.default_rng(0))
    assert (counts == 0).any(axis=0).all()


@pytest.fixture(scope="module")
def taught() -> tuple[Networks, np.ndarray, np.ndarray]:
    """Give networks that started from lines, each 2% steeper than the one before, their rows, and who saw which."""
    X = texts(300, 2)
    member = np.eye(3)[np.random.default_rng(3).integers(3, size=300)]
    generator = np.random.default_rng(0)
    counts = resampled_counts([str(row // 2) for row in range(300)], 6, generator)
    steps = 2.0 + 0.04 * np.arange(6)
    lines = steps[:, None, None] * np.eye(WIDTH)[:2], np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    # Hardly a step is taken, so that what comes out is what went in.
    settings = Training(rate=1e-6, dropped=0.3, n_hidden=8, n_epochs=1)
    shares = counts / counts.sum(axis=1, keepdims=True)
    return train(X, member, shares, settings, 300, generator, None, lines), X, counts


def test_networks_start_from_the_lines_they_are_given(taught) -> None:
    networks, X, _ = taught
    odds = networks.log_odds(X)
    found = np.stack([odds[..., 2] - odds[..., 1], odds[..., 0] - odds[..., 1]], axis=-1)
    for pole in (0, 1):
        assert np.corrcoef(found[..., pole].mean(axis=0), X[:, pole])[0, 1] > 0.98
        assert np.polyfit(X[:, pole], found[..., pole].mean(axis=0), 1)[0] == pytest.approx(2.1, abs=0.2)
        # What a network has learned by itself is the same, steep start or not, so the last units tell the starts apart.
        known = np.abs(networks.inner[:, -4 + 2 * pole, pole])
        assert known == pytest.approx(2.0 + 0.04 * np.arange(6), abs=1e-3)


def test_each_row_is_judged_by_those_that_did_not_see_its_group(taught) -> None:
    _, _, counts = taught
    assert (counts == 0).any(axis=0).all() and np.array_equal(counts[:, ::2], counts[:, 1::2])
    each = np.arange(6.0)[:, None, None] * np.ones((6, 300, 2))
    found = unseen_mean(each, counts)
    row = 17
    assert found[row].tolist() == [np.flatnonzero(counts[:, row] == 0).mean()] * 2
