"""The ridge classifier: its left-out scores against a fit without the row, and what it does with noise."""

from __future__ import annotations

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from research.themes._geometry import unit
from research.themes._linear import LinearThemes


def weights_of(labels: np.ndarray) -> np.ndarray:
    counts = np.bincount(labels)
    return (len(labels) / len(counts) / counts)[labels]


def ridge(rows: np.ndarray, target: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted ridge with an intercept that is not penalised, by the normal equations as they stand."""
    d = rows.shape[1]
    design = np.column_stack([rows, np.ones(len(rows))])
    penalty = 3.0 * np.eye(d + 1)
    penalty[d, d] = 0.0
    found = np.linalg.solve(design.T @ (weight[:, None] * design) + penalty, design.T @ (weight[:, None] * target))
    return found[:d], found[d]


@pytest.mark.parametrize(("n", "d"), [(40, 7), (40, 40), (30, 90)], ids=["primal", "square", "dual"])
def test_left_out_scores_are_those_of_a_fit_without_the_row(n: int, d: int) -> None:
    rng = np.random.default_rng(n + d)
    rows = unit(rng.normal(size=(n, d)))
    labels = np.concatenate([np.arange(4), rng.choice(4, n - 4, p=[0.55, 0.25, 0.15, 0.05])])
    themes, left_out = LinearThemes.fit(rows, labels)
    weight, target = weights_of(labels), np.eye(4)[labels] - 0.25
    for row in range(n):
        others = np.arange(n) != row
        coefficients, intercept = ridge(rows[others], target[others], weight[others])
        np.testing.assert_allclose(left_out[row], rows[row] @ coefficients + intercept, atol=1e-6)
    coefficients, intercept = ridge(rows, target, weight)
    np.testing.assert_allclose(themes.score(rows), rows @ coefficients + intercept, atol=1e-5)


def test_what_is_remembered_by_heart_is_not_known_without_the_row() -> None:
    rng = np.random.default_rng(0)
    rows, labels = unit(rng.normal(size=(200, 384))), np.arange(200) % 4
    themes, left_out = LinearThemes.fit(rows, labels)
    assert np.mean(themes.assign(rows) == labels) > 0.95  # 384 dimensions tell any 200 rows apart
    assert np.mean(np.argmax(left_out, axis=1) == labels) < 0.4


def test_large_coefficients_are_scaled_down_with_the_scores() -> None:
    rows = unit(np.column_stack([np.repeat([1e-3, -1e-3], 5_000), np.ones(10_000)]))
    labels = np.repeat([0, 1], 5_000)
    themes, left_out = LinearThemes.fit(rows, labels)
    assert np.sqrt((themes.weights**2).sum(axis=1)).max() <= 8.0 + 1e-6
    np.testing.assert_array_equal(themes.assign(rows), labels)
    np.testing.assert_allclose(themes.score(rows), left_out, atol=1e-3)


def test_a_small_theme_weighs_as_much_as_a_large_one() -> None:
    rng = np.random.default_rng(3)
    labels = np.repeat([0, 1], [190, 10])
    rows = unit(np.eye(2)[labels] + rng.normal(size=(200, 2)) * 0.2)
    themes, _ = LinearThemes.fit(rows, labels)
    assert np.mean(themes.assign(rows)[labels == 1] == 1) == 1.0
    assert abs(themes.score(rows)[labels == 0, 0].mean() - themes.score(rows)[labels == 1, 1].mean()) < 0.02


@pytest.mark.parametrize("d", [20, 400])
def test_threads_change_no_bit(d: int) -> None:
    rows, labels = unit(np.random.default_rng(1).normal(size=(300, d))), np.arange(300) % 5
    fits = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            themes, left_out = LinearThemes.fit(rows, labels)
        fits.append((themes.weights.tobytes(), themes.intercepts.tobytes(), left_out.tobytes()))
    assert fits[0] == fits[1]
