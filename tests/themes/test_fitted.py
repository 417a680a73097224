"""What a fit remembers of its rows, and which rows it calls outliers."""

from __future__ import annotations

import numpy as np
import pytest

from research.themes import _fitted
from research.themes._fitted import Neighborhood, Remembered
from research.themes._geometry import unit


def groups(n: int = 90, k: int = 3, d: int = 8) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = np.arange(n) % k
    return unit(np.eye(d)[labels] + rng.normal(size=(n, d)) * 0.15), labels


def test_remembered_rows_get_their_own_numbers_back() -> None:
    rows, _ = groups()
    own = np.random.default_rng(1).normal(size=(90, 3)).astype(np.float32)
    stability = np.linspace(0, 1, 90).astype(np.float32)
    remembered = Remembered.of(rows, own.astype(np.float64), stability.astype(np.float64))
    order = np.random.default_rng(2).permutation(90)
    np.testing.assert_array_equal(remembered.replace(rows[order], np.zeros((90, 3))), own[order])
    np.testing.assert_array_equal(remembered.stability_of(rows[order]), stability[order])
    strangers = unit(rows + 1e-3)
    given = np.random.default_rng(3).normal(size=(90, 3))
    np.testing.assert_array_equal(remembered.replace(strangers, given), given)
    assert np.isnan(remembered.stability_of(strangers)).all()
    assert np.all(remembered.keys[1:] > remembered.keys[:-1])


def test_the_order_of_the_rows_leaves_no_trace_in_what_is_remembered() -> None:
    rows, _ = groups()
    own, stability = np.random.default_rng(1).normal(size=(90, 3)), np.linspace(0, 1, 90)
    order = np.random.default_rng(2).permutation(90)
    a, b = Remembered.of(rows, own, stability), Remembered.of(rows[order], own[order], stability[order])
    for name in ("keys", "log_odds", "stability"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


def test_planted_far_rows_are_outliers_and_members_are_not() -> None:
    rows, labels = groups()
    neighborhood = Neighborhood.of(rows, labels)
    assert neighborhood.outliers(unit(-np.eye(8)[:3])).all()
    assert neighborhood.outliers(unit(-np.ones((1, 8)))).all()
    assert neighborhood.outliers(rows).mean() < 0.05


def test_a_row_is_no_neighbour_of_itself() -> None:
    neighborhood = Neighborhood(np.eye(6), 0.1)  # each row's nearest five are at right angles to it
    assert neighborhood.outliers(np.eye(6)).all()
    between = unit(np.ones((1, 6)))
    assert not neighborhood.outliers(between)[0]


def test_copies_are_no_neighbours() -> None:
    rows, labels = groups()
    lonely = unit(-np.ones((1, 8)))
    rows, labels = np.vstack([rows, lonely]), np.append(labels, 0)
    neighborhood = Neighborhood.of(rows, labels)
    assert neighborhood.outliers(lonely)[0]
    # copies asked about together do not support one another, nor does the row that was fitted
    assert neighborhood.outliers(lonely.repeat(10, axis=0)).all()


def test_the_fence_is_the_median_nearness_to_other_themes() -> None:
    rows, labels = groups(30)
    cosines = rows @ rows.T
    nearest = [np.sort(cosines[k][labels != labels[k]])[-5:].mean() for k in range(30)]
    assert Neighborhood.of(rows, labels).fence == pytest.approx(np.median(nearest), abs=1e-12)


def test_one_theme_and_few_rows_have_an_answer() -> None:
    rows, _ = groups(3)
    assert not Neighborhood.of(rows, np.zeros(3, dtype=np.int64)).outliers(rows).any()
    assert Neighborhood.of(rows[:2], np.array([0, 1])).outliers(rows).shape == (3,)
    assert not Neighborhood.of(rows[:1], np.array([0])).outliers(rows[:1]).any()  # nobody to be near to


def test_many_rows_are_sampled_and_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, labels = groups(400)
    whole = Neighborhood.of(rows, labels)
    flagged = whole.outliers(np.vstack([rows, -rows]))
    monkeypatch.setattr(_fitted, "_BLOCK", 7)
    np.testing.assert_array_equal(whole.outliers(np.vstack([rows, -rows])), flagged)
    monkeypatch.setattr(_fitted, "_LARGEST", 100)
    sampled = Neighborhood.of(rows, labels)
    assert len(sampled.rows) == 100 and sampled.fence == pytest.approx(whole.fence, abs=0.1)
    assert np.mean(sampled.outliers(np.vstack([rows, -rows])) == flagged) > 0.8
