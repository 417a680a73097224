"""Communities of the graph of nearest neighbours."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, silhouette_score
from threadpoolctl import threadpool_limits

from research.themes import _communities
from research.themes._communities import best_level, communities_again, find_communities, n_neighbors_for
from research.themes._geometry import centre, exact_mean, sort_rows, unit
from research.themes._neighbors import nearest_neighbors, neighbor_graph
from research.themes._tree import by_first_row, nested_tree


def planted(n: int = 150, k: int = 5, d: int = 16, noise: float = 0.4) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n + k)
    labels = np.arange(n) % k
    rows = unit(rng.normal(size=(k, d))[labels] + rng.normal(size=(n, d)) * noise)
    rows = centre(rows, exact_mean(rows)[None])
    first, _ = sort_rows(rows)
    return rows[first], labels[first]


@pytest.mark.parametrize(("n", "expected"), [(1, 1), (2, 1), (4, 3), (6, 5), (100, 15), (400, 30), (100_000, 30)])
def test_neighbours_grow_with_the_root(n: int, expected: int) -> None:
    assert n_neighbors_for(n) == expected


@pytest.mark.parametrize("k", [2, 5, 8])
def test_planted_groups_are_found_again_at_any_seed(k: int) -> None:
    rows, labels = planted(160, k)
    found, hierarchy, resolution = find_communities(rows)
    tree = hierarchy()
    assert adjusted_rand_score(labels, found) > 0.95 and found.max() + 1 == k
    np.testing.assert_array_equal(tree.cut(k), found)
    assert tree.cut(1).max() == 0 and tree.n_leaves > k
    for seed in (1, 2):
        again, finer = communities_again(rows, resolution, None, seed)
        assert adjusted_rand_score(labels, again) > 0.95
        np.testing.assert_array_equal(finer().cut(int(again.max()) + 1), again)


def test_threads_change_nothing() -> None:
    rows, _ = planted(400, 6, noise=1.0)
    results = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            found, hierarchy, resolution = find_communities(rows)
            tree = hierarchy()
        results.append((found.tobytes(), tree.leaves.tobytes(), tree.merges.tobytes(), resolution))
    assert results[0] == results[1]


def test_another_process_finds_the_same() -> None:
    program = (
        "import numpy as np, hashlib; from research.themes._communities import find_communities;"
        "from research.themes._geometry import unit, sort_rows;"
        "X = unit(np.random.default_rng(0).normal(size=(150, 6))); X = X[sort_rows(X)[0]];"
        "f = find_communities(X); t = f[1]();"
        "print(hashlib.sha256(f[0].tobytes() + t.leaves.tobytes() + t.merges.tobytes()).hexdigest())"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


def test_more_neighbours_than_rows_are_cut_down() -> None:
    rows, _ = planted(100, 3)
    assert find_communities(rows, 1000) is None or find_communities(rows, 1000)[0].shape == (100,)
    assert find_communities(rows, 2)[0].shape == (100,)


def test_the_best_level_is_the_planted_one_and_trivial_splits_are_left_out() -> None:
    rows, labels = planted(120, 6)
    graph = neighbor_graph(*nearest_neighbors(rows, 10))
    levels = [by_first_row(found) for found in (labels % 2, labels, np.arange(120) // 4)]
    assert best_level(rows, graph, levels) == 1
    assert best_level(rows, graph, [np.zeros(120, dtype=np.int64)]) is None
    assert best_level(rows, graph, [np.arange(120)]) is None


def test_of_levels_as_good_as_equal_the_finest_is_kept() -> None:
    """Three groups of two near halves: the three are farther apart, the halves nearly as far."""
    rng = np.random.default_rng(4)
    halves = np.arange(180) % 6
    centres = np.repeat(rng.normal(size=(3, 16)), 2, axis=0) + rng.normal(size=(6, 16)) * 0.25
    rows = unit(centres[halves] + rng.normal(size=(180, 16)) * 0.2)
    rows = centre(rows, exact_mean(rows)[None])
    graph = neighbor_graph(*nearest_neighbors(rows, 30))
    levels = [halves // 2, halves]
    silhouettes = [silhouette_score(rows, level, metric="cosine") for level in levels]
    share = silhouettes[1] / silhouettes[0]
    assert silhouettes[0] > silhouettes[1]
    assert best_level(rows, graph, levels) == 0
    assert best_level(rows, graph, levels, as_good=share + 0.02) == 0
    assert best_level(rows, graph, levels, as_good=share - 0.02) == 1


def test_a_few_far_rows_against_all_others_are_no_level() -> None:
    rng = np.random.default_rng(0)
    labels = np.append(np.arange(120) % 3, np.full(6, 3))
    rows = unit(np.eye(16)[labels] + rng.normal(size=(126, 16)) * np.where(labels < 3, 0.6, 0.02)[:, None])
    rows = unit(rows + np.where(labels < 3, 2.0, -2.0)[:, None] * np.eye(16)[15])  # what all but the far ones share
    rows = centre(rows, exact_mean(rows)[None] / 2)
    graph = neighbor_graph(*nearest_neighbors(rows, 10))
    levels = [by_first_row(labels == 3), by_first_row(labels)]
    with pytest.MonkeyPatch.context() as without:
        without.setattr(_communities, "_GUARD", 0.0)
        assert best_level(rows, graph, levels) == 0  # the silhouette alone would have it
    assert best_level(rows, graph, levels) == 1


def test_the_best_level_can_be_judged_on_some_of_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, labels = planted(300, 4)
    graph = neighbor_graph(*nearest_neighbors(rows, 10))
    levels = [by_first_row(found) for found in (labels % 2, labels, np.arange(300) // 5)]
    monkeypatch.setattr(_communities, "_SCORED", 80)
    assert best_level(rows, graph, levels) == 1


def test_modularity_is_that_of_the_formula_over_pairs() -> None:
    rows, labels = planted(60, 3)
    graph = neighbor_graph(*nearest_neighbors(rows, 5))
    dense = graph.toarray()
    degree, total = dense.sum(axis=1), dense.sum()
    same = labels[:, None] == labels[None]
    expected = np.sum((dense - np.outer(degree, degree) / total)[same]) / total
    assert _communities._modularity(graph, by_first_row(labels)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("rows", [np.eye(120), np.repeat(np.eye(4), 30, axis=0) + np.eye(120, 4) * 1e-5])
def test_rows_without_structure_have_an_answer(rows: np.ndarray) -> None:
    rows = unit(rows)
    rows = centre(rows, exact_mean(rows)[None])
    found = find_communities(rows)
    assert found is None or found[0].max() >= 1


def test_the_tree_is_that_of_the_weights_between_its_leaves() -> None:
    rows, _ = planted(200, 4, noise=1.0)
    graph = neighbor_graph(*nearest_neighbors(rows, 15))
    found, hierarchy, _ = find_communities(rows, 15)
    tree = hierarchy()
    between = _communities._between(graph, tree.leaves)
    degree = between.sum(axis=1)
    expected = nested_tree(tree.leaves, found, between / np.outer(degree, degree), degree)
    assert tree.n_leaves > 10 and tree.merges.tobytes() == expected.merges.tobytes()
