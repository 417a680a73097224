"""The nearest neighbours against all cosines, and the graph and the smoothing made of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from research.themes._geometry import sort_rows, unit
from research.themes._neighbors import nearest_neighbors, neighbor_graph, smoothed


def by_all_cosines(rows: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    cosines = rows @ rows.T
    np.fill_diagonal(cosines, -np.inf)
    indices = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
    return indices, np.take_along_axis(cosines, indices, axis=1)


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 60), st.integers(1, 12), st.integers(0, 1000), st.booleans())
def test_neighbors_are_exact_and_ties_go_by_row_number(n: int, k: int, seed: int, ties: bool) -> None:
    rng = np.random.default_rng(seed)
    rows = unit(rng.integers(-1, 2, size=(n, 4)) if ties else rng.normal(size=(n, 4)))
    rows = rows[sort_rows(rows)[0]]
    if len(rows) < 2:
        return
    k = min(k, len(rows) - 1)
    for found, true in zip(nearest_neighbors(rows, k), by_all_cosines(rows, k), strict=True):
        np.testing.assert_array_equal(found, true)


@pytest.mark.parametrize("rows", [np.eye(300), np.random.default_rng(0).integers(-1, 2, size=(1500, 12))])
def test_threads_do_not_decide_between_equally_near_rows(rows: np.ndarray) -> None:
    rows = unit(rows)
    rows = rows[sort_rows(rows)[0]]
    true, _ = by_all_cosines(rows, 10)
    for threads in (1, 2):
        with threadpool_limits(threads):
            np.testing.assert_array_equal(nearest_neighbors(rows, 10)[0], true)


def test_the_graph_joins_either_way_and_weighs_the_cosine() -> None:
    rows = unit(np.random.default_rng(1).normal(size=(40, 3)))
    indices, cosines = nearest_neighbors(rows, 4)
    graph = neighbor_graph(indices, cosines)
    dense = graph.toarray()
    np.testing.assert_array_equal(dense, dense.T)
    expected = np.zeros((40, 40), dtype=bool)
    expected[np.arange(40)[:, None], indices] = True
    np.testing.assert_array_equal(dense > 0, expected | expected.T)
    own = rows @ rows.T
    positive = (dense > 0) & (own > 1e-6)
    np.testing.assert_array_equal(dense[positive], own[positive])
    assert graph.has_sorted_indices


def test_an_edge_to_an_opposite_row_still_counts() -> None:
    rows = unit(np.array([[1.0, 0.0], [-1.0, 0.0]]))
    graph = neighbor_graph(*nearest_neighbors(rows, 1))
    assert graph.nnz == 2 and 0 < graph.toarray().max() < 1e-3


def test_smoothing_draws_neighbours_together() -> None:
    rng = np.random.default_rng(2)
    rows = unit(np.repeat(np.eye(3), 10, axis=0) + rng.normal(size=(30, 3)) * 0.2)
    assert smoothed(rows, 5, 0) is rows
    spread = [np.sum(smoothed(rows, 5, steps).reshape(3, 10, 3).std(axis=1)) for steps in (0, 1, 2)]
    assert spread[0] > spread[1] > spread[2]
    np.testing.assert_allclose(np.linalg.norm(smoothed(rows, 5, 2), axis=1), 1.0, atol=1e-6)
