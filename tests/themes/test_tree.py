"""Trees of themes: what their cuts promise, and average linkage against scipy's."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.spatial.distance import squareform

from research.themes._tree import ThemeTree, average_linkage, by_first_row, nested_tree


def refines(finer: np.ndarray, coarser: np.ndarray) -> bool:
    return len({*zip(finer.tolist(), coarser.tolist(), strict=True)}) == len(set(finer.tolist()))


def drawn(n_leaves: int, n_themes: int, seed: int) -> tuple[ThemeTree, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    leaves = np.concatenate([np.arange(n_leaves), rng.integers(n_leaves, size=n_leaves)])
    rng.shuffle(leaves)
    owner = np.concatenate([np.arange(n_themes), rng.integers(n_themes, size=n_leaves - n_themes)])
    rng.shuffle(owner)
    similarity = rng.random((n_leaves, n_leaves))
    themes = owner[leaves]
    tree = nested_tree(leaves, themes, similarity + similarity.T, rng.integers(1, 9, size=n_leaves).astype(float))
    return tree, leaves, themes


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 14), st.integers(1, 14), st.integers(0, 1000))
def test_cuts_are_nested_and_the_themes_are_one_of_them(n_leaves: int, n_themes: int, seed: int) -> None:
    n_themes = min(n_leaves, n_themes)
    tree, leaves, themes = drawn(n_leaves, n_themes, seed)
    assert tree.n_leaves == n_leaves
    cuts = [tree.cut(count) for count in range(1, n_leaves + 1)]
    for count, cut in enumerate(cuts, 1):
        assert sorted(set(cut.tolist())) == list(range(count))
        np.testing.assert_array_equal(cut, by_first_row(cut))
    assert all(refines(finer, coarser) for k, coarser in enumerate(cuts) for finer in cuts[k:])
    np.testing.assert_array_equal(tree.cut(n_themes), by_first_row(themes))
    np.testing.assert_array_equal(tree.cut(10**6), by_first_row(leaves))


def test_the_weakest_merge_comes_apart_first() -> None:
    similarity = np.array([[1.0, 0.9, 0.1, 0.1], [0.9, 1.0, 0.1, 0.1], [0.1, 0.1, 1.0, 0.5], [0.1, 0.1, 0.5, 1.0]])
    for leaves in (np.arange(4), np.array([2, 3, 0, 1])):
        tree = nested_tree(leaves, leaves // 2, similarity, np.ones(4))
        groups = tree.cut(3)
        assert groups[leaves == 0] == groups[leaves == 1] and groups[leaves == 2] != groups[leaves == 3]


def test_arrays_give_the_tree_back() -> None:
    tree, _, _ = drawn(9, 3, 0)
    again = ThemeTree.from_arrays(tree.to_arrays())
    np.testing.assert_array_equal(again.merges, tree.merges)
    np.testing.assert_array_equal(again.leaves, tree.leaves)


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 25), st.integers(0, 1000))
def test_average_linkage_is_scipys_where_all_weigh_the_same(n: int, seed: int) -> None:
    distance = np.random.default_rng(seed).random((n, n)) + 0.01
    distance = distance + distance.T
    np.fill_diagonal(distance, 0.0)
    merges = average_linkage(-distance, np.ones(n))
    heights = np.array([-value for _, _, value in merges])
    reference = linkage(squareform(distance), "average")
    np.testing.assert_allclose(heights, reference[:, 2], atol=1e-12)
    assert np.all(np.diff(heights) >= -1e-12)
    group, height = np.arange(n), np.zeros((n, n))
    for a, b, value in merges:
        height[np.ix_(group == group[a], group == group[b])] = -value
        group[group == group[b]] = group[a]
    np.testing.assert_allclose(squareform(np.maximum(height, height.T)), cophenet(reference), atol=1e-12)


def test_average_linkage_weighs_its_parts() -> None:
    similarity = np.array([[1.0, 0.9, 0.2], [0.9, 1.0, 0.6], [0.2, 0.6, 1.0]])
    (first, second) = average_linkage(similarity, np.array([3.0, 1.0, 1.0]))
    assert first == (0, 1, 0.9)
    assert second[:2] == (0, 2) and abs(second[2] - (3 * 0.2 + 0.6) / 4) < 1e-12
    assert similarity[0, 0] == 1.0  # what came in is left as it was


def test_groups_are_numbered_by_their_first_row() -> None:
    np.testing.assert_array_equal(by_first_row(np.array([7, 2, 7, 9, 2])), [0, 1, 0, 2, 1])
