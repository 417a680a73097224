"""UMAP and HDBSCAN's clusters; what needs UMAP itself to run is in test_model.py, where it is compiled already."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from research.errors import InputError
from research.themes import _umap, map_coordinates
from research.themes._geometry import centre, exact_mean, sort_rows, unit


def planted(n: int = 90, k: int = 3, d: int = 12) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = np.arange(n) % k
    rows = unit(np.eye(k, d)[labels] + rng.normal(size=(n, d)) * 0.15)
    rows = centre(rows, exact_mean(rows)[None])
    first, _ = sort_rows(rows)
    return rows[first], labels[first]


@pytest.mark.parametrize(("n", "d"), [(50, 8), (30, 1200)], ids=["few dimensions", "few rows"])
def test_principal_axes_are_those_of_the_singular_value_decomposition(n: int, d: int) -> None:
    rows = unit(np.random.default_rng(1).normal(size=(n, d)))
    found = _umap._principal(rows, 3)
    left, values, _ = np.linalg.svd(rows, full_matrices=False)
    np.testing.assert_allclose(np.abs(found), np.abs(left[:, :3] * values[:3]), atol=1e-8)
    with threadpool_limits(1):
        assert _umap._principal(rows, 3).tobytes() == found.tobytes()


def test_no_more_axes_than_there_is_variance() -> None:
    line = np.outer([1.0, -1.0, 1.0], [0.6, 0.8])
    assert _umap._principal(line, 5).shape == (3, 1)
    assert _umap._principal(np.zeros((4, 3)), 2).shape == (4, 0)


@pytest.mark.parametrize("n", [2, 3, 11, 30, 5_000])
def test_sizes_grow_from_four(n: int) -> None:
    sizes = _umap._sizes(n)
    assert sizes == sorted(set(sizes)) and sizes[0] >= 4 and len(sizes) <= 9


def test_clusters_without_umap_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_umap, "_umap", lambda rows, n_neighbors, n_components, *rest: rows[:, :n_components])
    rows, labels = planted()
    found, size = _umap.find_clusters(rows, None, None, 0)
    assert adjusted_rand_score(labels, found) > 0.95 and size in _umap._sizes(len(rows))
    assert _umap.find_clusters(rows, None, 10, 0)[1] == 10
    assert _umap.find_clusters(rows, None, 80, 0) is None  # no two clusters of eighty
    assert _umap.find_clusters(rows[:2], None, None, 0) is None


def test_a_map_of_few_rows_is_their_principal_components() -> None:
    rows = np.random.default_rng(2).normal(size=(9, 5))
    places = map_coordinates(np.vstack([rows, rows[:2]]))
    np.testing.assert_array_equal(places[:2], places[9:])
    assert np.unique(places, axis=0).shape == (9, 2)


@pytest.mark.parametrize("X", [np.zeros((0, 3)), np.ones(4), np.array([[np.inf, 0.0]])])
def test_no_map_without_finite_rows(X: np.ndarray) -> None:
    with pytest.raises(InputError, match="finite"):
        map_coordinates(X)


def test_rows_beyond_the_map_lie_between_their_three_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_umap, "_umap", lambda rows, n_neighbors, n_components, *rest: rows[:, :n_components])
    monkeypatch.setattr(_umap, "_LARGEST_MAP", 40)
    monkeypatch.setattr(_umap, "_BLOCK", 7)
    X = np.array(np.meshgrid(*[[-1.0, 0.0, 1.0]] * 4)).reshape(4, -1).T  # of mean 0: many rows are equally near
    rows = unit(X)
    rows = centre(rows, exact_mean(rows)[None])
    distinct = rows[sort_rows(rows)[0]]
    kept = np.sort(np.random.default_rng(0).choice(len(distinct), 40, replace=False))
    expected = np.zeros((len(distinct), 2))
    expected[kept] = distinct[kept, :2]
    ties = 0
    for row in np.setdiff1d(np.arange(len(distinct)), kept):
        cosines = distinct[kept] @ distinct[row]
        nearest = np.argsort(-cosines, kind="stable")[:4]
        ties += cosines[nearest[2]] == cosines[nearest[3]]
        expected[row] = expected[kept[nearest[:3]]].mean(axis=0)
    assert ties > 5
    assert map_coordinates(X).tobytes() == (np.round(expected[sort_rows(rows)[1]], 6) + 0.0).tobytes()
